#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""notify.py SOCKET: a service manager's ear, sd_notify(3): prints each message's lines with a blank line behind.

SOCKET is a path, or "@" and a name of the abstract kind.
"""

import socket
import sys

ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
ear.bind("\0" + sys.argv[1][1:] if sys.argv[1][0] == "@" else sys.argv[1])
while True:
    print(ear.recv(4096).decode(), end="\n\n", flush=True)
