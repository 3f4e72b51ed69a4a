#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 600
#
# Everything at once, on two processors, under traffic both ways: SAs are replaced, tunnels and interfaces removed and
# made, namespaces end, sockets are handed over and closed, SPIs reserved and left, lists asked for, a processor goes
# and comes; last of all the module goes in the midst of it. Meant for the kernel of make check-debug, which sees what
# goes wrong.
#
#   left (vgw0) ---- right (vgw0)     one tunnel native, one in UDP
#
# SECONDS_LONG=N takes so long, SEED=N repeats a run.

# shellcheck source=../lib/race.sh
. "$(dirname "$0")/../lib/race.sh"

unload()
{
	rmmod vgw
}

# Packets go by what was made anew.
carries()
{
	[ "$(in_ns left cat /sys/class/net/vgw0/statistics/tx_packets)" -gt 50 ]
}

race_begin
race_for "${SECONDS_LONG:-60}" race.py "all had their turns"
race_again
race $((10 * ${TIME_SCALE:-1})) race.py > "$keys/race" &
busywait 10 carries || ktap_fail "there is traffic"
check "the module goes in the midst of it" busywait 20 unload
wait $! || true
