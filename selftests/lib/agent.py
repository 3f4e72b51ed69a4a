#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Sends packets to and from vgw0 of one namespace, and says what the module's counters make of them.

  agent.py LEFT RIGHT       LEFT has vgw0, RIGHT is the peer's namespace

Reads commands from stdin, one a line, and answers each with a line. Both ends have a socket on port 9 that takes
everything, and one on port 7 that sends it back.

  to DST [from=SRC] [count=N] [flows=N]    UDP from LEFT; answers with what has changed
  through DST                              twenty times UDP from LEFT: the tunnel that all of them took
  from SRC DST DEV                         UDP from RIGHT, out of its device DEV; the same
  error SRC DST DEV QSRC QDST              the same with an ICMP error "unreachable" that quotes a packet QSRC -> QDST
  send DST [count=N]                       UDP from LEFT; answers at once
  mark                                     counters are compared with now
  change [N]                               what has changed since, once N packets are accounted for
  grows COUNTER N [SECONDS]                waits until a counter has grown by N from now on; yes or no
  count COUNTER                            what it is at
  state NAME                               of a tunnel: "up", or "down" and why; of vgw0: carrier "on", "off", "dormant"
  becomes NAME WORD...                     the same, once it is that or time is up
  probe TUNNEL                             what its liveness probe knows: "alive"
  wait TUNNEL STATE                        the same, once it is that or time is up
  neighbours                               LEFT solicits routers and joins a multicast group on vgw0; were both dropped?
  stream DST                               begins to send numbered datagrams from LEFT, which RIGHT sends back
  stop                                     ends that: "sent=N lost=N dropped=N", the last by counters
  listen                                   LEFT's events are kept from now on
  events NAME N                            how many of that name there were, once there are N or time is up

What has changed is told as counters in alphabetic order, "a.tx=1 b.source=2 drop.no-tunnel=1": TUNNEL.tx, TUNNEL.rx,
TUNNEL.CAUSE of a drop, drop.CAUSE of the interface's drops; and errors of sending, such as EHOSTUNREACH, at the end.
What multicast does is not told: hosts say things of their own accord.
"""

import errno
import os
import select
import socket
import struct
import sys
import threading
import time

import genl

SCALE = int(os.environ.get("TIME_SCALE", "1"))
IP_PKTINFO, IP_RECVERR, IPV6_RECVERR, SO_BINDTODEVICE, IPV6_TRANSPARENT, IP_TRANSPARENT = 8, 11, 25, 25, 75, 19
DISCARD, ECHO = 9, 7


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def wait_for(condition, seconds=5):
    """The condition's value once it is true, or its last one when time is up."""
    end = time.monotonic() + seconds * SCALE
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return value


def open_socket(netns, address, kind=socket.SOCK_DGRAM, proto=0):
    """A socket of the address' family in a namespace."""
    genl.setns(f"/run/netns/{netns}")
    return socket.socket(family_of(address), kind, proto)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def quote(src, dst):
    """The beginning of a UDP packet that went from src to dst."""
    udp = struct.pack("!HHHH", 1000, 2000, 8, 0)
    src, dst = (socket.inet_pton(family_of(one), one) for one in (src, dst))
    if len(src) == 4:
        return struct.pack("!BBHHHBBH", 0x45, 0, 28, 0, 0, 63, 17, 0) + src + dst + udp
    return struct.pack("!IHBB", 6 << 28, 8, 17, 63) + src + dst + udp


class Stream(threading.Thread):
    """Numbered datagrams, a hundred a second, and which of them came back."""

    def __init__(self, netns, dst):
        super().__init__(daemon=True)
        self.sock = open_socket(netns, dst)
        self.sock.connect((dst, ECHO))
        self.sent, self.back, self.going = 0, set(), True

    def receive(self, seconds):
        while select.select([self.sock], [], [], seconds)[0]:
            seconds = 0
            try:
                self.back.add(self.sock.recv(100))
            except OSError:
                pass

    def run(self):
        while self.going:
            try:
                self.sock.send(b"%d" % self.sent)
            except OSError:
                pass
            self.sent += 1
            self.receive(0.01)

    def stop(self):
        self.going = False
        self.join()
        end = time.monotonic() + 3 * SCALE
        while len(self.back) < self.sent and time.monotonic() < end:
            self.receive(0.2)
        return f"sent={self.sent} lost={self.sent - len(self.back)}"


