#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes new keys again and again, by either side in turn: both are told by their control sockets, which costs no process.

rekeys.py CHILD_REKEYS IKE_REKEYS VICI_SOCKET VPNTUN_SOCKET

A rekey of the connection "office" counts when vpntun has other SPIs than before. Prints "ok TEXT" or "fail TEXT # WHY", and "end".
"""

import json
import random
import socket
import struct
import sys
import time

PATIENCE = 60
AGAIN = 5
VICI_REQUEST, VICI_RESPONSE, VICI_KEY_VALUE = 0, 1, 3


class Strongswan:
    """The least of the vici protocol."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)

    def read(self, size):
        data = b""
        while len(data) < size:
            data += self.sock.recv(size - len(data)) or sys.exit("vici has ended")
        return data

    def rekey(self, what):
        body = struct.pack("BB", VICI_REQUEST, 5) + b"rekey"
        body += struct.pack("BB", VICI_KEY_VALUE, len(what)) + what.encode() + struct.pack(">H", 6) + b"office"
        self.sock.sendall(struct.pack(">I", len(body)) + body)
        (size,) = struct.unpack(">I", self.read(4))
        answer = self.read(size)
        if answer[0] != VICI_RESPONSE or b"yes" not in answer:
            print(f"# strongSwan refuses to rekey: {answer}")


class Vpntun:
    """Its control protocol: a JSON object a line, each way."""

    def __init__(self, path):
        self.path = path

    def ask(self, **request):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(self.path)
            sock.sendall(json.dumps({"v": 1, **request}).encode() + b"\n")
            return json.loads(sock.makefile().readline())

    def rekey(self, what):
        answer = self.ask(do="rekey", name="office", ike=what == "ike")
        if not answer["ok"]:
            print(f"# vpntun refuses to rekey: {answer}")

    def spis(self):
        """Of the IKE SA and of the child; None while there is none."""
        ike = self.ask(do="status")["connections"][0]["tunnels"][0]["ike"] or {}
        return {"ike": ike.get("spi_i"), "child": ike.get("spi_in")}


def rekey(side, vpntun, what):
    """None, or what went wrong. Who is asked while the last rekey is not quite over may forget it, and is asked again."""
    old = vpntun.spis()[what]
    begin = asked = time.monotonic()
    side.rekey(what)
    while vpntun.spis()[what] in (old, None):
        now = time.monotonic()
        if now - begin > PATIENCE:
            return f"{type(side).__name__} could not rekey the {what} SA {old}"
        if now - asked > AGAIN:
            side.rekey(what)
            asked = now
        time.sleep(0.02)
    return None


def main():
    children, ikes = (int(number) for number in sys.argv[1:3])
    strongswan, vpntun = Strongswan(sys.argv[3]), Vpntun(sys.argv[4])
    sides = [strongswan, vpntun]
    tasks = [("child", side) for side in sides * (children // 2)] + [("ike", side) for side in sides * (ikes // 2)]
    random.Random(1).shuffle(tasks)
    wrong = []
    begin = time.monotonic()
    for number, (what, side) in enumerate(tasks, 1):
        fault = rekey(side, vpntun, what)
        if fault:
            wrong.append(fault)
        if number % 20 == 0:
            print(f"# {number} rekeys, {number / (time.monotonic() - begin):.2f} a second", flush=True)
    took = time.monotonic() - begin
    text = f"{children} child rekeys and {ikes} of IKE"
    if wrong:
        print(f"fail {text} # {len(wrong)} failed: {wrong[0]}")
    else:
        print(f"ok {text}, {len(tasks) / took:.2f} a second")
    print("end")


main()
