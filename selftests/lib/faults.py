#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Has every allocation of a request fail, one after the other; see net/faults.sh.

  faults.py requests NETNS      netlink requests that configure vgw0 of a namespace, and dumps
  faults.py links NETNS         making and removing an interface there
  faults.py load MODULE         loading the module, which is not loaded
  faults.py memory LEFT RIGHT   files by TCP and datagrams, from 192.168.1.1 in one namespace to 192.168.2.1 in the
                                other and back, while one allocation of many fails, whoever makes it
  faults.py flows LEFT RIGHT    the same, and nothing is made to fail

The kernel's fail-nth has the Nth allocation of this thread fail. Each request is made with N = 1, 2, 3, ... until it
makes fewer than that. One that is refused has changed nothing, and was refused for want of memory; so it says.
"""

import ctypes
import errno
import os
import pathlib
import socket
import struct
import sys
import threading

import genl

# Out of memory, as the kernel says it of itself, of a message, of a transform, of a list that is too long then, and of
# a socket.
NO_MEMORY = {errno.ENOMEM, errno.ENOBUFS, errno.EMSGSIZE, errno.EAGAIN, errno.ENFILE}
NTH_MAX = 2000
PATIENCE_S = 10 * int(os.environ.get("TIME_SCALE", "1"))

UDP_SEGMENT = 103
NETLINK_ROUTE, RTM_NEWLINK, RTM_DELLINK = 0, 16, 17
F_REQUEST, F_ACK, F_EXCL, F_CREATE = 1, 4, 0x200, 0x400
IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_KIND = 3, 18, 1


class Nth:
    """with Nth(n) as nth: ...; nth.hit says whether an allocation failed."""

    def __init__(self, number):
        self.number, self.hit = number, False
        self.file = os.open("/proc/thread-self/fail-nth", os.O_RDWR)

    def __enter__(self):
        os.write(self.file, b"%d" % self.number)
        return self

    def __exit__(self, *_):
        self.hit = os.pread(self.file, 16, 0).strip() == b"0"
        os.write(self.file, b"0")
        os.close(self.file)


def one(number, request):
    """Returns whether the request made so many allocations, and what it was refused with, or None."""
    refused = None
    nth = Nth(number)
    try:
        request(nth)
    except OSError as error:
        refused = error
    return nth.hit, refused


def exhaust(name, request, undo, state, refusals_too=frozenset()):
    """Every allocation of a request fails once. Prints how many there were."""
    refusals, before = 0, state()
    for number in range(1, NTH_MAX):
        hit, refused = one(number, request)
        if refused and refused.errno not in NO_MEMORY | refusals_too:
            raise SystemExit(f"{name}, allocation {number}: {refused!r}")
        if refused and state() != before:
            # Only the answer was lost, if what was asked for is done.
            undo()
            if state() != before:
                raise SystemExit(f"{name}, allocation {number}: refused, but something has changed")
        refusals += refused is not None
        if not refused:
            undo()
            if state() != before:
                raise SystemExit(f"{name}, allocation {number}: done and undone, but something has changed")
        if not hit:
            if refused:
                raise SystemExit(f"{name}: refused with no fault: {refused!r}")
            print(f"{name}: {number - 1} allocations, refused {refusals} times")
            return
    raise SystemExit(f"{name}: no end of allocations")


# ---- requests ----

KEY, HMAC_KEY = bytes(range(20)), bytes(range(32))
TUNNEL = {"ifname": "vgw0", "tunnel": {"name": "t"}}


def tunnel(**words):
    return {"ifname": "vgw0", "tunnel": {"name": "t", **words}}


def about_sa(direction, spi, **words):
    return {**TUNNEL, "sa": {"direction": direction, "spi": spi, **words}}


class Requests:
    """A client whose requests fail on demand. Its own socket asks for the state."""

    def __init__(self):
        self.client, self.watcher = self.connect(), genl.Client()

    @staticmethod
    def connect():
        client = genl.Client()
        # An answer that never comes is a fault, too.
        client.sock.settimeout(PATIENCE_S)
        return client

    def make(self, command, attrs, flags=genl.F_ACK):
        """What exhaust() calls: only the kernel's part of it is to fail."""
        def request(nth):
            if self.client is None:
                self.client = self.connect()
            message = self.client.request(command, attrs, flags)
            try:
                with nth:
                    self.client.sock.send(message)
                    rows = list(self.client.answers(message)) if flags == genl.F_DUMP else None
                if rows is None:
                    for _ in self.client.answers(message):
                        pass
            except OSError as error:
                # What of the answer still comes is nobody's.
                if not isinstance(error, genl.Refused):
                    self.client.close()
                    self.client = None
                raise
        return request

    def state(self):
        keep = ("name", "remote", "encap", "prefixes", "priority", "probe", "ts-local", "direction", "spi", "suite")
        rows = []
        for command in "tunnel-get", "sa-get":
            for row in self.watcher.dump(command, {"ifname": "vgw0"}):
                for part in "tunnel", "sa":
                    rows.append({key: value for key, value in row.get(part, {}).items() if key in keep})
        for row in rows:
            if "probe" in row:
                row["probe"] = row["probe"]["target"]
        return rows

    def quietly(self, command, attrs):
        def undo():
            try:
                self.watcher.do(command, attrs)
            except genl.Refused:
                pass
        return undo

    def exhaust(self, name, command, attrs, undo_command, undo_attrs, flags=genl.F_ACK):
        exhaust(name, self.make(command, attrs, flags), self.quietly(undo_command, undo_attrs), self.state)


