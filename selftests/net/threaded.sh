#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
# ci: no
#
# An interface that is polled by kernel threads (the administrator's "threaded"): they do the work, everything arrives and
# in order, and SAs, tunnels and interfaces may go while packets are under way.
#
#   left (vgw0) ---- right (vgw0)

# shellcheck source=../lib/underway.sh
. "$(dirname "$0")/../lib/underway.sh"

# threads: all of this interface's name
threads()
{
	pgrep "^napi/vgw0-" || true	# none is not a failure
}

# How often they have run, altogether.
runs()
{
	local pid
	for pid in $(threads); do
		awk '/ctxt_switches/ { print $2 }' "/proc/$pid/status"
	done | awk '{ sum += $1 } END { print sum + 0 }'
}

# poll_by NS HOW: 1: threads, 0: soft interrupts
poll_by()
{
	in_ns "$1" bash -c "echo $2 > /sys/class/net/vgw0/threaded"
}

# try ENCAP
try()
{
	local before
	vgw_pair aes128gcm16 encap "$1"
	new_sas aes128gcm16 off
	poll_by left 1
	poll_by right 1
	same "encap $1: a thread for every processor and end" $((2 * $(nproc))) "$(threads | wc -l)"
	before=$(runs)
	traffic "encap $1"
	check "encap $1: the threads have run" [ "$(runs)" -gt $((before + 20)) ]
	removals "encap $1" aes128gcm16 off
	same "encap $1: no thread is left" "" "$(threads)"
}

[ -e /sys/class/net/lo/threaded ] || skip "this kernel polls no device by threads"
setup_ns left right
link_ns left right 10.0.0
head -c 1M /dev/urandom > "$keys/file"
try none
try udp
