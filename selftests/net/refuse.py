#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Wrong requests of every kind to the module; the part of refuse.sh that speaks netlink.

refuse.py OTHER: in namespace left of refuse.sh, which says what is there; OTHER is the index of vgw1 in right.

Each request of lib/refusals.py has to be refused with the errno expected, a sentence that has the words expected, and
a pointer to the attribute; and nothing may have changed by it. Prints "ok WHAT" or "not ok WHAT", and why in lines
that begin with "#".
"""

import collections
import errno
import itertools
import os
import pathlib
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

# pylint: disable=wrong-import-position
import genl
import refusals
import state
import user
import wrong
from refusals import A, AEAD, B, BUSY_PORT, C, IN, NAMED, OF_B, OUT, PENDING, World
from wrong import changed

SHOWN = 10  # faults of one kind that are told
LOOK_AFTER = 25  # requests
OF_A = [{"direction": "in", "spi": IN}, {"direction": "out", "spi": OUT},
        {"direction": "out", "spi": PENDING, "pending-on": IN}]
KEY = {"suite": "aes256gcm16", "key": b"q" * 36}


def say(good, what, faults=()):
    print(("ok " if good else "not ok ") + what)
    for fault in [] if good else itertools.islice(faults, SHOWN):
        print("#   " + str(fault).replace("\n", "\n#   "))
    sys.stdout.flush()


def scaled(seconds):
    return seconds * int(os.environ.get("TIME_SCALE", "1"))


def busywait(seconds, condition):
    end = time.monotonic() + scaled(seconds)
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def refusal(client, command, request, dump=False):
    """What the kernel says; None when it obeys."""
    try:
        if dump:
            client.dump(command, request)
        else:
            client.do(command, request)
    except genl.Refused as refused:
        return refused
    return None


# ---- what is there ----


def build(client):
    """Tunnels and SAs that are not to change."""
    for tunnel in A, B, C:
        client.do("tunnel-new", {"ifname": "vgw0", "tunnel": tunnel})
    for sa in OF_A:
        client.do("sa-new", NAMED | {"sa": sa | KEY})
    client.do("sa-new", {"ifname": "vgw0", "tunnel": {"name": "b"}, "sa": {"direction": "in", "spi": OF_B} | KEY})


def reset(client):
    """Back to that after right requests."""
    for row in client.dump("tunnel-get", {"ifname": "vgw0"}):
        client.do("tunnel-del", {"ifname": "vgw0", "tunnel": {"name": row["tunnel"]["name"]}})
    default = {"mtu": 0, "carrier-policy": "auto", "mss-clamp": 1, "fwmark": 0}
    client.do("iface-set", {"ifname": "vgw0", "iface": default})
    build(client)


def prove(client, rights):
    """Else a request might be refused for another reason than the one that is tried."""
    faults = []
    for command, request in rights:
        if command == "socket-set":  # in the end: it leaves something behind
            continue
        refused = refusal(client, command, request)
        if refused:
            faults.append(f"{command} {request}: {refused} ({refused.attr})")
        reset(client)
    there = refusal(client, "iface-get", {"ifindex": int(sys.argv[1]), "netnsid": refusals.OTHER_NETNSID})
    say(not faults and not there, "right requests are obeyed", faults + [there] * bool(there))


def make_world():
    """What stays open stays as long as this program."""
    subprocess.run(["ip", "link", "add", "vgw9", "type", "vgw"], check=True)
    gone = socket.if_nametoindex("vgw9")
    subprocess.run(["ip", "link", "del", "vgw9"], check=True)
    busy = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    busy.bind(("", BUSY_PORT))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    return World(int(sys.argv[1]), gone, udp.fileno(), [busy, udp])


# ---- the table ----


def judge(case, refused):
    """What is wrong about a refusal, or None."""
    if refused is None:
        return "it was not refused"
    said = f"{errno.errorcode.get(refused.errno, refused.errno)}: '{refused.message}' ({refused.attr})"
    if refused.errno != case.errno:
        return f"said {said}, wanted {errno.errorcode[case.errno]}"
    if not refused.message or case.sentence.lower() not in refused.message.lower():
        return f"said {said}, wanted '{case.sentence}'"
    if case.attr and not case.dump and refused.attr != case.attr:
        return f"said {said}, wanted it of {case.attr}"
    return None


def try_all(client, cases):
    counts, faults = collections.Counter(), collections.defaultdict(list)
    before, suspects = state.take(client), []
    for case in cases:
        counts[case.command] += 1
        fault = judge(case, refusal(client, case.command, case.request, case.dump))
        if fault:
            faults[case.command].append(f"{case.what}: {fault}")
        suspects.append(case.what)
        # Netlink's policies say no before the module is asked: then a look now and then will do.
        if case.shape and not fault and len(suspects) < LOOK_AFTER and case is not cases[-1]:
            continue
        after = state.take(client)
        if after != before:
            faults[case.command] += [f"one of these changed the state: {suspects}"]
            faults[case.command] += state.differences(client, before, after)
        before, suspects = after, []
    for command, count in counts.items():
        say(not faults[command], f"{command}: {count} wrong requests are refused", faults[command])


def complete(spec, cases):
    """Has every attribute that can be set had a wrong value, in every command that takes it?"""
    valued = refusals.ANY_VALUE | {case.path for case in cases if not case.shape}
    tried = {(case.command, case.path) for case in cases}
    whole = {(case.command, case.path) for case in cases if case.whole}
    faults = []
    for command, op in spec.operations.items():
        if "notify" in op:
            continue
        paths = wrong.settable_of(spec, command)
        faults += [f"{command}: {path} has no wrong request" for path in paths if (command, path) not in tried
                   and not any((command, above) in whole for above in wrong.above(path))]
        faults += [f"{path} has no wrong value" for path in paths
                   if wrong.attr_at(spec, path)["type"] != "nest" and path not in valued]
    say(not faults, "every attribute that can be set is tried", sorted(set(faults)))


# ---- what is no attribute ----


def raw(client, command, flags=0, reserved=0, cut=None):
    """A request by number, with its header as wished; the refusal."""
    body = struct.pack("=BBH", command, 1, reserved) + client.spec.encode("main", {"ifname": "vgw0"})
    request = client.message(client.family, genl.F_REQUEST | genl.F_ACK | flags, body[:cut])
    client.sock.send(request)
    try:
        list(client.answers(request))
    except genl.Refused as refused:
        return refused.errno
    return 0


def heads(client):
    commands, faults = client.spec.commands, []
    # Of what is not of the family's making an older kernel passes over what newer ones refuse.
    spare = 0 if tuple(int(part) for part in os.uname().release.split(".")[:2]) < (6, 1) else errno.EINVAL
    for what, wanted, got in (
        ("a reserved field", spare, raw(client, commands["iface-get"], reserved=1)),
        ("an unknown flag", spare, raw(client, commands["iface-get"], flags=0x400)),
        ("half a header", errno.EINVAL, raw(client, commands["iface-get"], cut=2)),
        ("command 99", errno.EOPNOTSUPP, raw(client, 99)),
        ("command 0", errno.EOPNOTSUPP, raw(client, 0)),
        ("a notification", errno.EOPNOTSUPP, raw(client, commands["tunnel-ntf"])),
        ("a dump of tunnel-new", errno.EOPNOTSUPP, raw(client, commands["tunnel-new"], flags=genl.F_DUMP)),
    ):
        if wanted != got:
            faults.append(f"{what}: {errno.errorcode.get(got, got)}")
    say(not faults, "wrong headers are refused", faults)


# ---- who may ----


def ask_all(client, requests):
    """errno of each request, do and dump; 0: obeyed."""
    out = {}
    for command, request in requests:
        refused = refusal(client, command, request)
        out[command] = refused.errno if refused else 0
        if "dump" in client.spec.operations[command]:
            refused = refusal(client, command, {"ifname": request["ifname"]}, dump=True)
            out[command + " dump"] = refused.errno if refused else 0
    return out


def may_not(spec, got, also=()):
    """Those that are wrong, when all commands with this flag are refused to an asker and all others are not."""
    faults = []
    for what, number in got.items():
        command = what.partition(" ")[0]
        wanted = errno.EPERM if "uns-admin-perm" in spec.operations[command].get("flags", ()) or command in also else 0
        if number != wanted:
            faults.append(f"{what}: {errno.errorcode.get(number, number)}")
    return faults


def askers(client, rights):
    before = state.take(client)
    # Whoever has let such a process have a socket did not mean to.
    inherited = genl.Client(spec=client.spec)
    for what, become in (("another user", user.nobody), ("root without CAP_NET_ADMIN", user.without_net_admin),
                         ("root of a user namespace", user.own_users)):
        faults = may_not(client.spec, user.run(become, lambda: ask_all(genl.Client(spec=client.spec), rights)))
        faults += may_not(client.spec, user.run(become, lambda: ask_all(inherited, rights)))
        say(not faults and state.take(client) == before, f"{what} may read, but neither change nor see SAs", faults)


def tenant(spec, rights):
    """In a namespace of somebody else's, with an interface from ours: what is said to each request."""
    if not busywait(10, lambda: "vgw5" in [name for _, name in socket.if_nameindex()]):
        raise TimeoutError("vgw5 does not come")
    client = genl.Client(spec=spec)
    moved = [(command, request | {"ifname": "vgw5"} if "ifname" in request else request) for command, request in rights]
    sentences = {command: str(refusal(client, command, request)) for command, request in moved}
    link = subprocess.run(["ip", "link", "add", "vgw6", "type", "vgw"], capture_output=True, check=False, text=True)
    return ask_all(client, moved), sentences, link.returncode, link.stderr


