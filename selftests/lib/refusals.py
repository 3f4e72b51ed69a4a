# SPDX-License-Identifier: GPL-2.0
"""The table of net/refuse: right requests, and what must be wrong about others.

Each wrong request differs from a right one, which net/refuse proves to be right, in what its name says.
"""

import dataclasses
import errno
import socket

import wrong
from wrong import ABSENT, Case, changed

OTHER_NETNSID = 7
IN, OUT, PENDING, OF_B, NEW, WISHED, XFRMS = 0x2001, 0x1001, 0x1002, 0x2101, 0x2002, 0x2003, 0x3001

BUSY_PORT = 4800  # of another program


@dataclasses.dataclass
class World:
    """What the requests need to know of the namespaces that they are made in."""

    other: int  # index of vgw1 in the namespace OTHER_NETNSID
    gone: int  # index that an interface once had
    udp: int  # descriptor of an unbound UDP socket
    keep: list = dataclasses.field(default_factory=list)  # keeps descriptors open


# ---- right requests ----

A = {"name": "a", "local": "10.0.0.1", "remote": "10.0.0.2", "encap": "udp", "group": 1, "peer": "192.168.2.1",
     "prefixes": {"prefix": ["192.168.2.0/24"]}, "ts-local": {"prefix": ["192.168.1.0/24"]},
     "probe": {"target": "192.168.2.1", "source": "192.168.1.1", "interval": 3600000}}
C = {"name": "c", "remote": "10.0.0.2", "encap": "none", "group": 2, "prefixes": {"prefix": ["192.168.3.0/24"]},
     "priority": 5}
B = {"name": "b", "remote": "10.0.0.2", "encap": "none", "group": 2, "prefixes": {"prefix": ["192.168.3.0/24"]}}


def prefix(address, length):
    return {"prefix": {"address": address, "length": length}}


# Every attribute of a tunnel that can be set, none of them as it is by default.
TUNNEL = {
    "admin": "up", "local": "10.0.0.1", "remote": "10.0.0.2", "encap": "udp", "sport": 4601, "dport": 4602,
    "priority": 3, "group": 1, "prefixes": prefix("192.168.2.0", 24), "peer": "192.168.2.9", "dscp": 10, "df": "copy",
    "inner-df": "clear", "ttl": 32, "fwmark": 5, "link": 1, "ts-local": prefix("192.168.1.0", 24),
    "ts-remote": prefix("192.168.2.0", 24), "multicast": 1, "rx-mark": 3, "roam": 1, "keepalive": 20, "demand": 1,
    "probe": {"target": "192.168.2.9", "source": "192.168.1.1", "interval": 1000, "misses": 5, "action": "prefer"},
}
AEAD = {"direction": "in", "spi": NEW, "suite": "aes256gcm16", "key": b"k" * 36, "esn": 1, "replay-window": 128,
        "life-time": 3600, "life-bytes": 1 << 40, "life-packets": 1 << 30}
CBC = {"direction": "out", "spi": NEW, "suite": "aes128-sha256", "key": b"k" * 16, "auth-key": b"a" * 32,
       "pending-on": IN}
SA = AEAD | CBC | {"linger": 5, "current": 1}  # one value of each
IFACE = {"mtu": 1400, "carrier-policy": "on", "mss-clamp": 1200, "fwmark": 7}
NAMED = {"ifname": "vgw0", "tunnel": {"name": "a"}}
X = {"ifname": "vgw0", "tunnel": {"name": "x"}}


def right_requests(world):
    """(command, request): the first of a command has what the others differ in; all are right as things are."""
    yield "iface-get", {"ifname": "vgw0"}
    yield "iface-set", {"ifname": "vgw0", "iface": IFACE}
    yield "tunnel-new", {"ifname": "vgw0", "tunnel": {"name": "x"} | TUNNEL}
    yield "tunnel-set", {"ifname": "vgw0", "tunnel": {"name": "a"} | TUNNEL}
    yield "tunnel-del", NAMED
    yield "tunnel-get", NAMED
    yield "spi-alloc", NAMED
    yield "spi-alloc", NAMED | {"sa": {"spi": WISHED}}
    yield "sa-new", NAMED | {"sa": AEAD}
    yield "sa-new", NAMED | {"sa": CBC}
    yield "sa-set", NAMED | {"sa": {"direction": "out", "spi": PENDING, "current": 1}}
    yield "sa-del", NAMED | {"sa": {"direction": "in", "spi": IN, "linger": 5}}
    yield "sa-get", NAMED | {"sa": {"direction": "in", "spi": IN}}
    yield "socket-set", {"socket": {"fd": world.udp, "port": 4700}}


