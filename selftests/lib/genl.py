#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A generic netlink client for tests, which knows what uapi/vgw.yaml says and refuses nothing by itself.

As a command (in a namespace: ip netns exec NAME genl.py ...):

  genl.py tunnel-get ifname=vgw0 tunnel.name=office        one request; prints the answer, a JSON object a line
  genl.py --dump sa-get ifname=vgw0 tunnel.name=office     a dump
  genl.py tunnel-new ifname=vgw0 tunnel.name=a tunnel.remote=10.0.0.2 tunnel.encap=udp \\
          tunnel.prefixes.prefix=10.0.0.0/8 tunnel.prefixes.prefix=fd00::/8
  genl.py socket-set socket.fd=7 7<>...                    descriptors are those that the command inherits
  genl.py --listen 10                                      events for ten seconds, a JSON object a line

A refusal is printed to stderr as "genl: ENOENT: what the kernel said (tunnel.name)"; the exit status is then 1. What
stands in brackets is the attribute that the kernel points at.

Keys are paths of attribute names; "#99" is an attribute by number, which need not exist, and "!" in front of the last
name sends it with the wrong nested flag. Values: numbers (0x too),
words of enums, addresses, ADDRESS/LENGTH where a prefix stands, text. "hex:00ff" is sent as these bytes whatever the
attribute's type is, "hex:" as none, so that wrong requests can be made. A key that stands twice is sent twice.

As a module:

  import genl
  vgw = genl.Client()                                  # or Client(netns="left-123")
  vgw.do("tunnel-del", {"ifname": "vgw0", "tunnel": {"name": "office"}})
  for row in vgw.dump("tunnel-get", {"ifname": "vgw0"}): ...
  vgw.do_many("tunnel-new", ({...} for i in range(10000)))   # many requests a system call
  try: vgw.do("sa-del", [("ifname", "vgw0"), ("#99", b"\\1")])   # pairs, raw bytes
  except genl.Refused as refused: refused.errno, refused.message, refused.attr
  vgw.do("socket-set", {"socket": {"fd": sock.fileno(), "port": 4500}})
  vgw.subscribe(); vgw.event(timeout=10)               # {"event": "tunnel-ntf", ...} or None

