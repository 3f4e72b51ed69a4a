#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 240
#
# What does not fit is said: which side refused which part, and what both sides offered. Then the file is mended, and
# the tunnel comes up.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384

# log_says TEXT PATTERN...: each in one line of the log
log_says()
{
	local text=$1 pattern
	shift
	for pattern in "$@"; do
		if grep -qE "$pattern" <<< "$(vpn left log office)"; then
			ktap_ok "$text: the log says $pattern"
		else
			ktap_fail "$text: the log says $pattern" "$(vpn left log office | tail -n 8)"
		fi
	done
}

# refused TEXT PATTERN: `up` ends with 4, and a sentence in which that is
refused()
{
	local said status=0
	said=$(vpn left up office --wait $((5 * ${TIME_SCALE:-1})) 2>&1) || status=$?
	same "$1: up ends so" 4 $status
	if grep -qE "$2" <<< "$said"; then
		ktap_ok "$1: up says why"
	else
		ktap_fail "$1: up says why" "wanted /$2/, got: $said"
	fi
}

# mended TEXT: the right file, and all is well
mended()
{
	office left $left4 $right4 $left_ts $right_ts $ike $esp
	check "$1, mended: up" vpn left restart office --wait $((20 * ${TIME_SCALE:-1}))
	check "$1, mended: traffic" busywait 10 pings site_l 192.168.2.10
	vpn left down office
	check "$1: down" busywait 10 swan_has right 0 0
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
helper left
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
etc=$keys/vpntun-left/etc

office left $left4 $right4 $left_ts $right_ts $ike $esp
echo "another key" > "$etc/office.psk"
refused "a wrong key" 'the peer refuses to authenticate us: its pre-shared key differs'
log_says "a wrong key" 'the peer refuses to authenticate us: its pre-shared key differs.* 203\.0\.113\.1 '
rm "$etc/office.psk"
mended "a wrong key"

office left $left4 $right4 $left_ts $right_ts aes128-sha256-modp2048 $esp
refused "no common IKE proposal" 'the peer accepts none of our IKE proposals'
log_says "no common IKE proposal" 'the peer accepts none of our IKE proposals.* offered aes128-.*modp2048'
mended "no common IKE proposal"

office left $left4 $right4 $left_ts $right_ts $ike aes128-sha256
refused "no common ESP proposal" 'the peer refuses the tunnel: NO_PROPOSAL_CHOSEN'
log_says "no common ESP proposal" 'the peer refuses the tunnel: NO_PROPOSAL_CHOSEN; offered aes128-sha256'
mended "no common ESP proposal"

office left $left4 $right4 192.168.7.0/24 $right_ts $ike $esp
refused "wrong selectors" 'the peer refuses the tunnel: TS_UNACCEPTABLE'
log_says "wrong selectors" 'the peer refuses the tunnel: TS_UNACCEPTABLE; offered 192\.168\.7\.0/24 here'
mended "wrong selectors"

office left $left4 $right4 $left_ts $right_ts $ike $esp 'RemoteID = fqdn:elsewhere.example'
refused "a wrong identity" 'elsewhere\.example'
log_says "a wrong identity" 'elsewhere\.example'
mended "a wrong identity"

# ---- strongSwan begins, and vpntun refuses ----

# theirs TEXT PATTERN NAME...: strongSwan tries with what is in its file, and our log says why not
theirs()
{
	check_not "$1: strongSwan is refused" swan right --initiate --child office --timeout $((10 * ${TIME_SCALE:-1}))
	log_says "$1" "${@:2}"
	swan right --terminate --ike office --force > /dev/null || true
}

office left $left4 $right4 $left_ts $right_ts $ike $esp 'StartAction = add'
vpn left up office --no-wait
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts aes128-sha256-modp2048 $esp)"
theirs "no common IKE proposal, answering" 'no common IKE proposal: .*offered aes128.*; configured aes256gcm16.*; offered aes128-.*modp2048'
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike aes128-sha256)"
theirs "no common ESP proposal, answering" \
	'the peer.s tunnel is refused: no common .*offered aes128.*; configured aes256gcm16.*; it offered aes128-sha256'
swan_load right "$(connection office $right4 $left4 $right_ts 192.168.7.0/24 $ike $esp)"
theirs "wrong selectors, answering" 'the peer.s tunnel is refused: no common traffic selectors: .*192\.168\.7\.0/24'
psk="yet another key"
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
theirs "a wrong key, answering" 'pre-shared key differs'
psk="known to left and right"
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
check "what fits comes up" swan right --initiate --child office --timeout $((20 * ${TIME_SCALE:-1}))
check "and carries" busywait 10 pings site_r 192.168.1.10
