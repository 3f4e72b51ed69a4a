#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# The life of SAs: when an outbound one is used, how inbound ones overlap and linger, how limits end them, who may have
# which SPI, and who may see what.
#
#   left (vgw0) ---- right (an xfrm peer, which is told which SA to use)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

genl=$(dirname "$0")/../lib/genl.py
left="" right=""

modprobe -a esp4 crypto-gcm crypto-seqiv
setup_ns left right
link_ns left right 10.0.0
make_vgw left
v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24

# ---- two gateways whose SAs have numbers ----

ip -n "$right" addr add 192.168.2.1/32 dev lo
ip -n "$right" route add 192.168.1.0/24 dev left src 192.168.2.1
ip -n "$right" xfrm policy add src 192.168.1.0/24 dst 192.168.2.0/24 dir in \
	tmpl src 10.0.0.1 dst 10.0.0.2 proto esp mode tunnel

# add_out N [WORD...]: at both ends; SPI 0x1000 and the number.
add_out()
{
	local n=$1
	shift
	make_keys aes128gcm16 "lr$n"
	ip -n "$right" xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi $((0x1000 + n)) mode tunnel \
		replay-window 128 flag af-unspec aead "rfc4106(gcm(aes))" "$(hex "lr$n")" 128
	sa_add left vgw0 office out $((0x1000 + n)) aes128gcm16 "lr$n" "$@"
}

# add_in N [WORD...]: at both ends; SPI 0x2000 and the number.
add_in()
{
	local n=$1
	shift
	make_keys aes128gcm16 "rl$n"
	ip -n "$right" xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi $((0x2000 + n)) mode tunnel reqid "$n" \
		flag af-unspec aead "rfc4106(gcm(aes))" "$(hex "rl$n")" 128
	sa_add left vgw0 office in $((0x2000 + n)) aes128gcm16 "rl$n" "$@"
}

del()
{
	local dir=$1 spi=$2
	shift 2
	v left sa del vgw0 office "$dir" spi "$spi" "$@"
}

# peer_uses N: from now on the peer sends with 0x2000 and the number.
peer_uses()
{
	ip -n "$right" xfrm policy update src 192.168.2.0/24 dst 192.168.1.0/24 dir out \
		tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid "$1" mode tunnel
}

ping_left()
{
	pinged left -qc 1 192.168.2.1
}

# of_sas PYTHON: something of the list s, whose members have number (0x1001: 1), dir and so on.
of_sas()
{
	v left show --json | /usr/bin/python3 -c 'import json, sys
tunnel = json.load(sys.stdin)["interfaces"][0]["tunnels"][0]
s = [dict(sa, number=int(sa["spi"], 16) & 0xfff) for sa in tunnel["sas"]]
into = {sa["number"]: sa for sa in s if sa["dir"] == "in"}
out = {sa["number"]: sa for sa in s if sa["dir"] == "out"}
got = eval(sys.argv[1])
print(*(got if isinstance(got, tuple) else [got]))' "$1"
}
of_sas_is()
{
	[ "$(of_sas "$1")" = "$2" ]
}
current()
{
	of_sas '[sa["number"] for sa in s if sa["current"]]'
}
current_is()
{
	[ "$(current)" = "[$1]" ]
}
drops()
{
	json left "[\"tunnels\"][0][\"drops\"].get(\"$1\", 0)"
}
drops_is()
{
	[ "$(drops "$1")" = "$2" ]
}

# send_segments COUNT SIZE: one packet of segmentation offload, so that all of them are under way before anybody can
# follow a limit; inside 28 bytes longer.
send_segments()
{
	in_ns left /usr/bin/python3 -c '
import socket, sys
count, size = map(int, sys.argv[1:])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_UDP, 103, size)  # UDP_SEGMENT
s.sendto(bytes(count * size), ("192.168.2.1", 9))' "$@"
}

