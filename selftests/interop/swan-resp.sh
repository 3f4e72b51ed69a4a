#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 200
#
# strongSwan brings tunnels up with vpntun, which only answers: to a peer that it knows, and to any.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

# begin TEXT FAMILY REMOTE OURS OUR_ESP THEIRS THEIR_ESP [LINE...]: LINEs are swanctl.conf's
begin()
{
	local text=$1 family=$2 remote=$3 ours=$4 our_esp=$5 theirs=$6 their_esp=$7 l=$left4 r=$right4
	shift 7
	[ "$family" = 4 ] || l=$left6 r=$right6
	[ "$remote" = any ] || remote=$r
	office left $l "$remote" $left_ts $right_ts "$ours" "$our_esp" 'StartAction = add' "RemoteID = $r"
	swan_load right "$(connection office $r $l $right_ts $left_ts "$theirs" "$their_esp" "$@")"
	check "$text: configured" vpn left up office --no-wait
	check "$text: strongSwan brings it up" swan right --initiate --child office --timeout $((20 * ${TIME_SCALE:-1}))
	check "$text: vpntun says so" busywait 10 vpn_is left 't["state"]' up
	sas_agree "$text"
	same "$text: vpntun did not begin it" False "$(vpn_value left 't["ike"]["initiator"]')"
}

# talk TEXT: pings of both families, one each way
talk()
{
	check "$1: pings from left to right" busywait 10 pings site_l 192.168.2.10
	check "$1: pings from right to left" busywait 10 pings site_r fd01::10
}

# end TEXT: the peer ends it, and our file goes
end()
{
	swan right --terminate --ike office > /dev/null
	check "$1: ended by the peer, vpntun knows it" busywait 10 vpn_is left 't["ike"]' None
	vpn left down office
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
helper left
watch_wire
gcm=aes256gcm16-prfsha384-ecp384 cbc=aes256-sha256-modp2048 cha=chacha20poly1305-prfsha256-x25519

begin "a known peer" 4 known $gcm aes256gcm16-ecp384 $gcm aes256gcm16-ecp384
sites_talk "a known peer"
check "TCP from left to right" carried site_l site_r 192.168.2.10 /etc/services write
check "TCP from right to left" carried site_r site_l fd01::10 /etc/services write
end "a known peer"

# It offers whatever it can do.
begin "any peer" 4 any $cbc aes256-sha256-modp2048 default aes256-sha256-modp2048 'encap = yes'
talk "any peer, in UDP"
end "any peer"

begin "IPv6" 6 known $cha chacha20poly1305-x25519 $cha chacha20poly1305-x25519
talk "IPv6"
end "IPv6"

begin "the second group" 4 known $gcm,$cbc aes128gcm16,aes256-sha256 $cha,$cbc,$gcm aes256-sha256,chacha20poly1305
talk "the second group"
end "the second group"

# Selectors wider than ours, which vpntun narrows.
begin "narrowed" 4 any $gcm aes256gcm16 $gcm aes256gcm16 child:remote_ts=192.168.0.0/16,fd01::/64
same "selectors are narrowed to ours" "192.168.1.0/24 fd01::/64" \
	"$(swan right --list-sas | sed -n 's/^ *remote \([0-9].*\/.*\)/\1/p')"
talk "narrowed"
end "narrowed"
wire_is_clean "all of them"