# What of a nest a command takes, where it is not all that can be set.
TAKES = {
    "spi-alloc": {"spi"}, "sa-new": set(SA) - {"linger", "current"}, "sa-set": {"direction", "spi", "current"},
    "sa-del": {"direction", "spi", "linger"}, "sa-get": {"direction", "spi"},
}
# What has to be there, and the words that ask for it.
OF_SA = {"sa": "no SA", "sa.direction": "by direction and SPI", "sa.spi": "by direction and SPI"}
REQUIRED = {
    "iface-set": {"iface": "what to set"},
    "tunnel-new": {"tunnel.remote": "peer's address"},
    "sa-new": {"sa": "no SA", "sa.direction": "needs direction", "sa.spi": "SPI", "sa.suite": "suite", "sa.key": "key"},
    "sa-set": OF_SA | {"sa.current": "only current"},
    "sa-del": OF_SA,
    "sa-get": OF_SA,
    "socket-set": {"socket": "no socket", "socket.fd": "its fd"},
}
# Each value of the right length is as good as another.
ANY_VALUE = {"tunnel.priority", "tunnel.group", "tunnel.fwmark", "tunnel.rx-mark", "iface.fwmark"}

# Bytes of cipher key and HMAC key.
KEYS = {"aes128gcm": (20, 0), "aes192gcm": (28, 0), "aes256gcm": (36, 0), "chacha20poly1305": (36, 0),
        "aes128gmac": (20, 0), "aes192gmac": (28, 0), "aes256gmac": (36, 0)}
