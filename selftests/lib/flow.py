#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A numbered UDP stream each way between two sites, which tests cut, rekey and mend under.

flow.py LEFT RIGHT ADDRESS_OF_LEFT ADDRESS_OF_RIGHT RATE

LEFT and RIGHT are network namespaces. Writes "ready" when both streams run. At the end of its input it stops them, and
writes a line for each:
"NAME sent N lost N doubled N reordered N missing [N, ...]", the last being the first few of the lost, from 0.
"""

import sys

import streams

PORTS = 5001, 5002


def main():
    left, right, left_address, right_address, rate = sys.argv[1:]
    traffic = streams.Traffic(
        [
            streams.Stream("there", left, right, right_address, PORTS[0], cpu=0),
            streams.Stream("back", right, left, left_address, PORTS[1], cpu=1),
        ],
        rate=int(rate),
    )
    traffic.start()
    print("ready", flush=True)
    sys.stdin.read()
    for one in traffic.stop():
        counts = f"lost {one.lost} doubled {one.doubled} reordered {one.reordered}"
        print(f"{one.name} sent {one.sent} {counts} missing {one.missing}", flush=True)


main()
