# SPDX-License-Identifier: GPL-2.0
"""Packets that come before their SA: larval.py NAMESPACE VPNTUN; see net/larval.sh."""

import errno
import itertools
import os
import sys
import time

import arena
import esp
import genl

SUITE = "aes128gcm16"
HELD_MAX, HELD_NET_MAX = 512, 4096     # limits.h
RESERVED_S = 30


class Larval:
    """An SPI that is reserved, or not, and packets for the SA that it is to have."""

    def __init__(self, scene, client, tunnel, spi=None):
        self.scene, self.client, self.tunnel = scene, client, tunnel
        self.encap = "udp" if tunnel == "natt" else "none"
        self.key = os.urandom(esp.key_sizes(SUITE)[0])
        self.spi = spi
        self.seq = itertools.count(1)

    def place(self):
        return {"ifname": "vgw0", "tunnel": {"name": self.tunnel}}

    def reserve(self):
        request = self.place()
        if self.spi:
            request["sa"] = {"spi": self.spi}
        got = self.client.do("spi-alloc", request)["sa"]["spi"]
        assert self.spi in (None, got)
        self.spi = got
        return self

    def make(self):
        sa = {"direction": "in", "spi": self.spi, "suite": SUITE, "key": self.key}
        self.client.do("sa-new", {**self.place(), "sa": sa})

    def packets(self, count, size=20):
        sa = esp.Sa(SUITE, self.spi, self.key, b"", False)
        for seq in itertools.islice(self.seq, count):
            inner = arena.ipv4(b"%d %d " % (self.spi, seq) + bytes(size))
            yield sa.seal(seq, inner), inner

    def send(self, packets):
        for packet in packets:
            self.scene.send(packet, self.encap)


def refusal(function):
    try:
        function()
    except genl.Refused as refused:
        return f"{errno.errorcode[refused.errno]} {refused.message}"
    return "done"


