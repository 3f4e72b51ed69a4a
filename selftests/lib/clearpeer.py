# SPDX-License-Identifier: GPL-2.0
"""An ESP peer for tests which sees every bit: it makes and reads whole packets, outer headers and all (null-sha256).

  peer = clearpeer.Peer("right-123", "left", "10.0.0.2", "10.0.0.1", out=0x2001, inbound=0x1001, keys=("rl", "lr"))
  peer.say(clearpeer.ip4("192.168.2.1", "192.168.1.1", tos=3), tos=1)
  packet = peer.hear()            # an Outer with .spi, .seq, .inner; None when nothing comes

Both ends of a test may be in other namespaces than the process: sockets are opened there. ok(), same() and wait() print
what py_checks of clearpeer.sh takes for checks.
"""

import collections
import ctypes
import hashlib
import hmac
import ipaddress
import os
import select
import socket
import struct
import subprocess
import time

SCALE = int(os.environ.get("TIME_SCALE", "1"))
CLONE_NEWNET = 0x40000000
ETH_P_ALL, PACKET_OUTGOING = 3, 4
IPV6_HDRINCL = 36
FRAGMENT6, ESP, UDP, TCP = 44, 50, 17, 6
ANY = 253  # a protocol number for experiments

# Packets that are sent by one CPU stay in order.
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

Outer = collections.namedtuple("Outer", "version tos ttl df id flow src dst proto udp spi seq next inner fragments")


# ---- checks ----

def ok(text, good, why=""):
    print(f"ok {text}" if good else f"not ok {text}: {why}", flush=True)


def same(text, want, got):
    ok(text, want == got, f"wanted {want}, got {got}")


def wait(condition, seconds=10):
    """Until it holds; its last value."""
    end = time.monotonic() + seconds * SCALE
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return value


# ---- namespaces ----

def socket_in(netns, *args):
    libc = ctypes.CDLL(None, use_errno=True)

    def enter(path):
        fd = os.open(path, os.O_RDONLY)
        try:
            if libc.setns(fd, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(fd)

    home = f"/proc/{os.getpid()}/ns/net"
    fd = os.open(home, os.O_RDONLY)
    enter(f"/run/netns/{netns}")
    try:
        return socket.socket(*args)
    finally:
        enter(f"/proc/self/fd/{fd}")
        os.close(fd)


def run_in(netns, *words):
    """A command there; its output."""
    return subprocess.run(["ip", "netns", "exec", netns, *words], check=True, capture_output=True, text=True).stdout


# ---- packets ----

def packed(address):
    return ipaddress.ip_address(address).packed


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[: len(data) & ~1]))
    if len(data) & 1:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo(src, dst, proto, data):
    """Checksum of what has a pseudo header; 0 when a sum within is right."""
    src, dst = packed(src), packed(dst)
    return checksum(src + dst + struct.pack("!II", len(data), proto) + data)


def ip4(src, dst, payload=b"", tos=0, ttl=64, df=False, proto=ANY, ident=0, options=b""):
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45 + len(options) // 4, tos, 20 + len(options) + len(payload), ident, 0x4000 if df else 0,
        ttl, proto, 0, packed(src), packed(dst)) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ip6(src, dst, payload=b"", tos=0, ttl=64, flow=0, proto=ANY):
    return struct.pack("!IHBB16s16s", 6 << 28 | tos << 20 | flow, len(payload), proto, ttl, packed(src),
                       packed(dst)) + payload


def ip(src, dst, payload=b"", **fields):
    return (ip6 if ":" in src else ip4)(src, dst, payload, **fields)


def udp(src, dst, sport, dport, payload=b""):
    head = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0)
    return head[:6] + struct.pack("!H", pseudo(src, dst, UDP, head + payload) or 0xFFFF) + payload


def tcp(src, dst, flags=2, options=b"", sport=1000, dport=80, offset=None):
    """A segment without data; offset: what the header says of its length, in words."""
    words = (20 + len(options)) // 4 if offset is None else offset
    head = struct.pack("!HHIIBBHHH", sport, dport, 1, 0, words << 4, flags, 1000, 0, 0) + options
    return head[:16] + struct.pack("!H", pseudo(src, dst, TCP, head)) + head[18:]


# ---- sockets ----

class Wire:
    """What comes in at a device, from the network header on."""

    def __init__(self, netns, dev):
        self.sock = socket_in(netns, socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)  # SO_RCVBUFFORCE
        self.sock.bind((dev, ETH_P_ALL))

    def get(self, seconds=10, out=False):
        """The next packet, or None when time is up; of those that leave with out."""
        end = time.monotonic() + seconds * SCALE
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.sock], [], [], left)[0]:
                break
            data, where = self.sock.recvfrom(1 << 16)
            if (where[2] == PACKET_OUTGOING) == out:
                return data
        return None

    def flush(self):
        while select.select([self.sock], [], [], 0)[0]:
            self.sock.recv(1 << 16)


