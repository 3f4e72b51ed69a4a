#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 240
#
# What a connection does to its host: `up` starts the helper, makes the interface, addresses and routes that follow the
# carrier; down means refused, never in the clear; a default route through the tunnel leaves the way to the peer outside;
# `down` leaves nothing. `check` finds faults. A killed process comes back, others may not change anything.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
patience=$((20 * ${TIME_SCALE:-1}))

# load LEFT_TS RIGHT_TS
load()
{
	swan_load right "$(connection office $right4 $left4 "$2" "$1" $ike $esp 'dpd_delay = 2s' 'child:dpd_action = clear')"
}

carrier_is()
{
	[ "$(in_ns left cat /sys/class/net/vgw0/carrier)" = "$1" ]
}

has_route()
{
	ip -n "$left" route show | grep -E "$1" > /dev/null
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64 10.9.9.1/32
charon right
load $left_ts $right_ts
before=$(host_state)

# ---- check ----

office left $left4 $right4 $left_ts $right_ts $ike $esp 'interface:Address = 10.9.9.1/32' \
	'interface:Source = 192.168.1.1, fd01::1' 'Inside = 169.254.46.42/30, fd00:46::2/126' 'Peer = 10.9.8.1' 'DPDInterval = 2' \
	'DPDTimeout = 6'
file=$keys/vpntun-left/etc/office.conf
check "check finds no fault" vpn left check office
{ sed 's/^Remote = .*/Remote = 1.2.3/; s/^Routes/Ruotes/' "$file" && echo 'Colour = blue'; } > "$keys/wrong.conf"
status=0
said=$(vpn left check "$keys/wrong.conf" 2>&1) || status=$?
same "check ends with 1 where there are faults" 1 $status
for line in "wrong.conf:$(grep -n Ruotes "$keys/wrong.conf" | cut -d: -f1): .*Routes" \
	"wrong.conf:$(grep -n 'Remote = 1' "$keys/wrong.conf" | cut -d: -f1): " \
	"wrong.conf:$(grep -n Colour "$keys/wrong.conf" | cut -d: -f1): "; do
	if grep -q "$line" <<< "$said"; then
		ktap_ok "check says $line"
	else
		ktap_fail "check says $line" "$said"
	fi
done
check_not "and up takes no such file" vpn left up "$keys/wrong.conf"
chmod 644 "$keys/vpntun-left/etc/office.psk"
check_not "nor a key that others can read" vpn left up office --wait 3
chmod 600 "$keys/vpntun-left/etc/office.psk"
vpn left down office > /dev/null 2>&1 || true

# ---- up ----

check "up, which starts the helper" vpn left up office --wait $patience
same "the helper runs" True "$(vpn_value left 'd["daemon"]')"
sites_talk "up"
check "a route leads into it" has_route '^192.168.2.0/24 dev vgw0'
check "behind it is a refusal" has_route '^unreachable 192.168.2.0/24 .*metric'
check "it has its address" bash -c "ip -n $left -br address show vgw0 | grep -q 10.9.9.1/32"
check "the gateway speaks from its source" bash -c "ip -n $left route get 192.168.2.10 | grep -q 'src 192.168.1.1 '"
said=$(vpn left up office --wait $patience) || said="refused: $said"
check "up again is no failure, and says so" grep -q '^office is up already' <<< "$said"

# ---- down means refused ----

charon_kill right
watch_wire
check "the peer is dead: the carrier falls" busywait 40 carrier_is 0
check "what a site sends is refused" busywait 10 refused site_l 192.168.2.10
for address in 192.168.2.10 169.254.46.41 fd00:46::1 10.9.8.1; do
	check_not "what the gateway itself sends to $address, too" pings left $address
done
capture_stop "$keys/wire"
same "nothing of it was on the wire" "" "$(tcpdump -nr "$keys/wire" \
	'net 192.168.0.0/16 or net 169.254.46.40/30 or net fd00:46::/126 or host 10.9.8.1' 2> /dev/null)"
charon right
load $left_ts $right_ts
check "the peer is back, and so is the tunnel" busywait 40 carrier_is 1
check "with traffic" busywait 10 pings site_l 192.168.2.10

# ---- processes ----

# confinement PROCESS: what the kernel says of its rights
confinement()
{
	local pid
	pid=$(process "$1")
	awk '/^(Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):/ { $1 = $1; print }' "/proc/$pid/status" |
		paste -sd' '
	readlink "/proc/$pid/root"
	find "/proc/$pid/root/" -mindepth 1 -print -quit
}
user=$(id -u vpntun 2> /dev/null || id -u nobody) group=$(id -g vpntun 2> /dev/null || id -g nobody)
none=0000000000000000
for name in network key; do
	same "the $name process has no rights, and an empty folder for all its files" \
		"Uid: $user $user $user $user Gid: $group $group $group $group Groups: CapInh: $none CapPrm: $none CapEff: $none \
CapBnd: $none CapAmb: $none NoNewPrivs: 1 Seccomp: 2 /run/vpntun/empty" "$(confinement $name | paste -sd' ')"
done
pid=$(process network)
flow_start 50
old=$(swan_value right initiator-spi)
kill -9 "$pid"
check "killed, it comes back" busywait 20 another_process network "$pid"
another_ike()
{
	local now
	now=$(swan_value right initiator-spi)
	[ -n "$now" ] && ! grep -q "$old" <<< "$now" && vpn_is left 't["state"]' up
}
check "and makes a new IKE SA" busywait 30 another_ike
check "one pair of SAs is left" busywait 30 vpn_is left 'len(t["sas"])' 2
flow_stop "meanwhile"

as_nobody()
{
	in_ns left setpriv --reuid nobody --regid nogroup --clear-groups "$@"
}
ctl=$(find "$keys/vpntun-left/run" -name 'ctl-*')
same "the control socket is for root and a group" 660 "$(stat -c %a "$ctl")"
check_not "others cannot even speak to it" as_nobody /usr/bin/python3 -c '
import socket, sys
socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).connect(sys.argv[1])' "$ctl"

