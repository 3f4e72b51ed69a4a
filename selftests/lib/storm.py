#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Replaces all SAs of two tunnels again and again while streams run through them; see net/storm.sh.

  storm.py ROUNDS PERIOD RATE HUB XFRM VGW     the last three are namespaces

Prints what it found as "name: value" lines; what should be nothing is "none".
"""

import os
import subprocess
import sys
import time

import genl
import streams

SUITE = "aes128gcm16"
# How long old SAs are kept where they are not deleted at once: longer than a packet may take on a slow machine.
OVERLAP_S = 3 * int(os.environ.get("TIME_SCALE", "1"))


class Later:
    """What is to be done some seconds after it was put here."""

    def __init__(self):
        self.queue = []

    def put(self, what, *args):
        self.queue.append((time.monotonic() + OVERLAP_S, what, args))

    def work(self):
        while self.queue and self.queue[0][0] <= time.monotonic():
            _, what, args = self.queue.pop(0)
            what(*args)


class Vgw:
    """One tunnel of a vgw gateway."""

    def __init__(self, netns, tunnel):
        self.client, self.tunnel = genl.Client(netns), tunnel

    def do(self, command, direction, spi, **more):
        about = {"direction": direction, "spi": spi, **more}
        self.client.do(command, {"ifname": "vgw0", "tunnel": {"name": self.tunnel}, "sa": about})

    def add(self, direction, spi, key, **more):
        self.do("sa-new", direction, spi, suite=SUITE, key=key, **more)

    def delete(self, direction, spi, **more):
        self.do("sa-del", direction, spi, **more)

    def sas(self, direction):
        rows = self.client.dump("sa-get", {"ifname": "vgw0", "tunnel": {"name": self.tunnel}})
        return [row["sa"] for row in rows if row["sa"]["direction"] == direction]

    def current(self):
        return [sa["spi"] for sa in self.sas("out") if sa.get("current")]


class Xfrm:
    """The kernel's own IPsec, by one ip command that goes on reading."""

    def __init__(self, netns, local, remote):
        self.local, self.remote = local, remote
        self.ip = subprocess.Popen(
            ["ip", "netns", "exec", netns, "stdbuf", "-oL", "ip", "-batch", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )

    def do(self, *lines):
        """Returns when all is done; ip ends at the first line that the kernel refuses."""
        self.ip.stdin.write("".join(line + "\n" for line in (*lines, "xfrm state count")))
        if not self.ip.stdout.readline():
            raise RuntimeError(f"ip xfrm failed: {lines}")

    def add(self, direction, spi, key):
        """An outbound one is used at once: of states that match, the kernel takes the newest."""
        src, dst = (self.remote, self.local) if direction == "in" else (self.local, self.remote)
        return (
            f"xfrm state add src {src} dst {dst} proto esp spi {spi:#x} mode tunnel "
            f"replay-window 128 flag af-unspec aead rfc4106(gcm(aes)) 0x{key.hex()} 128"
        )

    def delete(self, direction, spi):
        src, dst = (self.remote, self.local) if direction == "in" else (self.local, self.remote)
        self.do(f"xfrm state delete src {src} dst {dst} proto esp spi {spi:#x}")


class ToXfrm:
    """vgw's tunnel to the kernel's IPsec: both ends use a new outbound SA at once."""

    def __init__(self, hub, xfrm, later):
        self.hub, self.later = Vgw(hub, "x"), later
        self.peer = Xfrm(xfrm, "10.0.1.2", "10.0.1.1")

    def replace(self, number):
        there, back = os.urandom(20), os.urandom(20)
        self.hub.add("in", 0x20000 + number, back)
        self.peer.do(self.peer.add("in", 0x10000 + number, there), self.peer.add("out", 0x20000 + number, back))
        self.hub.add("out", 0x10000 + number, there)
        if number > 1:
            self.hub.delete("out", 0x10000 + number - 1)
            self.later.put(self.peer.delete, "in", 0x10000 + number - 1)
            self.later.put(self.peer.delete, "out", 0x20000 + number - 1)
            self.hub.delete("in", 0x20000 + number - 1, linger=OVERLAP_S)

    def faults(self, rounds):
        return [] if self.hub.current() == [0x10000 + rounds] else ["current at the hub"]


class ToVgw:
    """vgw's tunnel to another one, which waits with its new outbound SA as the responder of a rekey does."""

    def __init__(self, hub, peer, later):
        self.hub, self.peer, self.later = Vgw(hub, "v"), Vgw(peer, "v"), later

    def replace(self, number):
        there, back = os.urandom(20), os.urandom(20)
        self.peer.add("in", 0x30000 + number, there)
        pending = {"pending-on": 0x30000 + number} if number > 1 else {}
        self.peer.add("out", 0x40000 + number, back, **pending)
        self.hub.add("in", 0x40000 + number, back)
        self.hub.add("out", 0x30000 + number, there)
        if number > 1:
            self.hub.delete("out", 0x30000 + number - 1)
            self.later.put(self.peer.delete, "in", 0x30000 + number - 1)
            self.later.put(self.peer.delete, "out", 0x40000 + number - 1)
            self.later.put(self.hub.delete, "in", 0x40000 + number - 1)

    def faults(self, rounds):
        wrong = [] if self.hub.current() == [0x30000 + rounds] else ["current at the hub"]
        # The very last one may wait for a packet that did not come any more.
        if self.peer.current() not in ([0x40000 + rounds], [0x40000 + rounds - 1]):
            wrong.append("current at the vgw peer")
        return wrong


def storm(tunnels, later, rounds, period):
    """Returns how many seconds it took, and how late the latest round was."""
    begin = time.monotonic()
    latest = 0.0
    for number in range(2, rounds + 2):
        due = begin + (number - 2) * period
        time.sleep(max(due - time.monotonic(), 0))
        latest = max(latest, time.monotonic() - due)
        for tunnel in tunnels:
            tunnel.replace(number)
        later.work()
    time.sleep(max(begin + rounds * period - time.monotonic(), 0))
    return time.monotonic() - begin, latest


def dropped(netns):
    """Every counter of a drop in a vgw namespace: {cause: count}."""
    client = genl.Client(netns)
    rows = [row["tunnel"] for row in client.dump("tunnel-get", {"ifname": "vgw0"})]
    iface = client.do("iface-get", {"ifname": "vgw0"})["iface"]
    drops = [drop for row in rows + [iface] for drop in row.get("drop", [])] + iface.get("host-drop", [])
    return {drop["cause"]: drop["count"] for drop in drops}


def main():
    rounds, period, rate = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    hub, xfrm, peer = sys.argv[4:7]
    later = Later()
    tunnels = [ToXfrm(hub, xfrm, later), ToVgw(hub, peer, later)]
    for tunnel in tunnels:
        tunnel.replace(1)
    todo = []
    for cpu in sorted(os.sched_getaffinity(0))[:2]:
        todo += [
            streams.Stream(f"vgw to xfrm, cpu {cpu}", hub, xfrm, "192.168.2.1", 5000 + cpu, cpu),
            streams.Stream(f"xfrm to vgw, cpu {cpu}", xfrm, hub, "192.168.1.1", 5100 + cpu, cpu),
            streams.Stream(f"vgw to vgw, cpu {cpu}", hub, peer, "fd02::1", 5200 + cpu, cpu),
            streams.Stream(f"vgw from vgw, cpu {cpu}", peer, hub, "fd01::1", 5300 + cpu, cpu),
        ]
    traffic = streams.Traffic(todo, rate)
    traffic.start()
    took, latest = storm(tunnels, later, rounds, period)
    wrong = [fault for tunnel in tunnels for fault in tunnel.faults(rounds + 1)]
    results = traffic.stop()
    for result in results:
        print(f"# {result.name}: {result.sent} sent, {result.received} received, faults {result.faults()}")
    print(f"# {rounds} times 8 SAs replaced in {took:.1f} s; at worst {latest * 1000:.0f} ms late")
    print(f"streams: {', '.join(one.name for one in results if one.faults()) or 'none'}")
    print(f"idle: {', '.join(one.name for one in results if one.received < rounds) or 'none'}")
    print(f"currents: {', '.join(wrong) or 'none'}")
    print(f"drops at the hub: {dropped(hub) or 'none'}")
    print(f"drops at the vgw peer: {dropped(peer) or 'none'}")
    print(f"seconds: {took:.1f}")


if __name__ == "__main__":
    main()
