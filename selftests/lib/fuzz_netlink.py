# SPDX-License-Identifier: GPL-2.0
"""Requests by chance, made after uapi/vgw.yaml: fuzz_netlink.py SECONDS SEED LEFT RIGHT; see net/fuzz-netlink.sh.

Some are as they should be, some nearly so, some have nothing to do with it; beside them packets are carried, tunnels and
SAs replaced, interfaces and namespaces removed. The module may refuse whatever it likes, and has to answer.

Where the kernel tells what code a request went through, those that found new ways are kept, and most are made of them: first
REQUESTS of them with nothing beside them, which a seed repeats, then in the race.
"""

import collections
import copy
import dataclasses
import errno
import os
import random
import socket
import struct
import sys
import zlib

import fuzz_packets
import genl
import kcov
import race

NAMES = ("vgw0", "vgw0", "vgw0", "vgw1", "lo", "native", "udp", "udp", "t", "", "a" * 15, "a" * 16, "a" * 300, "\n", "..")
ADDRESSES = tuple(socket.inet_aton(text) for text in ("10.0.0.2", "10.0.0.1", "127.0.0.1", "0.0.0.0", "255.255.255.255",
                                                      "192.168.2.0", "224.0.0.1")) + tuple(
    socket.inet_pton(socket.AF_INET6, text) for text in ("fd00::2", "::", "::1", "ff02::1", "fe80::1", "fd02::"))
EDGES = (0, 0, 1, 1, 2, 3, 7, 8, 20, 64, 255, 256, 4500, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff,
         0x7fffffffffffffff, 0xffffffffffffffff)
SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}
KEY_SIZES = (0, 1, 4, 16, 20, 28, 32, 36, 48, 64, 200)
DEPTH_MAX = 5
ATTRS_MAX = 200     # of what is made of other requests


@dataclasses.dataclass
class Request:
    """One in the making: attributes are (name, value) pairs, as genl encodes them, unless there is @data in their place."""

    command: int
    flags: int
    version: int
    attrs: list
    data: bytes = None


class Maker:
    """Attributes by chance."""

    def __init__(self, rng, spec):
        self.rng, self.spec = rng, spec

    def value(self, attr, depth):
        rng, kind = self.rng, attr["type"]
        if rng.random() < 0.03:
            return rng.randbytes(rng.randrange(20))
        if kind == "nest":
            return self.attrs(attr["nested-attributes"], depth + 1)
        if kind == "string":
            return rng.choice(NAMES).encode() + b"\0"
        if kind == "pad":
            return b""
        if kind in SIZES:
            number = rng.choice(EDGES) if rng.random() < 0.5 else rng.randrange(32)
            if "enum" in attr and rng.random() < 0.8:
                number = rng.choice(list(self.spec.enums[attr["enum"]].values()))
            return struct.pack("=Q", number)[:SIZES[kind]]
        if "key" in attr["name"]:
            return rng.randbytes(rng.choice(KEY_SIZES))
        return rng.choice(ADDRESSES)

    def attrs(self, aset, depth=0, wanted=None):
        """(name, value) of some of a set's, those wanted nearly always; now and then one that is not known."""
        rng, out = self.rng, []
        if depth > DEPTH_MAX:
            return out
        for attr in self.spec.sets[aset].values():
            likely = 0.9 if wanted and attr["name"] in wanted else 0.05 if wanted else 0.3
            for _ in range(rng.choice((1, 1, 1, 2, 40)) if attr.get("multi-attr") else 1):
                if rng.random() < likely:
                    out.append(("!" * (rng.random() < 0.01) + attr["name"], self.value(attr, depth)))
        if rng.random() < 0.02:
            out.append(("#%d" % rng.choice((0, 63, 64, 200, 0x3fff)), rng.randbytes(rng.randrange(9))))
        if rng.random() < 0.1:
            rng.shuffle(out)
        return out

    def new(self):
        """A request for one of the operations, or for none."""
        rng = self.rng
        operation = rng.choice(list(self.spec.operations.values()))
        wanted = operation.get("do", {}).get("request", {}).get("attributes", [])
        number = operation["value"] if rng.random() < 0.98 else rng.randrange(256)
        flags = genl.F_REQUEST | (genl.F_DUMP if operation["name"].endswith("-get") and rng.random() < 0.4 else genl.F_ACK)
        version = rng.choice((1, 1, 1, 0, 255))
        return Request(number, flags, version, self.attrs("main", 0, set(wanted) - {"ifindex", "netnsid"}))

    def body(self, request):
        """What stands behind the message's header; now and then it is no longer what the attributes make."""
        rng, data = self.rng, request.data
        if data is None:
            data = self.spec.encode("main", request.attrs)
            if rng.random() < 0.25:
                data = request.data = fuzz_packets.mutate(rng, data)
            if rng.random() < 0.02:
                data = request.data = rng.randbytes(rng.randrange(200))
        return struct.pack("=BBH", request.command, request.version, 0) + data

    def nests(self, aset, attrs):
        """(set, attributes) of a list and of all that lie in it."""
        yield aset, attrs
        for name, value in attrs:
            attr = self.spec.sets[aset].get(self.spec.numbers[aset].get(name.lstrip("!")), {})
            if "nested-attributes" in attr and isinstance(value, list):
                yield from self.nests(attr["nested-attributes"], value)

    def like(self, request, other):
        """A request that differs a little, now and then by what another one has."""
        rng, out = self.rng, copy.deepcopy(request)
        if out.data is not None and rng.random() < 0.5:
            out.data = fuzz_packets.mutate(rng, out.data)
            return out
        out.data = None
        for _ in range(rng.choice((1, 1, 2, 4))):
            aset, attrs = rng.choice(list(self.nests("main", out.attrs)))
            kind, at = rng.randrange(5), rng.randrange(len(attrs)) if attrs else 0
            if kind == 0 and attrs:
                del attrs[at]
            elif kind == 1 and attrs:
                attrs.insert(at, attrs[at])
            elif kind == 2:
                taken = [pair for known, more in self.nests("main", other.attrs) if known == aset for pair in more]
                attrs += copy.deepcopy(rng.sample(taken, min(len(taken), 2)))
            elif kind == 3:
                attrs += self.attrs(aset, 2)
            elif attrs:
                attrs[at] = self.anew(aset, *attrs[at])
        return out if sum(len(attrs) for _, attrs in self.nests("main", out.attrs)) <= ATTRS_MAX else self.new()

    def anew(self, aset, name, value):
        attr = self.spec.sets[aset].get(self.spec.numbers[aset].get(name.lstrip("!")))
        return name, self.value(attr, 2) if attr else value


