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

lib=$(dirname "${BASH_SOURCE[0]}")
vpntun=$lib/../../tools/vpntun/vpntun
keys=$(mktemp -d)
defer rm -rf "$keys"

# v NS WORD...: vpntun there.
v()
{
	local ns=$1
	shift
	in_ns "$ns" "$vpntun" "$@"
}

pool='' pool_at=0

# take_key BYTES: sets key to so many fresh random ones, in hex. Not in a subshell, which would not know what is used
# up.
take_key()
{
	if [ $((pool_at + 2 * $1)) -gt ${#pool} ]; then
		pool=$(od -An -vtx1 -N16384 /dev/urandom | tr -d ' \n')
		pool_at=0
	fi
	key=${pool:pool_at:2*$1}
	pool_at=$((pool_at + 2 * $1))
}

# new_key NAME BYTES: a fresh random key in a file of its own.
new_key()
{
	take_key "$2"
	(umask 077 && echo "$key" > "$keys/$1")
}

# A key as the ip command takes it; nothing when there is none.
hex()
{
	[ ! -e "$keys/$1" ] || echo "0x$(< "$keys/$1")"
}

# The bytes of cipher key (of AEADs with the salt) and HMAC key that a suite takes.
suite_keys()
{
	local key=0 auth=0

	case $1 in
	aes128*) key=16 ;;
	aes192*) key=24 ;;
	aes256* | chacha20*) key=32 ;;
	esac
	case $1 in
	*gcm* | *gmac | chacha20*) key=$((key + 4)) ;;
	*-sha1) auth=20 ;;
	*-sha256) auth=32 ;;
	*-sha384) auth=48 ;;
	*-sha512) auth=64 ;;
	esac
	echo $key $auth
}

# How the ip command names a suite: xfrm_suite SUITE KEY AUTH_KEY sets xfrm_words.
xfrm_suite()
{
	local auth

	case $1 in
	*gcm*) xfrm_words=(aead "rfc4106(gcm(aes))" "$2" $((${1##*gcm} * 8))) ;;
	*gmac) xfrm_words=(aead "rfc4543(gcm(aes))" "$2" 128) ;;
	chacha20*) xfrm_words=(aead "rfc7539esp(chacha20,poly1305)" "$2" 128) ;;
	null-*) xfrm_words=(enc "ecb(cipher_null)" "") ;;
	*) xfrm_words=(enc "cbc(aes)" "$2") ;;
	esac
	case $1 in
	*-sha1) auth=96 ;;
	*-sha256) auth=128 ;;
	*-sha384) auth=192 ;;
	*-sha512) auth=256 ;;
	*) return 0 ;;
	esac
	xfrm_words+=(auth-trunc "hmac(${1##*-})" "$3" "$auth")
}

# xfrm_named SUITE NAME: the same words printed, with the keys of make_keys; none has a blank in it.
xfrm_named()
{
	xfrm_suite "$1" "$(hex "$2")" "$(hex "$2.auth")"
	echo "${xfrm_words[@]}"
}

# make_keys SUITE NAME...: files of fresh keys.
make_keys()
{
	local suite=$1 name cipher auth
	shift
	read -r cipher auth < <(suite_keys "$suite")
	for name in "$@"; do
		rm -f "$keys/$name" "$keys/$name.auth"
		[ "$cipher" = 0 ] || new_key "$name" "$cipher"
		[ "$auth" = 0 ] || new_key "$name.auth" "$auth"
	done
}

# random_keys SUITE: sets cipher_key and auth_key, to nothing where the suite takes none.
random_keys()
{
	local cipher auth
	read -r cipher auth < <(suite_keys "$1")
	take_key "$cipher"
	cipher_key=$key
	take_key "$auth"
	auth_key=$key
}

# sa_command IFACE TUNNEL DIR SPI SUITE [WORD...]: for a shell that is to install many SAs at once, with the keys of
# random_keys; the shell ends if that fails.
sa_command()
{
	local lines='' files=''
	[ -z "$cipher_key" ] || lines+="$cipher_key\\n" files+=" keyfile -"
	[ -z "$auth_key" ] || lines+="$auth_key\\n" files+=" authkeyfile -"
	echo "printf '$lines' | $vpntun sa add $1 $2 $3 spi $4 alg $5$files ${*:6} || kill \$\$ &"
}