class Sender:
    """Sends whole IP packets by the routes of a namespace, or by one device of it."""

    def __init__(self, netns, mark=0, dev=None):
        self.four = socket_in(netns, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.six = socket_in(netns, socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.six.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
        self.four.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for sock in (self.four, self.six):
            if mark:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
            if dev:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, dev.encode())

    def send(self, data):
        if data[0] >> 4 == 4:
            self.four.sendto(data, (socket.inet_ntop(socket.AF_INET, data[16:20]), 0))
        else:
            self.six.sendto(data, (socket.inet_ntop(socket.AF_INET6, data[24:40]), 0))


class Peer:
    """The far end of a tunnel. Its keys are files, as vpntun has them: of what it says, and of what it hears."""

    def __init__(self, netns, dev, local, remote, out, inbound, keys, encap="none"):
        self.wire, self.sender = Wire(netns, dev), Sender(netns)
        self.local, self.remote, self.encap = local, remote, encap
        self.here = [packed(local)]  # whoever has more addresses adds them
        self.out, self.inbound, self.seq = out, inbound, 0
        self.out_key, self.in_key = (bytes.fromhex(open(key, encoding="ascii").read()) for key in keys)
        self.pieces = {}

    # -- out --

    def seal(self, inner, seq=None, next_header=None):
        """An ESP packet."""
        if seq is None:
            self.seq += 1
            seq = self.seq
        pad = -(len(inner) + 2) % 4
        next_header = next_header or (4 if inner[0] >> 4 == 4 else 41)
        data = struct.pack("!II", self.out, seq) + inner + bytes(range(1, pad + 1)) + bytes([pad, next_header])
        return data + hmac.new(self.out_key, data, hashlib.sha256).digest()[:16]

    def throw(self, packet, src=None, sport=4500, dport=4500, **fields):
        """Send an ESP packet, from wherever; fields are of the outer header."""
        src, proto = src or self.local, ESP
        if self.encap == "udp":
            packet, proto = udp(src, self.remote, sport, dport, packet), UDP
        self.sender.send(ip(src, self.remote, packet, proto=proto, **fields))

    def say(self, inner, **fields):
        self.throw(self.seal(inner), **fields)

    # -- in --

    def hear(self, seconds=10):
        """The next packet of the SA, its outer fragments put together; None when time is up."""
        while (data := self.wire.get(seconds)) is not None:
            packet = self.read(data)
            if packet:
                return packet
        return None

    def read(self, data):
        if data[0] >> 4 == 4:
            head, body = data[:20], data[20:struct.unpack("!H", data[2:4])[0]]
            where = struct.unpack("!H", head[6:8])[0]
            fields = dict(version=4, tos=head[1], ttl=head[8], df=bool(where & 0x4000),
                          id=struct.unpack("!H", head[4:6])[0], flow=0, proto=head[9])
            src, dst = head[12:16], head[16:20]
            more, offset, ident = where & 0x2000, (where & 0x1FFF) * 8, fields["id"]
        else:
            first, length, proto, ttl = struct.unpack("!IHBB", data[:8])
            body = data[40:40 + length]
            src, dst = data[8:24], data[24:40]
            more, offset, ident = 0, 0, 0
            if proto == FRAGMENT6:
                proto, where, ident = struct.unpack("!BxHI", body[:8])
                body, more, offset = body[8:], where & 1, where & ~7
            fields = dict(version=6, tos=first >> 20 & 255, ttl=ttl, df=True, id=ident, flow=first & 0xFFFFF,
                          proto=proto)
        if src != packed(self.remote) or dst not in self.here or fields["proto"] not in (ESP, UDP):
            return None
        body, count = self.gather(ident, offset, more, body)
        fields.update(src=str(ipaddress.ip_address(src)), dst=str(ipaddress.ip_address(dst)))
        return body and self.open(body, count, fields)

    def gather(self, ident, offset, more, body):
        """The whole of it when this was the last piece, and how many there were."""
        if not more and not offset:
            return body, 1
        pieces = self.pieces.setdefault(ident, {})
        pieces[offset] = (body, more)
        whole = b""
        while len(whole) in pieces:
            body, more = pieces[len(whole)]
            whole += body
            if not more:
                return whole, len(self.pieces.pop(ident))
        return None, 0

    def open(self, body, count, fields):
        ports = None
        if fields["proto"] == UDP:
            sport, dport, length, total = struct.unpack("!HHHH", body[:8])
            right = pseudo(fields["src"], fields["dst"], UDP, body) == 0 and length == len(body)
            ports = dict(sport=sport, dport=dport, checksum=total, right=right)
            body = body[8:]
        if body == b"\xff":
            return Outer(udp=ports, spi=0, seq=0, next=0, inner=body, fragments=count, **fields)
        if len(body) < 26:
            return None
        spi, seq = struct.unpack("!II", body[:8])
        if spi != self.inbound or hmac.new(self.in_key, body[:-16], hashlib.sha256).digest()[:16] != body[-16:]:
            return None
        pad, next_header = body[-18], body[-17]
        return Outer(udp=ports, spi=spi, seq=seq, next=next_header, inner=body[8:-18 - pad], fragments=count, **fields)