Attributes are a dict, a list of pairs, or None; a list as value sends an attribute for each element.
"""

import argparse
import ctypes
import errno
import ipaddress
import json
import os
import pathlib
import select
import socket
import struct
import sys
import time

import yaml

SPEC = pathlib.Path(__file__).resolve().parents[2] / "uapi/vgw.yaml"

# <linux/netlink.h>, <linux/genetlink.h>
NETLINK_GENERIC, SOL_NETLINK, SO_RCVBUFFORCE = 16, 270, 33
NETLINK_ADD_MEMBERSHIP, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK = 1, 11, 12
NLMSG_ERROR, NLMSG_DONE, GENL_ID_CTRL = 2, 3, 16
F_REQUEST, F_ACK, F_DUMP, F_CAPPED, F_ACK_TLVS = 1, 4, 0x300, 0x100, 0x200
ERR_MSG, ERR_OFFS = 1, 2
NLA_NESTED, NLA_TYPE = 0x8000, 0x3FFF
CTRL_GETFAMILY, CTRL_FAMILY_ID, CTRL_FAMILY_NAME, CTRL_MCAST_GROUPS = 3, 1, 2, 7
CTRL_GRP_NAME, CTRL_GRP_ID = 1, 2

# The one in C, where it is: tests run on slow machines.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

INTS = {"u8": "=B", "u16": "=H", "u32": "=I", "u64": "=Q"}
CLONE_NEWNET = 0x40000000


class Refused(OSError):
    """What the kernel said to a request: errno, message (or ""), attr (a path of names, or "")."""

    def __init__(self, number, message="", attr=""):
        super().__init__(number, message or os.strerror(number))
        self.message, self.attr = message, attr


def setns(path):
    """Put this thread into the network namespace that a file stands for."""
    fd = os.open(path, os.O_RDONLY)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(fd)


def open_socket(netns):
    if netns is None:
        return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
    setns(f"/run/netns/{netns}")
    try:
        return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
    finally:
        setns(f"/proc/{os.getpid()}/ns/net")


def nla(kind, payload):
    return struct.pack("=HH", len(payload) + 4, kind) + payload + bytes(-len(payload) % 4)


def nlas(data, offset=0):
    """(type, payload, offset) of the attributes in data."""
    while offset + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, offset)
        if length < 4 or offset + length > len(data):
            return
        yield kind & NLA_TYPE, data[offset + 4 : offset + length], offset
        offset += (length + 3) & ~3


class Spec:
    """The attribute sets, enums and commands of a yaml file."""

    def __init__(self, path=SPEC):
        with open(path, encoding="utf-8") as file:
            spec = yaml.load(file, Loader=LOADER)
        self.name = spec["name"]
        self.enums = {
            enum["name"]: {entry["name"]: entry["value"] for entry in enum["entries"]}
            for enum in spec["definitions"]
        }
        self.sets = {
            aset["name"]: dict(enumerate(aset["attributes"], 1)) for aset in spec["attribute-sets"]
        }
        self.numbers = {
            name: {attr["name"]: number for number, attr in aset.items()}
            for name, aset in self.sets.items()
        }
        self.operations = {op["name"]: op for op in spec["operations"]["list"]}
        self.commands = {name: op["value"] for name, op in self.operations.items()}
        self.command_names = {value: name for name, value in self.commands.items()}

    def encode(self, aset, attrs):
        out = b""
        for key, value in attrs.items() if isinstance(attrs, dict) else attrs or []:
            wrong_flag, key = key.startswith("!"), key.lstrip("!")
            number = int(key[1:], 0) if key.startswith("#") else self.numbers[aset][key]
            attr = self.sets[aset].get(number, {"type": "binary"})
            for one in value if self.is_list(attr, value) else [value]:
                nested = NLA_NESTED if (attr["type"] == "nest") != wrong_flag else 0
                out += nla(number | nested, self.payload(attr, one))
        return out

    @staticmethod
    def is_list(attr, value):
        """Several attributes, and not one nest given as a list of pairs."""
        if not isinstance(value, list):
            return False
        return attr["type"] != "nest" or not all(isinstance(one, tuple) for one in value)

    def payload(self, attr, value):
        kind = attr["type"]
        if isinstance(value, bytes):
            return value
        if isinstance(value, str) and value.startswith("hex:"):
            return bytes.fromhex(value[4:])
        if kind == "nest":
            if isinstance(value, str):
                address, _, length = value.partition("/")
                value = {"address": address, "length": length}
            return self.encode(attr["nested-attributes"], value)
        if kind in INTS:
            if isinstance(value, str):
                names = self.enums.get(attr.get("enum"), {})
                value = names[value] if value in names else int(value, 0)
            return struct.pack(INTS[kind], value)
        if kind == "string":
            return value.encode() + b"\0"
        return ipaddress.ip_address(value).packed

    def decode(self, aset, data):
        out = {}
        for number, payload, _ in nlas(data):
            attr = self.sets[aset].get(number, {"name": f"#{number}", "type": "binary"})
            if attr["type"] == "pad":
                continue
            value = self.value(attr, payload)
            if attr.get("multi-attr"):
                out.setdefault(attr["name"], []).append(value)
            else:
                out[attr["name"]] = value
        return out

    def value(self, attr, payload):
        kind = attr["type"]
        if kind == "nest":
            return self.decode(attr["nested-attributes"], payload)
        if kind in INTS:
            number = struct.unpack(INTS[kind], payload)[0]
            names = {value: name for name, value in self.enums.get(attr.get("enum"), {}).items()}
            return names.get(number, number)
        if kind == "string":
            return payload.rstrip(b"\0").decode()
        if len(payload) in (4, 16):
            return str(ipaddress.ip_address(payload))
        return "hex:" + payload.hex()

    def path_to(self, request, where):
        """The names on the way to the attribute that begins at this offset of a request."""

        def walk(aset, data, base):
            for number, payload, offset in nlas(data):
                attr = self.sets[aset].get(number, {"name": f"#{number}", "type": "binary"})
                begin = base + offset
                if begin == where:
                    return attr["name"]
                if attr["type"] == "nest" and begin < where < begin + 4 + len(payload):
                    return attr["name"] + "." + walk(attr["nested-attributes"], payload, begin + 4)
            return "?"

        return walk("main", request[20:], 20)


class Client:
    def __init__(self, netns=None, spec=SPEC):
        self.spec = spec if isinstance(spec, Spec) else Spec(spec)
        self.sock = open_socket(netns)
        self.sock.bind((0, 0))
        for option in NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK:
            self.sock.setsockopt(SOL_NETLINK, option, 1)
        self.seq = int(time.time()) & 0xFFFFFFF
        self.queue = []
        self.served = 0.0   # seconds that send_batch() was in the kernel, which answers before it returns
        self.family, self.groups = self.find_family()

    def close(self):
        self.sock.close()

    def fileno(self):
        return self.sock.fileno()

    def find_family(self):
        body = struct.pack("=BBH", CTRL_GETFAMILY, 2, 0) + nla(CTRL_FAMILY_NAME, self.spec.name.encode() + b"\0")
        request = self.message(GENL_ID_CTRL, F_REQUEST | F_ACK, body)
        self.sock.send(request)
        groups, family = {}, None
        for answer in self.answers(request):
            found = {number: payload for number, payload, _ in nlas(answer[4:])}
            family = struct.unpack("=H", found[CTRL_FAMILY_ID])[0]
            for _, group, _ in nlas(found.get(CTRL_MCAST_GROUPS, b"")):
                parts = {number: payload for number, payload, _ in nlas(group)}
                name = parts[CTRL_GRP_NAME].rstrip(b"\0").decode()
                groups[name] = struct.unpack("=I", parts[CTRL_GRP_ID])[0]
        return family, groups

    def message(self, kind, flags, body):
        self.seq += 1
        return struct.pack("=IHHII", 16 + len(body), kind, flags, self.seq, 0) + body

    def request(self, command, attrs, flags):
        number = self.spec.commands.get(command, command)
        body = struct.pack("=BBH", number, 1, 0) + self.spec.encode("main", attrs)
        return self.message(self.family, F_REQUEST | flags, body)

    def messages(self):
        """(type, flags, seq, body) of all that one read gives."""
        data = self.sock.recv(1 << 20)
        while len(data) >= 16:
            length, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
            yield kind, flags, seq, data[16:length]
            data = data[(length + 3) & ~3 :]

    def refusal(self, kind, body, flags, request):
        """What an error message, or the end of a dump, says, as Refused; None when it says that all is well."""
        number = -struct.unpack_from("=i", body)[0]
        if not number:
            return None
        message = attr = ""
        skip = 4
        if kind == NLMSG_ERROR:
            skip = 20 if flags & F_CAPPED else 4 + ((struct.unpack_from("=I", body, 4)[0] + 3) & ~3)
        for tlv, payload, _ in nlas(body, skip) if flags & F_ACK_TLVS else []:
            if tlv == ERR_MSG:
                message = payload.rstrip(b"\0").decode()
            elif tlv == ERR_OFFS and request:
                attr = self.spec.path_to(request, struct.unpack("=I", payload)[0])
        return Refused(number, message, attr)

    def answers(self, request):
        """Bodies of the messages that answer a request, until it is done."""
        wanted = struct.unpack_from("=I", request, 8)[0]
        while True:
            for kind, flags, seq, body in list(self.messages()):
                if kind == self.family_of_events() and seq == 0:
                    self.queue.append(body)
                elif seq == wanted and kind in (NLMSG_ERROR, NLMSG_DONE):
                    refused = self.refusal(kind, body, flags, request) if len(body) >= 4 else None
                    if refused:
                        raise refused
                    return
                elif seq == wanted:
                    yield body

    def family_of_events(self):
        return getattr(self, "family", None)

    def do(self, command, attrs=None):
        """One request. Returns the answer, {} if there is none but yes; raises Refused."""
        request = self.request(command, attrs, F_ACK)
        self.sock.send(request)
        out = {}
        for body in self.answers(request):
            out = self.spec.decode("main", body[4:])
        return out

    def dump(self, command, attrs=None):
        """All rows of a dump; raises Refused."""
        request = self.request(command, attrs, F_DUMP)
        self.sock.send(request)
        return [self.spec.decode("main", body[4:]) for body in self.answers(request)]

    def do_many(self, command, many, batch=64):
        """The same request with many attributes; stops at the first batch with a refusal, and raises that."""
        requests = []
        for attrs in many:
            requests.append(self.request(command, attrs, F_ACK))
            if len(requests) == batch:
                self.send_batch(requests)
                requests = []
        if requests:
            self.send_batch(requests)

    def send_batch(self, requests):
        waiting = {struct.unpack_from("=I", request, 8)[0]: request for request in requests}
        first = None
        together = b"".join(request + bytes(-len(request) % 4) for request in requests)
        begin = time.monotonic()
        self.sock.send(together)
        self.served += time.monotonic() - begin
        while waiting:
            for kind, flags, seq, body in self.messages():
                if kind == self.family and seq == 0:
                    self.queue.append(body)
                elif kind == NLMSG_ERROR and seq in waiting:
                    refused = self.refusal(kind, body, flags, waiting.pop(seq))
                    first = first or refused
        if first:
            raise first

    def subscribe(self, group="events"):
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.groups[group])

    def event(self, timeout=None):
        """The next event, or None when time is up. OSError ENOBUFS: some were lost."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self.queue:
            left = None if end is None else end - time.monotonic()
            if left is not None and (left <= 0 or not select.select([self.sock], [], [], left)[0]):
                return None
            self.queue += [body for kind, _, seq, body in self.messages() if kind == self.family and seq == 0]
        body = self.queue.pop(0)
        name = self.spec.command_names.get(body[0], body[0])
        return {"event": name, **self.spec.decode("main", body[4:])}


