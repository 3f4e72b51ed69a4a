#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 900
# ci: no
#
# Both ends of a customer's connection: `connection new` on the hub, and on the other side what `export` printed, as it was
# printed. The customer is vpntun, vpntun by way of AWS's forms, strongSwan, Libreswan and OpenIKED in turn.
#
#   hub on left, 203.0.113.1 and .2 ... router ... customer on right, 198.51.100.1
#
# A hub with one address tells its tunnels apart by identities. Keys are told with --secrets only.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"
# shellcheck source=../lib/peers.sh
. "$(dirname "$0")/../lib/peers.sh"
# shellcheck source=../lib/twin.sh
. "$(dirname "$0")/../lib/twin.sh"

patience=60 long=$((60 * ${TIME_SCALE:-1}))
hub=$keys/vpntun-left/etc
second4=203.0.113.2

# made NAME OPTION...: the hub's side; what it says is in $keys/said
made()
{
	vpn left connection new "$@" > "$keys/said" 2>&1
}

said()
{
	grep -qF -- "$1" "$keys/said"
}

# printed VENDOR NAME [OPTION...]: the customer's side is in $keys/export, what is said of it in $keys/said
printed()
{
	(umask 077 && vpn left export "$@" > "$keys/export" 2> "$keys/said")
}

# for_customer VENDOR NAME: with keys, and the hub's network
for_customer()
{
	printed "$1" "$2" --secrets --routes 192.168.1.0/24 "${@:3}"
}

# commands: those that the text has for a shell, on the customer's gateway
commands()
{
	sed -n 's/^#   //p' "$keys/export" > "$keys/commands"
	[ -s "$keys/commands" ] && ip netns exec "$right" sh -e "$keys/commands"
}

# part NAME: what follows the ruler that has the name, up to the next
part()
{
	awk -v name="$1" '/^# ---- / { mine = index($0, name) > 0; next } mine' "$keys/export"
}


# talk WHAT [TUNNEL...]: those are up, and there is traffic both ways and by each inside address
talk()
{
	local what=$1 tunnel
	shift
	for tunnel in "$@"; do
		check "$what: $tunnel is up" busywait "$patience" twin_up left "$tunnel"
		check "$what: the inside address of $tunnel answers" busywait 10 pings left "$(peer_of "$tunnel")"
	done
	check "$what: from the hub's site to the customer's" busywait 10 pings site_l 192.168.2.10
	check "$what: and back" busywait 10 pings site_r 192.168.1.10
}

# peer_of TUNNEL: the customer's inside address: the hub's is the one before
peer_of()
{
	awk -v head="[Tunnel $1]" '$0 == head { mine = 1 } mine && $1 == "Inside" { print $3; exit }' "$hub/$connection.conf" |
		/usr/bin/python3 -IS -c 'import ipaddress; print(ipaddress.ip_interface(input()).ip + 1)'
}

mode_is()
{
	[ "$(stat -c %a "$hub/$1")" = "$2" ]
}

# ends: the customer is gone, and the hub has seen it
ends()
{
	check "$1: it has gone" busywait "$patience" twin_down left tunnel-1
}

# ---- the hub ----

gateways
ip -n "$left" addr add $second4/24 dev router
helper left
connection=office
check "connection new" made office --customer-gateway $right4 --outside $left4,$second4 --static 192.168.2.0/24 --ikev2
check "its file is right" vpn left check office
check "keys are nobody else's" mode_is office-tunnel-1.psk 600
before=$(cd "$hub" && cat office*)
check_not "it is not made twice" made office --customer-gateway 198.51.100.77
check "and says why" said 'office.conf is there already'
check_not "nor for both kinds of routing" made other --customer-gateway any --static 10.0.0.0/8 --bgp 65000
check "--dry-run" made other --customer-gateway $right4 --bgp 65000 --dry-run
check "shows it" said 'RemoteASN = 65000'
check "all is as it was" [ "$(cd "$hub" && cat ./*)" = "$before" ]
check "without --secrets no key is told" printed strongswan office
check "which is said" said 'left out'
check_not "really none" grep -qF "$(cat "$hub/office-tunnel-1.psk")" "$keys/export"
check "up waits for the customer" vpn left up office --no-wait

