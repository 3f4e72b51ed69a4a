#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# StartAction = trap: nothing is negotiated until a packet wants to go there; that packet waits and arrives.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384

dormant()
{
	[ "$(in_ns left cat /sys/class/net/vgw0/operstate)" = dormant ]
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
helper left
office left $left4 $right4 $left_ts $right_ts $ike $esp 'StartAction = trap'

watch_wire
check "up does not wait for what is not to begin" vpn left up office --wait 5
check "the interface is dormant" busywait 10 dormant
capture_stop "$keys/wire"
same "nothing was negotiated" "" "$(tcpdump -nr "$keys/wire" 'udp port 500 or udp port 4500' 2> /dev/null)"
same "and the peer has no SA" 0 "$(swan_value right initiator-spi | wc -l)"

check "one packet is enough, and it arrives" in_ns site_l ping -qc 1 -W 30 192.168.2.10
check "the tunnel is up" vpn_is left 't["state"]' up
check_not "and not dormant" dormant
sites_talk "from then on"

swan right --terminate --ike office > /dev/null
check "the peer has ended it: dormant again" busywait 20 dormant
check "the next packet brings it back" in_ns site_l ping -qc 1 -W 30 192.168.2.10
check "IPv6 packets, too" busywait 10 pings site_l fd02::10
check "down" vpn left down office