def nest(words):
    """key=val words as pairs; words that follow each other share a nest as far as their paths agree."""
    out = []
    for word in words:
        path, sep, value = word.partition("=")
        if not sep:
            raise SystemExit(f"genl: {word}: not key=val")
        *heads, last = path.split(".")
        where = out
        for head in heads:
            if not where or where[-1][0] != head or not isinstance(where[-1][1], list):
                where.append((head, []))
            where = where[-1][1]
        where.append((last, value))
    return out


def listen(client, seconds):
    client.subscribe()
    print(json.dumps({"event": "listening"}), flush=True)
    end = time.monotonic() + seconds
    while (event := client.event(end - time.monotonic())) is not None:
        print(json.dumps(event), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dump", action="store_true", help="ask for a dump")
    parser.add_argument("--listen", type=float, metavar="SECONDS", help="print events")
    parser.add_argument("command", nargs="?", help="as in vgw.yaml, or its number")
    parser.add_argument("attrs", nargs="*", metavar="key=val")
    args = parser.parse_args()
    try:
        client = Client()
        if args.listen is not None:
            listen(client, args.listen)
            return
        command = int(args.command, 0) if args.command[0].isdigit() else args.command
        attrs = nest(args.attrs)
        for row in client.dump(command, attrs) if args.dump else [client.do(command, attrs)]:
            print(json.dumps(row))
    except Refused as refused:
        where = f" ({refused.attr})" if refused.attr else ""
        code = errno.errorcode.get(refused.errno, refused.errno)
        sys.exit(f"genl: {code}: {refused.message or os.strerror(refused.errno)}{where}")


if __name__ == "__main__":
    main()
