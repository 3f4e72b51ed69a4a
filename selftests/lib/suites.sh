# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# vgw against the kernel's own IPsec, many suites in one topology. A test sources this and calls
#
#   try_suites SUITE...
#
# There are eight tunnels at once, for each encapsulation, outer family, and ESN off and on. A suite comes into use by
# new SAs for all of them; then each carries pings of both families from both sides, and two of them TCP both ways.
#
#   left (vgw0, 192.168.1.1, fd01::1) ---- right (xfrm; for tunnel T: 192.168.10T.1, fd02:0:0:10T::1)

# shellcheck source=vgw.sh
. "$(dirname "${BASH_SOURCE[0]}")/vgw.sh"

TUNNELS=8
names=() encaps=() locals=() remotes=() esns=()
for ((t = 0; t < TUNNELS; t++)); do
	e=none family=v4 n=off l=10.0.0.1 r=10.0.0.2
	((!(t & 4))) || e=udp
	((!(t & 2))) || family=v6 l=fd00:10:0:0::1 r=fd00:10:0:0::2
	((!(t & 1))) || n=on
	names+=("$e $family esn $n") encaps+=("$e") locals+=("$l") remotes+=("$r") esns+=("$n")
done
work=$(mktemp -d)
defer rm -rf "$work"
round=0

# ---- what stays for all suites ----

set_up_left()
{
	local t
	make_vgw left
	for ((t = 0; t < TUNNELS; t++)); do
		echo "$vpntun tunnel add vgw0 t$t local ${locals[t]} remote ${remotes[t]} encap ${encaps[t]}" \
			"prefix 192.168.10$t.0/24,fd02:0:0:10$t::/64"
		echo "ip route add 192.168.10$t.0/24 dev vgw0 src 192.168.1.1"
		echo "ip -6 route add fd02:0:0:10$t::/64 dev vgw0 src fd01::1"
	done > "$work/left.sh"
	in_ns left bash -e "$work/left.sh"
}

# What the ip command shall do there, in one go.
right_batch()
{
	local t here there way
	echo "route add 192.168.1.0/24 dev left"
	echo "route add fd01::/64 dev left"
	for ((t = 0; t < TUNNELS; t++)); do
		echo "addr add 192.168.10$t.1/32 dev lo"
		echo "addr add fd02:0:0:10$t::1/128 dev lo nodad"
		for here in "192.168.10$t.0/24" "fd02:0:0:10$t::/64"; do
			there=192.168.1.0/24
			[[ $here != *:* ]] || there=fd01::/64
			way="proto esp reqid $((t + 1)) mode tunnel"
			echo "xfrm policy add src $there dst $here dir in tmpl src ${locals[t]} dst ${remotes[t]} $way"
			echo "xfrm policy add src $here dst $there dir out tmpl src ${remotes[t]} dst ${locals[t]} $way"
		done
	done
}

servers_listen()
{
	[ "$(in_ns right ss -Hltn | grep -c ':520[0-9] ')" = $TUNNELS ]
}

set_up_right()
{
	local t
	right_batch | ip -n "$right" -batch -
	for ((t = 0; t < TUNNELS; t++)); do
		in_ns right iperf3 -s -p 520$t > /dev/null 2>&1 &
		defer kill $!
	done
	natt_socket right 10.0.0.1
	natt_socket right fd00::1
	busywait 20 servers_listen
}

# ---- the SAs of a suite ----

# one_sa SUITE T in|out SPI: what has to be done for it, in left.sh and right.batch.
one_sa()
{
	local suite=$1 t=$2 dir=$3 spi=$4 more=''
	local src=${locals[t]} dst=${remotes[t]} any=0.0.0.0

	[ "$dir" = out ] || src=${remotes[t]} dst=${locals[t]}
	[[ $src != *:* ]] || any=::
	[ "${esns[t]}" = off ] || more+=" flag esn"
	[ "${encaps[t]}" = none ] || more+=" encap espinudp 4500 4500 $any"

	random_keys "$suite"
	sa_command vgw0 "t$t" "$dir" "$spi" "$suite" esn "${esns[t]}" >> "$work/left.sh"
	xfrm_suite "$suite" "${cipher_key:+0x$cipher_key}" "${auth_key:+0x$auth_key}"
	echo "xfrm state add src $src dst $dst proto esp spi $spi mode tunnel reqid $((t + 1)) replay-window 128" \
		"flag af-unspec ${xfrm_words[*]@Q}$more" >> "$work/right.batch"
}

# The old SAs stay at vgw, which has a new current one; the peer has one at a time.
install_suite()
{
	local suite=$1 t
	round=$((round + 1))
	: > "$work/left.sh"
	echo "xfrm state flush" > "$work/right.batch"
	for ((t = 0; t < TUNNELS; t++)); do
		one_sa "$suite" $t out $((0x10000 + round * 256 + 2 * t))
		one_sa "$suite" $t in $((0x10000 + round * 256 + 2 * t + 1))
	done
	echo wait >> "$work/left.sh"
	in_ns left bash "$work/left.sh"
	ip -n "$right" -batch "$work/right.batch"
}

# ---- many commands at once ----

jobs_left=() jobs_right=()

