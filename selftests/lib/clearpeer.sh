# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests in which the peer is a python program that makes and reads whole ESP packets; brings vgw.sh with it.
#
#   sa_null left vgw0 office 0x1001 0x2001      SAs out and in of the suite null-sha256, keys "lr" and "rl"
#   clear_scene                                 vgw0 of left with a tunnel of each outer family and encapsulation
#   py_checks ARGUMENT... <<END                 python with clearpeer.py to import; the checks that it prints are ours

# shellcheck source=vgw.sh
. "$(dirname "${BASH_SOURCE[0]}")/vgw.sh"

clear_lib=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")")
export vpntun

new_key lr 32
new_key rl 32

sa_null()
{
	local ns=$1 iface=$2 tunnel=$3 out=$4 in=$5

	v "$ns" sa add "$iface" "$tunnel" out spi "$out" alg null-sha256 authkeyfile "$keys/lr"
	v "$ns" sa add "$iface" "$tunnel" in spi "$in" alg null-sha256 authkeyfile "$keys/rl"
}

# The prefixes of tunnel N: 192.168.N.0/24 and fd00:1:N::/48; its SPIs: 0x100N out, 0x200N in.
clear_tunnel()
{
	local name=$1 n=$2 how=$3 local=$4 remote=$5

	v left tunnel add vgw0 "$name" local "$local" remote "$remote" encap "$how" \
		prefix "192.168.$n.0/24,fd00:1:$n::/48" group "$n"
	sa_null left vgw0 "$name" "0x100$n" "0x200$n"
}

# left and right, and left's tunnels to it; all that left sends is cut, and its checksums are whole, on the wire.
clear_scene()
{
	setup_ns left right
	link_ns left right 10.0.0
	in_ns left ethtool -K right tx off > /dev/null
	make_vgw left
	in_ns left ip route add 192.168.0.0/16 dev vgw0 src 192.168.1.1
	in_ns left ip -6 route add fd00:1::/32 dev vgw0 src fd01::1
	clear_tunnel four 4 none 10.0.0.1 10.0.0.2
	clear_tunnel four-udp 5 udp 10.0.0.1 10.0.0.2
	clear_tunnel six 6 none fd00:10:0:0::1 fd00:10:0:0::2
	clear_tunnel six-udp 7 udp fd00:10:0:0::1 fd00:10:0:0::2
}

# The program comes on standard input; its arguments are the folder of keys and whatever the caller adds.
py_checks()
{
	local line status=none

	while IFS= read -r line; do
		case $line in
		'ok '*) ktap_ok "${line#ok }" ;;
		'not ok '*) ktap_fail "${line#not ok }" ;;
		'exit status '*) status=${line#exit status } ;;
		*) echo "# $line" ;;
		esac
	done 3<&0 < <(
		export PYTHONPATH=$clear_lib PYTHONDONTWRITEBYTECODE=1
		/usr/bin/python3 - "$keys" "$@" 2>&1 <&3 || status=$?
		echo "exit status ${status/none/0}"
	)
	[ "$status" = 0 ] || ktap_fail "the program ends well" "exit status $status"
}
