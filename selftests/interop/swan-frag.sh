#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 200
#
# IKE messages in parts (RFC 7383), both ways between vpntun and strongSwan, which takes short ones: with an AEAD and with
# CBC and HMAC; and a peer that does not want them gets none.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

# from ADDRESS FILTER: there was such a message from there; its next payload is at udp[24].
from()
{
	seen "src host $1 and udp port 500 and $2"
}

# Proposals that alone do not fit into a packet: what is agreed on is the last.
long_list()
{
	local encr integ list=""
	for encr in aes256 aes128 chacha20poly1305 aes256gcm16 aes128gcm16; do
		for integ in sha256-sha384-sha512 sha384-sha512 sha512; do
			[[ $encr = aes??? ]] || integ=""
			list+="$encr${integ:+-$integ}-ecp256-ecp384-ecp521-x25519-modp2048-modp3072-modp4096-esn-noesn, "
			[ -n "$integ" ] || break
		done
	done
	echo "${list}aes192gcm16-ecp384"
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon_options='fragment_size = 200'
charon right
helper left
for ike in aes256gcm16-prfsha384-ecp384 aes256-sha256-ecp256; do
	office left $left4 $right4 $left_ts $right_ts $ike "$(long_list)"
	swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike aes192gcm16-ecp384)"
	watch_wire
	check "$ike: up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
	sites_talk "$ike"
	check "$ike: rekeys the child" vpn left rekey office
	check "$ike: and the IKE SA" vpn left rekey office --ike
	check "$ike: then strongSwan does the child" swan right --rekey --child office
	sites_talk "$ike: rekeyed"
	sas_agree "$ike"
	wire_is_clean "$ike"
	check "$ike: strongSwan sent parts" from $right4 'udp[24] = 53'
	same "$ike: nothing in pieces of IP's" "" "$(tcpdump -nr "$keys/wire" 'ip[6:2] & 0x3fff != 0' 2> /dev/null)"
	vpn left down office
	check "$ike: it goes" busywait 10 swan_has right 0 0
done
check "vpntun sent parts" from $left4 'udp[24] = 53'

ike=aes256gcm16-prfsha384-ecp384
office left $left4 $right4 $left_ts $right_ts $ike "$(long_list)" 'Fragmentation = no'
watch_wire
check "Fragmentation = no: up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
sites_talk "Fragmentation = no"
wire_is_clean "Fragmentation = no"
check_not "nobody sent parts" seen 'udp port 500 and udp[24] = 53'
