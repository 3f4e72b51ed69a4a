# SPDX-License-Identifier: GPL-2.0
"""Requests by chance, made after uapi/vgw.yaml: fuzz_netlink.py SECONDS SEED LEFT RIGHT; see net/fuzz-netlink.sh.

Some are as they should be, some nearly so, some have nothing to do with it; beside them packets are carried, tunnels and
SAs replaced, interfaces and namespaces removed. The module may refuse whatever it likes, and has to answer.
"""

import collections
import errno
import socket
import struct
import sys

import fuzz_packets
import genl
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

    def body(self, operation):
        """The attributes of a request, encoded, and perhaps changed."""
        rng = self.rng
        wanted = operation.get("do", {}).get("request", {}).get("attributes", [])
        data = self.spec.encode("main", self.attrs("main", 0, set(wanted) - {"ifindex", "netnsid"}))
        if rng.random() < 0.25:
            data = fuzz_packets.mutate(rng, data)
        if rng.random() < 0.02:
            data = rng.randbytes(rng.randrange(200))
        return data


class Requests(race.Racer):
    """What is asked, and that there is an answer."""

    def __init__(self, *args):
        super().__init__(*args)
        self.maker, self.answers = Maker(self.rng, self.vgw.spec), collections.Counter()
        self.vgw.sock.settimeout(fuzz_packets.arena.TIMEOUT)

    def turn(self):
        rng, operations = self.rng, list(self.vgw.spec.operations.values())
        operation = rng.choice(operations)
        number = operation["value"] if rng.random() < 0.98 else rng.randrange(256)
        flags = genl.F_REQUEST | (genl.F_DUMP if operation["name"].endswith("-get") and rng.random() < 0.4 else genl.F_ACK)
        body = struct.pack("=BBH", number, rng.choice((1, 1, 1, 0, 255)), 0) + self.maker.body(operation)
        request = self.vgw.message(self.vgw.family, flags, body)
        self.vgw.sock.send(request)
        self.answers[self.answer(struct.unpack_from("=I", request, 8)[0])] += 1

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


if __name__ == "__main__":
    race.main((race.Rekeys, race.Tunnels, race.Interfaces, race.Namespaces, race.Traffic, race.Traffic, Requests, Requests))
