#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Many processes that do what must not get in each other's way; see net/races.sh.

  race.py SECONDS SEED LEFT RIGHT

Each process, of a seed of its own, repeats one thing until time is up; what it is refused because others were faster is
no fault. Prints a line for each: how often it succeeded, how often it was refused and why.
"""

import collections
import ctypes
import errno
import os
import random
import socket
import struct
import sys
import time

import genl

NETLINK_ROUTE, RTM_NEWLINK, RTM_DELLINK = 0, 16, 17
F_REQUEST, F_ACK, F_CREATE, F_EXCL = 1, 4, 0x400, 0x200
IFLA_IFNAME, IFLA_LINKINFO, IFLA_NET_NS_PID, IFLA_INFO_KIND, IFF_UP = 3, 18, 19, 1, 1
UDP_SEGMENT = 103

# Somebody else was faster, took it away, or has it.
LOST = {errno.ENOENT, errno.ENODEV, errno.EEXIST, errno.EBUSY, errno.EADDRINUSE, errno.ENOSPC, errno.ESRCH,
        errno.EKEYEXPIRED, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENOBUFS, errno.ECONNREFUSED,
        errno.EXDEV, errno.EMSGSIZE, errno.EIO}
SUITES = {"aes128gcm16": (20, 0), "aes256-sha256": (32, 32), "chacha20poly1305": (36, 0)}


class Links:
    """Makes, changes and removes interfaces."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE)
        self.sock.bind((0, 0))

    def call(self, kind, flags, name, attrs=b"", up=0):
        body = struct.pack("=BxHiII", 0, 0, 0, up, up) + genl.nla(IFLA_IFNAME, name.encode() + b"\0") + attrs
        self.sock.send(struct.pack("=IHHII", 16 + len(body), kind, F_REQUEST | F_ACK | flags, 0, 0) + body)
        number = -struct.unpack_from("=i", self.sock.recv(1 << 16), 16)[0]
        if number:
            raise OSError(number, os.strerror(number))

    def add(self, name, pid=None):
        info = genl.nla(IFLA_LINKINFO, genl.nla(IFLA_INFO_KIND, b"vgw\0"))
        there = genl.nla(IFLA_NET_NS_PID, struct.pack("=I", pid)) if pid else b""
        self.call(RTM_NEWLINK, F_CREATE | F_EXCL, name, info + there)

    def up(self, name):
        self.call(RTM_NEWLINK, 0, name, up=IFF_UP)

    def delete(self, name):
        self.call(RTM_DELLINK, 0, name)


def new_sa(vgw, iface, tunnel, direction, spi, keys, **more):
    suite, key, auth_key = keys
    auth = {"auth-key": auth_key} if auth_key else {}
    about = {"direction": direction, "spi": spi, "suite": suite, "key": key, **auth, **more}
    vgw.do("sa-new", {"ifname": iface, "tunnel": {"name": tunnel}, "sa": about})


def new_keys(rng):
    suite = rng.choice(list(SUITES))
    key, auth_key = SUITES[suite]
    return suite, rng.randbytes(key), rng.randbytes(auth_key)


class Racer:
    """What all have: the namespace of left, and one client there."""

    def __init__(self, rng, left, right):
        self.rng, self.left, self.right = rng, left, right
        genl.setns(f"/run/netns/{left}")
        self.vgw, self.links = genl.Client(), Links()

    def about(self, tunnel, **more):
        return {"ifname": "vgw0", "tunnel": {"name": tunnel}, **more}

    def load_suites(self):
        """To load the modules of the crypto API takes long, and would be all the race on a slow machine."""
        for suite, (key, auth_key) in SUITES.items():
            new_sa(self.vgw, "vgw0", "udp", "in", 0x4001, (suite, bytes(key), bytes(auth_key)))
            self.vgw.do("sa-del", self.about("udp", sa={"direction": "in", "spi": 0x4001}))