def tenants(client, rights):
    """The outer namespace's administrator decides, not the one of the namespace that an interface was moved to."""
    subprocess.run(["ip", "link", "add", "vgw5", "type", "vgw"], check=True)
    for sa in [None] + OF_A:
        if sa:
            client.do("sa-new", {"ifname": "vgw5", "tunnel": {"name": "a"}, "sa": sa | KEY | {"spi": sa["spi"] + 0x5000}
                                 | ({"pending-on": IN + 0x5000} if "pending-on" in sa else {})})
        else:
            client.do("tunnel-new", {"ifname": "vgw5", "tunnel": {"name": "a", "remote": "10.0.0.2", "encap": "none"}})
    got, sentences, status, said = user.run(
        user.own_users_and_network, lambda: tenant(client.spec, rights),
        lambda pid: subprocess.run(["ip", "link", "set", "vgw5", "netns", str(pid)], check=True))
    faults = may_not(client.spec, got)
    for command, sentence in sentences.items():
        wanted = "user namespace" if command == "socket-set" else "where the interface was created"
        if got[command] and wanted not in sentence:
            faults.append(f"{command}: {sentence}")
    say(not faults, "who an interface was moved to may read it, but neither change it nor see its SAs", faults)
    say(status != 0 and "user namespace" in said, "a user namespace makes no vgw devices", [said])