def requests():
    do = Requests()
    plain = tunnel(remote="10.0.0.2", encap="none", prefixes=[("prefix", "192.168.2.0/24"), ("prefix", "fd02::/64")])
    full = tunnel(
        local="10.0.0.1", remote="10.0.0.2", encap="udp", sport=4600, peer="192.168.7.1", multicast=1, demand=1,
        prefixes=[("prefix", f"192.168.{n}.0/24") for n in range(2, 7)],
        probe={"target": "192.168.2.1", "source": "192.168.1.1"},
        **{"ts-local": [("prefix", "192.168.1.0/24")], "ts-remote": [("prefix", "192.168.0.0/16")]})
    do.exhaust("tunnel-new", "tunnel-new", plain, "tunnel-del", TUNNEL)
    do.exhaust("tunnel-new with everything", "tunnel-new", full, "tunnel-del", TUNNEL)
    do.watcher.do("tunnel-new", plain)
    do.exhaust("tunnel-set", "tunnel-set", full, "tunnel-set", {**plain, "tunnel": {
        **plain["tunnel"], "probe": [], "ts-local": [], "ts-remote": [], "peer": "0.0.0.0"}})
    for direction, spi in ("out", 0x1001), ("in", 0x2001):
        for suite, keys in (("aes128gcm16", {"key": KEY}),
                            ("aes128-sha256", {"key": KEY[:16], "auth-key": HMAC_KEY})):
            do.exhaust(f"sa-new {direction} {suite}", "sa-new", about_sa(direction, spi, suite=suite, **keys),
                       "sa-del", about_sa(direction, spi))
        do.watcher.do("sa-new", about_sa(direction, spi, suite="aes128gcm16", key=KEY))
    do.exhaust("spi-alloc", "spi-alloc", TUNNEL, "iface-get", {"ifname": "vgw0"})
    for command in "iface-get", "tunnel-get", "sa-get":
        do.exhaust(f"dump of {command}", command, None, "iface-get", {"ifname": "vgw0"}, genl.F_DUMP)
    do.exhaust("iface-set", "iface-set", {"ifname": "vgw0", "iface": {"fwmark": 1, "mtu": 1300}},
               "iface-set", {"ifname": "vgw0", "iface": {"fwmark": 0, "mtu": 0}})
    adopt(do)


def adopt(do):
    """Handing over a socket, which is let go again by closing it."""
    socks = []

    def request(nth):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        socks.append(sock)
        try:
            do.make("socket-set", {"socket": {"fd": sock.fileno(), "port": 4700}})(nth)
        except genl.Refused as refused:
            if sock.getsockname()[1]:
                raise SystemExit("socket-set: refused, but the socket is bound") from refused
            raise

    def undo():
        while socks:
            socks.pop().close()

    def state():
        undo()
        return do.state()

    exhaust("socket-set", request, undo, state)


# ---- interfaces ----

class Links:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE)
        self.sock.bind((0, 0))

    def call(self, kind, flags, attrs, nth):
        body = struct.pack("=BxHiII", 0, 0, 0, 0, 0) + attrs
        with nth:
            self.sock.send(struct.pack("=IHHII", 16 + len(body), kind, F_REQUEST | F_ACK | flags, 0, 0) + body)
        number = -struct.unpack_from("=i", self.sock.recv(1 << 16), 16)[0]
        if number:
            raise OSError(number, os.strerror(number))

    def add(self, nth):
        name = genl.nla(IFLA_IFNAME, b"vgw9\0")
        info = genl.nla(IFLA_LINKINFO, genl.nla(IFLA_INFO_KIND, b"vgw\0"))
        self.call(RTM_NEWLINK, F_CREATE | F_EXCL, name + info, nth)

    def delete(self, nth):
        self.call(RTM_DELLINK, 0, genl.nla(IFLA_IFNAME, b"vgw9\0"), nth)


