#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 180
#
# Packets of segmentation offload, bit by bit: what is in the ESP packets is what a host without offload would have sent.
# TCP and UDP of both families, natively and in UDP, those that the module cuts itself and those that the stack does.
# On PREEMPT_RT the module makes no aggregates in UDP, but for devices that take lists.
#
#   left (vgw0) ---- right (a python peer that sees every bit)

# shellcheck source=../lib/clearpeer.sh
. "$(dirname "$0")/../lib/clearpeer.sh"

left="" right=""

clear_scene

py_checks "$left" "$right" "$vpntun" <<'END'
import json, os, sys
from clearpeer import *

keys, left, right, vpntun = sys.argv[1:]
SOL_PACKET, PACKET_VNET_HDR, UDP_SEGMENT = 263, 15, 103
NEEDS_CSUM, GSO_TCP4, GSO_TCP6, GSO_ECN = 1, 1, 4, 0x80
START = 2**32 - 5000  # the first sequence number
AGGREGATES = "PREEMPT_RT" not in os.uname().version
FIN, PSH, ACK, ECE, CWR = 0x01, 0x08, 0x10, 0x40, 0x80
raw = socket_in(left, socket.AF_PACKET, socket.SOCK_RAW, 0)
raw.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)

def drops(name, cause):
    tunnels = json.loads(run_in(left, vpntun, "show", "vgw0", name, "--json"))["interfaces"][0]["tunnels"]
    return tunnels[0]["drops"].get(cause, 0)

def segment(src, dst, at, flags, options, text, summed, **fields):
    """A TCP segment in IP; summed: its checksum is made, else it has the pseudo header's sum only."""
    words = (20 + len(options)) // 4
    head = struct.pack("!HHIIBBHHH", 1000, 80, at & 0xffffffff, 77, words << 4, flags, 1000, 0, 0) + options
    if summed:
        total = pseudo(src, dst, TCP, head + text) or 0xffff
    else:
        total = ~checksum(packed(src) + packed(dst) + struct.pack("!II", len(head + text), TCP)) & 0xffff
    return ip(src, dst, head[:16] + struct.pack("!H", total) + head[18:] + text, proto=TCP, **fields)

def send_super(src, dst, size, flags, options, text, ip_options=b"", **fields):
    four = ":" not in src
    packet = segment(src, dst, START, flags, options, text, False, **fields)
    packet = with_options(packet, ip_options) if ip_options else packet
    start = len(packet) - len(text) - len(options) - 20
    kind = (GSO_TCP4 if four else GSO_TCP6) | (GSO_ECN if flags & CWR else 0)
    head = struct.pack("=BBHHHH", NEEDS_CSUM, kind, start + 20 + len(options), size, start, 16)
    raw.sendto(head + packet, ("vgw0", 0x0800 if four else 0x86dd))

def wanted(src, dst, size, flags, options, text, **fields):
    """What a host sends that cuts the text itself."""
    out = []
    for at in range(0, len(text), size):
        mine = flags if at + size >= len(text) else flags & ~(FIN | PSH)
        mine = mine & ~CWR if at else mine
        if "ident" in fields:
            fields["ident"] = fields["ident"] + 1 & 0xffff if at else fields["ident"]
        out.append(segment(src, dst, START + at, mine, options, text[at:at + size], True, **fields))
    return out

def differs(got, want):
    """Nothing if both are the same, else where they are not."""
    for i, (one, other) in enumerate(zip(got, want)):
        if one != other:
            byte = next((j for j, (a, b) in enumerate(zip(one, other)) if a != b), "end")
            return f"packet {i} of {len(want)}, byte {byte}: wanted {other[:80].hex()}, got {one[:80].hex()}"
    return "" if len(got) == len(want) else f"wanted {len(want)} packets, got {len(got)}"

def outside(packets, tos, cut_here=True):
    """What is wrong with the outer headers of the parts of one packet."""
    first, count = packets[0], len(packets)
    wrong = [f"sequence number {packet.seq} of part {i}" for i, packet in enumerate(packets) if packet.seq != first.seq + i]
    wrong += [f"TOS {packet.tos}" for packet in packets if packet.tos != tos]
    if first.version == 4:
        wrong += ["no DF" for packet in packets if not packet.df]
        wrong += ["an identification twice"] * (len({packet.id for packet in packets}) != count)
    if first.udp and (cut_here and AGGREGATES or first.version == 6):
        wrong += [f"UDP header {packet.udp}" for packet in packets if not packet.udp["right"] or not packet.udp["checksum"]]
    return "; ".join(wrong[:3])

