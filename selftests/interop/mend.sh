#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 300
#
# Network managers and administrators take away what they do not know: routes, rules, addresses, the interface itself, even
# the module. All of it comes back by itself, with traffic, and who does it again and again does not keep us busy. `down`
# leaves nothing. What a killed helper has left behind goes when its connection is brought up with other routes.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
patience=$((20 * ${TIME_SCALE:-1}))

# What the connection is on its host.
parts()
{
	ip -n "$left" -br address show dev vgw0 scope global
	ip -n "$left" rule | grep 30311
	ip -n "$left" -6 rule | grep 30311
	ip -n "$left" route show table all proto 118 | sed 's/ linkdown//' | sort
	ip -n "$left" -6 route show table all proto 118 | sed 's/ linkdown//' | sort
	in_ns left cat /sys/class/net/vgw0/mtu
	ip -n "$left" link show dev vgw0 | grep -o '[<,]UP[,>]'
}

is_whole()
{
	[ "$(parts 2> /dev/null)" = "$whole" ]
}

# comes_back WHAT COMMAND...: of ip, in left
comes_back()
{
	local what=$1
	shift
	ip -n "$left" "$@"
	# shellcheck disable=SC2310 # false is said and remembered
	if busywait 15 is_whole; then
		ktap_ok "$what: all is back"
	else
		ktap_fail "$what: all is back" "$(diff <(echo "$whole") <(parts) || true)"
	fi
	check "$what: with traffic" busywait 40 pings site_l 192.168.2.10
}

said()
{
	grep -c "$1" "$keys/vpntun-left/log" || true
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64 10.9.9.1/32
charon right
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
before=$(host_state)
helper left
office left $left4 $right4 $left_ts $right_ts $ike $esp 'interface:Address = 10.9.9.1/32' \
	'interface:Source = 192.168.1.1, fd01::1' 'interface:MTU = 1390'
check "up" vpn left up office --wait $patience
sites_talk "before"
whole=$(parts)

# ---- one thing after the other ----

comes_back "routes" route flush proto 118
comes_back "IPv6 routes" -6 route flush proto 118
comes_back "the way to the peer" route flush table 30311
comes_back "rules" rule del priority 30311
comes_back "IPv6 rules" -6 rule del priority 30311
comes_back "addresses" address flush dev vgw0
comes_back "the MTU" link set vgw0 mtu 1300
comes_back "set down" link set vgw0 down
check "it was told of" test "$(said 'is put back')" -gt 0
check "and not each time" test "$(said 'is put back')" -lt 4
comes_back "deleted" link del vgw0
same "which was told of" 1 "$(said 'made anew')"
sas_agree "deleted"

# ---- again and again ----

looks()
{
	awk '{ print $14 + $15 }' "/proc/${helper_pids[left]}/stat"
}
ticks=$(looks)
end=$((SECONDS + 5))
while [ $SECONDS -lt $end ]; do
	ip -n "$left" route flush proto 118
done
ticks=$(($(looks) - ticks))
echo "# a fight of 5 s cost $ticks ticks"
check "a fight does not keep the helper busy" test "$ticks" -lt 250
check "when it ends all is back" busywait 15 is_whole
check "with traffic" busywait 40 pings site_l 192.168.2.10

# ---- the module ----

rmmod vgw
check "without the module there is no interface" test ! -e "/sys/module/vgw"
check "which the helper says" busywait 10 grep -q "module was removed" "$keys/vpntun-left/log"
insmod "$VGW_KO"
check "it is loaded again: the interface is there" busywait 20 is_whole
check "with traffic" busywait 60 pings site_l 192.168.2.10
sas_agree "the module anew"
check "down" vpn left down office
same "which leaves nothing" "" "$(diff <(echo "$before") <(host_state))"

# ---- what is left behind ----

check "up once more" vpn left up office --wait $patience
kill -9 "${helper_pids[left]}"
wait "${helper_pids[left]}" 2> /dev/null || true
helper_pids[left]=
sed -i 's,^Routes = .*,Routes = 192.168.2.0/25,' "$keys/vpntun-left/etc/office.conf"
helper left
check "up with other routes after a kill" vpn left up office --wait $patience
same "the old ones are gone, the refusals too" "192.168.2.0/25 unreachable" \
	"$(ip -n "$left" route show proto 118 | awk '{ print $1 }' | sort | paste -sd' ')"
check "down" vpn left down office
same "which leaves nothing" "" "$(diff <(echo "$before") <(host_state))"
