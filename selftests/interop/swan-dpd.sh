#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 240
#
# The way is cut, strongSwan is killed, or ends the tunnel: vpntun notices, takes the carrier away, refuses what sites
# send, and comes back by itself.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

carrier_is()
{
	[ "$(in_ns left cat /sys/class/net/vgw0/carrier)" = "$1" ]
}

back()
{
	check "$1: vpntun comes back by itself" busywait 40 vpn_is left 't["state"]' up
	check "$1: and there is traffic" busywait 10 pings site_l 192.168.2.10
	check "$1: both ways" busywait 10 pings site_r fd01::10
}

load()
{
	swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp 'dpd_delay = 2s' \
		'child:dpd_action = clear')"
}

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
helper left
office left $left4 $right4 $left_ts $right_ts $ike $esp 'DPDInterval = 2' 'DPDTimeout = 6'
load
check "up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
check "pings" busywait 10 pings site_l 192.168.2.10

watch_wire
cut_way all
check "the way is cut: strongSwan notices" busywait 40 swan_has right 0 0
check "and vpntun" busywait 40 carrier_is 0
check "which says so" vpn_is left 't["state"] != "up" and t["last_error"] != ""' True
check "what a site sends is refused" busywait 10 refused site_l 192.168.2.10
mend_way
back "the way is mended"

# A moment's silence is no loss of the tunnel.
spi=$(swan_value right initiator-spi)
cut_way all
check_not "for a moment nothing arrives" in_ns site_l ping -qc 2 -i 0.5 -W 1 192.168.2.10
mend_way
check "after a short cut there is traffic" busywait 10 pings site_l 192.168.2.10
same "by the same IKE SA" "$spi" "$(swan_value right initiator-spi)"

charon_kill right
charon right
load
back "strongSwan was killed and started again"
same "strongSwan has the new SAs alone" "1 1" \
	"$(swan_value right initiator-spi | wc -l) $(swan_value right spi-in | wc -l)"

spi=$(swan_value right initiator-spi)
swan right --terminate --ike office > /dev/null
check "strongSwan ends the IKE SA: there is another" busywait 30 swan_has right 1 1
check_not "not the old one" test "$spi" = "$(swan_value right initiator-spi)"
back "ended IKE SA"

spi=$(swan_child right)
swan right --terminate --child office > /dev/null
check "strongSwan ends the child: there is another" busywait 30 swan_has right 1 1
check_not "not the old one" test "$spi" = "$(swan_child right)"
back "ended child"
wire_is_clean "all the time"
