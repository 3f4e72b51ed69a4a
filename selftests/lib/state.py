# SPDX-License-Identifier: GPL-2.0
"""All that the module shows of its state, without what counts and what ages, so that two times can be compared."""

import genl

COMMANDS = "iface-get", "tunnel-get", "sa-get"
# What changes although nobody has changed anything, by attribute set.
MOVES = {
    "iface": {"pad", "drop", "host-drop"},
    "tunnel": {"pad", "last-change", "last-rx", "rx-packets", "rx-bytes", "tx-packets", "tx-bytes", "drop"},
    "probe": {"pad", "state", "sent", "answered", "rtt"},
    "sa": {"pad", "seq", "packets", "bytes", "age", "linger"},
}


def still(spec, aset, data):
    """The bytes of attributes that do not move."""
    out = []
    for number, payload, _ in genl.nlas(data):
        attr = spec.sets[aset].get(number, {"name": "", "type": "binary"})
        inside = attr.get("nested-attributes")
        if attr["name"] in MOVES.get(aset, ()):
            continue
        if inside in MOVES:
            payload = still(spec, inside, payload)
        out.append(genl.nla(number, payload))
    return b"".join(out)


def udp_ports():
    """Of this namespace; the module listens on some."""
    found = []
    for name in "udp", "udp6":
        with open(f"/proc/self/net/{name}", encoding="ascii") as table:
            found += sorted(line.split()[1] for line in list(table)[1:])
    return found


def take(client):
    """As bytes; quick."""
    rows = []
    for command in COMMANDS:
        request = client.request(command, None, genl.F_DUMP)
        client.sock.send(request)
        rows += [still(client.spec, "main", body[4:]) for body in client.answers(request)]
    return rows, udp_ports()


def differences(client, before, after):
    """What to print when they differ."""
    (rows, ports), (new_rows, new_ports) = before, after
    out = [f"was {client.spec.decode('main', row)}" for row in rows if row not in new_rows]
    out += [f"is  {client.spec.decode('main', row)}" for row in new_rows if row not in rows]
    if ports != new_ports:
        out.append(f"UDP ports were {ports}, are {new_ports}")
    return out or ["the order of rows"]