# forge SPI COUNT: packets that nobody sealed.
forge()
{
	in_ns right /usr/bin/python3 -c '
import os, socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50)
for seq in range(int(sys.argv[2])):
    s.sendto(struct.pack(">II", int(sys.argv[1], 0), 1000 + seq) + os.urandom(100), ("10.0.0.1", 0))' "$@"
}

events=$keys/events
event_count()
{
	grep -c "$1" "$events" || true
}
# sa_events DIR SPI: which limits were told.
sa_events()
{
	/usr/bin/python3 -c 'import json, sys
for line in open(sys.argv[1]):
    event = json.loads(line)
    if event["event"] == "sa-expire" and (event["dir"], event["spi"]) == (sys.argv[2], sys.argv[3]):
        print(event["expiry"], end=" ")' "$events" "$1" "$(printf 0x%08x $(($2)))"
}
sa_events_is()
{
	[ "$(sa_events "$1" "$2")" = "$3" ]
}

v left monitor --json > "$events" &
defer kill $!
busywait 10 grep -q listening "$events"
wire=$keys/wire
capture_start left right "$wire" 'esp and src 10.0.0.1'

# ---- which outbound SA is used ----

add_in 1
add_out 1
peer_uses 1
check "traffic" ping_left
add_in 2
add_out 2 pending-on 0x2002
check "a pending SA waits" ping_left
same "and the one before is in use" "[1]" "$(current)"
forge 0x2002 3
check "forgeries come" busywait 10 drops_is auth-failed 3
same "and are not what it waits for" "[1]" "$(current)"
peer_uses 2
check "the peer uses the inbound SA" ping_left
check "now the pending SA is used" busywait 10 current_is 2
check "by packets" ping_left
same "it sealed that one, and the other one those before" "1 3" \
	"$(of_sas 'out[2]["packets"], out[1]["packets"]' 2>&1)"
add_in 3
add_out 3 pending-on 0x2003
same "the next waits again" "[2]" "$(current)"
v left sa set vgw0 office out spi 0x1003 current on
same "until it is told not to" "[3]" "$(current)"
check "traffic by it" ping_left

# ---- inbound SAs overlap and linger ----

before=$(of_sas '[into[n]["packets"] for n in (1, 2, 3)]')
for n in 1 3 2 1 3 2; do
	peer_uses $n
	check "the peer uses number $n of 3" ping_left
