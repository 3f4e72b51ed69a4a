# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Packets of pktgen that two gateways forward, and what each of them costs. Sourced by measure and many; brings places.sh
# with it.

# shellcheck source=places.sh
. "$(dirname "${BASH_SOURCE[0]}")/places.sh"

# pktgen FILE LINE...: each is written to that file of it
pktgen()
{
	local file=$1
	shift
	printf '%s\n' "$@" | in_ns sender bash -c "while read -r line; do echo \"\$line\" > /proc/net/pktgen/$file; done"
}

arrived()
{
	in_ns receiver cat /sys/class/net/right/statistics/rx_packets
}

# Sends, and prints how many nanoseconds the processor was not idle until all was still again. This is what else is
# counted, so nothing is started in between.
# shellcheck disable=SC2317 # another shell calls it
send()
{
	local before after told
	exec 9<> <(:)
	mapfile before < /proc/timer_list
	echo start > /proc/net/pktgen/pgctrl
	# Idle time costs nothing, and afterwards no packet is under way. A thread that has not begun yet still tells what it
	# said to the last setting: "OK: count=500".
	until mapfile told < /proc/net/pktgen/left; read -rt 0.5 -u 9; [[ ${told[*]} = *Result:\ OK:\ [0-9]* ]]; do
		:
	done
	mapfile after < /proc/timer_list
	printf %s "${before[@]}" "${after[@]}" | awk '
		/^now at/ { now = $3 }
		$1 == ".idle_sleeptime" { then = busy; busy = now - $3 }
		END { printf "%.0f\n", busy - then }'
}

# burst COUNT: sets took and came
burst()
{
	local before
	pktgen left "count $1"
	before=$(arrived)
	took=$(in_ns sender bash -c "$(declare -f send); send")
	came=$(($(arrived) - before))
	[ -z "${VERBOSE:-}" ] || { in_ns sender tail -n 2 /proc/net/pktgen/left; echo "$1 took $took, $came came"; } >&2
}

# pktgen_sends PACKET_LENGTH LINE...: from sender to left, with these addresses. The one thread that makes packets gives
# way to all who have one to carry: else it would fill every queue while they wait for the processor.
pktgen_sends()
{
	local length=$1 mac
	shift
	pgrep -x kpktgend_0 | xargs -n 1 chrt --idle --pid 0
	mac=$(in_ns left cat /sys/class/net/sender/address)
	pktgen kpktgend_0 rem_device_all "add_device left"
	pktgen left "pkt_size $((length + 14))" 'delay 0' "dst_mac $mac" 'udp_dst_min 9' 'udp_dst_max 9' "$@"
}

# accept ADDRESS: packets to it are carried to the receiver, which does not have it, or it would try to answer each.
accept()
{
	ip_in right neigh add "$1" lladdr "$(in_ns receiver cat /sys/class/net/right/address)" dev receiver
}

# least COUNT: sets least to what so many took, the least of three times, as what else may wake up only adds to it
# shellcheck disable=SC2034 # of why, who calls makes a reading
least()
{
	least=''
	for _ in 1 2 3; do
		burst "$1"
		if [ "$came" -lt "$1" ]; then
			why="lossy: $came of $1 arrived"
		fi
		if [ -z "$least" ] || [ "$took" -lt "$least" ]; then
			least=$took
		fi
	done
}

# packet_cost COUNT: sets result to what one of so many costs more than none, and why if that does not count
# shellcheck disable=SC2034 # the same of result
packet_cost()
{
	local few
	least 500
	few=$least
	least $((500 + $1))
	result=$(((least - few + $1 / 2) / $1))
}
