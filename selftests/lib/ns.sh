# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Network namespaces for test scripts; brings ktap.sh with it.
#
#   setup_ns left right             two namespaces, gone when the script ends
#   link_ns left right 10.0.0       left's device "right" is 10.0.0.1 and fd00:10:0:0::1,
#                                   right's device "left" the same with 2
#   in_ns left ping -c 1 10.0.0.2
#
# setup_ns makes the name unique and keeps it in the variable $left, for
# ip -n "$left" and the like. The functions here take either.

# shellcheck source=ktap.sh
. "$(dirname "${BASH_SOURCE[0]}")/ktap.sh"

# The real name of a namespace that setup_ns was asked for.
ns_name()
{
	case $1 in
	*-*) echo "$1" ;;
	*) echo "${!1}" ;;
	esac
}

setup_ns()
{
	local var name

	for var in "$@"; do
		name=$var-$$-$RANDOM
		ip netns add "$name"
		defer remove_ns "$name"
		printf -v "$var" %s "$name"

		ip -n "$name" link set lo up
		# Addresses of tests are usable at once.
		ip netns exec "$name" sysctl -qw net.ipv6.conf.{all,default}.accept_dad=0
	done
}

remove_ns()
{
	local pids

	pids=$(ip netns pids "$1" 2>/dev/null)
	# shellcheck disable=SC2086 # a list
	[ -z "$pids" ] || kill -9 $pids 2>/dev/null
	ip netns del "$1"
}

in_ns()
{
	local ns
	ns=$(ns_name "$1")
	shift
	ip netns exec "$ns" "$@"
}

# link_ns A B NET: a veth pair; each end is named after the far side.
link_ns()
{
	local a=$1 b=$2 net=$3 ns_a ns_b net6
	ns_a=$(ns_name "$a")
	ns_b=$(ns_name "$b")
	net6=fd00:${net//./:}:

	ip link add "$b" netns "$ns_a" type veth peer name "$a" netns "$ns_b"
	ip -n "$ns_a" link set "$b" up
	ip -n "$ns_b" link set "$a" up
	ip -n "$ns_a" addr add "$net.1/24" dev "$b"
	ip -n "$ns_b" addr add "$net.2/24" dev "$a"
	ip -n "$ns_a" addr add "$net6:1/64" dev "$b" nodad
	ip -n "$ns_b" addr add "$net6:2/64" dev "$a" nodad
}

# pinged NS ARGUMENT...: ping there, with patience for answers that are to come
pinged()
{
	in_ns "$1" ping -W $((5 * ${TIME_SCALE:-1})) "${@:2}"
}

# busywait SECONDS COMMAND...: until it succeeds; false when time is up. The time
# is scaled by TIME_SCALE, for slow machines.
busywait()
{
	local end=$((SECONDS + $1 * ${TIME_SCALE:-1}))
	shift

	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

declare -A capture_pids

# capture_start NS DEV FILE [FILTER]...: returns when packets are really seen.
capture_start()
{
	local ns file=$3 dev=$2
	ns=$(ns_name "$1")
	shift 3

	# A file that was used before says that already.
	rm -f "$file.log"
	ip netns exec "$ns" tcpdump -Unp --immediate-mode -Z root -i "$dev" -w "$file" "$@" \
		2> "$file.log" &
	capture_pids[$file]=$!
	defer capture_stop "$file"
	if ! busywait 10 grep -q 'listening on' "$file.log"; then
		cat "$file.log"
		return 1
	fi
}

# capture_stop FILE: the file is complete afterwards, once no packets come any more.
capture_stop()
{
	local file=$1 pid=${capture_pids[$1]:-} size=-1
	[ -n "$pid" ] || return 0

	# What tcpdump has not read yet when it is stopped is lost.
	while [ "$size" != "$(stat -c %s "$file")" ]; do
		size=$(stat -c %s "$file")
		sleep 0.2
	done
	kill -INT "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	unset "capture_pids[$file]"
}
