# SPDX-License-Identifier: GPL-2.0
"""Both ends of a tunnel in one program: ESP of our own making goes to vgw, and it is seen what becomes of every packet.

The program runs where the peer would be; vgw0 is in the namespace named. A packet is either delivered, then it comes
out of vgw0, or dropped, then exactly one counter says why: of its tunnel by the cause's name, of the host as "host
CAUSE".
Verdicts are written as lib/vgw.sh's take_verdicts reads them.
"""

import collections
import contextlib
import ctypes
import errno
import fcntl
import json
import os
import socket
import struct
import subprocess
import time

import esp

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
TIMEOUT = 10 * int(os.environ.get("TIME_SCALE", "1"))
PORT = 9                # where somebody listens to what is delivered, so that no ICMP comes back
INNER = {4: ("192.168.2.1", "192.168.1.1"), 6: ("fd02::1", "fd01::1")}
OUTER = "10.0.0.1"      # vgw's
TUNSETIFF, IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x400454ca, 1, 0x1000, 0x4000
NEEDS_CSUM, GSO_TCPV4 = 1, 1

libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    if libc.setns(namespace.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def inside(name):
    """What is opened or started meanwhile is in that namespace."""
    with open("/proc/self/ns/net") as home, open("/run/netns/" + name) as there:
        enter(there)
        try:
            yield
        finally:
            enter(home)


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def ipv4(payload, source=INNER[4][0]):
    """A UDP datagram, without checksum."""
    udp = struct.pack("!4H", PORT, PORT, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(source),
                       socket.inet_aton(INNER[4][1]))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp


def ipv6(payload, source=INNER[6][0]):
    """No next header: just the payload."""
    ends = b"".join(socket.inet_pton(socket.AF_INET6, end) for end in (source, INNER[6][1]))
    return struct.pack("!IHBB", 6 << 28, len(payload), 59, 64) + ends + payload


class Arena:
    def __init__(self, left, vpntun):
        os.sched_setaffinity(0, {0})    # packets keep their order
        self.left, self.vpntun = left, vpntun
        with inside(left):
            self.tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
            self.tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self.tap.bind(("vgw0", ETH_P_ALL))
            self.sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sink.bind((INNER[4][1], PORT))
        self.tap.setblocking(False)
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50)
        self.raw.bind(("10.0.0.2", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("10.0.0.2", 4500))
        self.before = self.counters()

    # ---- vgw's side ----

    def tool(self, *words, text=None):
        with inside(self.left):
            return subprocess.run([self.vpntun, *words], input=text, stdout=subprocess.PIPE, check=True,
                                  encoding="ascii").stdout

    def show(self):
        return json.loads(self.tool("show", "--json"))["interfaces"][0]

    def counters(self):
        iface = self.show()
        counters = {"host " + cause: count for cause, count in iface["host_drops"].items()}
        for tunnel in iface["tunnels"]:
            for cause, count in tunnel["drops"].items():
                counters[cause] = counters.get(cause, 0) + count
        return counters

    def new_sa(self, tunnel, suite, spi, *words):
        """An inbound SA of vgw; returns our end of it."""
        key, auth_key = (os.urandom(size) for size in esp.key_sizes(suite))
        files, text = [], ""
        for file, secret in (("keyfile", key), ("authkeyfile", auth_key)):
            if secret:
                files += [file, "-"]
                text += secret.hex() + "\n"
        self.tool("sa", "add", "vgw0", tunnel, "in", "spi", str(spi), "alg", suite, *files, *words, text=text)
        return esp.Sa(suite, spi, key, auth_key, "esn" in words)

    # ---- what becomes of packets ----

    def send(self, packet, encap="none"):
        if encap == "udp":
            self.udp.sendto(packet, (OUTER, 4500))
        else:
            self.raw.sendto(packet, (OUTER, 0))

    def open_guest(self):
        """The device of a virtual machine, which hands over packets with what it says of segmentation."""
        with inside(self.left):
            self.guest = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(self.guest, TUNSETIFF, struct.pack("16sH22x", b"guest", IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
            subprocess.run(["ip", "link", "set", "guest", "up"], check=True)

    def send_joined(self, packet, piece):
        """A native ESP packet, which is said to be TCP in pieces of so many bytes."""
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(packet), 1, 0, 64, 50, 0, socket.inet_aton("10.0.0.2"),
                           socket.inet_aton(OUTER))
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        said = struct.pack("BBHHHH", NEEDS_CSUM, GSO_TCPV4, len(head) + 20, piece, len(head), 16)
        os.write(self.guest, said + head + packet)

    def taken(self):
        packets = []
        while True:
            try:
                packet, where = self.tap.recvfrom(65536)
            except OSError as error:
                if error.errno == errno.ENETDOWN:   # told once
                    continue
                if error.errno == errno.EAGAIN:
                    return packets
                raise
            if where[2] != socket.PACKET_OUTGOING:
                packets.append(packet)

    def outcome(self, sent):
        """The packets delivered and {cause: drops}, once all that were sent since the last call are accounted for."""
        delivered, drops, end = [], {}, time.monotonic() + TIMEOUT
        while len(delivered) + sum(drops.values()) < sent and time.monotonic() < end:
            now = self.counters()
            drops = {cause: count - self.before.get(cause, 0) for cause, count in now.items()
                     if count != self.before.get(cause, 0)}
            delivered += self.taken()
        self.before = {**self.before, **now}
        return delivered, drops

    def judge(self, what, packets, encap="none"):
        """Sends ESP packets, each with the inner one and its fate: "delivered", or the cause of its drop."""
        for packet, inner, fate in packets:
            self.send(packet, encap)
        delivered, drops = self.outcome(len(packets))
        want = dict(collections.Counter(fate for packet, inner, fate in packets if fate != "delivered"))
        inners = [inner for packet, inner, fate in packets if fate == "delivered"]
        if drops != want:
            print("fail %s # dropped %s, not %s; delivered %d" % (what, drops, want, len(delivered)))
        elif delivered != inners:
            print("fail %s # delivered %d packets %s" % (what, len(delivered), [p.hex() for p in delivered[:2]]))
        else:
            print("ok", what)

    def expect(self, what, packets, fate, encap="none"):
        """The same when all have one fate; those to be delivered are pairs with their inner ones."""
        pairs = [packet if isinstance(packet, tuple) else (packet, None) for packet in packets]
        self.judge(what, [(packet, inner, fate) for packet, inner in pairs], encap)