done
same "each accepted its packets" True "$(of_sas "[into[n][\"packets\"] - was for n, was in
	zip((1, 2, 3), $before)] == [2, 2, 2]")"
peer_uses 1
del in 0x2001 linger $((10 * ${TIME_SCALE:-1}))
check "one that lingers accepts" ping_left
check "and then it is gone" busywait 30 of_sas_is '1 in into' False
check_not "and accepts no more" in_ns left ping -qc 1 -W 1 192.168.2.1
same "which is no expiry" "" "$(sa_events in 0x2001)"
peer_uses 2
check "the others stay" ping_left

# ---- the current one goes ----

add_out 4 pending-on 0x2003
add_in 5
add_out 5 pending-on 0x2005
tunnel_events=$(event_count '"tunnel"')
pinged left -qc 50 -i 0.02 192.168.2.1 > "$keys/ping" &
pings=$!
for n in 4 3; do
	# 0x2003 was heard, so number 4 had not to wait.
	same "in use is number $n" "[$n]" "$(current)"
	del out $((0x1000 + n))
done
same "without it the newest that waits for nothing is used" "[2]" "$(current)"
wait "$pings" || true
same "no packet was lost by that" 1 "$(grep -c '50 received' "$keys/ping")"
same "and the tunnel stayed up" "$tunnel_events" "$(event_count '"tunnel"')"
del out 0x1002
del out 0x1001
same "without any the tunnel is down" "down no-sa" \
	"$(json left '["tunnels"][0]["state"]') $(json left '["tunnels"][0]["reason"]')"

# ---- limits ----

# spent N WHAT: the only outbound SA is.
spent()
{
	check "the tunnel is down: $2" busywait 10 of_sas_is 'tunnel["reason"]' sa-expired
	same "no carrier: $2" False "$(json left '["carrier"]')"
	check "told in this order: $2" busywait 10 sa_events_is out $((0x1000 + $1)) "soft hard "
	del out $((0x1000 + $1))
}

add_out 6 life-packets 16
send_segments 13 100
same "13 packets of 16: fresh" None "$(of_sas 'out[6]["expiry"]')"
send_segments 1 100
same "14 of 16: soft" soft "$(of_sas 'out[6]["expiry"]')"
check "which is told" busywait 10 sa_events_is out 0x1006 "soft "
send_segments 20 100
same "16 of 16: hard; exactly these were sent" "hard 16 16" \
	"$(of_sas 'out[6]["expiry"], out[6]["packets"], out[6]["seq"]')"
same "the others are counted" 18 "$(drops sa-expired)"
spent 6 "packets"

add_out 7 life-bytes 1024
send_segments 6 100
same "768 bytes of 1024: fresh" None "$(of_sas 'out[7]["expiry"]')"
send_segments 1 100
check "896 of 1024: soft" busywait 10 sa_events_is out 0x1007 "soft "
send_segments 20 100
same "hard once 1024 bytes have gone" "hard 1024" "$(of_sas 'out[7]["expiry"], out[7]["bytes"]')"
same "what came later is counted" 37 "$(drops sa-expired)"
spent 7 "bytes"

# peer_pings COUNT: inside 128 bytes each; without waiting for answers.
peer_pings()
{
	in_ns right ping -q -l "$1" -c "$1" -s 100 -i 0.2 -W 1 -I 192.168.2.1 192.168.1.1 > /dev/null || true
}
add_in 8 life-packets 16
peer_uses 8
peer_pings 14
check "inbound, 14 packets of 16: soft" busywait 10 sa_events_is in 0x2008 "soft "
peer_pings 6
check "and hard" busywait 10 sa_events_is in 0x2008 "soft hard "
same "16 packets were accepted" "hard 16" "$(of_sas 'into[8]["expiry"], into[8]["packets"]')"
same "the others dropped" 4 "$(drops sa-in-expired)"
add_in 9 life-bytes 1024
peer_uses 9
peer_pings 7
check "inbound, 896 bytes of 1024: soft" busywait 10 sa_events_is in 0x2009 "soft "
peer_pings 13
check "and hard" busywait 10 sa_events_is in 0x2009 "soft hard "
same "1024 bytes were accepted" "hard 1024" "$(of_sas 'into[9]["expiry"], into[9]["bytes"]')"
same "the others dropped" 16 "$(drops sa-in-expired)"

# Long enough for some checks before, on a slow machine too.
life=$((16 * ${TIME_SCALE:-1}))
add_out 10 life-time $life
add_in 10 life-time $life
peer_uses 10
check "SAs that are to live for $life s: traffic" ping_left
same "no limit is reached" "None None" "$(of_sas 'out[10]["expiry"], into[10]["expiry"]')"

# ---- who may have which SPI ----

# A reservation that ends by itself, while the rest goes on.
in_ns left /usr/bin/python3 - "$(dirname "$genl")" "$keys/reserved" << 'END' &
import sys, time
sys.path.insert(0, sys.argv[1])
import genl
vgw = genl.Client()
spi = vgw.do("spi-alloc", {"ifname": "vgw0", "tunnel": {"name": "office"}})["sa"]["spi"]
open(sys.argv[2], "w").write(str(spi))
time.sleep(3600)
END
defer kill $!
busywait 20 test -s "$keys/reserved"
reserved_since=$SECONDS

ip -n "$left" xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x7777 mode tunnel \
	aead "rfc4106(gcm(aes))" "$(hex rl1)" 128
v left tunnel add vgw0 other local 10.0.0.1 remote 10.0.0.3 encap none prefix 192.168.3.0/24
v left tunnel add vgw0 third local 10.0.0.1 remote 10.0.0.4 encap none prefix 192.168.5.0/24
in_ns left /usr/bin/python3 - "$(dirname "$genl")" "$(< "$keys/rl1")" > "$keys/spis" << 'END'
import errno, os, struct, sys
sys.path.insert(0, sys.argv[1])
import genl
mine, other = genl.Client(), genl.Client()
office, key = {"ifname": "vgw0", "tunnel": {"name": "office"}}, bytes.fromhex(sys.argv[2])


def alloc(client):
    return client.do("spi-alloc", office)["sa"]["spi"]


def new(client, spi, tunnel="office", direction="in"):
    sa = {"direction": direction, "spi": spi, "suite": "aes128gcm16", "key": key}
    try:
        client.do("sa-new", {"ifname": "vgw0", "tunnel": {"name": tunnel}, "sa": sa})
    except genl.Refused as refused:
        return f"{errno.errorcode[refused.errno]} {refused.message}"
    return "done"


def delete(client, spi, tunnel="office", direction="in"):
    sa = {"direction": direction, "spi": spi}
    client.do("sa-del", {"ifname": "vgw0", "tunnel": {"name": tunnel}, "sa": sa})


many = [alloc(mine) for _ in range(100)]
print("distinct:", len(set(many)), min(many) >= 256, len({spi >> 24 for spi in many}) > 30)
print("reserved:", new(other, many[0]))
print("its holder:", new(mine, many[0]))
delete(mine, many[0])
print("used up:", new(other, many[0]))
delete(other, many[0])
mine.close()
print("freed:", new(other, many[1]))
print("taken here:", new(other, many[1]))
print("taken there:", new(other, many[1], "other"))
print("outbound, peers may agree:", new(other, 0x4444, "other", "out"), new(other, 0x4444, "third", "out"))
delete(other, 0x4444, "other", "out")
delete(other, 0x4444, "third", "out")
print("low:", new(other, 255))
print("lowest:", new(other, 256))
print("xfrm:", new(other, 0x7777))
reserved = 0
try:
    while reserved < 5000:
        alloc(other)
        reserved += 1
except genl.Refused as refused:
    print("too many:", 500 < reserved, errno.errorcode[refused.errno], refused.message)


# Keys go in and never out.
request = other.request("sa-get", office, genl.F_DUMP)
other.sock.send(request)
kinds, raw = [], b""
while genl.NLMSG_DONE not in kinds:
    for kind, flags, seq, body in other.messages():
        kinds.append(kind)
        raw += body
rows = other.dump("sa-get", office)
print("dumped:", len(rows) > 5, len(kinds) == len(rows) + 1)
print("keys:", key in raw, key[:8] in raw, any(word in row["sa"] for row in rows for word in ("key", "auth-key")))
END
spi_says()
{
	same "SPIs: $1" "$2" "$(sed -n "s/^$1: //p" "$keys/spis")"
}
spi_says distinct "100 True True"
spi_says reserved "EBUSY vgw: another program has reserved this SPI"
spi_says "its holder" "done"
spi_says "used up" "done"
spi_says freed "done"
spi_says "taken here" "EEXIST vgw: the tunnel has an SA of this direction and SPI"
spi_says "taken there" "EEXIST vgw: another tunnel of this host has an inbound SA with this SPI"
spi_says "outbound, peers may agree" "done done"
check "SPIs: 255 is refused" grep -q '^low: E' "$keys/spis"
spi_says lowest "done"
spi_says xfrm "EEXIST vgw: the kernel's own IPsec has an inbound SA with this SPI"
spi_says "too many" "True ENOSPC vgw: too many SPIs are reserved"
spi_says dumped "True True"
spi_says keys "False False False"

# ---- forgeries are told, but not too often ----

forged=$(event_count '"auth-fail"')
check "three forgeries were told at once, and the last ones a second later: $forged times" \
	test "$forged" -ge 1 -a "$forged" -le 2
begin=$SECONDS
for _ in 1 2 3 4; do
	forge 0x2002 100
	sleep 0.7
done
check "all were dropped" busywait 10 drops_is auth-failed 403
told=$(($(event_count '"auth-fail"') - forged))
took=$((SECONDS - begin + 1))
check "400 forgeries in $took s were told, at most once a second: $told times" test "$told" -ge 2 -a "$told" -le $took
same "with the SPI" "$((told + forged))" "$(event_count '"auth-fail".*0x00002002')"

# ---- who may see SAs ----

# as_nobody ARG...: genl.py by a user without rights.
as_nobody()
{
	in_ns left setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all /usr/bin/python3 "$genl" "$@"
}
check "anybody may see tunnels" as_nobody tunnel-get ifname=vgw0 tunnel.name=office
check_not "but not SAs" as_nobody --dump sa-get ifname=vgw0
check_not "nor one of them" as_nobody sa-get ifname=vgw0 tunnel.name=office sa.direction=in sa.spi=0x2002

ip -n "$left" link add vgw1 type vgw
v left tunnel add vgw1 branch local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.4.0/24
make_keys aes128gcm16 branch
sa_add left vgw1 branch in 0x5001 aes128gcm16 branch
setpriv --reuid=65534 --regid=65534 --clear-groups unshare -Urn sleep 3600 &
owner=$!
defer kill $owner
is_apart()
{
	[ "$(readlink /proc/$owner/ns/net)" != "$(readlink /proc/self/ns/net)" ] && grep -qw 65534 /proc/$owner/uid_map
}
busywait 10 is_apart
ip -n "$left" link set vgw1 netns $owner
as_owner()
{
	nsenter -t $owner -U -n /usr/bin/python3 "$genl" "$@"
}
check "the owner of the inner namespace sees the tunnel" as_owner tunnel-get ifname=vgw1 tunnel.name=branch
same "but no SAs of any interface" "" "$(as_owner --dump sa-get)"
refused=$(as_owner --dump sa-get ifname=vgw1 2>&1) || true
same "nor those of this one" "genl: EPERM: vgw: needs CAP_NET_ADMIN where the interface was created" "$refused"
refused=$(as_owner sa-get ifname=vgw1 tunnel.name=branch sa.direction=in sa.spi=0x5001 2>&1) || true
same "nor one of them" "genl: EPERM: vgw: needs CAP_NET_ADMIN where the interface was created" "$refused"
refused=$(as_owner sa-del ifname=vgw1 tunnel.name=branch sa.direction=in sa.spi=0x5001 2>&1) || true
same "and may not delete it" "genl: EPERM: vgw: needs CAP_NET_ADMIN where the interface was created" "$refused"

# ---- what takes time ----

check "the SAs have lived long enough: told" busywait $((life + 10)) sa_events_is out 0x100a "soft hard "
check "inbound too" busywait 10 sa_events_is in 0x200a "soft hard "
spent 10 "time"
expired=$(drops sa-in-expired)
peer_pings 2
check "and what comes is dropped" busywait 10 drops_is sa-in-expired $((expired + 2))

reserved()
{
	v left sa add vgw0 office in spi "$(< "$keys/reserved")" alg aes128gcm16 keyfile "$keys/rl1"
}
if [ $((SECONDS - reserved_since)) -lt 25 ]; then
	check_not "a reserved SPI is kept for its socket" reserved
fi
check "but not longer than 30 s" busywait 40 reserved

# ---- the wire ----

capture_stop "$wire"
check "no sequence number came twice, none was left out" /usr/bin/python3 -c '
import sys
from scapy.all import IP, rdpcap
seen = {}
for packet in rdpcap(sys.argv[1]):
    data = bytes(packet[IP].payload)
    spi, seq = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
    seen.setdefault(spi, []).append(seq)
print({hex(spi): len(numbers) for spi, numbers in seen.items()})
assert len(seen) == 7
for spi, numbers in seen.items():
    assert numbers == list(range(1, len(numbers) + 1)), (hex(spi), numbers)' "$wire"
