#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# Wrong requests of every kind, from whoever may and whoever may not, are refused
# with a sentence that names what is wrong, and nothing changes by them.
#
#   left, with vgw0 (and its tunnels)  <--- 10.0.0.0/24 --->  right, with vgw1
#
# refuse.py does what netlink can say: a table that follows from uapi/vgw.yaml
# and goes beyond it. Here is what vpntun makes of such refusals; the words that
# it refuses by itself are the business of check/words.

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left="" right=""

setup_ns left right
ip -n "$left" netns set "$right" 7	# before a link between them gets a number of its own
link_ns left right 10.0.0
make_vgw left
ip -n "$right" link add vgw1 type vgw
make_keys aes128-sha256 cbc
make_keys aes256gcm16 gcm other
ip -n "$left" xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x3001 mode tunnel \
	aead "rfc4106(gcm(aes))" "$(hex other)" 128

# ---- netlink ----

# Takes in what refuse.py prints: "ok WHAT", "not ok WHAT" and reasons.
hear()
{
	local line

	while IFS= read -r line; do
		case $line in
		'ok '*) ktap_ok "${line#ok }" ;;
		'not ok '*) ktap_fail "${line#not ok }" ;;
		done) return ;;
		*) echo "$line" ;;
		esac
	done
	ktap_fail "refuse.py comes to its end"
}

index=$(in_ns right cat /sys/class/net/vgw1/ifindex)
hear < <(in_ns left /usr/bin/python3 "$(dirname "$0")/refuse.py" "$index" 2>&1)

# ---- vpntun ----

for name in $(v left show vgw0 --json | /usr/bin/python3 -c 'import json, sys
for tunnel in json.load(sys.stdin)["interfaces"][0]["tunnels"]: print(tunnel["name"])'); do
	v left tunnel del vgw0 "$name"
done
v left tunnel add vgw0 a remote 10.0.0.2 prefix 192.168.2.0/24 group 1
sa_add left vgw0 a in 0x2001 aes256gcm16 gcm

# refuse SENTENCE WORD...: vpntun says no, in one line that has the sentence.
refuse()
{
	local sentence=$1 said status=0
	shift
	said=$(v left "$@" 2>&1) || status=$?
	if [ "$status" != 1 ]; then
		ktap_fail "$sentence" "exit status $status: $said"
	elif [[ $said != "vpntun: $1 "*"$sentence"* || $said = *$'\n'* ]]; then
		ktap_fail "$sentence" "said: $said"
	else
		ktap_ok "$sentence"
	fi
}

settled()
{
	v left show --json | grep -v -e last_ -e age
}

before=$(settled)
refuse "there is no such interface" tunnel add vgw9 x remote 10.0.0.2
refuse "this interface is not of type vgw" tunnel add right x remote 10.0.0.2
refuse "the interface has a tunnel of this name" tunnel add vgw0 a remote 10.0.0.2
refuse "the tunnel needs the peer's address, remote" tunnel add vgw0 x
refuse "local and remote are of different families" tunnel add vgw0 x local fd00::1 remote 10.0.0.2
refuse "a tunnel of another group has this prefix: tunnel 'a' of group 1 has 192.168.2.0/24" \
	tunnel add vgw0 x remote 10.0.0.2 prefix 192.168.2.0/24 group 2
refuse "the interface has no such tunnel" tunnel set vgw0 x priority 3
refuse "the tunnel has an SA of this direction and SPI" \
	sa add vgw0 a in spi 0x2001 alg aes256gcm16 keyfile "$keys/other"
refuse "aes128gcm16 takes a key of 20 bytes, the last 4 of them salt; $keys/gcm has 36 (72 hex digits)" \
	sa add vgw0 a in spi 0x2002 alg aes128gcm16 keyfile "$keys/gcm"
refuse "aes128-sha256 takes an authentication key of 32 bytes" \
	sa add vgw0 a in spi 0x2002 alg aes128-sha256 keyfile "$keys/cbc"
refuse "takes no authentication key; $keys/cbc.auth has 32 (64 hex digits)" \
	sa add vgw0 a in spi 0x2002 alg aes256gcm16 keyfile "$keys/gcm" authkeyfile "$keys/cbc.auth"
refuse "only an inbound SA has a replay window" \
	sa add vgw0 a out spi 0x2002 alg aes256gcm16 keyfile "$keys/gcm" replay-window 128
refuse "the tunnel has no such SA" sa del vgw0 a in spi 0x2009
same "nothing changed" "$before" "$(settled)"

anybody()
{
	in_ns left setpriv --reuid=65534 --clear-groups "$vpntun" "$@" 2>&1
}

check "everybody may read" anybody show
said=$(anybody tunnel del vgw0 a) || true
same "not everybody may change" "vpntun: tunnel del vgw0 a: not permitted: it takes CAP_NET_ADMIN (run it as root)" "$said"
check "a tunnel is still there" v left show vgw0 a
