# SPDX-License-Identifier: GPL-2.0
"""Makes the crypto API prefer an AEAD as long as it runs: cryptoalg.py TEMPLATE(NAME); prints its driver, then waits.

The instance is made by asking for its name, which fails all the same, as it bears only the driver's; newer kernels try
again before that, until it is there already or they have put so many on top of it that there is no name for the next. It
gets the highest priority, and is deleted in the end (all by crypto_user, include/uapi/linux/cryptouser.h: a socket of
AF_ALG would do to make it, but for kernels of 2026, which have no AEADs for those).
"""

import errno
import os
import signal
import socket
import struct
import sys
import time

NETLINK_CRYPTO = 21
NEWALG, DELALG, UPDATEALG = 0x10, 0x11, 0x12
REQUEST_ACK = 1 | 4
TYPE_AEAD, TYPE_MASK = 3, 15
PRIORITY_VAL = 1
NOTESTS = "/sys/module/cryptomgr/parameters/notests"


def ask(message, driver, attribute=b""):
    body = struct.pack("64s64s64s4I", b"", driver.encode(), b"", TYPE_AEAD, TYPE_MASK, 0, 0) + attribute
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_CRYPTO) as sock:
        sock.send(struct.pack("=IHHII", 16 + len(body), message, REQUEST_ACK, 1, 0) + body)
        return -struct.unpack("=i", sock.recv(4096)[16:20])[0]


def drivers(template, name):
    """What /proc/crypto has for that name, made by the template."""
    found = []
    with open("/proc/crypto") as file:
        for entry in file.read().split("\n\n"):
            facts = dict(line.replace(" ", "").split(":", 1) for line in entry.splitlines() if ":" in line)
            if facts.get("name") == name and facts["driver"].startswith(template + "("):
                found.append(facts["driver"])
    return found


def make(what):
    """Without self-tests: of cryptd over an AEAD they fail since it changes fields of the request, before Linux 6.3."""
    with open(NOTESTS, "w") as file:
        file.write("1")
    fault = ask(NEWALG, what)
    if fault and fault not in (errno.ENOENT, errno.EEXIST, errno.ENAMETOOLONG, errno.EAGAIN):
        sys.exit("%s: %s" % (what, os.strerror(fault)))
    with open(NOTESTS, "w") as file:
        file.write("0")


def main():
    what = sys.argv[1]
    template, name = what[:-1].split("(", 1)
    make(what)
    driver = min(drivers(template, name), key=len, default=None)
    if not driver:
        sys.exit("%s: the kernel makes none" % what)
    fault = ask(UPDATEALG, driver, struct.pack("=HHI", 8, PRIORITY_VAL, 1000000))
    if fault:
        sys.exit("%s: %s" % (driver, os.strerror(fault)))
    signal.signal(signal.SIGTERM, lambda *_: None)
    print(driver, flush=True)
    signal.pause()
    while ask(DELALG, driver):      # busy until the last SA is freed
        time.sleep(0.1)


main()