class Judge:
    def __init__(self, left, vpntun):
        self.scene = arena.Arena(left, vpntun)
        self.left = left
        self.client = genl.Client(netns=left)
        self.marker = Larval(self.scene, self.client, "native", 0x1000)
        self.marker.make()

    def same(self, what, want, got):
        print("ok %s" % what if want == got else "fail %s # wanted %s, got %s" % (what, want, got))

    def larval(self, tunnel="native", spi=None, client=None):
        return Larval(self.scene, client or self.client, tunnel, spi)

    def silent(self, what, fate=None, count=0):
        """Nothing became of what was sent before this packet, on the same way; or so much of it was dropped."""
        packet, inner = next(self.marker.packets(1))
        self.scene.send(packet)
        delivered, drops = self.scene.outcome(1 + count)
        self.same(what, ([inner], {fate: count} if count else {}), (delivered, drops))

    def received(self):
        return sum(tunnel["rx_packets"] for tunnel in self.scene.show()["tunnels"])

    def arrives(self, tunnel):
        larval = self.larval(tunnel, 0x3001 if tunnel == "native" else 0x3002).reserve()
        pairs = list(larval.packets(40))
        larval.send(packet for packet, inner in pairs)
        self.silent(tunnel + ": what comes by a reserved SPI waits")
        larval.make()
        delivered, drops = self.scene.outcome(40)
        self.same(tunnel + ": and arrives with the SA, in its order", ([inner for packet, inner in pairs], {}),
                  (delivered, drops))
        self.scene.expect(tunnel + ": what comes later arrives", list(larval.packets(5)), "delivered", larval.encap)
        self.scene.expect(tunnel + ": what was held counts as seen", [packet for packet, inner in pairs], "replayed",
                          larval.encap)

    def forged(self):
        larval = self.larval().reserve()
        pairs = list(larval.packets(6))
        for n, (packet, inner) in enumerate(pairs):
            larval.send([packet if n % 2 else packet[:-1] + bytes((packet[-1] ^ 1,))])
        larval.send([pairs[1][0], pairs[3][0][:12]])
        self.silent("forgeries wait, too")
        larval.make()
        delivered, drops = self.scene.outcome(8)
        self.same("and are none the better for it", ([inner for packet, inner in pairs[1::2]],
                  {"auth-failed": 3, "replayed": 1, "esp-malformed": 1}), (delivered, dict(sorted(drops.items()))))
        other = self.larval("natt").reserve()
        self.scene.send(next(other.packets(1))[0])
        self.silent("what comes the wrong way waits")
        other.make()
        self.same("and is found out", ([], {"encap-mismatch": 1}), self.scene.outcome(1))

    def bounds(self):
        larval = self.larval().reserve()
        larval.send(packet for packet, inner in larval.packets(HELD_MAX + 50))
        self.silent("more than %d packets are not held" % HELD_MAX, "host early", 50)
        before = self.received()
        larval.make()
        self.same("those are", HELD_MAX, self.received() - before)
        self.scene.taken()

        larval = self.larval().reserve()
        larval.send(packet for packet, inner in larval.packets(HELD_MAX, 1300))
        self.scene.send(next(self.marker.packets(1))[0])
        delivered, drops = self.scene.outcome(2)
        early = drops.get("host early", 0)
        print("# of long ones %d are not held" % early)
        self.same("of long ones fewer are held", True, 0 < early < HELD_MAX - 100 and len(drops) == 1)
        before = self.received()
        larval.make()
        self.same("but these are", HELD_MAX - early, self.received() - before)
        self.scene.taken()

    def namespace(self):
        """All that a namespace holds; ended by closing the socket."""
        client = genl.Client(netns=self.left)
        for _ in range(HELD_NET_MAX // HELD_MAX):
            larval = self.larval(client=client).reserve()
            larval.send(packet for packet, inner in larval.packets(HELD_MAX))
        self.silent("%d are held" % HELD_NET_MAX)
        larval = self.larval(client=client).reserve()
        larval.send(packet for packet, inner in larval.packets(7))
        self.silent("and no more, by any SPI", "host early", 7)
        client.close()
        self.same("the socket is closed: all are dropped", ([], {"host early": HELD_NET_MAX}),
                  self.scene.outcome(HELD_NET_MAX))
        self.scene.expect("the SPI is unknown then", [packet for packet, inner in larval.packets(3)],
                          "host unknown-spi")

    def names(self):
        other = genl.Client(netns=self.left)
        larval = self.larval(spi=0x4001).reserve()
        again = self.larval(spi=0x4001, client=other)
        self.same("a reserved SPI cannot be reserved", "EEXIST vgw: the SPI is taken, or reserved",
                  refusal(again.reserve))
        self.same("nor by its holder", "EEXIST vgw: the SPI is taken, or reserved", refusal(larval.reserve))
        self.same("nobody else makes its SA", "EBUSY vgw: another program has reserved this SPI",
                  refusal(again.make))
        larval.make()
        self.same("nor can that of an SA", "EEXIST vgw: the SPI is taken, or reserved", refusal(larval.reserve))
        self.same("0 to 255 cannot", "ERANGE", refusal(self.larval(spi=255).reserve).split()[0])
        request = {**larval.place(), "sa": {"spi": 0x4002, "suite": SUITE}}
        self.same("nothing but the SPI is asked for", "E", refusal(lambda: self.client.do("spi-alloc", request))[0])
        other.close()

    def flood(self):
        """The SA is made while packets come, by another CPU if there is one."""
        larval = self.larval().reserve()
        pairs = list(larval.packets(200))
        ready, write = os.pipe()
        child = os.fork()
        if not child:
            os.sched_setaffinity(0, {max(range(os.cpu_count()))})
            for n, (packet, inner) in enumerate(pairs):
                larval.send([packet])
                if n == 50:
                    os.write(write, b"r")
            os._exit(0)
        os.read(ready, 1)
        larval.make()
        delivered, drops = self.scene.outcome(200)
        os.waitpid(child, 0)
        self.same("none is lost or overtaken while the SA is made", ([inner for packet, inner in pairs], {}),
                  (delivered, drops))

    def in_vain(self):
        larval = self.larval().reserve()
        end = time.monotonic() + RESERVED_S + arena.TIMEOUT
        larval.send(packet for packet, inner in larval.packets(3))
        self.silent("three wait in vain")
        self.names()
        drops = {}
        while not drops and time.monotonic() < end:
            drops = self.scene.outcome(3)[1]
        self.same("they are dropped after %d s" % RESERVED_S, {"host early": 3}, drops)
        larval.make()
        self.scene.expect("and the SA can still be made", list(larval.packets(3)), "delivered")

    def run(self):
        self.arrives("native")
        self.arrives("natt")
        self.forged()
        self.flood()
        self.bounds()
        self.namespace()
        self.in_vain()
        print("end")


if __name__ == "__main__":
    Judge(*sys.argv[1:]).run()
