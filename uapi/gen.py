#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Make the C files that follow from vgw.yaml, or with --check say which of them are out of date.

Made: uapi/linux/vgw.h (constants), kmod/nl_gen.[ch] (policies and operations of the family),
tools/vpntun/nl/names_gen.[ch] (names of values and attributes) and selftests/fuzz/vgw.txt (what syzkaller wants to
know). All of it is data, no code.
"""

import pathlib
import sys

import yaml

import syz

TOP = pathlib.Path(__file__).resolve().parent.parent
NOTE = "/* Made from uapi/vgw.yaml by uapi/gen.py: change that, not this. */\n"
NLA_TYPES = {"u8": "NLA_U8", "u16": "NLA_U16", "u32": "NLA_U32", "u64": "NLA_U64"}


def macro(*words):
    return "_".join(words).upper().replace("-", "_").replace("__", "_")


def ident(*words):
    return "_".join(words).replace("-", "_")


def attr_macro(aset, name):
    return macro(aset["name-prefix"] + name)


def with_doc(line, doc):
    return f"{line}\t/* {doc} */\n" if doc else line + "\n"


def uapi_header(spec):
    out = "/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */\n" + NOTE
    out += "#ifndef _UAPI_LINUX_VGW_H\n#define _UAPI_LINUX_VGW_H\n\n"
    out += f'#define VGW_GENL_NAME\t\t"{spec["name"]}"\n#define VGW_GENL_VERSION\t1\n'
    for group in spec["mcast-groups"]["list"]:
        out += f'#define {macro("vgw-mcgrp", group["name"])}\t"{group["name"]}"\n'
    for enum in spec["definitions"]:
        out += f'\n/* {enum["doc"]} */\nenum {ident("vgw", enum["name"])} {{\n'
        for entry in enum["entries"]:
            line = f'\t{macro("vgw", enum["name"], entry["name"])} = {entry["value"]},'
            out += with_doc(line, entry.get("doc"))
        last = macro("vgw", enum["name"], "max")
        out += f'\n\t/* private: */\n\t__{last},\n\t{last} = __{last} - 1\n}};\n'
    for aset in spec["attribute-sets"]:
        out += f'\n/* {aset["doc"]} */\nenum {{\n'
        first = True
        for attr in aset["attributes"]:
            line = f'\t{attr_macro(aset, attr["name"])}' + (" = 1," if first else ",")
            out += with_doc(line, attr.get("doc"))
            first = False
        last = attr_macro(aset, "max")
        out += f'\n\t/* private: */\n\t__{last},\n\t{last} = __{last} - 1\n}};\n'
    out += "\n/* Commands and notifications. */\nenum {\n"
    for op in spec["operations"]["list"]:
        out += with_doc(f'\t{macro("vgw-cmd", op["name"])} = {op["value"]},', op["doc"])
    out += "\n\t/* private: */\n\t__VGW_CMD_MAX,\n\tVGW_CMD_MAX = __VGW_CMD_MAX - 1\n};\n"
    return out + "\n#endif /* _UAPI_LINUX_VGW_H */\n"


# What the range of a policy entry itself can hold; anything wider stands apart.
SHORT_RANGE = 32767


def range_name(aset, attr):
    return ident("range", aset["name"], attr["name"])


def wide(attr):
    return attr["type"] in NLA_TYPES and attr.get("checks", {}).get("max", 0) > SHORT_RANGE


def range_entry(aset, attr):
    checks = attr["checks"]
    low = f"\t.min = {checks['min']},\n" if "min" in checks else ""
    return f'''
static struct netlink_range_validation {range_name(aset, attr)} = {{
{low}\t.max = {checks["max"]},
}};
'''


def policy_entry(aset, attr):
    checks, kind = attr.get("checks", {}), attr["type"]
    low, high = checks.get("min"), checks.get("max")
    if kind == "nest":
        return f'NLA_POLICY_NESTED({ident("vgw", attr["nested-attributes"], "nl_policy")})'
    if kind == "string":
        return f'{{ .type = NLA_NUL_STRING, .len = {checks["max-len"]} }}'
    if kind == "binary":
        return f'NLA_POLICY_RANGE(NLA_BINARY, {checks["min-len"]}, {checks["max-len"]})'
    if "enum" in attr and high is None:
        high = macro("vgw", attr["enum"], "max")
    nla = NLA_TYPES[kind]
    if wide(attr):
        return f"NLA_POLICY_FULL_RANGE({nla}, &{range_name(aset, attr)})"
    if low is not None and high is not None:
        return f"NLA_POLICY_RANGE({nla}, {low}, {high})"
    if low is not None:
        return f"NLA_POLICY_MIN({nla}, {low})"
    if high is not None:
        return f"NLA_POLICY_MAX({nla}, {high})"
    return f"{{ .type = {nla} }}"


def settable(attr):
    doc = attr.get("doc", "")
    return "settable" in doc or ("read only" not in doc and attr["type"] not in ("pad", "u64"))


def nested(spec):
    """Attribute sets that a request may hold in nests, innermost first."""
    sets = {aset["name"]: aset for aset in spec["attribute-sets"]}
    order = []

    def visit(name):
        for attr in sets[name]["attributes"]:
            if attr["type"] == "nest" and attr["nested-attributes"] != "drop":
                visit(attr["nested-attributes"])
        if name not in order and name != "main":
            order.append(name)

    visit("main")
    return [sets[name] for name in order]


def op_policy(spec, op):
    """What one command takes; as kernels before 6.2 have it, in do and dump alike."""
    taken = {name for way in ("do", "dump") for name in op.get(way, {}).get("request", {}).get("attributes", [])}
    main = next(aset for aset in spec["attribute-sets"] if aset["name"] == op["attribute-set"])
    out = f'\nstatic const struct nla_policy {ident(op["name"], "nl_policy")}[{attr_macro(main, "max")} + 1] = {{\n'
    for attr in main["attributes"]:
        if attr["name"] in taken:
            out += f'\t[{attr_macro(main, attr["name"])}] = {policy_entry(main, attr)},\n'
    return out + "};\n"


def kernel_source(spec):
    out = "// SPDX-License-Identifier: GPL-2.0\n" + NOTE
    out += '#include "nl_gen.h"\n'
    for aset in nested(spec):
        last = attr_macro(aset, "max")
        name = ident("vgw", aset["name"], "nl_policy")
        out += "".join(range_entry(aset, attr) for attr in aset["attributes"] if settable(attr) and wide(attr))
        out += f"\nconst struct nla_policy {name}[{last} + 1] = {{\n"
        for attr in aset["attributes"]:
            if settable(attr) and attr.get("nested-attributes") != "drop":
                out += f'\t[{attr_macro(aset, attr["name"])}] = {policy_entry(aset, attr)},\n'
        out += "};\n"
    ops = [op for op in spec["operations"]["list"] if "notify" not in op]
    out += "".join(op_policy(spec, op) for op in ops)
    out += "\nconst struct genl_ops vgw_nl_ops[VGW_NL_OPS] = {\n"
    for op in ops:
        out += f'\t{{\n\t\t.cmd = {macro("vgw-cmd", op["name"])},\n'
        out += f'\t\t.policy = {ident(op["name"], "nl_policy")},\n\t\t.maxattr = VGW_A_MAX,\n'
        if "do" in op:
            out += f'\t\t.doit = {ident("vgw_nl", op["name"], "doit")},\n'
        if "dump" in op:
            out += f'\t\t.dumpit = {ident("vgw_nl", op["name"], "dumpit")},\n'
        if "uns-admin-perm" in op.get("flags", []):
            out += "\t\t.flags = GENL_UNS_ADMIN_PERM,\n"
        out += "\t},\n"
    return out + "};\n"


def kernel_header(spec):
    ops = [op for op in spec["operations"]["list"] if "notify" not in op]
    out = "/* SPDX-License-Identifier: GPL-2.0 */\n" + NOTE
    out += "#ifndef _VGW_NL_GEN_H\n#define _VGW_NL_GEN_H\n\n"
    out += "#include <linux/vgw.h>\n#include <net/genetlink.h>\n#include <net/netlink.h>\n\n"
    out += f"enum {{ VGW_NL_OPS = {len(ops)} }};\n\n"
    for aset in nested(spec):
        name = ident("vgw", aset["name"], "nl_policy")
        out += f'extern const struct nla_policy {name}[{attr_macro(aset, "max")} + 1];\n'
    out += "extern const struct genl_ops vgw_nl_ops[VGW_NL_OPS];\n\n"
    for op in ops:
        if "do" in op:
            out += f'int {ident("vgw_nl", op["name"], "doit")}(struct sk_buff *skb, struct genl_info *info);\n'
        if "dump" in op:
            out += f'int {ident("vgw_nl", op["name"], "dumpit")}(struct sk_buff *skb, struct netlink_callback *cb);\n'
    return out + "\n#endif /* _VGW_NL_GEN_H */\n"


def tool_header(spec):
    out = "/* SPDX-License-Identifier: GPL-2.0 */\n" + NOTE
    out += "#ifndef NL_NAMES_GEN_H\n#define NL_NAMES_GEN_H\n\n#include <linux/vgw.h>\n\n"
    out += "/* Names of values; a hole in the numbers is NULL. */\n"
    for enum in spec["definitions"]:
        out += f'extern const char *const {ident("vgw", enum["name"], "names")}[{macro("vgw", enum["name"], "max")} + 1];\n'
    out += "\n/* Names of attributes, for what the kernel says of them. */\n"
    for aset in spec["attribute-sets"]:
        out += f'extern const char *const {ident("vgw", aset["name"], "attr_names")}[{attr_macro(aset, "max")} + 1];\n'
    return out + "\n#endif /* NL_NAMES_GEN_H */\n"


def tool_source(spec):
    out = "// SPDX-License-Identifier: GPL-2.0\n" + NOTE + '#include "names_gen.h"\n'
    for enum in spec["definitions"]:
        name, last = ident("vgw", enum["name"], "names"), macro("vgw", enum["name"], "max")
        out += f"\nconst char *const {name}[{last} + 1] = {{\n"
        for entry in enum["entries"]:
            out += f'\t[{macro("vgw", enum["name"], entry["name"])}] = "{entry["name"]}",\n'
        out += "};\n"
    for aset in spec["attribute-sets"]:
        name = ident("vgw", aset["name"], "attr_names")
        out += f'\nconst char *const {name}[{attr_macro(aset, "max")} + 1] = {{\n'
        for attr in aset["attributes"]:
            if attr["type"] != "pad":
                out += f'\t[{attr_macro(aset, attr["name"])}] = "{attr["name"]}",\n'
        out += "};\n"
    return out


def main():
    spec = yaml.safe_load((TOP / "uapi/vgw.yaml").read_text())
    files = {
        "uapi/linux/vgw.h": uapi_header(spec),
        "kmod/nl_gen.h": kernel_header(spec),
        "kmod/nl_gen.c": kernel_source(spec),
        "tools/vpntun/nl/names_gen.h": tool_header(spec),
        "tools/vpntun/nl/names_gen.c": tool_source(spec),
        "selftests/fuzz/vgw.txt": syz.description(spec, nested(spec), settable),
    }
    stale = 0
    for name, text in files.items():
        path = TOP / name
        if path.exists() and path.read_text() == text:
            continue
        if "--check" in sys.argv[1:]:
            print(f"{name}:1: differs from what uapi/vgw.yaml says; run uapi/gen.py")
            stale = 1
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return stale


if __name__ == "__main__":
    sys.exit(main())
