# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# FRR and BIRD in network namespaces, each with the very text that `vpntun export` printed for it; for gateways of ike.sh.

# shellcheck disable=SC2154 # $keys is vgw.sh's

# frr_start NS: zebra, bgpd, bfdd and staticd without any configuration
frr_start()
{
	local dir=$keys/frr-$1 name flags
	mkdir -p "$dir"
	chown frr:frr "$dir"
	for name in zebra bgpd bfdd staticd; do
		flags=(-z "$dir/zserv.api" --vty_socket "$dir" -i "$dir/$name.pid" -f "$dir/$name.conf" --log "file:$dir/log" -P 0)
		[ $name != bfdd ] || flags+=(--bfdctl "$dir/bfdd.sock")
		install -o frr -g frr -m 600 /dev/null "$dir/$name.conf"
		ip netns exec "$(ns_name "$1")" /usr/lib/frr/$name "${flags[@]}" >> "$dir/out" 2>&1 &
		disown $!
		# bgpd asks zebra for the interfaces.
		# shellcheck disable=SC2310 # false is said and remembered
		busywait 30 test -S "$dir/$name.vty" || { cat "$dir/out"; return 1; }
	done
}

# frr NS COMMAND...: what vtysh says to these
frr()
{
	local dir=$keys/frr-$1 args=() one
	for one in "${@:2}"; do
		args+=(-c "$one")
	done
	in_ns "$1" timeout $((30 * ${TIME_SCALE:-1})) vtysh --vty_socket "$dir" "${args[@]}" 2>&1
}

# frr_take NS FILE: its configuration; nothing is said to it
frr_take()
{
	local said
	said=$(in_ns "$1" timeout $((60 * ${TIME_SCALE:-1})) vtysh --vty_socket "$keys/frr-$1" -f "$2" 2>&1) || { echo "$said"; return 1; }
	said=$(grep -v '^\[[0-9|]*\] ' <<< "$said" || true)
	echo "$said"
	[ -z "$said" ]
}

# bird_start NS FILE
bird_start()
{
	local dir=$keys/bird-$1
	mkdir -p "$dir"
	ip netns exec "$(ns_name "$1")" bird -f -c "$2" -s "$dir/ctl" -P "$dir/pid" -D "$dir/log" >> "$dir/out" 2>&1 &
	disown $!
	# shellcheck disable=SC2310 # false is said and remembered
	busywait 30 bird_cmd "$1" show status || { cat "$dir/out"; return 1; }
}

# bird_cmd NS WORD...: what birdc says to that
bird_cmd()
{
	in_ns "$1" timeout $((30 * ${TIME_SCALE:-1})) birdc -s "$keys/bird-$1/ctl" "${@:2}"
}

# bird_take NS FILE: another configuration
bird_take()
{
	bird_cmd "$1" configure "\"$2\"" | grep -E 'Reconfigur(ed|ation in progress)'
}

# bird_has NS NAME: that session is established
bird_has()
{
	bird_cmd "$1" show protocols | awk -v name="$2" '$1 == name && $NF == "Established" { found = 1 } END { exit !found }'
}

# frr_has NS ADDRESS: the session with that neighbor is
frr_has()
{
	frr "$1" "show bgp neighbors $2 json" | grep -q '"bgpState":"Established"'
}

# route_is NS PREFIX WORD...: the kernel's route there has all these words
route_is()
{
	local route word family=-4
	[[ $2 != *:* ]] || family=-6
	route=$(ip -n "$(ns_name "$1")" "$family" route show "$2" | tr '\n' ' ')
	for word in "${@:3}"; do
		[[ " $route " = *" $word "* ]] || { echo "$1: $2: '$word' is not in '$route'"; return 1; }
	done
}

# no_route NS PREFIX PROTO: the kernel has no such route by that protocol
no_route()
{
	local family=-4
	[[ $2 != *:* ]] || family=-6
	[ -z "$(ip -n "$(ns_name "$1")" "$family" route show "$2" proto "$3")" ]
}

# frr_lacks NS PREFIX: it announces no such route
frr_lacks()
{
	frr "$1" "show bgp ipv4 unicast $2" | grep -q 'not in table'
}

# When an interface loses its carrier, or goes, so does the route to the neighbor: what a daemon has still to say to it,
# that the session ends, follows the host's other routes.
farewell='tcp port 179 and net 169.254.0.0/16'

# watch_clear: from now on the router writes down what is not IKE and ESP (or ICMP of gateways, or a farewell). With all that
# daemons and probes send there is no pause in the rest.
watch_clear()
{
	capture_start router any "$keys/clear" "not (udp port 500 or udp port 4500 or proto 50 or ip6 proto 50 or arp or icmp \
		or icmp6 or ip6 multicast or ($farewell)) or net 192.168.0.0/16 or net fd01::/64 or net fd02::/64"
}

# none_clear WHAT: there was nothing
none_clear()
{
	capture_stop "$keys/clear"
	same "$1: nothing is in the clear" "" "$(tcpdump -nr "$keys/clear" 2> /dev/null | head -n 5)"
}
