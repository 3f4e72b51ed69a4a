#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""zerosum.py SRC DST: send a UDP datagram over IPv6 whose checksum comes to 0, which has to be written as all ones.

Nobody listens: that its host says so is the proof that it has arrived. Ends with 1 when it says nothing.
"""

import os
import socket
import struct
import sys

TIMEOUT = 5 * int(os.environ.get("TIME_SCALE", "1"))
UDP_SEGMENT = 103
SENDER, NOBODY, LENGTH = 5000, 5001, 64


def total(data):
    number = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while number >> 16:
        number = (number & 0xFFFF) + (number >> 16)
    return number


def payload(src, dst):
    ends = b"".join(socket.inet_pton(socket.AF_INET6, end) for end in (src, dst))
    length = 8 + LENGTH
    before = ends + struct.pack("!II", length, socket.IPPROTO_UDP) + struct.pack("!HHHH", SENDER, NOBODY, length, 0)
    text = bytes(range(LENGTH - 2))
    return text + struct.pack("!H", 0xFFFF - total(before + text))


def main():
    src, dst = sys.argv[1:3]
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.settimeout(TIMEOUT)
    # The payload lies in pages then, and is copied and summed in one go.
    sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 10 * LENGTH)
    sock.bind((src, SENDER))
    sock.connect((dst, NOBODY))
    sock.send(payload(src, dst))
    try:
        sock.recv(1)
    except ConnectionRefusedError:
        return
    except TimeoutError:
        sys.exit("it did not arrive")


main()
