#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 300
#
# The interface in a network namespace of its own: IKE and ESP stay where the helper is, addresses and routes are there.
# Namespace = puts it there, and follows when that is deleted and made again; or somebody moves it by hand.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
patience=$((20 * ${TIME_SCALE:-1}))

app=""
new_app()
{
	[ -e "/run/netns/$app" ] || ip netns add "$app"
	ip -n "$app" link set lo up
}

both_ways()
{
	check "$1: packets" busywait 40 pings app 192.168.2.10
	check "$1: IPv6" busywait 10 pings app fd02::10
	check "$1: from the other side" busywait 10 pings site_r 192.168.1.77
}

inner_state()
{
	ip -n "$app" -br address show dev vgw0 scope global
	ip -n "$app" route show table all proto 118 | sed 's/ linkdown//' | sort
	ip -n "$app" -6 route show table all proto 118 | sed 's/ linkdown//' | sort
}

is_whole()
{
	[ "$(inner_state 2> /dev/null)" = "$whole" ]
}

has_link()
{
	ip -n "$(ns_name "$1")" link show vgw0
}

app_shows()
{
	in_ns app "$vpntun" show --json | /usr/bin/python3 -IS -c 'import json, sys
sys.exit(json.load(sys.stdin)["interfaces"][0]["tunnels"][0]["state"] != "up")'
}

gateways
setup_ns app
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
before=$(ip -n "$left" route show table all proto 118; ip -n "$left" rule; ip -n "$left" -br link)
helper left

# ---- by the file ----

office left $left4 $right4 $left_ts $right_ts $ike $esp "interface:Namespace = $app" \
	'interface:Address = 192.168.1.77/32, fd01::77/128' 'interface:Source = 192.168.1.77, fd01::77'
check "check finds no fault" vpn left check office
in_ns app sysctl -qw net.ipv4.conf.default.rp_filter=1
check "up" vpn left up office --wait $patience
log=$keys/vpntun-left/log
check "which tells that nothing is forwarded there" grep -q "ip netns exec $app sysctl net.ipv4.ip_forward=1" "$log"
check "and of a strict filter" grep -q "ip netns exec $app sysctl net.ipv4.conf.vgw0.rp_filter=2" "$log"
same "neither is changed" "0 1" "$(in_ns app sysctl -n net.ipv4.ip_forward net.ipv4.conf.vgw0.rp_filter | paste -sd' ')"
check "the interface is there" has_link app
check_not "and not here" has_link left
both_ways "Namespace"
check "routes are there, with refusals behind them" \
	test "$(ip -n "$app" route show proto 118 | awk '{ print $1 }' | sort | paste -sd' ')" = "192.168.2.0/24 unreachable"
same "and none here" "" "$(ip -n "$left" route show proto 118)"
check "show has it here" vpn_is left 't["state"]' up
check "and there" app_shows
check "rekey of IKE" vpn left rekey office --ike
check "and of the SAs" vpn left rekey office
sas_agree "rekeyed"
both_ways "rekeyed"

whole=$(inner_state)
ip -n "$app" route flush proto 118
ip -n "$app" address flush dev vgw0
check "what somebody takes away there is put back" busywait 15 is_whole
ip -n "$app" link del vgw0
check "the interface, too" busywait 15 is_whole
both_ways "made anew"


# A helper that was killed has taken nothing down.
kill -9 "${helper_pids[left]}"
wait "${helper_pids[left]}" 2> /dev/null || true
helper_pids[left]=
helper left
check "the helper was killed: the next one takes it over" \
	busywait 10 grep -q "is taken over from a helper that was killed" "$log"
check "with the same interface and routes" busywait $patience is_whole
check "it is up again" busywait $patience vpn_is left 't["state"]' up
both_ways "taken over"

ip netns del "$app"
check "the namespace is deleted: that is said" \
	busywait 15 grep -q "there is no network namespace $app" "$log"
new_app
check "it is made again: all is there" busywait 15 is_whole
both_ways "in the new namespace"

check "down" vpn left down office
check_not "removes it" has_link app
same "leaves nothing there" "" "$(ip -n "$app" route show table all proto 118)"
same "nor here" "$before" "$(ip -n "$left" route show table all proto 118; ip -n "$left" rule; ip -n "$left" -br link)"
sed -i 's/^Namespace = .*/Namespace = nowhere/' "$keys/vpntun-left/etc/office.conf"
check_not "a namespace that is not" vpn left up office --wait 3

# ---- by hand ----

office left $left4 $right4 $left_ts $right_ts $ike $esp
check "up" vpn left up office --wait $patience
ip -n "$left" link set vgw0 netns "$app"
ip -n "$app" link set vgw0 up
ip -n "$app" addr add 192.168.1.77/32 dev vgw0
ip -n "$app" addr add fd01::77/128 dev vgw0
ip -n "$app" route add 192.168.2.0/24 dev vgw0 src 192.168.1.77
ip -n "$app" route add fd02::/64 dev vgw0 src fd01::77
check "moved by hand: that is said" busywait 15 grep -q "somebody has moved vgw0" "$log"
both_ways "moved by hand"
check "rekey of IKE" vpn left rekey office --ike
check "and of the SAs" vpn left rekey office
sas_agree "moved by hand"
check "and by the peer" swan right --rekey --child office
sas_agree "by the peer"
both_ways "rekeyed"
check_not "no other one was made here" has_link left
ip -n "$app" link set vgw0 netns "$left"
check "brought back: packets of the site" busywait 40 pings site_l 192.168.2.10
check "rekey" vpn left rekey office
sas_agree "brought back"
ip -n "$left" link set vgw0 netns "$app"
check "moved once more: down" vpn left down office
check_not "removes it there" has_link app