# ---- bounds ----


def rolled_back(client):
    """10.77.0.0/16 was refused to b together with a prefix of a's: it must be nobody's."""
    refused = refusal(client, "tunnel-set", {"ifname": "vgw0", "tunnel": {"name": "a", "prefixes": {
        "prefix": ["192.168.2.0/24", "10.77.0.0/16"]}}})
    say(not refused, "prefixes of a refused list stay free", [refused] * bool(refused))


def crowd(client):
    """More tunnels on one prefix than it has room for."""
    subprocess.run(["ip", "link", "add", "vgw2", "type", "vgw"], check=True)
    requests = [{"ifname": "vgw2", "tunnel": {"name": f"t{i}", "remote": "10.0.0.2", "encap": "none",
                                              "prefixes": {"prefix": ["10.1.0.0/16"]}}} for i in range(65)]
    client.do_many("tunnel-new", requests[:64])
    refused = refusal(client, "tunnel-new", requests[64])
    good = refused and refused.errno == errno.E2BIG and "too many tunnels share" in refused.message
    say(good and len(client.dump("tunnel-get", {"ifname": "vgw2"})) == 64, "the 65th tunnel of a prefix is refused",
        [f"said {refused}"])
    subprocess.run(["ip", "link", "del", "vgw2"], check=True)


def reserved(client):
    """An SPI is its owner's."""
    owner = genl.Client(spec=client.spec)
    spi = owner.do("spi-alloc", NAMED)["sa"]["spi"]
    request = NAMED | {"sa": AEAD | {"spi": spi}}
    refused = refusal(client, "sa-new", request)
    good = refused and refused.errno == errno.EBUSY and "another program has reserved this SPI" in refused.message
    say(good and not refusal(owner, "sa-new", request), "an SPI that another program has reserved is refused",
        [f"said {refused}"])
    owner.close()


def reservations(spec):
    """A socket that reserves SPIs without end; they are free again when it is closed."""
    greedy, modest, refused = genl.Client(spec=spec), genl.Client(spec=spec), None
    for _ in range(64):
        try:
            greedy.do_many("spi-alloc", itertools.repeat(NAMED, 64))
        except genl.Refused as said:
            refused = said
            break
    good = refused and refused.errno == errno.ENOSPC and "too many SPIs" in refused.message
    good = good and refusal(modest, "spi-alloc", NAMED)
    greedy.close()
    say(good and not refusal(modest, "spi-alloc", NAMED), "too many reserved SPIs are refused, until some are free",
        [f"said {refused}"])
    modest.close()


def expired(client):
    """An SA that has reached its limit before it was used is never used."""
    sa = {"direction": "out", "spi": 0x1777}
    client.do("sa-new", NAMED | {"sa": sa | KEY | {"pending-on": IN, "life-time": 1}})
    dead = busywait(10, lambda: client.do("sa-get", NAMED | {"sa": sa})["sa"].get("expiry") == "hard")
    refused = refusal(client, "sa-set", NAMED | {"sa": sa | {"current": 1}})
    good = refused and refused.errno == errno.EKEYEXPIRED and "hard limit" in refused.message
    say(dead and good, "an SA that is spent cannot be made current", [f"said {refused}"])


def secret(client):
    faults = [row for row in client.dump("sa-get") if {"key", "auth-key"} & set(row["sa"])]
    say(not faults, "no command shows keys", faults)


def main():
    spec = genl.Spec()
    client = genl.Client(spec=spec)
    world = make_world()
    rights = list(refusals.right_requests(world))
    build(client)
    prove(client, rights)
    cases = list(refusals.all_cases(spec, world, rights))
    complete(spec, cases)
    try_all(client, cases)
    heads(client)
    secret(client)
    askers(client, rights)
    tenants(client, rights)
    rolled_back(client)
    crowd(client)
    reserved(client)
    reservations(spec)
    expired(client)
    refused = refusal(client, *next(right for right in rights if right[0] == "socket-set"))
    say(not refused, "socket-set: the right request is obeyed", [refused])
    print("done")


if __name__ == "__main__":
    main()