# asked REQUEST: what the helper answers one of the group, without the braces: whether it does it, or why not
asked()
{
	as_nobody /usr/bin/python3 -c '
import json, socket, sys
to = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
to.connect(sys.argv[1])
to.sendall(b"{\"v\": 1, " + sys.argv[2].encode() + b"}\n")
answer = json.loads(to.makefile().readline())
print(answer["ok"], answer.get("why", ""))' "$ctl" "$1"
}
chmod o+x "$keys" "$keys/vpntun-left" "$keys/vpntun-left/run"
chgrp nogroup "$ctl"
same "who is of the group may read" "True " "$(asked '"do": "status"')"
for request in '"do": "up", "file": "/etc/vpntun/office.conf"' '"do": "down", "name": "office"' \
	'"do": "reload", "file": "/etc/vpntun/office.conf"' '"do": "rekey", "name": "office", "ike": true'; do
	same "and no more: $request" "False not permitted: that is for root alone" "$(asked "$request")"
done
chgrp root "$ctl"
check "all is as it was" vpn_is left 't["state"]' up

# ---- restart, down ----

old=$(swan_value right initiator-spi)
check "restart" vpn left restart office --wait $patience
check "makes everything new" busywait 20 another_ike
check "with traffic" busywait 10 pings site_l 192.168.2.10
check "down" vpn left down office
same "which leaves nothing" "" "$(diff <(echo "$before") <(host_state))"
check "the peer heard of it" busywait 10 swan_has right 0 0
check_not "a connection that is not there cannot be ended" vpn left down office

# ---- everything through the tunnel ----

load 192.168.1.0/24 0.0.0.0/0
ip -n "$right" addr add 10.77.0.1/32 dev lo
office left $left4 $right4 192.168.1.0/24 0.0.0.0/0 $ike $esp 'interface:Routes = 0.0.0.0/0' \
	'interface:Source = 192.168.1.1'
watch_wire
check "Routes = 0.0.0.0/0: up" vpn left up office --wait $patience
check "traffic to the site" busywait 10 pings site_l 192.168.2.10
check "and to what lies behind it" busywait 10 pings site_l 10.77.0.1
check "the gateway's own, too" busywait 10 pings left 10.77.0.1
check "rekeyed, so IKE finds its way" vpn left rekey office --ike
check "still there" busywait 10 pings site_l 10.77.0.1
wire_is_clean "everything"
check "down" vpn left down office
same "which leaves nothing" "" "$(diff <(echo "$before") <(host_state))"
