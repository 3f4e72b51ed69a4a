# SPDX-License-Identifier: GPL-2.0
"""Do something in a child process that has less rights, or rights elsewhere."""

import ctypes
import os
import pickle
import struct

CAP_NET_ADMIN = 12
CAPABILITY_VERSION_3 = 0x20080522
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
NOBODY = 65534

libc = ctypes.CDLL(None, use_errno=True)


def must(result):
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def without_net_admin():
    """Root, with all capabilities but one."""
    head = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    data = ctypes.create_string_buffer(24)
    must(libc.capget(head, data))
    sets = list(struct.unpack("=6I", data.raw))
    sets[:3] = [word & ~(1 << CAP_NET_ADMIN) for word in sets[:3]]
    must(libc.capset(head, struct.pack("=6I", *sets)))


def unshare(flags):
    """Root there is who calls this, so that programs it starts are root too."""
    must(libc.unshare(flags))
    for name, words in ("setgroups", "deny"), ("uid_map", "0 0 1"), ("gid_map", "0 0 1"):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(words)


def own_users():
    """Root of a new user namespace, in the same network namespace."""
    unshare(CLONE_NEWUSER)


def own_users_and_network():
    unshare(CLONE_NEWUSER | CLONE_NEWNET)


def child(become, function, ready, out):
    try:
        become()
        os.write(ready, b"r")
        result = function()
    except BaseException as fault:  # pylint: disable=broad-except # the parent raises it
        result = fault
    with open(out, "wb") as pipe:
        pipe.write(pickle.dumps(result))


def run(become, function, meanwhile=lambda pid: None):
    """What function gives in a child that has called become(); the parent calls meanwhile(pid) between the two."""
    ready, ready_w = os.pipe()
    out, out_w = os.pipe()
    pid = os.fork()
    if not pid:
        child(become, function, ready_w, out_w)
        os._exit(0)
    os.close(ready_w)
    os.close(out_w)
    if os.read(ready, 1):
        meanwhile(pid)
    with open(out, "rb") as pipe:
        result = pickle.loads(pipe.read())
    os.close(ready)
    os.waitpid(pid, 0)
    if isinstance(result, BaseException):
        raise result
    return result
