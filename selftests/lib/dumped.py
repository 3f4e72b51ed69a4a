# SPDX-License-Identifier: GPL-2.0
"""SAs that go while they are dumped: those that stay are told, each once.

  dumped.py IFACE TUNNEL
"""

import sys

import genl

COUNT = 400
BASE = 0x60000000
KEY = bytes(20)


def about(spi):
    return {"ifname": sys.argv[1], "tunnel": {"name": sys.argv[2]}, "sa": {"direction": "in", "spi": spi}}


def main():
    spis = [BASE + i for i in range(COUNT)]
    vgw, other = genl.Client(), genl.Client()
    for spi in spis:
        entry = about(spi)
        entry["sa"] |= {"suite": "aes128gcm16", "key": KEY}
        other.do("sa-new", entry)
    request = vgw.request("sa-get", {"ifname": sys.argv[1], "tunnel": {"name": sys.argv[2]}}, genl.F_DUMP)
    vgw.sock.send(request)
    seen = []
    gone = spis[-8:]    # the newest, which come first
    for body in vgw.answers(request):
        if not seen:
            for spi in gone:
                other.do("sa-del", about(spi))
        seen.append(vgw.spec.decode("main", body[4:])["sa"]["spi"])
    stayed = [spi for spi in seen if spi >= BASE and spi not in gone]
    if sorted(stayed) != spis[:-8]:
        sys.exit(f"{len(set(spis[:-8]) - set(stayed))} are missing, {len(stayed) - len(set(stayed))} came twice")


main()
