#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 300
#
# 200 times the child and 20 times the IKE SA are made anew, by vpntun and strongSwan in a mixed order, one after the
# other as fast as they can, under numbered streams: nothing is lost but what the peer did not send, nothing is doubled or
# out of order.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

# What is deleted stays two seconds, for packets on their way.
charon_options='delete_rekeyed_delay = 2'
ike=aes256gcm16-prfsha256-x25519 esp=aes256gcm16-x25519
gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
helper left
office left $left4 $right4 $left_ts $right_ts $ike $esp
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
check "up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
check "pings" busywait 10 pings site_l 192.168.2.10
flow_start 50
take_verdicts < <("$(dirname "$0")/../lib/rekeys.py" 200 20 "$keys/charon-right/vici" "$keys"/vpntun-left/run/ctl-*)
# What the peer could not send, for it was between two SAs.
flow_stop "all that" "$(swan_dropped '^XfrmOut')"
same "nothing was dropped here" "{}" "$(vpn_value left 't["drops"]')"
# Not all of its own list: what it deletes while the IKE SA is rekeyed stays there.
same "they use the same SA at the end" "$(vpn_value left 't["ike"]["spi_out"]')" "0x$(swan_child right)"
sites_talk "at the end"