def check_tcp(peer, n, inner, text):
    src, dst = ("192.168.1.1", f"192.168.{n}.1") if inner == 4 else ("fd01::1", f"fd00:1:{n}::1")
    fields = dict(tos=0x2a, **(dict(ident=65530, df=True) if inner == 4 else {}))
    stamp = bytes.fromhex("0101080a11111111") + b"\x22" * 4
    cases = [("20 segments, the last with FIN and PSH, the first with CWR", 1000, 20000, FIN | PSH | ACK | ECE | CWR, b"", {}),
             ("odd sizes and options", 777, 10101, ACK | PSH, stamp, {}),
             ("two segments, one byte in the last", 1200, 1201, ACK, stamp, {}),
             ("as many segments as fit", 700, 65535 - 60, ACK | PSH, b"", {}),
             ("very many segments", 150, 30000, ACK, b"", {})]
    if inner == 4:
        cases.append(("IP options, which the stack cuts", 900, 9999, ACK | FIN, stamp, dict(options=b"\x01" * 3 + b"\x00")))
    for what, size, length, flags, options, more in cases:
        data = bytes(i * 7 + i // 251 & 0xff for i in range(length))
        want = wanted(src, dst, size, flags, options, data, **fields)
        if more:
            # Each has a header of its own that repeats the options.
            want = [with_options(packet, more["options"]) for packet in want]
        send_super(src, dst, size, flags, options, data, more.get("options", b""), **fields)
        packets = []
        while len(packets) < len(want) and (packet := peer.hear()):
            packets.append(packet)
        wrong = differs([packet.inner for packet in packets], want) or outside(packets, 0x2a, not more)
        ok(f"{text}, TCP, {what}", not wrong, wrong)

def with_options(packet, options):
    fields = struct.unpack("!BBHHHBBH4s4s", packet[:20])
    return ip4(socket.inet_ntoa(fields[8]), socket.inet_ntoa(fields[9]), packet[20:], tos=fields[1],
               df=bool(fields[4] & 0x4000), proto=fields[6], ident=fields[3], options=options)

def check_udp(peer, n, inner, text):
    family = socket.AF_INET if inner == 4 else socket.AF_INET6
    dst = f"192.168.{n}.1" if inner == 4 else f"fd00:1:{n}::1"
    sock = socket_in(left, family, socket.SOCK_DGRAM, 0)
    sock.connect((dst, 99))
    src, sport = sock.getsockname()[:2]
    for size, length in (1000, 20000), (501, 10000):
        data = bytes(i * 5 + i // 241 & 0xff for i in range(length))
        sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
        sock.send(data)
        packets = []
        while len(packets) < -(-length // size) and (packet := peer.hear()):
            packets.append(packet)
        want = []
        for i, packet in enumerate(packets):
            body = udp(src, dst, sport, 99, data[i * size:(i + 1) * size])
            if inner == 4:
                ident, frag = struct.unpack("!HH", packets[0].inner[4:8])
                want.append(ip4(src, dst, body, ident=ident + i & 0xffff, df=bool(frag & 0x4000), proto=UDP))
            else:
                flow = struct.unpack("!I", packets[0].inner[:4])[0] & 0xfffff
                want.append(ip6(src, dst, body, flow=flow, proto=UDP))
        wrong = differs([packet.inner for packet in packets], want) or not packets or outside(packets, 0)
        ok(f"{text}, UDP, {size} of {length} bytes", len(packets) == -(-length // size) and not wrong,
           f"{len(packets)} packets; {wrong}")

def check_limit(peer, n, name, text):
    """An SA of 20 packets, and a super-packet of 30."""
    spi = 0x3000 + n
    run_in(left, vpntun, "sa", "add", "vgw0", name, "out", "spi", hex(spi), "alg", "null-sha256", "authkeyfile",
           f"{keys}/lr", "life-packets", "20")
    run_in(left, vpntun, "sa", "del", "vgw0", name, "out", "spi", hex(peer.inbound))
    peer.inbound = spi
    src, dst = "192.168.1.1", f"192.168.{n}.1"
    data = bytes(30000)
    send_super(src, dst, 1000, ACK | FIN, b"", data, df=True)
    want = wanted(src, dst, 1000, ACK | FIN, b"", data, df=True, ident=0)[:20]
    packets = []
    while len(packets) < 20 and (packet := peer.hear()):
        packets.append(packet)
    wrong = differs([packet.inner for packet in packets], want)
    ok(f"{text}: a spent SA sends what it may", not wrong, wrong)
    same(f"{text}: the last number is the last allowed", 20, packets and packets[-1].seq)
    same(f"{text}: the others are counted as dropped", 10, wait(lambda: drops(name, "sa-expired")))

ALL = (4, "four", 4, "none"), (5, "four-udp", 4, "udp"), (6, "six", 6, "none"), (7, "six-udp", 6, "udp")
for n, name, outer, encap in ALL:
    mine, other = ("10.0.0.2", "10.0.0.1") if outer == 4 else ("fd00:10:0:0::2", "fd00:10:0:0::1")
    peer = Peer(right, "left", mine, other, 0x2000 + n, 0x1000 + n, (f"{keys}/rl", f"{keys}/lr"), encap)
    for inner in (4, 6):
        text = f"IPv{inner} in IPv{outer}{' and UDP' if encap == 'udp' else ''}"
        check_tcp(peer, n, inner, text)
        check_udp(peer, n, inner, text)
    check_limit(peer, n, name, name)
END

# Where the device cuts, many ESP packets leave as one.
in_aggregates()
{
	in_ns left ethtool -K right tx on > /dev/null
	# No device of 5.10's has it, however it is asked.
	if ! in_ns left ethtool -k right | grep '^tx-udp-segmentation: on' > /dev/null; then
		ktap_ok "in UDP they leave as aggregates # SKIP no device of this kernel cuts them"
		return
	fi
	v left sa add vgw0 four-udp out spi 0x4005 alg null-sha256 authkeyfile "$keys/lr"
	capture_start left right "$keys/large" -s 100 'greater 1600 and udp port 4500'
	in_ns left /usr/bin/python3 "$clear_lib/transfer.py" number 192.168.5.1 99 40 1000 20
	check "in UDP they leave as aggregates" busywait 10 test -s "$keys/large"
	capture_stop "$keys/large"
	same "of all the packets in them" 2 "$(tcpdump -nr "$keys/large" 2> /dev/null | wc -l)"
}

case $(uname -v) in
*PREEMPT_RT*) ;;
*) in_aggregates ;;
esac
