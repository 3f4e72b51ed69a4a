#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes many tunnels with SAs, and tells what they cost; see lib/scale.sh.

  scale.py add IFACES TUNNELS [ENCAP [far]]
                                   so many interfaces (vgw0 ...) share so many tunnels; prints times and bytes. "far":
                                   those of the other gateway
  scale.py del IFACES TUNNELS      deletes the tunnels one by one
  scale.py memory                  prints the bytes that the kernel has in use, and those of them that are per CPU
  scale.py cipher COUNT            prints what COUNT keyed transforms of the suite take, each

Tunnel number N is t00000 and so on; its prefix is 100.64.0.0 and N, its inbound SPI is 0x20000000 and N, its outbound
one 0x10000000 and N; its key with the salt is N in four bytes, five times. At the far gateway the SPIs are the other way
round, and the prefix is 100.80.0.0 and N.
"""

import pathlib
import socket
import struct
import sys
import time

import genl

SUITE = "aes128gcm16"
IN, OUT = 0x20000000, 0x10000000
# Remote address, prefixes from, SPIs in and out from.
NEAR = "10.0.0.2", 100 << 24 | 64 << 16, IN, OUT
FAR = "10.0.0.1", 100 << 24 | 80 << 16, OUT, IN
BATCH = 64
# Kernel memory of every kind that a tunnel can be in.
KINDS = ("Slab", "Percpu", "VmallocUsed")
SOL_ALG, ALG_SET_KEY, ALG_SET_AUTHSIZE = 279, 1, 5

# What stands in a template for what every request has of its own.
NAME, ADDRESS, SPI, KEY = b"t?????", b"\xa5\x01\x02\x03", b"\xa5\x04\x05\x06", b"\xa5KEY.KEY.KEY.KEY.KEY"


def memory():
    """Bytes, when nothing is on its way to be freed any more, and without what caches keep for the next use."""
    last = None
    while True:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
        for cache in pathlib.Path("/sys/kernel/slab").glob("kmalloc-*/shrink"):
            cache.write_text("1")
        lines = (line.split() for line in pathlib.Path("/proc/meminfo").read_text().splitlines())
        now = {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines}
        now = {kind: now[kind] for kind in KINDS}
        if last and abs(sum(now.values()) - sum(last.values())) < 1 << 16:
            return now
        last = now
        time.sleep(0.5)


def tell_memory(what, before, count):
    after = memory()
    each = {kind: (after[kind] - before[kind]) / count for kind in KINDS}
    parts = ", ".join(f"{kind} {size:.0f}" for kind, size in each.items())
    print(f"{what}: {sum(each.values()):.0f}", flush=True)
    print(f"# {what}: {parts}", flush=True)
    return after


def iface_of(number, ifaces, tunnels):
    return f"vgw{number * ifaces // tunnels}"


class Many:
    """Requests that are all alike: encoded once an interface, and then changed where they differ."""

    def __init__(self, command, attrs, ifaces, tunnels):
        self.client = genl.Client()
        self.client.sock.setsockopt(socket.SOL_SOCKET, genl.SO_RCVBUFFORCE, 1 << 22)
        self.templates = {
            f"vgw{iface}": self.client.request(command, {"ifname": f"vgw{iface}", **attrs}, genl.F_ACK)
            for iface in range(ifaces)
        }
        self.ifaces, self.tunnels = ifaces, tunnels

    def request(self, number, base):
        """@base: the address or the SPI of number 0, whichever there is."""
        template = self.templates[iface_of(number, self.ifaces, self.tunnels)]
        self.client.seq += 1
        word = struct.pack(">I", number)
        request = template[:8] + struct.pack("=I", self.client.seq) + template[12:]
        request = request.replace(NAME, b"t%05d" % number).replace(ADDRESS, struct.pack(">I", base + number))
        return request.replace(SPI, struct.pack("=I", base + number)).replace(KEY, word * 5)

    def send(self, base=0):
        """Returns the seconds that the first and the last tenth took."""
        tenth = max(self.tunnels // 10, 1)
        marks = [time.monotonic()]
        for begin in range(0, self.tunnels, tenth):
            for first in range(begin, begin + tenth, BATCH):
                last = min(first + BATCH, begin + tenth)
                self.client.send_batch([self.request(number, base) for number in range(first, last)])
            marks.append(time.monotonic())
        return marks[1] - marks[0], marks[-1] - marks[-2], marks[-1] - marks[0]


def make(what, command, attrs, ifaces, tunnels, base=0):
    many = Many(command, attrs, ifaces, tunnels)
    first, last, total = many.send(base)
    tenth = max(tunnels // 10, 1)
    print(f"# {what}: {total:.1f} s; each of the first tenth {first / tenth * 1e6:.0f} us, of the last "
          f"{last / tenth * 1e6:.0f} us", flush=True)
    print(f"growth of {what}: {last / first:.1f}", flush=True)
    print(f"nanoseconds of {what}: {many.client.served / tunnels * 1e9:.0f}", flush=True)


def add(ifaces, tunnels, encap, end):
    remote, net, spi_in, spi_out = end
    before = memory()
    tunnel = {
        "name": NAME.decode(), "remote": remote, "encap": encap,
        "prefixes": {"prefix": {"address": ADDRESS, "length": 32}},
    }
    make("new tunnels", "tunnel-new", {"tunnel": tunnel}, ifaces, tunnels, net)
    middle = tell_memory("bytes of a tunnel", before, tunnels)
    for direction, base in ("in", spi_in), ("out", spi_out):
        sa = {"direction": direction, "spi": SPI, "suite": SUITE, "key": KEY}
        attrs = {"tunnel": {"name": NAME.decode()}, "sa": sa}
        make(f"new SAs {direction}", "sa-new", attrs, ifaces, tunnels, base)
    tell_memory("bytes of its two SAs", middle, tunnels)


def cipher(count):
    """Sockets of AF_ALG with and without a transform. Kernels of 2026 have no AEADs for those."""
    socks = [socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET) for _ in range(count)]
    before = memory()
    for sock in socks:
        try:
            sock.bind(("aead", "rfc4106(gcm(aes))"))
        except FileNotFoundError:
            return
        sock.setsockopt(SOL_ALG, ALG_SET_KEY, bytes(20))
    tell_memory("bytes of a transform", before, count)


def main():
    if sys.argv[1] == "cipher":
        cipher(int(sys.argv[2]))
        return
    if sys.argv[1] == "memory":
        now = memory()
        print(sum(now.values()), now["Percpu"])
        return
    ifaces, tunnels = int(sys.argv[2]), int(sys.argv[3])
    if sys.argv[1] == "add":
        encap, far = (sys.argv[4:] + ["none", ""])[0], "far" in sys.argv[5:]
        add(ifaces, tunnels, encap, FAR if far else NEAR)
    else:
        make("deleted tunnels", "tunnel-del", {"tunnel": {"name": NAME.decode()}}, ifaces, tunnels)


if __name__ == "__main__":
    main()