class Rekeys(Racer):
    """New SAs at both ends, make before break; the old ones go at once or linger."""

    def __init__(self, *args):
        super().__init__(*args)
        self.peer, self.spi, self.old = genl.Client(self.right), 0x10000, []

    def turn(self):
        tunnel, keys, back = self.rng.choice(("native", "udp")), new_keys(self.rng), new_keys(self.rng)
        self.spi += 1
        new_sa(self.peer, "vgw0", tunnel, "in", self.spi, keys)
        new_sa(self.vgw, "vgw0", tunnel, "in", 0x80000 + self.spi, back)
        new_sa(self.vgw, "vgw0", tunnel, "out", self.spi, keys)
        new_sa(self.peer, "vgw0", tunnel, "out", 0x80000 + self.spi, back)
        self.old.append((tunnel, self.spi))
        if len(self.old) > 4:
            self.end(*self.old.pop(0))

    def end(self, tunnel, spi):
        for client, first, second in (self.vgw, "out", "in"), (self.peer, "in", "out"):
            for direction, number in (first, spi), (second, 0x80000 + spi):
                linger = {"linger": 1} if direction == "in" and self.rng.random() < 0.5 else {}
                try:
                    client.do("sa-del", self.about(tunnel, sa={"direction": direction, "spi": number, **linger}))
                except genl.Refused as refused:
                    if refused.errno not in LOST:
                        raise


class Tunnels(Racer):
    """The tunnels that carry the traffic go, come, and change."""

    def turn(self):
        tunnel = self.rng.choice(("native", "udp"))
        encap = "none" if tunnel == "native" else "udp"
        net = "192.168.2.0/25" if tunnel == "native" else "192.168.2.128/25"
        about = {"name": tunnel, "remote": "10.0.0.2", "encap": encap, "prefixes": [("prefix", net)], "roam": 0}
        if self.rng.random() < 0.5:
            probe = {"target": "192.168.2.1", "source": "192.168.1.1", "interval": 100, "misses": 1}
            about.update(probe=self.rng.choice((probe, [])), keepalive=self.rng.choice((0, 1)),
                         demand=self.rng.randrange(2), fwmark=self.rng.randrange(2))
            self.vgw.do("tunnel-set", {"ifname": "vgw0", "tunnel": about})
            return
        try:
            self.vgw.do("tunnel-del", self.about(tunnel))
        except genl.Refused as refused:
            # What others took away comes back, too.
            if refused.errno != errno.ENOENT:
                raise
        self.vgw.do("tunnel-new", {"ifname": "vgw0", "tunnel": about})


class Interfaces(Racer):
    """An interface of its own, with a tunnel and SAs that have work; once in a while the one that has the traffic."""

    def turn(self):
        name = "vgw1"
        self.links.add(name)
        self.links.up(name)
        about = {"name": "t", "remote": "10.0.0.2", "encap": "udp", "keepalive": 1,
                 "prefixes": [("prefix", "172.16.0.0/16")],
                 "probe": {"target": "172.16.0.1", "source": "192.168.1.1", "interval": 100}}
        self.vgw.do("tunnel-new", {"ifname": name, "tunnel": about})
        new_sa(self.vgw, name, "t", "out", 0x5001, new_keys(self.rng))
        new_sa(self.vgw, name, "t", "in", 0x5002, new_keys(self.rng))
        time.sleep(self.rng.random() * 0.2)
        self.links.delete(name)


class Namespaces(Racer):
    """A namespace that goes away with an interface in it whose outer end is in left, and with one of its own."""

    def turn(self):
        here, there = os.pipe()
        pid = os.fork()
        if pid == 0:
            ctypes.CDLL(None).unshare(genl.CLONE_NEWNET)
            os.write(there, b".")
            try:
                links = Links()
                links.add("vgw0")
                time.sleep(self.rng.random() * 0.2)
            finally:
                os._exit(0)  # pylint: disable=protected-access
        os.read(here, 1)
        os.close(here)
        os.close(there)
        try:
            self.links.add(f"inner{pid % 10000}", pid)
        finally:
            os.waitpid(pid, 0)


