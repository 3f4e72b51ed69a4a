# SPDX-License-Identifier: GPL-2.0
"""Wrong generic netlink requests, made out of right ones and uapi/vgw.yaml.

A case is one request and what has to be said to it. Paths are those of genl.py: "tunnel.probe.interval".
"""

import copy
import dataclasses
import errno

from genl import INTS

ABSENT = object()  # as a value: leave the attribute out
SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}
GARBAGE = b"\1\2\3"


@dataclasses.dataclass
class Case:
    command: str
    what: str
    request: dict
    errno: int
    sentence: str
    attr: str = ""  # what the kernel has to point at; "": nothing in particular
    path: str = ""  # what is wrong, for the count of what has been tried
    dump: bool = False
    shape: bool = False  # wrong whatever the value means: length, flag, nest
    whole: bool = False  # the attribute is not to be there, so neither is what it holds


def settable(attr):
    """As uapi/gen.py has it."""
    doc = attr.get("doc", "")
    if attr.get("nested-attributes") == "drop":
        return False
    return "settable" in doc or ("read only" not in doc and attr["type"] not in ("pad", "u64"))


def attrs_of(spec, aset, prefix=""):
    """(path, attribute) of all that can be set in a set and the nests in it."""
    for attr in spec.sets[aset].values():
        if not settable(attr):
            continue
        yield prefix + attr["name"], attr
        if attr["type"] == "nest":
            yield from attrs_of(spec, attr["nested-attributes"], prefix + attr["name"] + ".")


def requested(spec, command):
    """Names of the attributes that a command takes, as uapi/vgw.yaml has it."""
    op = spec.operations[command]
    return {name for way in ("do", "dump") for name in op.get(way, {}).get("request", {}).get("attributes", [])}


def above(path):
    """The nests that an attribute is in."""
    names = path.split(".")
    return [".".join(names[:count]) for count in range(1, len(names))]


def settable_of(spec, command):
    """Paths of all that can be set in the nests that a command takes, and of these."""
    takes = requested(spec, command)
    return [path for path, _ in attrs_of(spec, "main") if path.partition(".")[0] in takes]


def attr_at(spec, path):
    """The attribute of a path, and the set that it holds."""
    aset = "main"
    for name in path.split("."):
        attr = spec.sets[aset][spec.numbers[aset][name]]
        aset = attr.get("nested-attributes")
    return attr


def value_at(request, path):
    for name in path.split("."):
        if not isinstance(request, dict) or name not in request:
            return ABSENT
        request = request[name]
    return request


def changed(request, changes):
    """A copy of a request with other values; a path that ends in "!name" gets the wrong nested flag."""
    request = copy.deepcopy(request)
    for path, value in changes.items():
        *heads, last = path.split(".")
        where = request
        for head in heads:
            where = where.setdefault(head, {})
        name = last.lstrip("!")
        if last != name:
            where[last] = where.pop(name)
        elif value is ABSENT:
            del where[name]
        else:
            where[name] = value
    return request


def limits(spec, attr):
    """The least and the largest value that netlink's policy lets pass, as far as it has a say."""
    checks = attr.get("checks", {})
    high = checks.get("max")
    if high is None and "enum" in attr:
        high = max(spec.enums[attr["enum"]].values())
    return checks.get("min", 0), high


def wrong_ints(spec, attr):
    size = SIZES[attr["type"]]
    for length in {0, size - 1, size + 1}:
        yield f"of {length} bytes", bytes(length), errno.EINVAL, "invalid attribute length", True
    low, high = limits(spec, attr)
    if low:
        yield f"{low - 1}", low - 1, errno.ERANGE, "integer out of range", False
    if high is not None and high + 1 < 1 << 8 * size:
        for value in {high + 1, (1 << 8 * size) - 1}:
            yield f"{value}", value, errno.ERANGE, "integer out of range", False


def wrong_strings(attr):
    longest = attr["checks"]["max-len"]
    yield "of no bytes", b"", errno.EINVAL, "failed policy", True
    yield "without NUL", b"abc", errno.EINVAL, "failed policy", True
    yield "too long", b"x" * (longest + 1) + b"\0", errno.EINVAL, "failed policy", True
    yield "too long, without NUL", b"x" * 200, errno.EINVAL, "failed policy", True


def wrong_bytes(attr):
    low, high = attr["checks"]["min-len"], attr["checks"]["max-len"]
    for length in {0, low - 1, high + 1}:
        yield f"of {length} bytes", bytes(length), errno.ERANGE, "size out of range", True
    if (low, high) == (4, 16):
        for length in 5, 15:
            yield f"of {length} bytes", b"\1" * length, errno.EINVAL, "4 bytes or 16", False


def wrong_values(spec, attr):
    """(what, value, errno, sentence, shape)"""
    if attr["type"] in INTS:
        yield from wrong_ints(spec, attr)
    elif attr["type"] == "string":
        yield from wrong_strings(attr)
    elif attr["type"] == "binary":
        yield from wrong_bytes(attr)


def wrong_nests(spec, attr, value):
    """(what, value, errno, sentence, name in it that is to blame)"""
    inside = attr["nested-attributes"]
    yield "of 3 bytes", GARBAGE, errno.ERANGE, "failed policy", ""
    yield "with bytes behind", spec.encode(inside, value) + GARBAGE, errno.EINVAL, "bytes leftover", None
    pairs = list(value.items())
    for key in "#0", "#99":
        yield f"with {key}", pairs + [(key, bytes(4))], errno.EINVAL, "Unknown attribute type", f".{key}"
    for number, other in spec.sets[inside].items():
        if not settable(other):
            yield f"with {other['name']}", pairs + [(f"#{number}", bytes(4))], errno.EINVAL, "Unsupported attribute", \
                f".{other['name']}"


def shapes(spec, command, right, path):
    """Cases that follow from what uapi/vgw.yaml says of one attribute of a right request."""
    attr, value = attr_at(spec, path), value_at(right, path)
    for what, wrong, number, sentence, shape in wrong_values(spec, attr):
        yield Case(command, f"{path} {what}", changed(right, {path: wrong}), number, sentence, path, path, shape=shape)
    head, _, last = path.rpartition(".")
    flag = "is missing" if attr["type"] == "nest" else "not expected"
    yield Case(command, f"{path} with the wrong nested flag", changed(right, {f"{head}.!{last}".lstrip("."): None}),
               errno.EINVAL, "NLA_F_NESTED " + flag, path, path, shape=True)
    if attr["type"] != "nest":
        return
    for what, wrong, number, sentence, blamed in wrong_nests(spec, attr, value):
        blamed = "" if blamed is None else path + blamed
        yield Case(command, f"{path} {what}", changed(right, {path: wrong}), number, sentence, blamed, path, shape=True)
