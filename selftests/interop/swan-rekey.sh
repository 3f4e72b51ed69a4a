#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 200
#
# Child and IKE SAs are rekeyed from either side, and from both at once, under numbered streams: nothing is lost, doubled
# or out of order. Fresh Diffie-Hellman for each child (PFS).

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

# changed OLD COMMAND...: it prints something else now
changed()
{
	local now
	now=$("${@:2}")
	[ -n "$now" ] && [ "$now" != "$1" ]
}

one_ike()
{
	local now
	now=$(swan_value right initiator-spi)
	[ -n "$now" ] && [ "$(wc -w <<< "$now")" = 1 ] && [ "$now" != "$1" ]
}

# rekey_child TEXT COMMAND...
rekey_child()
{
	local text=$1 old
	shift
	old=$(swan_child right)
	check "$text" "$@"
	check "$text: other SAs" busywait 20 changed "$old" swan_child right
	sas_agree "$text"
}

# rekey_ike TEXT COMMAND...
rekey_ike()
{
	local text=$1 old
	shift
	old=$(swan_value right initiator-spi)
	check "$text" "$@"
	check "$text: another IKE SA, and no other" busywait 20 one_ike "$old"
	sas_agree "$text"
}

both_rekey_child()
{
	swan right --rekey --child office &
	vpn left rekey office
	wait $!
}

# What is deleted stays two seconds, for packets on their way.
charon_options='delete_rekeyed_delay = 2'
ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
helper left
office left $left4 $right4 $left_ts $right_ts $ike $esp
# Whatever strongSwan can do, which is long, is what it offers in its IKE rekeys.
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts default $esp)"
check "up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
check "pings" busywait 10 pings site_l 192.168.2.10
watch_wire
flow_start 50
for round in 1 2; do
	rekey_child "vpntun rekeys the child, round $round" vpn left rekey office
	rekey_child "strongSwan rekeys the child, round $round" swan right --rekey --child office
	rekey_ike "vpntun rekeys the IKE SA, round $round" vpn left rekey office --ike
	rekey_ike "strongSwan rekeys the IKE SA, round $round" swan right --rekey --ike office
done
rekey_child "both rekey the child at once" both_rekey_child
rekey_child "vpntun rekeys what came of that" vpn left rekey office
flow_stop "all that"
same "the child has a key exchange of its own" ECP_384 \
	"$(swan right --list-sas --raw | grep -oE 'spi-in=[^{}]*dh-group=[A-Z0-9_]+' | sed 's/.*dh-group=//')"
same "nothing was dropped here" "{}" "$(vpn_value left 't["drops"]')"
wire_is_clean "all that"