class Sockets(Racer):
    """The UDP port of the tunnel changes hands, between the module and sockets that are closed."""

    def turn(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            self.vgw.do("socket-set", {"socket": {"fd": sock.fileno(), "port": 4500}})
            time.sleep(self.rng.random() * 0.05)


class Lists(Racer):
    """Everything is asked for."""

    def turn(self):
        for command in "iface-get", "tunnel-get", "sa-get":
            self.vgw.dump(command)


class Reservations(Racer):
    """SPIs are reserved, used, and left with the socket that is closed."""

    def turn(self):
        client = genl.Client()
        try:
            for _ in range(8):
                spi = client.do("spi-alloc", self.about("udp"))["sa"]["spi"]
                if self.rng.random() < 0.5:
                    new_sa(client, "vgw0", "udp", "in", spi, new_keys(self.rng))
                    client.do("sa-del", self.about("udp", sa={"direction": "in", "spi": spi}))
        finally:
            client.close()


class Traffic(Racer):
    """Datagrams, single and by segmentation offload, by both tunnels; from right when the seed says so."""

    def __init__(self, rng, left, right):
        super().__init__(rng, left, right)
        back = rng.random() < 0.5
        if back:
            genl.setns(f"/run/netns/{right}")
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.targets = ("192.168.1.1",) if back else ("192.168.2.1", "192.168.2.129")

    def turn(self):
        many = self.rng.random() < 0.5
        self.sock.setsockopt(socket.SOL_UDP, UDP_SEGMENT, 1000 if many else 0)
        time.sleep(0.002)
        self.sock.sendto(bytes(20000 if many else self.rng.randrange(1, 1400)), (self.rng.choice(self.targets), 9))


class Switches(Racer):
    """The shortcut, GRO and, where it can, the second processor come and go."""

    SHORTCUT, CPU = "/sys/module/vgw/parameters/shortcut", "/sys/devices/system/cpu/cpu1/online"

    def switches(self):
        """A kernel that is a process keeps its processors."""
        return [self.SHORTCUT, self.SHORTCUT] + [name for name in [self.CPU] if os.path.exists(name)]

    def turn(self):
        value = self.rng.choice("01")
        with open(self.rng.choice(self.switches()), "w", encoding="ascii") as file:
            file.write(value)
        time.sleep(1)

    def finish(self):
        # The module may be gone by now.
        for name in filter(os.path.exists, (self.CPU, self.SHORTCUT)):
            with open(name, "w", encoding="ascii") as file:
                file.write("1")


RACERS = (Rekeys, Tunnels, Interfaces, Namespaces, Sockets, Lists, Reservations, Traffic, Traffic, Traffic, Switches)


def run(racer, seconds):
    """One process. Returns whether all that was refused was so for a reason."""
    end, count, lost = time.monotonic() + seconds, 0, collections.Counter()
    try:
        while time.monotonic() < end:
            try:
                racer.turn()
                count += 1
            except OSError as error:
                if error.errno not in LOST:
                    raise
                lost[errno.errorcode[error.errno]] += 1
    finally:
        getattr(racer, "finish", lambda: None)()
    print(f"{type(racer).__name__}: {count} times, refused: {dict(lost) or 'never'}", flush=True)
    return count > 0


def main(racers, before=None):
    """Runs the racers; @before(seed, left, right) comes first, if there is one."""
    seconds, seed, left, right = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
    Racer(random.Random(seed), left, right).load_suites()
    if before:
        before(seed, left, right)
    pids = []
    for number, kind in enumerate(racers):
        pid = os.fork()
        if pid == 0:
            good = False
            try:
                good = run(kind(random.Random(seed * 100 + number), left, right), seconds)
            except Exception as error:  # pylint: disable=broad-except
                print(f"{kind.__name__}: {error!r}", flush=True)
            os._exit(0 if good else 1)  # pylint: disable=protected-access
        pids.append(pid)
    sys.exit(any([os.waitpid(pid, 0)[1] for pid in pids]))


if __name__ == "__main__":
    main(RACERS)
