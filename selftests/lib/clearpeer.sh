# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests in which the peer is a python program that makes and reads whole ESP packets; brings vgw.sh with it.
#
#   sa_null left vgw0 office 0x1001 0x2001      SAs out and in of the suite null-sha256, keys "lr" and "rl"
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