class Agent:
    def __init__(self, left, right):
        self.left, self.right = left, right
        self.vgw = genl.Client(netns=left)
        self.sinks = []
        self.stream_running = self.listener = None
        self.drops_before = 0
        self.events_seen = []
        self.before, self.names = {}, set()
        for netns in left, right:
            for any_address in "0.0.0.0", "::":
                self.serve(netns, any_address)

    def serve(self, netns, any_address):
        for port in DISCARD, ECHO:
            sock = open_socket(netns, any_address)
            if any_address == "::":
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((any_address, port))
            self.sinks.append(sock)
        threading.Thread(target=self.echo_forever, args=(sock,), daemon=True).start()

    @staticmethod
    def echo_forever(sock):
        while True:
            try:
                sock.sendto(*sock.recvfrom(100))
            except OSError:
                pass

    # ---- counters ----

    def counters(self):
        out = {}
        for row in self.vgw.dump("tunnel-get", {"ifname": "vgw0"}):
            tunnel = row["tunnel"]
            name = tunnel["name"]
            self.names.add(name)
            out[f"{name}.tx"], out[f"{name}.rx"] = tunnel["tx-packets"], tunnel["rx-packets"]
            if "probe" in tunnel:
                out[f"{name}.sent"] = tunnel["probe"]["sent"]
                out[f"{name}.answered"] = tunnel["probe"]["answered"]
            out.update({f"{name}.{drop['cause']}": drop["count"] for drop in tunnel.get("drop", [])})
        iface = self.vgw.do("iface-get", {"ifname": "vgw0"})["iface"]
        out.update({f"drop.{drop['cause']}": drop["count"] for drop in iface.get("drop", [])})
        return out

    def mark(self):
        self.before = self.counters()
        return "marked"

    def grown(self, key):
        return self.counters().get(key, 0) - self.before.get(key, 0)

    def changes(self):
        now = self.counters()
        keys = (key for key in now if not key.endswith((".multicast", ".sent", ".answered")))
        return {key: now[key] - self.before.get(key, 0) for key in keys if now[key] != self.before.get(key, 0)}

    def change(self, count="1"):
        wait_for(lambda: sum(self.changes().values()) >= int(count))
        return " ".join(f"{key}={value}" for key, value in sorted(self.changes().items()))

    def grows(self, key, count, seconds="5"):
        self.mark()
        return "yes" if wait_for(lambda: self.grown(key) >= int(count), int(seconds)) else "no"

    def count(self, key):
        return str(self.counters().get(key, 0))

    # ---- states ----

    def tunnel(self, name):
        return self.vgw.do("tunnel-get", {"ifname": "vgw0", "tunnel": {"name": name}})["tunnel"]

    def state(self, name):
        if name != "vgw0":
            tunnel = self.tunnel(name)
            return tunnel["state"] if tunnel["state"] == "up" else f"down {tunnel['reason']}"
        iface = self.vgw.do("iface-get", {"ifname": name})["iface"]
        return "dormant" if iface["dormant"] else "on" if iface["carrier"] else "off"

    def becomes(self, name, *words):
        wait_for(lambda: self.state(name) == " ".join(words))
        return self.state(name)

    def probe(self, name):
        return self.tunnel(name)["probe"]["state"]

    def wait(self, name, state):
        wait_for(lambda: self.probe(name) == state)
        return self.probe(name)

    # ---- packets ----

    def open_out(self, dst, src=None):
        """A socket that hears of errors."""
        sock = open_socket(self.left, dst)
        if family_of(dst) == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        else:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
        if src:
            sock.bind((src, 0))
        sock.connect((dst, DISCARD))
        return sock

    @staticmethod
    def error_of(sock, send):
        try:
            if send:
                sock.send(b"x" * 20)
            else:
                sock.recv(100, socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass
        except OSError as error:
            return {errno.errorcode[error.errno]}
        return set()

    def emit(self, dst, src=None, count=1, flows=1):
        """Returns sockets, and errors of sending."""
        errors, socks = set(), []
        try:
            for _ in range(flows):
                socks.append(self.open_out(dst, src))
        except OSError as error:
            errors = {errno.errorcode[error.errno]}
        for _ in range(count):
            for sock in socks:
                errors |= self.error_of(sock, True)
        return socks, errors

    def to(self, dst, *words):
        words = dict(word.split("=") for word in words)
        count, flows = int(words.get("count", 1)), int(words.get("flows", 1))
        self.mark()
        socks, errors = self.emit(dst, words.get("from"), count, flows)
        changes = self.change(count * flows) if socks else ""
        # Whoever drops a packet tells its sender, a little later maybe.
        if changes and not errors and not changes.startswith(tuple(f"{name}.tx=" for name in self.names)):
            errors = wait_for(lambda: set().union(*(self.error_of(sock, False) for sock in socks)), 1)
        return " ".join([changes] * bool(changes) + sorted(errors))

    def send(self, dst, count="count=1"):
        return " ".join(sorted(self.emit(dst, count=int(count.partition("=")[2]))[1])) or "sent"

    def through(self, dst):
        self.mark()
        self.emit(dst, count=20)
        takers = wait_for(lambda: [name for name in sorted(self.names) if self.grown(f"{name}.tx") >= 20])
        return " ".join(takers)

    def send_from(self, src, dst, dev, kind, proto, data):
        sock = open_socket(self.right, dst, kind, proto)
        sock.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, dev.encode() + b"\0")
        asked = []
        if family_of(dst) == socket.AF_INET:
            # Of a packet, as a raw socket of 5.10 cannot be bound so.
            sock.setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)
            pktinfo = struct.pack("=i4s4x", 0, socket.inet_aton(src))
            asked = [(socket.IPPROTO_IP, IP_PKTINFO, pktinfo)]
        else:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
            sock.bind((src, 0))
        self.mark()
        sock.sendmsg([data], asked, 0, (dst, DISCARD if kind == socket.SOCK_DGRAM else 0))
        sock.close()
        return self.change()

    def from_(self, src, dst, dev):
        return self.send_from(src, dst, dev, socket.SOCK_DGRAM, 0, b"x" * 20)

    def error(self, src, dst, dev, quoted_src, quoted_dst):
        quoted = quote(quoted_src, quoted_dst)
        if family_of(dst) == socket.AF_INET6:
            data = bytes([1, 0] + [0] * 6) + quoted
            return self.send_from(src, dst, dev, socket.SOCK_RAW, socket.IPPROTO_ICMPV6, data)
        data = bytes([3, 1] + [0] * 6) + quoted
        data = data[:2] + struct.pack("!H", checksum(data)) + data[4:]
        return self.send_from(src, dst, dev, socket.SOCK_RAW, socket.IPPROTO_ICMP, data)

    def neighbours(self):
        self.mark()
        sock = open_socket(self.left, "::", socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        index = socket.if_nametoindex("vgw0")
        sock.sendto(bytes([133] + [0] * 7), ("ff02::2", 0, 0, index))
        group = socket.inet_pton(socket.AF_INET6, "ff02::1234") + struct.pack("=I", index)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
        self.sinks.append(sock)
        return "yes" if wait_for(lambda: self.grown("drop.multicast") >= 2) else "no"

    # ---- streams and events ----

    def drops(self):
        traffic = ".tx", ".rx", ".sent", ".answered", ".multicast"
        return sum(value for key, value in self.counters().items() if not key.endswith(traffic))

    def stream(self, dst):
        self.drops_before = self.drops()
        self.stream_running = Stream(self.left, dst)
        self.stream_running.start()
        return "streaming"

    def stop(self):
        return f"{self.stream_running.stop()} dropped={self.drops() - self.drops_before}"

    def listen(self):
        self.listener = genl.Client(netns=self.left)
        self.listener.subscribe()
        return "listening"

    def seen(self, name):
        while (event := self.listener.event(0.01)) is not None:
            self.events_seen.append(event["event"])
        return self.events_seen.count(name)

    def events(self, name, count):
        wait_for(lambda: self.seen(name) >= int(count))
        return str(self.seen(name))

    def obey(self, line):
        command, *words = line.split()
        try:
            return getattr(self, {"from": "from_"}.get(command, command))(*words)
        except (AttributeError, TypeError, ValueError, OSError) as error:
            return f"agent: {line}: {type(error).__name__} {error}"


def main():
    agent = Agent(*sys.argv[1:3])
    print("ready", flush=True)
    for line in sys.stdin:
        print(agent.obey(line.strip()), flush=True)


if __name__ == "__main__":
    main()
