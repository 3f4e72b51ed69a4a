#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
# ci: no
#
# Several CPUs seal and open for one SA: they do so, everything arrives and in order, and SAs, tunnels and interfaces may
# go while packets are under way.
#
#   left (vgw0) ---- right (vgw0)

# shellcheck source=../lib/underway.sh
. "$(dirname "$0")/../lib/underway.sh"

tracing=/sys/kernel/tracing

# On which CPUs was work done for another one?
helping_cpus()
{
	sed -n 's/.* \[\([0-9]*\)\] .*function help \[vgw\]$/\1/p' $tracing/trace | sort -u | wc -l
}

# try SUITE ENCAP
try()
{
	vgw_pair "$1" encap "$2"
	echo > $tracing/trace
	new_sas "$1" off
	traffic "$1, encap $2"
	if [ "$(nproc)" -gt 1 ]; then
		same "$1, encap $2: both CPUs have helped" 2 "$(helping_cpus)"
	else
		ktap_ok "$1, encap $2: both CPUs have helped # SKIP there is only one"
	fi
	removals "$1, encap $2" "$1" off
}

mountpoint -q $tracing || mount -t tracefs tracefs $tracing
echo 1 > $tracing/events/workqueue/workqueue_execute_start/enable
echo 2 > /sys/module/vgw/parameters/parallel
setup_ns left right
link_ns left right 10.0.0
head -c 1M /dev/urandom > "$keys/file"
try aes128gcm16 none
try aes256-sha256 udp
