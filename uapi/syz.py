# SPDX-License-Identifier: GPL-2.0
"""The description of the netlink family for syzkaller, selftests/fuzz/vgw.txt, from vgw.yaml; for gen.py.

Its language is that of syzkaller's docs/syscall_descriptions_syntax.md; the names that are not defined here are those of
its sys/linux/socket_netlink*.txt. Copy it to sys/linux, run "make extract" with our header in the kernel's
include/uapi/linux, and "make generate".
"""

# Values that only do something when requests agree on them are drawn from a few. (set, attribute): type
CHOSEN = {
    ("main", "ifindex"): "ifindex",
    ("main", "ifname"): "string[vgw_ifname]",
    ("main", "netnsid"): "int32[0:4]",
    ("socket", "fd"): "sock_udp",
    ("socket", "port"): "int16[4500:4503]",
    ("tunnel", "name"): "string[vgw_tunnel_name]",
    ("tunnel", "sport"): "int16[4500:4503]",
    ("tunnel", "dport"): "int16[4500:4503]",
    ("tunnel", "link"): "ifindex",
    ("sa", "spi"): "int32[256:263]",
    ("sa", "pending-on"): "int32[256:263]",
    ("sa", "key"): "vgw_key",
    ("sa", "auth-key"): "vgw_auth_key",
}

HEAD = """\
# SPDX-License-Identifier: GPL-2.0
# Made from uapi/vgw.yaml by uapi/gen.py: change that, not this. What to do with it stands in uapi/syz.py.

include <linux/net.h>
include <linux/socket.h>
include <uapi/linux/if_link.h>
include <uapi/linux/rtnetlink.h>
include <uapi/linux/netlink.h>
include <uapi/linux/genetlink.h>
include <uapi/linux/vgw.h>

resource genl_vgw_family_id[int16]

syz_genetlink_get_family_id$vgw(name ptr[in, string["vgw"]], fd sock_nl_generic) genl_vgw_family_id

type msghdr_vgw[CMD, ATTRS] msghdr_netlink[netlink_msg_t[genl_vgw_family_id, genlmsghdr_t[CMD], ATTRS]]
type msghdr_vgw_link[CMD] msghdr_netlink[netlink_msg[CMD, ifinfomsg[AF_UNSPEC], vgw_link]]

vgw_ifname = "vgw0", "vgw1"
vgw_tunnel_name = "a", "b", "c"

vgw_link {
	name	nlattr[IFLA_IFNAME, string[vgw_ifname]]
	info	nlattr[IFLA_LINKINFO, vgw_link_info]
}

vgw_link_info {
	kind	nlattr[IFLA_INFO_KIND, string["vgw"]]
}

vgw_address [
	ipv4	ipv4_addr
	ipv6	ipv6_addr
] [varlen]

vgw_key [
	aes128	array[int8, 16]
	aes192	array[int8, 24]
	aes256	array[int8, 32]
	aes128_salt	array[int8, 20]
	aes192_salt	array[int8, 28]
	aes256_salt	array[int8, 36]
	any	array[int8, 1:64]
] [varlen]

vgw_auth_key [
	sha1	array[int8, 20]
	sha256	array[int8, 32]
	sha384	array[int8, 48]
	sha512	array[int8, 64]
	any	array[int8, 1:64]
] [varlen]

sendmsg$vgw_newlink(fd sock_nl_route, msg ptr[in, msghdr_vgw_link[RTM_NEWLINK]], f flags[send_flags])
sendmsg$vgw_dellink(fd sock_nl_route, msg ptr[in, msghdr_vgw_link[RTM_DELLINK]], f flags[send_flags])
"""


def ident(*words):
    return "_".join(words).replace("-", "_")


def macro(*words):
    return ident(*words).upper().replace("__", "_")


def value_type(aset, attr):
    """What an attribute holds."""
    checks, kind = attr.get("checks", {}), attr["type"]
    if (aset["name"], attr["name"]) in CHOSEN:
        return CHOSEN[aset["name"], attr["name"]]
    if kind == "nest":
        return f'array[{ident("vgw", attr["nested-attributes"])}]'
    if kind == "binary":
        if (checks["min-len"], checks["max-len"]) == (4, 16):
            return "vgw_address"
        return f'array[int8, {checks["min-len"]}:{checks["max-len"]}]'
    number = "int" + kind.lstrip("u")
    if "enum" in attr:
        return f'flags[{ident("vgw", attr["enum"])}, {number}]'
    if "max" in checks and checks.get("min") == checks["max"]:
        return f'const[{checks["max"]}, {number}]'
    if "max" in checks:
        return f'{number}[{checks.get("min", 0)}:{checks["max"]}]'
    return number


def entry(aset, attr):
    name = macro(aset["name-prefix"] + attr["name"])
    kind = "nlnest" if attr["type"] == "nest" else "nlattr"
    return f"\t{ident(attr['name'])}\t{kind}[{name}, {value_type(aset, attr)}]\n"


def union(name, aset, attrs):
    return f"\n{name} [\n" + "".join(entry(aset, attr) for attr in attrs) + "] [varlen]\n"


def description(spec, nested, settable):
    """nested: the sets that nests of requests hold. settable(attr): may a request have it?"""
    main = next(aset for aset in spec["attribute-sets"] if aset["name"] == "main")
    calls, unions, enums = "", "", set()
    for op in spec["operations"]["list"]:
        if "notify" in op:
            continue
        taken = {name for way in ("do", "dump") for name in op.get(way, {}).get("request", {}).get("attributes", [])}
        name, cmd = ident("vgw", op["name"]), macro("vgw-cmd", op["name"])
        calls += f"sendmsg${cmd}(fd sock_nl_generic, msg ptr[in, msghdr_vgw[{cmd}, {name}]], f flags[send_flags])\n"
        unions += union(name, main, [attr for attr in main["attributes"] if attr["name"] in taken])
    for aset in nested:
        attrs = [attr for attr in aset["attributes"] if settable(attr) and attr.get("nested-attributes") != "drop"]
        enums |= {attr["enum"] for attr in attrs if "enum" in attr}
        unions += union(ident("vgw", aset["name"]), aset, attrs)
    lists = "\n"
    for enum in spec["definitions"]:
        if enum["name"] in enums:
            values = ", ".join(macro("vgw", enum["name"], one["name"]) for one in enum["entries"])
            lists += f'{ident("vgw", enum["name"])} = {values}\n'
    return HEAD + calls + unions + lists
