#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 400
#
# Certificates that no packet takes: RSA of 4096 bits, two authorities between, both sides send all of it. IKE_AUTH is more
# than 6 kB each way and goes in parts (RFC 7383) through a path that lets no more than 1280 bytes pass; either side begins,
# outside is IPv4, then IPv6.

# shellcheck disable=SC2154 # variables of ike.sh
# shellcheck source=../lib/certs.sh
. "$(dirname "$0")/../lib/certs.sh"

patience=$((40 * ${TIME_SCALE:-1}))

# Nobody but the router knows how little gets through.
narrow_path()
{
	ip -n "$router" route replace 203.0.113.0/24 dev left mtu lock 1280
	ip -n "$router" route replace 198.51.100.0/24 dev right mtu lock 1280
	ip -n "$router" route replace 2001:db8:1::/64 dev left mtu lock 1280
	ip -n "$router" route replace 2001:db8:2::/64 dev right mtu lock 1280
}

# What the next payload of IKE, and the number of parts, are called in a filter; and what is too long, or in pieces of IP's.
declare -A next=([4]='udp[24]' [6]='ip6[64]') total=([4]='udp[42:2]' [6]='ip6[82:2]')
declare -A faulty=([4]='ip[2:2] > 1280 or ip[6:2] & 0x3fff != 0' [6]='ip6[4:2] > 1240 or ip6[6] = 44')

# carried TEXT FAMILY: it is up and carries; all of it came in parts that fit
carried()
{
	check "$1: traffic" busywait 10 pings site_l 192.168.2.10
	sas_agree "$1"
	wire_is_clean "$1"
	check "$1: vpntun sent six parts or more" seen \
		"src host $left4 and udp port 500 and ${next[$2]} = 53 and ${total[$2]} >= 6"
	check "$1: strongSwan, too" seen "src host $right4 and udp port 500 and ${next[$2]} = 53 and ${total[$2]} >= 6"
	same "$1: nothing was too long, or in pieces of IP's" "" "$(tcpdump -nr "$keys/wire" "${faulty[$2]}" 2> /dev/null)"
	vpn left down office
	check "$1: and down" busywait 10 swan_has right 0 0
}

certs_kind=large
certified_gateways
narrow_path
# strongSwan sends what it knows to be an authority.
cp "$certs"/{mid,deep}.pem "$keys/charon-right/x509ca"
for family in 4 6; do
	[ $family = 4 ] || { left4=$left6 right4=$right6; }
	ours left-large
	theirs right-large
	watch_wire
	check "IPv$family, vpntun begins: up" vpn left up office --wait $patience
	carried "IPv$family, vpntun begins" $family

	ours left-large 'StartAction = add'
	watch_wire
	check "IPv$family, strongSwan begins: configured" vpn left up office --no-wait
	check "IPv$family, strongSwan begins: up" swan right --initiate --child office --timeout $patience
	carried "IPv$family, strongSwan begins" $family
done
