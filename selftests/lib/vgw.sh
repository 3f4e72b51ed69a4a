# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A vgw gateway and the kernel's own IPsec as its peer; brings ns.sh with it.
#
#   left, with vgw0                     right, with xfrm states and policies
#   outer 10.0.0.1, fd00:10:0:0::1      outer 10.0.0.2, fd00:10:0:0::2
#   inner 192.168.1.1, fd01::1          inner 192.168.2.1, fd02::1
#
# Everything is done by the two programs that users have: vpntun and ip.

# shellcheck source=ns.sh
. "$(dirname "${BASH_SOURCE[0]}")/ns.sh"

vpntun=$(dirname "${BASH_SOURCE[0]}")/../../tools/vpntun/vpntun
keys=$(mktemp -d)
defer rm -rf "$keys"

# v NS WORD...: vpntun there.
v()
{
	local ns=$1
	shift
	in_ns "$ns" "$vpntun" "$@"
}

# new_key NAME BYTES: a fresh random key in a file of its own.
new_key()
{
	(umask 077 && od -An -vtx1 -N"$2" /dev/urandom | tr -d ' \n' > "$keys/$1" && echo >> "$keys/$1")
}

hex()
{
	echo "0x$(< "$keys/$1")"
}

# The bytes of cipher key and HMAC key that a suite takes.
suite_keys()
{
	case $1 in
	aes128gcm16) echo 20 0 ;;
	aes192gcm16) echo 28 0 ;;
	aes256gcm16) echo 36 0 ;;
	aes128-sha256) echo 16 32 ;;
	aes192-sha256) echo 24 32 ;;
	aes256-sha256) echo 32 32 ;;
	esac
}

# How the ip command names a suite with the keys NAME and NAME.auth.
xfrm_suite()
{
	case $1 in
	*gcm16) echo aead "rfc4106(gcm(aes))" "$(hex "$2")" 128 ;;
	*-sha256) echo enc "cbc(aes)" "$(hex "$2")" auth-trunc "hmac(sha256)" "$(hex "$2.auth")" 128 ;;
	esac
}

make_keys()
{
	local suite=$1 name key auth
	shift
	read -r key auth < <(suite_keys "$suite")
	for name in "$@"; do
		new_key "$name" "$key"
		[ "$auth" = 0 ] || new_key "$name.auth" "$auth"
	done
}

# sa_add NS IFACE TUNNEL DIR SPI SUITE KEY [WORD...]
sa_add()
{
	local ns=$1 iface=$2 tunnel=$3 dir=$4 spi=$5 suite=$6 key=$7 auth=()
	shift 7
	[ ! -e "$keys/$key.auth" ] || auth=(authkeyfile "$keys/$key.auth")
	v "$ns" sa add "$iface" "$tunnel" "$dir" spi "$spi" alg "$suite" keyfile "$keys/$key" \
		${auth[@]+"${auth[@]}"} "$@"
}

# A gateway's interface: make_vgw NS; up, with the inner addresses of left and the routes to right.
make_vgw()
{
	ip -n "$(ns_name "$1")" link add vgw0 type vgw
	ip -n "$(ns_name "$1")" link set vgw0 up
	ip -n "$(ns_name "$1")" addr add 192.168.1.1/32 dev vgw0
	ip -n "$(ns_name "$1")" addr add fd01::1/128 dev vgw0 nodad
	ip -n "$(ns_name "$1")" route add 192.168.2.0/24 dev vgw0 src 192.168.1.1
	ip -n "$(ns_name "$1")" -6 route add fd02::/64 dev vgw0 src fd01::1
}

# The peer: xfrm_peer NS SUITE OUTER_LEFT OUTER_RIGHT ENCAP [ESN]; keys "lr" and "rl", SPIs 0x1001 and 0x2001.
xfrm_peer()
{
	local ns suite=$2 l=$3 r=$4 encap=() flags=(flag af-unspec) dir src dst tmpl
	ns=$(ns_name "$1")
	[ "$5" = none ] || encap=(encap espinudp 4500 4500 "$([[ $l = *:* ]] && echo :: || echo 0.0.0.0)")
	[ "${6:-off}" = off ] || flags=(flag af-unspec flag esn)
	ip -n "$ns" addr add 192.168.2.1/32 dev lo
	ip -n "$ns" addr add fd02::1/128 dev lo nodad
	# shellcheck disable=SC2046 # words
	ip -n "$ns" xfrm state add src "$l" dst "$r" proto esp spi 0x1001 mode tunnel reqid 1 \
		replay-window 128 "${flags[@]}" $(xfrm_suite "$suite" lr) ${encap[@]+"${encap[@]}"}
	# shellcheck disable=SC2046 # words
	ip -n "$ns" xfrm state add src "$r" dst "$l" proto esp spi 0x2001 mode tunnel reqid 1 \
		replay-window 128 "${flags[@]}" $(xfrm_suite "$suite" rl) ${encap[@]+"${encap[@]}"}
	for dir in in out; do
		for src in 192.168.1.0/24 fd01::/64; do
			dst=192.168.2.0/24
			[[ $src != *:* ]] || dst=fd02::/64
			tmpl=(src "$l" dst "$r")
			if [ $dir = out ]; then
				tmpl=(src "$r" dst "$l")
				ip -n "$ns" xfrm policy add src "$dst" dst "$src" dir out \
					tmpl "${tmpl[@]}" proto esp reqid 1 mode tunnel
			else
				ip -n "$ns" xfrm policy add src "$src" dst "$dst" dir in \
					tmpl "${tmpl[@]}" proto esp reqid 1 mode tunnel
			fi
		done
	done
	ip -n "$ns" route add 192.168.1.0/24 dev left src 192.168.2.1
	ip -n "$ns" -6 route add fd01::/64 dev left src fd02::1
	[ "$5" = none ] || natt_socket "$1" "$l"
}

# The kernel's IPsec takes ESP in UDP from a socket that an IKE daemon would have: hold one.
natt_socket()
{
	in_ns "$1" /usr/bin/python3 -c '
import socket, sys, time
v6 = ":" in sys.argv[1]
s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("::" if v6 else "0.0.0.0", 4500))
s.setsockopt(socket.IPPROTO_UDP, 100, 2)  # UDP_ENCAP, UDP_ENCAP_ESPINUDP
time.sleep(3600)' "$2" &
	defer kill $!
	busywait 10 natt_listens "$1"
}

natt_listens()
{
	in_ns "$1" ss -Hulna | grep -q ':4500 '
}

# json NS PATH: one value of `vpntun show --json`, as python spells the path behind the first interface.
json()
{
	v "$1" show --json | /usr/bin/python3 -c 'import json, sys
iface = json.load(sys.stdin)["interfaces"][0]
print(eval("iface" + sys.argv[1]))' "$2"
}

# same TEXT WANT GOT
same()
{
	if [ "$2" = "$3" ]; then
		ktap_ok "$1"
	else
		ktap_fail "$1" "wanted $2, got $3"
	fi
}