# ---- vpntun ----

# customer_vpntun: its file and its keys, each as the text has it
customer_vpntun()
{
	local etc=$keys/vpntun-right/etc key file
	vpn right down office > /dev/null 2>&1 || true
	rm -f "$etc"/*
	cp "$keys/export" "$etc/$connection.conf"
	while read -r key file; do
		(umask 077 && echo "$key" > "$etc/$file")
	done < <(sed -n 's/^# key \([^ ]*\) \(.*\)/\2 \1/p' "$keys/export")
}

helper right
check "export vpntun" for_customer vpntun office
customer_vpntun
check "vpntun: it is right" vpn right check office
check "vpntun: up" vpn right up office --wait "$long"
talk vpntun tunnel-1 tunnel-2
check "vpntun: down" vpn right down office
ends vpntun

for form in aws-xml generic; do
	check "export $form" for_customer "$form" office
	rm -f "$keys/vpntun-right/etc"/*
	check "$form: import takes it" vpn right import aws "$keys/export" --routes 192.168.1.0/24
	check "$form: up" vpn right up office --wait "$long"
	talk "$form" tunnel-1 tunnel-2
	check "$form: down" vpn right down office
	ends "$form"
done

# ---- one address, and a customer that may be anywhere ----

check "down" vpn left down office
connection=branch
check "another connection" made branch --customer-gateway any --outside $left4 --static 192.168.2.0/24
check_not "AWS's forms have no place for its identities" printed aws-xml branch
check "branch: up" vpn left up branch --no-wait
check "branch: export" for_customer vpntun branch
customer_vpntun
check "branch: the customer's up" vpn right up branch --wait "$long"
talk branch tunnel-1 tunnel-2
check "branch: down" vpn right down branch
check "branch: down, too" vpn left down branch
helper_end right
connection=office
check "up again" vpn left up office --no-wait

# ---- strongSwan ----

charon right
check "export strongswan" for_customer strongswan office
check "strongSwan: what it says in comments can be done" commands
cp "$keys/export" "$keys/charon-right/swanctl.conf"
check "strongSwan: it takes the file" swan right --load-all --clear --file "$keys/charon-right/swanctl.conf"
talk strongSwan tunnel-1 tunnel-2
charon_kill right
ip -n "$right" link del ipsec101
ip -n "$right" link del ipsec102
ends strongSwan

# ---- Libreswan ----

peer_start libreswan
check "export libreswan" for_customer libreswan office
{
	echo 'config setup'
	part office.conf
} > "$peer_dir/ipsec.conf"
part office.secrets > "$peer_dir/ipsec.secrets"
peer_in ipsec whack --rereadsecrets > /dev/null
check "Libreswan: it takes the file" peer_in /usr/libexec/ipsec/addconn --config "$peer_dir/ipsec.conf" \
	--ctlsocket /run/pluto/pluto.ctl --autoall
check "Libreswan: the interfaces are there" busywait "$patience" ip -n "$right" link show ipsec102
check "Libreswan: what it says in comments can be done" commands
talk Libreswan tunnel-1 tunnel-2
peer_stop
ip -n "$right" link del ipsec101
ip -n "$right" link del ipsec102
ends Libreswan

# ---- OpenIKED: on Linux it has no AEADs, and cuts SHA2-256 short, so the hub has to offer something else ----

check "down" vpn left down office
sed -i 's/^ESPProposals = .*/ESPProposals = aes256-sha384-modp2048/' "$hub/office.conf"
check "up" vpn left up office --no-wait
peer_start openiked
check "export iked" for_customer iked office
check "OpenIKED: what it says in comments can be done" commands
cp "$keys/export" "$peer_dir/iked.conf"
check "OpenIKED: it takes the file" peer_in ikectl reload
talk OpenIKED tunnel-1 tunnel-2
peer_stop