# sa_add NS IFACE TUNNEL DIR SPI SUITE KEY [WORD...]
sa_add()
{
	local ns=$1 iface=$2 tunnel=$3 dir=$4 spi=$5 suite=$6 key=$7 files=()
	shift 7
	[ ! -e "$keys/$key" ] || files+=(keyfile "$keys/$key")
	[ ! -e "$keys/$key.auth" ] || files+=(authkeyfile "$keys/$key.auth")
	v "$ns" sa add "$iface" "$tunnel" "$dir" spi "$spi" alg "$suite" "${files[@]}" "$@"
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

# vgw at both ends: vgw_pair SUITE [WORD...], with the words of a tunnel; right has the addresses that an xfrm peer has.
vgw_pair()
{
	local suite=$1
	shift
	make_vgw left
	ip -n "$(ns_name right)" link add vgw0 type vgw
	ip -n "$(ns_name right)" link set vgw0 up
	ip -n "$(ns_name right)" addr add 192.168.2.1/32 dev vgw0
	ip -n "$(ns_name right)" addr add fd02::1/128 dev vgw0 nodad
	ip -n "$(ns_name right)" route add 192.168.1.0/24 dev vgw0 src 192.168.2.1
	ip -n "$(ns_name right)" -6 route add fd01::/64 dev vgw0 src fd02::1
	v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 prefix 192.168.2.0/24,fd02::/64 "$@"
	v right tunnel add vgw0 office local 10.0.0.2 remote 10.0.0.1 prefix 192.168.1.0/24,fd01::/64 "$@"
	pair_sas "$suite" 0x1001 0x2001
}

# pair_sas SUITE SPI_TO_RIGHT SPI_TO_LEFT [WORD...]: fresh SAs for such a pair, receivers first.
pair_sas()
{
	local suite=$1 to_right=$2 to_left=$3
	shift 3
	make_keys "$suite" lr rl
	sa_add right vgw0 office in "$to_right" "$suite" lr "$@"
	sa_add left vgw0 office in "$to_left" "$suite" rl "$@"
	sa_add left vgw0 office out "$to_right" "$suite" lr "$@"
	sa_add right vgw0 office out "$to_left" "$suite" rl "$@"
}

# carried FROM TO ADDRESS FILE HOW: a file by TCP, see transfer.py; true when the right bytes arrived.
carried()
{
	local port=$((6000 + RANDOM % 1000)) got
	in_ns "$2" /usr/bin/python3 "$lib/transfer.py" receive "$3" $port > "$keys/carried" &
	busywait 10 tcp_listens "$2" $port || return
	in_ns "$1" /usr/bin/python3 "$lib/transfer.py" send "$3" $port "$4" "$5"
	wait $!
	got=$(< "$keys/carried")
	[ "$got" = "$(sha256sum < "$4" | cut -d' ' -f1)" ]
}

# large_seen NS DEV FILTER COMMAND...: runs it; true if the device saw packets longer than any link's MTU.
large_seen()
{
	local ns=$1 dev=$2 filter=$3
	shift 3
	capture_start "$ns" "$dev" "$keys/large" -s 100 "greater 1600 and $filter"
	"$@" || return
	capture_stop "$keys/large"
	[ -n "$(tcpdump -nr "$keys/large" 2> /dev/null)" ]
}

# link_joins NS DEVICE: does it join packets that come in? Links between namespaces do not in old kernels (5.10).
link_joins()
{
	in_ns "$1" ethtool -k "$2" | grep rx-udp-gro-forwarding > /dev/null
}

tcp_listens()
{
	in_ns "$1" ss -Hltn "sport = $2" | grep . > /dev/null
}

# numbered FROM TO ADDRESS NUMBER SIZE [SEGMENTS]: so many datagrams; true when all arrived, whole and in order.
numbered()
{
	local port=$((6000 + RANDOM % 1000))
	in_ns "$2" /usr/bin/python3 "$lib/transfer.py" count "$3" $port "$4" > "$keys/counted" &
	busywait 10 udp_listens "$2" $port || return
	in_ns "$1" /usr/bin/python3 "$lib/transfer.py" number "$3" $port "${@:4}"
	wait $!
	cat "$keys/counted"
	[ "$(< "$keys/counted")" = "in order" ]
}

udp_listens()
{
	in_ns "$1" ss -Hlun "sport = $2" | grep . > /dev/null
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
	xfrm_suite "$suite" "$(hex lr)" "$(hex lr.auth)"
	ip -n "$ns" xfrm state add src "$l" dst "$r" proto esp spi 0x1001 mode tunnel reqid 1 \
		replay-window 128 "${flags[@]}" "${xfrm_words[@]}" ${encap[@]+"${encap[@]}"}
	xfrm_suite "$suite" "$(hex rl)" "$(hex rl.auth)"
	ip -n "$ns" xfrm state add src "$r" dst "$l" proto esp spi 0x2001 mode tunnel reqid 1 \
		replay-window 128 "${flags[@]}" "${xfrm_words[@]}" ${encap[@]+"${encap[@]}"}
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
	local family
	family=$([[ $2 = *:* ]] && echo -6 || echo -4)

	! natt_listens "$1" "$family" || return 0
	in_ns "$1" /usr/bin/python3 -c '
import socket, sys, time
v6 = ":" in sys.argv[1]
s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
if v6:
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
s.bind(("::" if v6 else "0.0.0.0", 4500))
s.setsockopt(socket.IPPROTO_UDP, 100, 2)  # UDP_ENCAP, UDP_ENCAP_ESPINUDP
time.sleep(3600)' "$2" &
	defer kill $!
	busywait 10 natt_listens "$1" "$family"
}

natt_listens()
{
	in_ns "$1" ss -Hulna "$2" | grep ':4500 ' > /dev/null
}

# json NS PATH: one value of `vpntun show --json`, as python spells the path behind the first interface.
json()
{
	v "$1" show --json | /usr/bin/python3 -c 'import json, sys
iface = json.load(sys.stdin)["interfaces"][0]
print(eval("iface" + sys.argv[1]))' "$2"
}

# drops_of NS: what the tunnels of all interfaces there have dropped; nothing when there is nothing.
drops_of()
{
	v "$1" show --json | /usr/bin/python3 -c 'import json, sys
for iface in json.load(sys.stdin)["interfaces"]:
    for tunnel in iface["tunnels"]:
        for cause, count in tunnel["drops"].items():
            print(tunnel["name"], cause, count)'
}

# take_verdicts: what a program of ours found out, from standard input: lines "ok TEXT" and "fail TEXT # WHY", up to
# "end".
take_verdicts()
{
	local verdict what
	while read -r -t "$((60 * ${TIME_SCALE:-1}))" verdict what; do
		case $verdict in
		ok) ktap_ok "$what" ;;
		fail) ktap_fail "${what%% # *}" "${what#* # }" ;;
		end) return ;;
		esac
	done
	ktap_fail "the program that judges came to its end"
}
