# SPDX-License-Identifier: GPL-2.0
"""A peer made of sockets: echo requests go to vgw in ESP that scapy or esp.py sealed; both judge the answers.

Reads lines of SAs, two for each tunnel:
    SUITE TUNNEL none|udp LOCAL REMOTE INNER4 INNER6 on|off(ESN) out|in SPI KEY|- AUTH_KEY|-
("out" is towards vgw's peer, that is, towards us), then "go". Writes verdicts as take_verdicts of
vgw.sh reads them, one for each tunnel, then "end".
"""

import socket
import struct
import sys

import esp
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
from scapy.layers.ipsec import ESP, SecurityAssociation
from scapy.packet import Raw

PEER4, PEER6 = "192.168.1.1", "fd01::1"
SCAPY_AUTH = {"sha1": "HMAC-SHA1-96", "sha256": "SHA2-256-128", "sha384": "SHA2-384-192", "sha512": "SHA2-512-256"}
# Extended ones come by steps that the window allows to where the upper half counts.
SEQUENCES = {False: (1, 2, 3, 0xffffffff), True: (1, 0x80000000, 0xfffffff0, 0x100000003)}
TIMEOUT = 20

pipes = {}


def pipe(local, encap):
    """The socket that speaks to vgw: (sending, receiving) function."""
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    if (family, encap) not in pipes:
        if encap == "udp":
            sock = socket.socket(family, socket.SOCK_DGRAM)
            sock.bind((local, 4500))
        else:
            sock = socket.socket(family, socket.SOCK_RAW, 50)
            sock.bind((local, 0))
        sock.settimeout(TIMEOUT)
        pipes[family, encap] = sock
    return pipes[family, encap]


def receive(sock):
    packet = sock.recv(65536)
    if sock.family == socket.AF_INET and sock.type == socket.SOCK_RAW:
        return packet[(packet[0] & 15) * 4:]
    return packet


def scapy_sa(suite, spi, key, auth_key, esn):
    """None for what scapy does not know: short ICVs, GMAC, ESN with HMAC."""
    words = {"tunnel_header": IP(src="1.1.1.1", dst="2.2.2.2"), "esn_en": esn}
    if suite.endswith("gcm16"):
        return SecurityAssociation(ESP, spi, crypt_algo="AES-GCM", crypt_key=key, **words)
    if suite == "chacha20poly1305":
        return SecurityAssociation(ESP, spi, crypt_algo="CHACHA20-POLY1305", crypt_key=key, **words)
    if "-sha" not in suite or esn:
        return None
    if suite.startswith("aes"):
        words.update(crypt_algo="AES-CBC", crypt_key=key)
    return SecurityAssociation(ESP, spi, auth_algo=SCAPY_AUTH[suite.split("-")[1]], auth_key=auth_key, **words)


def scapy_seal(sa, seq, inner, iv):
    packet = (IP if inner[0] >> 4 == 4 else IPv6)(inner)
    sealed = sa.encrypt(packet, seq_num=seq & 0xffffffff, iv=iv, esn=seq >> 32)
    return bytes(sealed[ESP])


def scapy_open(sa, packet, seq):
    return bytes(sa.decrypt(IP(src="1.1.1.1", dst="2.2.2.2", proto=50) / ESP(packet), esn=seq >> 32))


class Tunnel:
    def __init__(self, words):
        self.suite, self.name, self.encap, local, remote, self.inner4, self.inner6 = words[:7]
        self.esn = words[7] == "on"
        self.remote = (remote, 4500 if self.encap == "udp" else 0)
        self.sock = pipe(local, self.encap)
        self.sas, self.scapys = {}, {}

    def add(self, direction, spi, key, auth_key):
        args = (self.suite, int(spi), bytes.fromhex(key.strip("-")), bytes.fromhex(auth_key.strip("-")), self.esn)
        self.sas[direction], self.scapys[direction] = esp.Sa(*args), scapy_sa(*args)

    def request(self, length, number):
        data = Raw(bytes(i & 0xff for i in range(length)))
        if number & 1:
            return bytes(IPv6(src=self.inner6, dst=PEER6) / ICMPv6EchoRequest(id=7, seq=number) / data)
        return bytes(IP(src=self.inner4, dst=PEER4) / ICMP(id=7, seq=number) / data)

    def seal(self, seq, inner, number):
        mine, scapys = self.sas["in"], self.scapys["in"]
        packet = mine.seal(seq, inner)
        if scapys:
            other = scapy_seal(scapys, seq, inner, mine.iv_of(packet))
            if other != packet:
                raise esp.Fault("scapy and esp.py disagree: %s, %s" % (other.hex(), packet.hex()))
        return packet

    def judge(self, packet, seq, request):
        """Is it the answer, and would the others have sealed it to the same bytes?"""
        mine, scapys = self.sas["out"], self.scapys["out"]
        inner = mine.open(packet, seq)
        if mine.seal(seq, inner, mine.iv_of(packet)) != packet:
            raise esp.Fault("esp.py would have sent other bytes than " + packet.hex())
        if scapys and scapy_open(scapys, packet, seq) != inner:
            raise esp.Fault("scapy finds something else in " + packet.hex())
        if scapys and scapy_seal(scapys, seq, inner, mine.iv_of(packet)) != packet:
            raise esp.Fault("scapy would have sent other bytes than " + packet.hex())
        head = 20 if inner[0] >> 4 == 4 else 40
        types = (8, 0) if head == 20 else (128, 129)
        if len(inner) != len(request) or (request[head], inner[head]) != types or \
                inner[head + 4:] != request[head + 4:]:
            raise esp.Fault("not the answer: " + inner.hex())

    def exchange(self, first_length):
        for number, seq in enumerate(SEQUENCES[self.esn]):
            request = self.request(first_length + number, number)
            self.sock.sendto(self.seal(seq, request, number), self.remote)
            self.judge(receive(self.sock), number + 1, request)

    def report(self, first_length):
        by = "scapy and esp.py" if self.scapys["in"] else "esp.py"
        text = "%s %s esn %s: %s" % (self.suite, self.name, "on" if self.esn else "off", by)
        try:
            self.exchange(first_length)
            print("ok", text)
        except Exception as fault:
            print("fail %s # %s %s" % (text, type(fault).__name__, fault))


def main():
    tunnels = {}
    for line in sys.stdin:
        words = line.split()
        if words == ["go"]:
            for number, tunnel in enumerate(tunnels.values()):
                tunnel.report(40 + 4 * number)
            print("end", flush=True)
            tunnels = {}
        else:
            tunnels.setdefault(words[1], Tunnel(words)).add(*words[8:])


main()
