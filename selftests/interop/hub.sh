#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 300
#
# A hub with one interface, and two customers whose addresses it does not know: it tells them apart by who they prove to
# be. Each has a tunnel and a group of its own.
#
#   north, strongSwan on left, 203.0.113.1, site 192.168.1.0/24 --+
#                                                               router -- hub, vpntun on right, site 192.168.2.0/24
#   south, vpntun, 192.0.2.1, site 192.168.3.0/24 ----------------+
#
# What is for a customer that is down is in nobody's tunnel. Two initiations of the same customer live side by side.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

south=""
ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384

# customer NAME SITE GROUP: as the hub knows it
customer()
{
	(umask 077 && echo "key of $1" > "$keys/vpntun-right/etc/$1.psk")
	printf '%s\n' "[Tunnel $1]" 'Remote = any' "RemoteID = $1.example" 'LocalID = hub.example' 'LocalTS = 192.168.2.0/24' \
		"RemoteTS = $2" "Group = $3" "PSKFile = $1.psk" 'DPDInterval = 2' 'DPDTimeout = 6'
}

# north [NAME...]: what strongSwan has to say, in as many connections as there are names
north()
{
	local name all=()
	for name in "$@"; do
		all+=("$(connection "$name" $left4 $right4 192.168.1.0/24 192.168.2.0/24 $ike $esp "local:id = $id" \
			'remote:id = hub.example' 'unique = never')")
	done
	swan_load left "${all[@]}"
}

begin()
{
	swan left --initiate --child "$1" --timeout $((20 * ${TIME_SCALE:-1}))
}

# hub_has NAME STATE
hub_has()
{
	vpn_is right 't["state"]' "$2" "$1"
}

# sent NAME: packets that the hub sent by that tunnel
sent()
{
	vpn_value right 't["tx_packets"]' "$1"
}

hub_says()
{
	grep -q "$1" <<< "$(vpn right log hub)"
}

# Another connection is another IKE SA.
# shellcheck disable=SC2034 # charon_conf reads it
charon_options='reuse_ikesa = no'
gateways
setup_ns south
wire router 192.0.2.254/24 south 192.0.2.1/24
ip -n "$south" route add default via 192.0.2.254
ip -n "$south" addr add 192.168.3.10/24 dev lo
xfrm_device left 1 192.168.2.0/24
charon left
helper right
helper south

vpn_prepare right
{
	printf '%s\n' '[Interface]' 'Name = vgw0' 'Routes = 192.168.1.0/24, 192.168.3.0/24'
	customer north 192.168.1.0/24 1
	customer south 192.168.3.0/24 2
} > "$keys/vpntun-right/etc/hub.conf"
check "the hub waits" vpn right up hub --no-wait

# ---- they come ----

id=north.example psk="key of north"
north one
check "north comes" begin one
check "the hub knows which it is" busywait 10 hub_has north up
same "and not the other" False "$(vpn_value right 't["state"] == "up"' south)"
psk="key of south"
office south 192.0.2.1 $right4 192.168.3.0/24 192.168.2.0/24 $ike $esp 'LocalID = south.example' \
	'RemoteID = hub.example' 'interface:Source = 192.168.3.10' 'DPDInterval = 2' 'DPDTimeout = 6'
check "south comes" vpn south up office --wait $((20 * ${TIME_SCALE:-1}))
check "the hub knows that, too" busywait 10 hub_has south up
same "who they are" "north.example south.example" \
	"$(vpn_value right 't["ike"]["remote_id"]' north | sed 's/^fqdn://') $(vpn_value right 't["ike"]["remote_id"]' south | sed 's/^fqdn://')"
check "north reaches the hub's site" busywait 10 pings site_l 192.168.2.10
check "and is reached" busywait 10 pings site_r 192.168.1.10
check "south reaches the hub's site" busywait 10 in_ns south ping -qc 1 -W 2 -I 192.168.3.10 192.168.2.10
check "and is reached" busywait 10 pings site_r 192.168.3.10

# ---- one cannot be the other ----

swan left --terminate --ike one > /dev/null
check "north has gone" busywait 20 vpn_is right 't["state"] == "up"' False north
id=south.example psk="key of north"
north one
check_not "north cannot come as south" begin one
check "the hub says why" busywait 10 hub_says 'pre-shared key differs'
check "south does not mind" busywait 10 pings site_r 192.168.3.10

# ---- north is down: what is for it is in nobody's tunnel ----

before=$(sent south)
capture_start right router "$keys/hub"
check "what is for north is refused" busywait 10 refused site_r 192.168.1.10
for _ in 1 2 3 4 5; do
	pings site_r 192.168.1.10 > /dev/null || true
done
capture_stop "$keys/hub"
same "nothing of it was in the tunnel of south" "$before" "$(sent south)"
same "nor anywhere else" "" "$(tcpdump -nr "$keys/hub" 'esp or net 192.168.0.0/16' 2> /dev/null)"
check "south is there all the time" pings site_r 192.168.3.10

# ---- two initiations of the same customer ----

id=north.example psk="key of north"
north one two
check "north comes back" begin one
check "and once more" begin two
same "the hub has both" 2 "$(vpn_value right 't["ike"]["ike_sas"]' north)"
same "north, too" 2 "$(swan_value left initiator-spi | wc -l)"
check "there is traffic" busywait 10 pings site_l 192.168.2.10
check "both ways" busywait 10 pings site_r 192.168.1.10
swan left --terminate --ike two > /dev/null
check "one ends, the other stays" busywait 10 vpn_is right 't["ike"]["ike_sas"]' 1 north
check "with traffic" busywait 10 pings site_r 192.168.1.10
check "both ways" busywait 10 pings site_l 192.168.2.10
check "south never minded" pings site_r 192.168.3.10
