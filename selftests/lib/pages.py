# SPDX-License-Identifier: GPL-2.0
"""ESP packets that are files: see net/pages.sh.

pages.py seal FOLDER KEYS                          writes them, with keys as lib/vgw.sh made them
pages.py send FOLDER NAMESPACE VPNTUN SUITE        sends them out of the page cache
"""

import os
import sys

import arena
import esp

SUITES = ("aes128gcm16", "aes256-sha256", "null-sha256")
SPI = 0x3001
# Inner payloads: in one packet, and in fragments of the outer one.
SIZES = (1000, 30000)


def key(folder, name):
    try:
        with open(os.path.join(folder, name)) as file:
            return bytes.fromhex(file.read())
    except FileNotFoundError:
        return b""


def inner(suite, size):
    return arena.ipv4((suite.encode() * size)[:size])


def seal(folder, keys):
    for suite in SUITES:
        sa = esp.Sa(suite, SPI, key(keys, suite), key(keys, suite + ".auth"), False)
        for seq, size in enumerate(SIZES, 1):
            with open(os.path.join(folder, "%s.%d" % (suite, size)), "wb") as file:
                file.write(sa.seal(seq, inner(suite, size)))


def send(folder, left, vpntun, suite):
    scene = arena.Arena(left, vpntun)
    scene.udp.connect((arena.OUTER, 4500))
    for size in SIZES:
        with open(os.path.join(folder, "%s.%d" % (suite, size)), "rb") as file:
            length = os.fstat(file.fileno()).st_size
            for fate in "delivered", "replayed":
                what = "%s: %d bytes out of a file, %s" % (suite, size, fate)
                sent = os.sendfile(scene.udp.fileno(), file.fileno(), 0, length)
                if sent != length:
                    print("fail %s # sent %d of %d" % (what, sent, length))
                delivered, drops = scene.outcome(1)
                want = ([inner(suite, size)], {}) if fate == "delivered" else ([], {fate: 1})
                print("ok %s" % what if (delivered, drops) == want else "fail %s # %s" % (what, drops))
    print("end")


{"seal": seal, "send": send}[sys.argv[1]](*sys.argv[2:])
