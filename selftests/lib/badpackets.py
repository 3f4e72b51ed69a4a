# SPDX-License-Identifier: GPL-2.0
"""What no good peer sends: badpackets.py NAMESPACE VPNTUN; see net/badpackets.sh.

Most of it is authentic, as only that gets far; the trailer and what is inside is wrong.
"""

import itertools
import os
import socket
import subprocess
import struct
import sys

import arena

SUITES = ("aes128gcm16", "aes256-sha256", "null-sha512")
IPV4, IPV6, DUMMY = 4, 41, 59


def changed(data, at, value):
    return data[:at] + bytes((value,)) + data[at + 1:]


class Sender:
    """An SA of vgw in a tunnel, and our packets for it, numbered."""

    def __init__(self, scene, tunnel, suite, spi):
        self.scene, self.suite = scene, suite
        self.encap = "udp" if tunnel == "natt" else "none"
        self.sa = scene.new_sa(tunnel, suite, spi)
        self.seq = itertools.count(1)
        self.name = "%s, %s: " % (suite, self.encap)

    def good(self, inner):
        return self.sa.seal(next(self.seq), inner), inner

    def filled(self, text):
        """A multiple of the cipher's block in front of what ends the text."""
        return bytes(-len(text) % self.sa.suite.block) + text

    def text(self, text):
        return self.sa.seal_text(next(self.seq), self.filled(text))

    def inside(self, inner, next_header):
        """That, with a good trailer."""
        pad = -(len(inner) + 2) % self.sa.suite.block
        return self.sa.seal_text(next(self.seq), inner + bytes(range(1, pad + 1)) + bytes((pad, next_header)))

    def expect(self, what, packets, fate):
        self.scene.expect(self.name + what, packets, fate, self.encap)

    # ---- the kinds of bad packets ----

    def lengths(self):
        packet = self.good(arena.ipv4(b"lengths"))[0]
        suite = self.sa.suite
        least = 8 + suite.iv_len + suite.block + suite.icv_len
        self.expect("shorter than any packet can be", [packet[:n] for n in range(8, least)], "esp-malformed")
        odd = [packet + bytes(n) for n in range(1, suite.block)] + [packet[:-n] for n in range(1, suite.block)]
        self.expect("no multiple of the block", odd, "esp-malformed")
        self.expect("a block less or more", [packet[:-suite.block], packet + bytes(suite.block)], "auth-failed")
        self.expect("nothing but a trailer", [self.inside(b"", IPV4), self.inside(b"", IPV6)], "bad-inner")

    def forgeries(self):
        packet = self.good(arena.ipv4(b"forgeries"))[0]
        self.expect("one bit changed, in every byte",
                    [changed(packet, at, packet[at] ^ 1 << at % 8) for at in range(8, len(packet))], "auth-failed")
        self.expect("another number", [packet[:4] + struct.pack("!I", 1000000) + packet[8:]], "auth-failed")
        self.expect("random bytes", [packet[:4] + struct.pack("!I", 1000000 + n) + os.urandom(len(packet) - 8)
                                     for n in range(20)], "auth-failed")
        self.expect("the same key with another SPI", [changed(packet, 0, 0x99)], "host unknown-spi")

    def trailers(self):
        inner = arena.ipv4(b"trailers")
        room = len(self.filled(inner + b"..")) - 2
        self.expect("a padding longer than the packet",
                    [self.text(inner + bytes((pad, IPV4))) for pad in (room + 1, room + 2, 254, 255)], "bad-trailer")
        self.expect("a padding that is all the packet", [self.text(inner + bytes((room, IPV4)))], "bad-inner")
        impossible = [n for n in range(256) if n not in (IPV4, IPV6, DUMMY)]
        self.expect("next headers that tunnel mode has not", [self.inside(inner, n) for n in impossible],
                    "bad-trailer")
        self.expect("dummies", [self.inside(inner, DUMMY), self.inside(b"", DUMMY),
                                self.inside(os.urandom(1000), DUMMY)], "dummy")

    def inners(self):
        four, six = arena.ipv4(bytes(40)), arena.ipv6(bytes(40))
        self.expect("the other family than the trailer says", [self.inside(four, IPV6), self.inside(six, IPV4)],
                    "bad-inner")
        self.expect("IP versions", [self.inside(changed(four, 0, version << 4 | 5), IPV4) for version in range(16)
                                    if version != 4], "bad-inner")
        self.expect("versions in IPv6", [self.inside(changed(six, 0, version << 4), IPV6) for version in range(16)
                                         if version != 6], "bad-inner")
        self.expect("part of a header", [self.inside(four[:n], IPV4) for n in range(1, 20)] +
                    [self.inside(six[:n], IPV6) for n in range(1, 40)], "bad-inner")
        self.expect("header lengths", [self.inside(changed(four, 0, 0x40 | n), IPV4) for n in range(5)] +
                    [self.inside(changed(four[:3] + b"\x14" + four[4:20], 0, 0x4f), IPV4)], "bad-inner")
        totals = (0, 19, len(four) + 1, 65535)
        self.expect("total lengths", [self.inside(four[:2] + struct.pack("!H", n) + four[4:], IPV4) for n in totals],
                    "bad-inner")
        self.expect("payload lengths", [self.inside(six[:4] + struct.pack("!H", n) + six[6:], IPV6)
                                        for n in (41, 65535)], "bad-inner")
        self.expect("inner sources of nobody's",
                    [self.inside(arena.ipv4(b"", source), IPV4)
                     for source in ("172.16.0.1", "192.168.1.1", "0.0.0.0", "127.0.0.1", "224.0.0.1")] +
                    [self.inside(arena.ipv6(b"", source), IPV6) for source in ("fd03::1", "::", "::1", "ff02::1")],
                    "source")

    def tolerated(self):
        """Odd, and right: padding against traffic analysis (RFC 4303 section 2.7), and any pad length."""
        four, six = arena.ipv4(b"tolerated"), arena.ipv6(b"tolerated")
        longest = 255 - (len(four) + 2 + 255) % self.sa.suite.block
        self.expect("filled up behind the packet", [(self.inside(four + os.urandom(500), IPV4), four),
                                                    (self.inside(six + bytes(3), IPV6), six)], "delivered")
        self.expect("the longest padding", [(self.text(four + bytes(range(1, longest + 1)) + bytes((longest, IPV4))),
                                             four)], "delivered")

    def sizes(self):
        outer = 20 + (8 if self.encap == "udp" else 0)
        most = 65535 - outer - 8 - self.sa.suite.iv_len - self.sa.suite.icv_len
        most -= most % self.sa.suite.block
        packet, inner = self.good(arena.ipv4(os.urandom(most - 2 - 28)))
        self.expect("oversized, forged", [changed(packet, 30000, packet[30000] ^ 1)], "auth-failed")
        self.expect("the largest there can be", [(packet, inner)], "delivered")
        self.expect("and once more", [packet], "replayed")

    def joined(self):
        """A guest says of what is one packet that it is many."""
        packet = self.good(arena.ipv4(os.urandom(1000)))[0]
        self.scene.send_joined(packet, 1)
        delivered, drops = self.scene.outcome(1)
        good = not delivered and drops == {"esp-malformed": 1}
        print("ok" if good else "fail", self.name + "in pieces of one byte", "" if good else "# dropped %s" % drops)

    def congestion(self):
        """RFC 6040: marked outside, and inside a flow that does not know of marks."""
        sock = self.scene.udp if self.encap == "udp" else self.scene.raw
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 3)
        self.expect("congestion marks for those who know none", [self.good(arena.ipv4(b"ecn"))[0]], "ecn")
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0)

    def all(self):
        self.lengths()
        self.forgeries()
        self.trailers()
        self.inners()
        self.tolerated()
        self.sizes()
        self.congestion()
        self.expect("good packets still get in", [self.good(arena.ipv4(b"good")), self.good(arena.ipv6(b"good"))],
                    "delivered")