class Guide:
    """Which requests found something new, where the kernel tells. Those of a process that was forked go on from there."""

    def __init__(self):
        self.kept, self.cover, self.sent, self.sum = [], kcov.Cover(), 0, 0

    def begin(self):
        """For this process from now on; without KCOV nothing is kept."""
        self.kcov = kcov.Kcov() if kcov.is_there() else None

    def choose(self, maker):
        """A new request or, the later kept the likelier, one like those."""
        if not self.kept or maker.rng.random() < 0.3:
            return maker.new()
        return maker.like(*(self.kept[max(maker.rng.choices(range(len(self.kept)), k=2))] for _ in range(2)))

    def watch(self, body):
        self.sent += 1
        self.sum = zlib.crc32(body, self.sum)
        if self.kcov:
            self.kcov.begin()

    def judge(self, request):
        if self.kcov and self.cover.add(self.kcov.places()):
            self.kept.append(request)

    def __str__(self):
        return f"{self.cover}; kept {len(self.kept)} of {self.sent} requests, whose sum is {self.sum:08x}"


class Requests(race.Racer):
    """What is asked, and that there is an answer."""

    guide = Guide()

    def __init__(self, *args):
        super().__init__(*args)
        self.maker, self.answers = Maker(self.rng, self.vgw.spec), collections.Counter()
        self.vgw.sock.settimeout(fuzz_packets.arena.TIMEOUT)
        self.guide.begin()

    def turn(self):
        request = self.guide.choose(self.maker)
        body = self.maker.body(request)
        message = self.vgw.message(self.vgw.family, request.flags, body)
        self.guide.watch(body)
        self.vgw.sock.send(message)
        self.answers[self.answer(struct.unpack_from("=I", message, 8)[0])] += 1
        self.guide.judge(request)

    def answer(self, wanted):
        """The errno it ends with. Another process may read so slowly that a part of a dump is lost: no fault here."""
        while True:
            try:
                for kind, _, seq, body in list(self.vgw.messages()):
                    if seq == wanted and kind in (genl.NLMSG_ERROR, genl.NLMSG_DONE):
                        return -struct.unpack_from("=i", body)[0] if len(body) >= 4 else 0
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise

    def finish(self):
        told = {errno.errorcode.get(number, "done"): count for number, count in self.answers.most_common()}
        print(f"answers: {told}", flush=True)
        if self.guide.kcov:
            print(f"coverage: {self.guide}", flush=True)


def explore(seed, left, right):
    """Requests with nothing beside them."""
    requests = Requests(random.Random(seed), left, right)
    for _ in range(int(os.environ.get("REQUESTS", "2000"))):
        requests.turn()
    print(f"seed {seed}, alone, of {kcov.places_of(os.environ['VGW_KO'])} places", flush=True)
    requests.finish()
    if not requests.guide.kept:
        sys.exit("the kernel has KCOV, but the module was not compiled for it: no request was seen in it")


if __name__ == "__main__":
    race.main((race.Rekeys, race.Tunnels, race.Interfaces, race.Namespaces, race.Traffic, race.Traffic, Requests, Requests),
              explore if kcov.is_there() else None)
