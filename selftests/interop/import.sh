#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 300
# ci: no
#
# From AWS's file to traffic: `import aws` and `up`, against two endpoints that strongSwan plays, with the settings of a
# tunnel there, two addresses of one machine:
#
#   left, 203.0.113.10 ... router ... right, 198.51.100.21 and .22
#
# The XML, updated in place by the JSON, of which one restricts AWS to weak proposals; the text for strongSwan, which
# strongSwan itself can be set up by. Inside blocks in use are refused. In between the network behind answers by the other
# tunnel, and the doctor sees that.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"
# shellcheck source=../lib/twin.sh
. "$(dirname "$0")/../lib/twin.sh"

data=$(realpath "$(dirname "$0")/../unit/data")
patience=$((30 * ${TIME_SCALE:-1}))
ours=203.0.113.10 first=198.51.100.21 second=198.51.100.22
groups=modp2048-ecp384
# What a tunnel takes when nobody restricts it.
any_ike=aes128-aes256-sha1-sha256-sha384-$groups,aes128gcm16-aes256gcm16-prfsha1-prfsha256-prfsha384-$groups
any_esp=aes128-aes256-sha1-sha256-sha384-$groups,aes128gcm16-aes256gcm16-$groups

# endpoints IKE ESP: both tunnels as AWS has them, with keys of their own. Before strongSwan knows which tunnel we mean it
# looks for keys by our identity.
endpoints()
{
	{
		echo 'connections {'
		connection aws1 $first $ours 0.0.0.0/0 0.0.0.0/0 "$1" "$2" 'unique = never' 'child:replay_window = 1024'
		connection aws2 $second $ours 0.0.0.0/0 0.0.0.0/0 "$1" "$2" 'unique = never' 'child:replay_window = 1024'
		printf '%s\n' '}' 'secrets {' \
			'ike-1 {' 'secret = "Made.Up_Psk_Tunnel1_NotReal01234"' "id-1 = $first" "id-2 = $ours" '}' \
			'ike-2 {' 'secret = "Made.Up_Psk_Tunnel2_NotReal56789"' "id-1 = $second" "id-2 = $ours" '}' '}'
	} > "$keys/charon-right/swanctl.conf"
	swan right --load-all --clear --file "$keys/charon-right/swanctl.conf" > "$keys/load"
}

# suite TUNNEL: what its SAs have
suite()
{
	vpn_value left 't["sas"][0]["alg"]' "$1"
}

suite_is()
{
	[ "$(suite "$1")" = "$2" ]
}

# import FILE OPTION...: what it says is in $keys/said
import()
{
	vpn left import aws "$data/$1" "${@:2}" > "$keys/said" 2>&1
}

said()
{
	grep -qF "$1" "$keys/said"
}

mode_is()
{
	[ "$(stat -c %a "$keys/vpntun-left/etc/$1")" = "$2" ]
}

both_up()
{
	check "$1: up" vpn left up office --wait "$patience"
	check "$1: the first tunnel is up" twin_up left aws-1
	check "$1: and the second" twin_up left aws-2
	check "$1: there is traffic" busywait 10 pings site_l 192.168.2.10
	check "$1: the first inside address answers" pings left 169.254.46.41
	check "$1: the second, too" pings left 169.254.181.53
}

gateways
ip -n "$left" addr add $ours/24 dev router
ip -n "$right" addr add $first/24 dev router
ip -n "$right" addr add $second/24 dev router
xfrm_device right 1 192.168.1.0/24
xfrm_device right 2
ip -n "$right" addr add 169.254.46.41/30 dev ipsec1
ip -n "$right" addr add 169.254.181.53/30 dev ipsec2
charon right
endpoints "$any_ike" "$any_esp"
helper left

# ---- the XML, without options ----

check "the XML" import aws.xml --name office --routes 192.168.2.0/24
check "it says what it upgraded" said "the file itself has AWS's minimum: aes128-sha1-modp1024"
check "keys are nobody else's" mode_is office-aws-1.psk 600
check "it is right" vpn left check office
check "our address is this host's, so it is Local" grep -q "^Local = $ours$" "$keys/vpntun-left/etc/office.conf"
both_up "the XML"

# ---- the network behind answers by the other tunnel ----

# returns: the doctor says that of the first
returns()
{
	vpn left doctor office > "$keys/doctor" 2>&1 || true
	grep -F 'note [return] office/aws-1: what it sends is answered by tunnel aws-2' "$keys/doctor"
}

check_not "each answers for itself: the doctor has nothing to say of that" returns
ip -n "$right" route replace 192.168.1.0/24 dev ipsec2
check "answers by the other tunnel arrive" in_ns site_l ping -qc 30 -i 0.1 192.168.2.10
check "and the doctor says so" returns
ip -n "$right" route replace 192.168.1.0/24 dev ipsec1

# ---- the same connection as describe-vpn-connections has it ----

check "the JSON, in the other order" import aws-secrets-manager.json
check "it changes the file there is" said '/etc/vpntun/office.conf: changed'
check "to what the options allow" said 'IKEProposals = aes256-sha384-ecp384, before:'
same "and makes no other" "office.conf" "$(cd "$keys/vpntun-left/etc" && echo *.conf)"
check "reload" vpn left reload office
check "the new proposals count" busywait "$patience" suite_is aws-1 aes256gcm16
check "there is traffic" busywait 10 pings site_l 192.168.2.10
check "once more: nothing changes" import aws-secrets-manager.json
check "and it says so" said '/etc/vpntun/office.conf: unchanged'

# ---- in use ----

check "another connection with the same inside blocks is refused" eval '! import aws-generic.txt --name other'
check "with the name of the first" said 'lies in the same block as that of [Tunnel aws-1] in /etc/vpntun/office.conf'
check "and how to have it updated instead" said 'that is the same tunnel, to 198.51.100.21: leave out --name'
same "and leaves nothing behind" "office.conf" "$(cd "$keys/vpntun-left/etc" && echo *.conf)"
check "down" vpn left down office
rm "$keys"/vpntun-left/etc/office*
ip -n "$left" addr add 169.254.46.41/29 dev site_l
check "so is one with a block of the host" eval '! import aws-generic.txt --name other'
check "with the name of the interface" said 'Inside 169.254.46.42/30 is in use on this host: interface site_l has 169.254.46.41/29'
check "and how AWS takes another" said '198.51.100.21 --tunnel-options TunnelInsideCidr=BLOCK'
ip -n "$left" addr del 169.254.46.41/29 dev site_l

# ---- somebody has restricted AWS to what the file has ----

endpoints aes128-sha1-modp2048 aes128-sha1-modp2048
weak=$keys/weak.txt
sed 's/modp1024/modp2048/' "$data/aws-strongswan.txt" > "$weak"
chmod 600 "$weak"
data=$keys
check "the text for strongSwan" import weak.txt --name office --routes 192.168.2.0/24
check "is not taken by its word, so there is no connection" eval '! vpn left up office --wait 5'
check "down" vpn left down office
check "--weak" import weak.txt --weak
check "says that it is" said 'weak, as --weak asks: IKE aes128-sha1-modp2048'
both_up "the text for strongSwan"
same "with the file's own" aes128-sha1 "$(suite aws-1)"
check "down" vpn left down office
