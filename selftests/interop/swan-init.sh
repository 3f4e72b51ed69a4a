#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 240
#
# vpntun brings tunnels up with strongSwan: over IPv4 and IPv6, natively and in UDP, with every suite of a small table.
# Traffic goes both ways, both ends tell of the same SAs, and on the wire there is nothing but IKE and ESP.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

# begin FAMILY ENCAP OURS OUR_ESP [THEIRS]: the tunnel comes up; THEIRS is what strongSwan takes of IKE proposals
begin()
{
	local l=$left4 r=$right4
	[ "$1" = 4 ] || l=$left6 r=$right6
	office left $l $r $left_ts $right_ts "$3" "$4" "Encap = $2" 'interface:Source = 192.168.1.1, fd01::1'
	swan_load right "$(connection office $r $l $right_ts $left_ts "${5:-$3}" "$4")"
	check "$3 / $4, IPv$1, $2: up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
}

# end: and goes
end()
{
	check "and down again" vpn left down office
	check "which the peer heard" busywait 10 swan_has right 0 0
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
helper left
watch_wire

begin 4 none aes256gcm16-prfsha384-ecp384 aes256gcm16-ecp384
sites_talk "native"
sas_agree "native"
same "the carrier is on" 1 "$(in_ns left cat /sys/class/net/vgw0/carrier)"
check "TCP from left to right" carried site_l site_r 192.168.2.10 /etc/services write
check "TCP from right to left" carried site_r site_l 192.168.1.10 /etc/services write
check "datagrams from left to right" numbered site_l site_r 192.168.2.10 100 400
check "datagrams from right to left" numbered site_r site_l fd01::10 100 400
check "the gateway itself reaches the site" pings left 192.168.2.10
end

begin 4 udp aes256-sha256-modp2048 aes256-sha256-modp2048
sites_talk "in UDP"
sas_agree "in UDP"
check "TCP in UDP" carried site_l site_r fd02::10 /etc/services write
end

while read -r -u 9 family encap ike esp theirs; do
	begin "$family" "$encap" "$ike" "$esp" "$theirs"
	check "pings from left to right" busywait 10 pings site_l 192.168.2.10
	check "pings from right to left" busywait 10 pings site_r fd01::10
	sas_agree "$ike"
	end
done 9<<'END'
6 none chacha20poly1305-prfsha256-x25519 chacha20poly1305-x25519
6 udp aes128gcm16-prfsha256-ecp256 aes128gcm16-ecp256
4 none aes128-sha256-modp3072 aes128-sha256-modp3072
4 udp aes256-sha512-modp4096 aes256-sha512-modp4096
6 none aes192gcm16-prfsha512-ecp521 aes256-sha384-ecp521
4 none aes256gcm16-prfsha384-ecp384,aes256-sha256-modp2048 aes128gcm16,aes256gcm16 aes256-sha256-modp2048
END
wire_is_clean "all of them"
