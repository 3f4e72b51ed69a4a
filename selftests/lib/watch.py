#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""watch.py COMMAND..: runs `vpntun show --watch` on a terminal of its own, as somebody who looks at it does.

First the terminal is narrow, then wide, then Ctrl-C is typed. Fails unless every picture fits, the wide one shows more, the
former screen comes back, and the program ends well.
"""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

PATIENCE = 20 * int(os.environ.get("TIME_SCALE", "1"))
NARROW, WIDE = 40, 150
PICTURE = b"\x1b[H\x1b[J"


def resize(fd, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def read_until(fd, seen, wanted):
    """More of what is printed, until @wanted says that it is enough."""
    end = time.monotonic() + PATIENCE
    while not wanted(seen):
        assert time.monotonic() < end, seen
        if select.select([fd], [], [], 0.2)[0]:
            try:
                seen += os.read(fd, 65536)
            except OSError:
                break
    return seen


def widths(picture):
    """Of the lines; escapes take no column."""
    plain = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", picture).decode()
    return [len(line.rstrip("\r")) for line in plain.split("\n")]


def main():
    pid, fd = pty.fork()
    if not pid:
        # The size is set before anything is printed.
        time.sleep(0.2)
        os.execvp(sys.argv[1], sys.argv[1:])
    resize(fd, NARROW)
    seen = read_until(fd, b"", lambda text: text.count(PICTURE) >= 3)
    assert seen.startswith(b"\x1b[?1049h"), seen[:40]
    narrow = seen.split(PICTURE)[1]
    assert max(widths(narrow)) == NARROW, widths(narrow)

    resize(fd, WIDE)
    count = seen.count(PICTURE)
    seen = read_until(fd, seen, lambda text: text.count(PICTURE) >= count + 3)
    wide = seen.split(PICTURE)[-2]
    assert b"DROPS" in wide and NARROW < max(widths(wide)) <= WIDE, widths(wide)

    os.write(fd, b"\x03")
    seen = read_until(fd, seen, lambda text: text.endswith(b"\x1b[?25h\x1b[?1049l"))
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, status


main()