def links():
    do = Links()

    def undo():
        try:
            do.delete(Nth(0))
        except OSError:
            pass

    # Of this namespace, which /sys does not follow into.
    def state():
        return sorted(name for _, name in socket.if_nameindex())

    # device_add() says EINVAL of a device whose name found no memory.
    exhaust("a new interface", do.add, undo, state, {errno.EINVAL})


# ---- the module ----

def load(name):
    libc = ctypes.CDLL(None, use_errno=True)
    # From our memory, not from its file: to read that the kernel takes memory whose want it writes into its log.
    image = pathlib.Path(name).read_bytes()

    def request(nth):
        with nth:
            failed = libc.syscall(175, image, len(image), b"")  # init_module on x86-64
        if failed:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def undo():
        libc.syscall(176, b"vgw", 0)  # delete_module

    exhaust("loading the module", request, undo, lambda: os.path.exists("/sys/module/vgw"))


# ---- packets ----

DEBUG, SLABS = pathlib.Path("/sys/kernel/debug"), pathlib.Path("/sys/kernel/slab")
# What packets, and crypto requests, are made of; the head of net/faults.sh has the kernel let them fail.
CACHES = "skbuff_head_cache", "skbuff_fclone_cache", "kmalloc-256", "kmalloc-512", "kmalloc-1k", "kmalloc-2k"
BYTES, DATAGRAMS = 1 << 20, 300


def set_knobs(folder, **values):
    for name, value in values.items():
        # A file's name takes memory, too.
        patiently((DEBUG / folder / name.replace("_", "-")).write_text, str(value))


def lose_memory(percent):
    """Of the memory of packets so much cannot be had; 0: all is well again."""
    for cache in CACHES if percent else ():
        if (SLABS / cache / "failslab").read_text().strip() != "1":
            raise SystemExit(f"{cache} cannot fail: the kernel was not started with slub_debug=A,{cache}")
    # Without the filter again for who asks for the Nth allocation, whatever it is for.
    set_knobs("failslab", cache_filter="Y" if percent else "N", times=-1, probability=percent)
    # Pages that packets are built in; what has a page at most is everybody's.
    set_knobs("fail_page_alloc", min_order=3, times=-1, probability=5 * percent)


def lose_nothing(_percent):
    """What is lost then is lost by the scene."""


def sockets(left, right):
    """Pairs of TCP sockets, one each way."""
    for source, sink, address in (left, right, "192.168.2.1"), (right, left, "192.168.1.1"):
        genl.setns(f"/run/netns/{sink}")
        listener = socket.create_server((address, 0))
        genl.setns(f"/run/netns/{source}")
        sender = socket.create_connection(listener.getsockname())
        genl.setns(f"/run/netns/{sink}")
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        yield sender, listener.accept()[0], datagrams, (("192.168.1.1", 9) if sink == right else ("192.168.2.1", 9))


def feed(sock, data):
    while data:
        try:
            data = data[sock.send(data[: 1 << 16]) :]
        except OSError as error:
            if error.errno not in NO_MEMORY:
                raise
    sock.shutdown(socket.SHUT_WR)


def drain(sock, wanted):
    got = b""
    while data := patiently(sock.recv, 1 << 16):
        got += data
    if got != wanted:
        raise SystemExit(f"of {len(wanted)} bytes {len(got)} came, or others")


def patiently(call, *args):
    while True:
        try:
            return call(*args)
        except OSError as error:
            if error.errno not in NO_MEMORY:
                raise


def spray(sock, address):
    """What becomes of them is no matter; some are packets of many."""
    for number in range(DATAGRAMS):
        sock.setsockopt(socket.SOL_UDP, UDP_SEGMENT, 1000 if number % 2 else 0)
        try:
            sock.sendto(bytes(12000 if number % 2 else 500), address)
        except OSError as error:
            if error.errno not in NO_MEMORY:
                raise


def flows(lose, left, right):
    threads, results, data = [], [], os.urandom(BYTES)

    def start(what, *args):
        def run():
            try:
                what(*args)
                results.append(None)
            except BaseException as error:  # pylint: disable=broad-except
                results.append(error)
        threads.append(threading.Thread(target=run))
        threads[-1].start()

    ends = list(sockets(left, right))
    lose(1)
    try:
        for sender, receiver, datagrams, address in ends:
            start(drain, receiver, data)
            start(feed, sender, data)
            start(spray, datagrams, address)
        for thread in threads:
            thread.join()
    finally:
        lose(0)
    failed = [result for result in results if result]
    print(f"{len(results)} flows, failed: {failed or 'none'}")
    sys.exit(bool(failed))


def main():
    what, *where = sys.argv[1:]
    if what in ("requests", "links"):
        genl.setns(f"/run/netns/{where.pop()}")
    {
        "requests": requests, "links": links, "load": load,
        "memory": lambda *ends: flows(lose_memory, *ends), "flows": lambda *ends: flows(lose_nothing, *ends),
    }[what](*where)


main()