CIPHERS = {"aes128": 16, "aes192": 24, "aes256": 32, "null": 0}
HASHES = {"sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}


def key_lengths(suite):
    cipher, _, digest = suite.partition("-")
    if digest:
        return CIPHERS[cipher], HASHES[digest]
    return KEYS[suite] if suite in KEYS else KEYS[suite.rstrip("0123456789")]


# ---- wrong requests ----


def by_spec(spec, world, rights):
    """What follows from uapi/vgw.yaml: lengths, ranges, flags, nests, attributes of other commands."""
    for command, right in rights:
        taken = wrong.requested(spec, command)
        variants = [right]
        if "ifname" in right:
            variants += [changed(right, {"ifname": ABSENT, "ifindex": world.other, "netnsid": OTHER_NETNSID})]
        for path in wrong.settable_of(spec, command):
            request = next((one for one in variants if wrong.value_at(one, path) is not ABSENT), None)
            if request is not None:
                yield from wrong.shapes(spec, command, request, path)
        for name, value in {"iface": IFACE, "tunnel": {"name": "a"}, "sa": AEAD, "socket": {"fd": 0},
                            "ifindex": world.other, "ifname": "vgw0", "netnsid": OTHER_NETNSID}.items():
            if name not in taken:
                yield Case(command, f"{name} in it", changed(right, {name: value}), errno.EINVAL,
                           "Unsupported attribute", name)
        for key in "#0", "#99":
            yield Case(command, f"{key} in it", changed(right, {key: bytes(4)}), errno.EINVAL,
                       "Unknown attribute type", key)


def passed_over(command, right):
    """What the command has no use for, in nests that have it for other commands."""
    nests = []
    if "tunnel" in right and command not in ("tunnel-new", "tunnel-set"):
        nests.append(("tunnel", {"name"}, TUNNEL))
    if "sa" in right:
        nests.append(("sa", TAKES[command], SA))
    for nest, takes, values in nests:
        for name, value in values.items():
            path = f"{nest}.{name}"
            if name not in takes:
                yield Case(command, path, changed(right, {path: value}), errno.EINVAL, "not", path, path,
                           whole=True)


def missing(command, right):
    names = {"tunnel": "no tunnel", "tunnel.name": "name"} if "tunnel" in right else {}
    for path, sentence in (names | REQUIRED.get(command, {})).items():
        yield Case(command, f"no {path}", changed(right, {path: ABSENT}), errno.EINVAL, sentence, path=path)


def not_there(world, command, right):
    """Interfaces, namespaces, tunnels and SAs that do not exist."""

    def case(what, changes, number, sentence, attr, request=right):
        return Case(command, what, changed(request, changes), number, sentence, attr, attr)

    if "ifname" in right:
        index = {"ifname": ABSENT, "ifindex": world.other}
        yield case("no interface", {"ifname": ABSENT}, errno.EINVAL, "ifindex or by ifname", "")
        yield case("ifname and ifindex", {"ifindex": world.other}, errno.EINVAL, "ifindex or by ifname", "ifname")
        for name in "vgw9", "", "vgw1":
            yield case(f"interface '{name}'", {"ifname": name}, errno.ENODEV, "no such interface", "ifname")
        yield case("an interface of another kind", {"ifname": "right"}, errno.EOPNOTSUPP, "type vgw", "ifname")
        yield case("lo by index", index | {"ifindex": 1}, errno.EOPNOTSUPP, "type vgw", "ifindex")
        for number in world.gone, 0x7FFFFFFF, 0xFFFFFFFF:
            yield case(f"ifindex {number:#x}", index | {"ifindex": number}, errno.ENODEV, "no such interface",
                       "ifindex")
        yield case("ifname and netnsid", {"netnsid": OTHER_NETNSID}, errno.EINVAL, "not with ifname", "netnsid")
        yield case("netnsid alone", {"ifname": ABSENT, "netnsid": OTHER_NETNSID}, errno.EINVAL, "name the interface",
                   "")
        for number in 12345, 0xFFFFFFFF:
            yield case(f"netnsid {number:#x}", index | {"netnsid": number}, errno.ENOENT, "no such namespace",
                       "netnsid")
        yield case("an index of another namespace", index | {"netnsid": OTHER_NETNSID, "ifindex": 9999}, errno.ENODEV,
                   "no such interface", "ifindex")
    if "tunnel" in right and command != "tunnel-new":
        for name in "nobody", "", "A":
            yield case(f"tunnel '{name}'", {"tunnel.name": name}, errno.ENOENT, "no such tunnel", "tunnel.name")
    if command in ("sa-set", "sa-del", "sa-get"):
        yield case("an unknown SPI", {"sa.spi": 0x2999}, errno.ENOENT, "no such SA", "sa.spi")
        other = {"in": "out", "out": "in"}[right["sa"]["direction"]]
        yield case("the other direction", {"sa.direction": other}, errno.ENOENT, "no such SA", "sa.spi")
        yield case("another tunnel's SPI", {"sa.spi": OF_B, "sa.direction": "in"}, errno.ENOENT, "no such SA", "sa.spi")


def of_addresses(world, command, right):
    def case(what, changes, sentence, attr, number=errno.EINVAL):
        return Case(command, what, changed(right, {f"tunnel.{key}": value for key, value in changes.items()}), number,
                    sentence, f"tunnel.{attr}", f"tunnel.{attr}")

    for address in "224.0.0.5", "255.255.255.255", "239.255.255.255":
        for attr in "local", "remote", "peer":
            yield case(f"{attr} {address}", {attr: address}, f"{attr} is a multicast", attr)
    yield case("remote ff02::5", {"remote": "ff02::5", "local": "fd00:10:0:0::1"}, "remote is a multicast", "remote")
    yield case("local ff02::5", {"local": "ff02::5", "remote": "fd00:10:0:0::2"}, "local is a multicast", "local")
    yield case("peer ff02::5", {"peer": "ff02::5"}, "peer is a multicast", "peer")
    yield case("remote 0.0.0.0", {"remote": "0.0.0.0"}, "peer's address, remote", "remote")
    yield case("remote ::", {"remote": "::", "local": "::"}, "peer's address, remote", "remote")
    yield case("local fd00::1", {"local": "fd00::1"}, "different families", "local")
    yield case("remote fd00::1", {"remote": "fd00::1"}, "different families", "local")
    for value in 64, 254:
        yield case(f"dscp {value}", {"dscp": value}, "at most 63", "dscp", errno.ERANGE)
    for value in 0x7FFFFFFF, 0xFFFFFFFF, world.gone:
        yield case(f"link {value:#x}", {"link": value}, "no such underlay device", "link", errno.ENODEV)
    own = socket.if_nametoindex("vgw0")
    yield case("link of a vgw device", {"link": own}, "itself of type vgw", "link", errno.ELOOP)
    yield case("a port of another program", {"sport": BUSY_PORT}, "another program has the UDP port", "sport",
               errno.EADDRINUSE)


def of_prefixes(command, right):
    def case(what, path, prefixes, sentence, attr, number=errno.EINVAL):
        return Case(command, f"{path} {what}", changed(right, {path: {"prefix": prefixes}}), number, sentence,
                    f"{path}{attr}", f"{path}{attr}")

    many = [f"10.{i >> 8}.{i & 255}.0/24" for i in range(257)]
    for path, most in ("tunnel.prefixes", 256), ("tunnel.ts-local", 64), ("tunnel.ts-remote", 64):
        one = ".prefix"
        yield case("with host bits", path, ["192.168.2.1/24"], "host bits", one)
        yield case("::1/0", path, ["::1/0"], "host bits", one)
        yield case("fd00::1/127", path, ["fd00::1/127"], "host bits", one)
        yield case("10.0.0.0/33", path, ["10.0.0.0/33"], "longer than its address", one)
        yield case("10.0.0.0/128", path, ["10.0.0.0/128"], "longer than its address", one)
        yield case("fd00::/129", path, ["fd00::/129"], "out of range", one + ".length", errno.ERANGE)
        yield case("twice", path, ["192.168.2.0/24", "10.0.0.0/8", "192.168.2.0/24"], "twice", one)
        yield case("without address", path, [{"length": 8}], "address and length", one)
        yield case("without length", path, [{"address": "10.0.0.0"}], "address and length", one)
        yield case("empty", path, [{}], "address and length", one)
        yield case(f"of {most + 1}", path, many[: most + 1], f"at most {most}", "", errno.E2BIG)


def of_probes(command, right):
    def case(what, changes, sentence):
        return Case(command, "probe " + what,
                    changed(right, {f"tunnel.probe.{key}": value for key, value in changes.items()}), errno.EINVAL,
                    sentence, "tunnel.probe", f"tunnel.probe.{next(iter(changes))}")

    for attr in "target", "source":
        yield case(f"{attr} 0.0.0.0", {attr: "0.0.0.0"}, "needs target and source")
        yield case(f"{attr} fd00::1", {attr: "fd00::1"}, "different families")
        yield case(f"{attr} 224.0.0.1", {attr: "224.0.0.1"}, "one host to one host")
        yield case(f"{attr} 255.255.255.255", {attr: "255.255.255.255"}, "one host to one host")
    yield case("to ff02::1", {"target": "ff02::1", "source": "fd00::1"}, "one host to one host")


def of_tunnels(world, rights):
    right = dict(rights)["tunnel-new"]
    yield Case("tunnel-new", "a name that is there", changed(right, {"tunnel.name": "a"}), errno.EEXIST,
               "tunnel of this name", "tunnel.name", "tunnel.name")
    yield Case("tunnel-new", "an empty name", changed(right, {"tunnel.name": ""}), errno.EINVAL, "needs a name",
               "tunnel.name", "tunnel.name")
    for attr in "target", "source":
        path = f"tunnel.probe.{attr}"
        yield Case("tunnel-new", f"probe without {attr}", changed(right, {path: ABSENT}), errno.EINVAL,
                   "needs target and source", "tunnel.probe", path)
    on_b = {"ifname": "vgw0", "tunnel": {"name": "b", "probe": {"misses": 5}}}
    yield Case("tunnel-set", "misses of no probe", on_b, errno.EINVAL, "needs target and source", "tunnel.probe",
               "tunnel.probe.misses")
    rivals = {"prefixes": {"prefix": ["10.77.0.0/16", "192.168.2.0/24"]}, "peer": "192.168.2.1"}
    for attr, value in rivals.items():
        on_b = {"ifname": "vgw0", "tunnel": {"name": "b", attr: value}}
        yield Case("tunnel-set", f"{attr} of another group", on_b, errno.EEXIST, "another group", f"tunnel.{attr}",
                   f"tunnel.{attr}")
        new = {"ifname": "vgw0", "tunnel": {"name": "x", "remote": "10.0.0.2", "sport": 4999, "group": 9, attr: value}}
        yield Case("tunnel-new", f"{attr} of another group", new, errno.EEXIST, "another group", f"tunnel.{attr}",
                   f"tunnel.{attr}")
    on_b = {"ifname": "vgw0", "tunnel": {"name": "c", "group": 3}}
    yield Case("tunnel-set", "a group whose prefixes are others'", on_b, errno.EEXIST, "another group", "tunnel.group",
               "tunnel.group")
    for command in "tunnel-new", "tunnel-set":
        right = dict(rights)[command]
        yield from of_addresses(world, command, right)
        yield from of_prefixes(command, right)
        yield from of_probes(command, right)


def of_ifaces(right):
    for path, value, sentence in (("mtu", 1, "such an MTU"), ("mtu", 575, "such an MTU"), ("mtu", 65536, "such an MTU"),
                                  ("mtu", 0xFFFFFFFF, "such an MTU"), ("mss-clamp", 2, "88"), ("mss-clamp", 87, "88")):
        path = "iface." + path
        yield Case("iface-set", f"{path} {value}", changed(right, {path: value}), errno.ERANGE, sentence, path, path)


def of_keys(spec):
    """Each suite, each key one byte short, one too long, left out, or not wanted."""
    for suite, number in spec.enums["suite"].items():
        lengths = dict(zip(("key", "auth-key"), key_lengths(suite)))
        right = {f"{name}": b"k" * length for name, length in lengths.items() if length}
        base = NAMED | {"sa": {"direction": "in", "spi": NEW, "suite": number} | right}
        for name, length in lengths.items():
            words = "authentication key" if name == "auth-key" else "key"
            sentence = f"{words} of {length} bytes" if length else f"takes no {words}"
            for wanted in {length - 1, length + 1, 1, 64} - {length, 0, -1, 65}:
                yield Case("sa-new", f"{suite}: {name} of {wanted} bytes", changed(base, {f"sa.{name}": b"k" * wanted}),
                           errno.EINVAL, sentence, f"sa.{name}", f"sa.{name}")
            if length:
                yield Case("sa-new", f"{suite}: no {name}", changed(base, {f"sa.{name}": ABSENT}), errno.EINVAL,
                           sentence, "", f"sa.{name}")


def of_sas():
    def case(what, sa, number, sentence, attr="", path="", command="sa-new", **named):
        return Case(command, what, NAMED | named | {"sa": sa}, number, sentence, attr, path or attr)

    yield case("a window of an outbound SA", AEAD | {"direction": "out"}, errno.EINVAL, "only an inbound SA",
               "sa.replay-window")
    yield case("an inbound SA that is pending", CBC | {"direction": "in"}, errno.EINVAL, "only an outbound SA",
               "sa.pending-on")
    for what, spi in ("an unknown", 0x2999), ("another tunnel's", OF_B), ("an outbound", OUT):
        yield case(f"pending on {what} SPI", CBC | {"pending-on": spi}, errno.ENOENT, "pending-on",
                   path="sa.pending-on")
    yield case("an inbound SPI twice", AEAD | {"spi": IN}, errno.EEXIST, "direction and SPI", path="sa.spi")
    yield case("an outbound SPI twice", CBC | {"spi": OUT}, errno.EEXIST, "direction and SPI", path="sa.spi")
    yield case("another tunnel's SPI", AEAD | {"spi": OF_B}, errno.EEXIST, "another tunnel of this host", path="sa.spi")
    yield case("an SPI of the kernel's own IPsec", AEAD | {"spi": XFRMS}, errno.EEXIST, "own IPsec", path="sa.spi")
    for what, spi in ("of an SA", IN), ("of another tunnel's SA", OF_B), ("of the kernel's own IPsec", XFRMS):
        yield case(f"an SPI {what}", {"spi": spi}, errno.EEXIST, "taken", path="sa.spi", command="spi-alloc")
    yield case("current of an inbound SA", {"direction": "in", "spi": IN, "current": 1}, errno.EINVAL,
               "only an outbound SA", "sa.direction", command="sa-set")
    yield case("linger of an outbound SA", {"direction": "out", "spi": OUT, "linger": 5}, errno.EINVAL,
               "only an inbound SA", "sa.linger", command="sa-del")


def of_sockets(world):
    def opened(kind=socket.SOCK_DGRAM, family=socket.AF_INET, bind=None):
        sock = socket.socket(family, kind)
        world.keep.append(sock)
        if bind:
            sock.bind(bind)
        return sock

    def case(what, sock, number, sentence, **more):
        fd = sock if isinstance(sock, int) else sock.fileno()
        return Case("socket-set", what, {"socket": {"fd": fd} | more}, number, sentence, "socket.fd", "socket.fd")

    for fd in 999, 0x7FFFFFFF, 0xFFFFFFFF:
        yield case(f"fd {fd:#x}", fd, errno.EBADF, "not open")
    world.keep.append(open("/dev/null", encoding="ascii"))
    yield case("a file", world.keep[-1].fileno(), errno.ENOTSOCK, "not a socket")
    yield case("a TCP socket", opened(socket.SOCK_STREAM), errno.EPROTONOSUPPORT, "not a UDP socket", port=4700)
    yield case("a Unix socket", opened(family=socket.AF_UNIX), errno.EPROTONOSUPPORT, "not a UDP socket", port=4700)
    yield case("not bound, no port", opened(), errno.EINVAL, "no port is named")
    yield case("bound to another port", opened(bind=("", 4701)), errno.EINVAL, "another port", port=4700)
    yield case("bound to an address", opened(bind=("10.0.0.1", 4702)), errno.EINVAL, "bound to an address")
    yield case("a port of another program", opened(), errno.EADDRINUSE, "another program has this UDP port",
               port=BUSY_PORT)
    connected = opened()
    connected.connect(("10.0.0.2", 9))
    yield case("a connected socket", connected, errno.EISCONN, "connected")
    both = opened(family=socket.AF_INET6, bind=("::", 4703))
    yield case("an IPv6 socket for IPv4 too", both, errno.EINVAL, "IPV6_V6ONLY")


def dumps(world, commands):
    """A dump is as strict as a request for one."""
    for command in commands:
        for what, request, number, sentence in (
            ("an unknown interface", {"ifname": "vgw9"}, errno.ENODEV, "no such interface"),
            ("an interface of another kind", {"ifname": "right"}, errno.EOPNOTSUPP, "type vgw"),
            ("ifname and ifindex", {"ifname": "vgw0", "ifindex": world.other}, errno.EINVAL, "ifindex or by ifname"),
            ("an unknown namespace", {"netnsid": 12345}, errno.ENOENT, "no such namespace"),
            ("ifname and netnsid", {"ifname": "vgw0", "netnsid": OTHER_NETNSID}, errno.EINVAL, "not with ifname"),
            ("an attribute too many", {"iface": {}}, errno.EINVAL, "Unsupported attribute"),
            ("an unknown attribute", {"#99": b""}, errno.EINVAL, "Unknown attribute type"),
        ):
            yield Case(command, f"a dump of {what}", request, number, sentence, dump=True)
    yield Case("sa-get", "a dump of one SA", NAMED | {"sa": {"direction": "in", "spi": IN}}, errno.EINVAL, "all SAs",
               dump=True)
    yield Case("sa-get", "a dump of a tunnel without a name", {"ifname": "vgw0", "tunnel": {}}, errno.EINVAL,
               "name the tunnel", dump=True)
    yield Case("sa-get", "a dump of a tunnel by more than its name", changed(NAMED, {"tunnel.priority": 3}),
               errno.EINVAL, "does not take", dump=True)


def all_cases(spec, world, rights):
    by_command = dict(rights)
    yield from by_spec(spec, world, rights)
    for command, right in rights:
        yield from passed_over(command, right)
    for command, right in by_command.items():
        first = next(request for name, request in rights if name == command)
        yield from missing(command, first)
        yield from not_there(world, command, right)
    yield from of_tunnels(world, rights)
    yield from of_ifaces(by_command["iface-set"])
    yield from of_keys(spec)
    yield from of_sas()
    yield from of_sockets(world)
    yield from dumps(world, ["iface-get", "tunnel-get", "sa-get"])