# run_all NS CHECK COMMAND [CHECK COMMAND]...: all at once; each leaves its output, and a mark when it failed.
run_all()
{
	local ns=$1 i=0 script=''
	shift
	while [ $# -gt 0 ]; do
		script+="{ $2 || touch $work/$ns.$i.failed; } > $work/$ns.$i 2>&1 &"$'\n'
		i=$((i + 1))
		shift 2
	done
	in_ns "$ns" bash -c "$script wait"
}

# judge NS CHECK COMMAND...: afterwards, in order.
judge()
{
	local ns=$1 i=0
	shift
	while [ $# -gt 0 ]; do
		if [ -e "$work/$ns.$i.failed" ]; then
			ktap_fail "$1" "$2"$'\n'"$(< "$work/$ns.$i")"
			rm "$work/$ns.$i.failed"
		else
			ktap_ok "$1"
		fi
		i=$((i + 1))
		shift 2
	done
}

run_jobs()
{
	local other
	run_all right ${jobs_right[@]+"${jobs_right[@]}"} &
	other=$!
	run_all left "${jobs_left[@]}"
	wait $other
	judge left "${jobs_left[@]}"
	judge right ${jobs_right[@]+"${jobs_right[@]}"}
	jobs_left=() jobs_right=()
}

# Sizes go through all lengths of padding.
add_pings()
{
	local suite=$1 t n s=$round
	for ((t = 0; t < TUNNELS; t++)); do
		n="$suite ${names[t]}"
		jobs_left+=(
			"$n: ping, IPv4 inside" "ping -qc 1 -W $((5 * ${TIME_SCALE:-1})) -s $((100 + s++ % 16)) 192.168.10$t.1"
			"$n: ping, IPv6 inside" "ping -qc 1 -W $((5 * ${TIME_SCALE:-1})) -s $((100 + s++ % 16)) fd02:0:0:10$t::1"
		)
		jobs_right+=(
			"$n: ping from the peer, IPv4" "ping -qc 1 -W $((5 * ${TIME_SCALE:-1})) -s $((1000 + s++ % 16)) -I 192.168.10$t.1 192.168.1.1"
			"$n: ping from the peer, IPv6" "ping -qc 1 -W $((5 * ${TIME_SCALE:-1})) -s $((1000 + s++ % 16)) -I fd02:0:0:10$t::1 fd01::1"
		)
	done
}

# Native and in UDP; from suite to suite another outer family, and ESN off or on. The family inside changes with the
# direction.
add_streams()
{
	local suite=$1 t iperf n
	for ((t = round % 4; t < TUNNELS; t += 4)); do
		iperf="timeout 60 iperf3 --connect-timeout 10000 -p 520$t"
		n="$suite ${names[t]}"
		if ((t & 1)); then
			jobs_left+=("$n: TCP both ways" "$iperf -n 256K -c fd02:0:0:10$t::1 && $iperf -n 256K -R -c 192.168.10$t.1")
		else
			jobs_left+=("$n: TCP both ways" "$iperf -n 256K -c 192.168.10$t.1 && $iperf -n 256K -R -c fd02:0:0:10$t::1")
		fi
	done
}

# ---- what both sides have counted ----

judge_counters()
{
	local suite
	# shellcheck disable=SC2016 # awk's
	same "the peer found no fault" "" "$(in_ns right awk '$2 > 0' /proc/net/xfrm_stat)"
	v left show --json | /usr/bin/python3 -c '
import json, sys
for tunnel in json.load(sys.stdin)["interfaces"][0]["tunnels"]:
    if tunnel["drops"]:
        print("dropped", tunnel["name"], tunnel["drops"])
    for suite in sys.argv[1:]:
        used = sorted(sa["dir"] for sa in tunnel["sas"] if sa["alg"] == suite and sa["packets"] >= 4)
        if used != ["in", "out"]:
            print(suite, tunnel["name"], "used", used)' "$@" > "$work/counters"
	same "nothing was dropped by the tunnels" "" "$(sed -n /^dropped/p "$work/counters")"
	for suite in "$@"; do
		same "$suite: all its SAs were used" "" "$(sed -n "/^$suite /p" "$work/counters")"
	done
}

# ---- what is on the wire: SPIs from a capture of all that is small, and of all that is not ESP ----

watch='(less 300 or not (esp or udp port 4500)) and not (ip6 and ip6[6] = 58 and ip6[40] >= 133)'
watch+=' and not (ip6 and ip6[6] = 0) and not arp'

judge_wire()
{
	local suite spis want i
	tcpdump -nr "$work/wire" esp or udp port 4500 2> /dev/null > "$work/esp"
	same "nothing but ESP was on the wire" "" "$(tcpdump -nr "$work/wire" not esp and not udp port 4500 2> /dev/null)"
	i=0
	for suite in "$@"; do
		i=$((i + 1))
		want=$(for ((t = 0; t < 2 * TUNNELS; t++)); do printf '%08x ' $((0x10000 + i * 256 + t)); done)
		spis=$(grep -o 'ESP(spi=0x000[0-9a-f]*' "$work/esp" | cut -dx -f2 | sort -u |
			grep "^$(printf '%06x' $((0x100 + i)))" | tr '\n' ' ')
		same "$suite: ESP of all its SAs was on the wire" "$want" "$spis"
	done
}

try_suites()
{
	local suite
	for suite in "$@"; do
		install_suite "$suite"
		add_pings "$suite"
		add_streams "$suite"
		run_jobs
	done
	capture_stop "$work/wire"
	judge_counters "$@"
	judge_wire "$@"
}

modprobe -a esp4 esp6
# shellcheck disable=SC2034 # setup_ns sets them
left="" right=""
setup_ns left right
link_ns left right 10.0.0
set_up_left
set_up_right
# Not at the peer: its IPsec shows what it decrypted on the same device.
capture_start left right "$work/wire" -s 128 "$watch"