def strangers(scene):
    """No SA says what it is."""
    body = bytes(64)
    reserved = [struct.pack("!II", spi, 1) + body for spi in range(256)]
    scene.expect("SPIs 0 to 255, native", reserved, "host unknown-spi")
    scene.expect("SPIs 1 to 255, in UDP", reserved[1:], "host unknown-spi", "udp")
    scene.expect("SPIs of nobody's", [os.urandom(4) + body for n in range(20)], "host unknown-spi")
    scene.expect("less than a header, native", [b"\0\0\x20\1\0\0\0"[:n] for n in range(8)], "host esp-malformed")
    scene.expect("less than a header, in UDP", [b"\0\0\x20\1\0\0\0"[:n] for n in range(8)], "host not-esp", "udp")
    scene.expect("what is IKE's", [reserved[0], bytes(4) + os.urandom(300), bytes(4)], "host not-esp", "udp")
    scene.expect("a NAT keepalive", [b"\xff"], "host keepalive", "udp")
    scene.expect("one byte that is none", [b"\xfe", b"\0"], "host not-esp", "udp")


def main():
    scene = arena.Arena(*sys.argv[1:])
    scene.open_guest()
    strangers(scene)
    spi = 0x2000
    for suite in SUITES:
        for tunnel in "native", "natt":
            sender = Sender(scene, tunnel, suite, spi)
            sender.all()
            if tunnel == "native":
                sender.joined()
            other = {"udp": "none", "none": "udp"}[sender.encap]
            scene.expect(sender.name + "the wrong encapsulation", [sender.good(arena.ipv4(b"wrong"))[0]],
                         "encap-mismatch", other)
            spi += 1
    scene.tool("sa", "del", "vgw0", "natt", "in", "spi", str(spi - 1))
    scene.expect("an SA that is gone", [sender.good(arena.ipv4(b"gone"))[0]], "host unknown-spi", "udp")
    sender = Sender(scene, "native", "aes256gcm8", spi)
    with arena.inside(scene.left):
        subprocess.run(["ip", "link", "set", "vgw0", "down"], check=True)
    sender.expect("an interface that is set down", [sender.good(arena.ipv4(b"down"))[0]], "device-down")
    print("end")


main()
