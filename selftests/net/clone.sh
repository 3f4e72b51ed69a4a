#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 180
#
# A machine that is hibernated may come back twice, and would then send different packets with the same nonces: all
# outbound SAs of all interfaces end, and are told; inbound ones stay and accept. Other ways of sleep end none.
#
#   left (vgw0) ---- right (an xfrm peer), and far with a vgw0 of its own
#
# Hibernation is the kernel's rehearsal of it, which stops after the freezing of processes (/sys/power/pm_test).
# Clones of virtual machines are in check/twins.

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

power=/sys/power
[ -e $power/pm_test ] || skip "this kernel cannot rehearse sleep"
grep -qw disk $power/state || skip "this machine does not hibernate"
grep -qw freeze $power/state || skip "this machine does not sleep"

# shellcheck disable=SC2034 # v and in_ns know it
left="" right="" far=""

modprobe esp4
setup_ns left right far
link_ns left right 10.0.0
link_ns left far 10.0.3
make_keys aes128gcm16 lr rl next
make_vgw left
v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24
sa_add left vgw0 office out 0x1001 aes128gcm16 lr
sa_add left vgw0 office in 0x2001 aes128gcm16 rl
sa_add left vgw0 office in 0x2002 aes128gcm16 rl
sa_add left vgw0 office out 0x1002 aes128gcm16 next pending-on 0x2002
xfrm_peer right aes128gcm16 10.0.0.1 10.0.0.2 none
ip -n "$far" link add vgw0 type vgw
v far tunnel add vgw0 far local 10.0.3.2 remote 10.0.3.1 encap udp prefix 192.168.9.0/24
sa_add far vgw0 far out 0x1003 aes128gcm16 lr

# rehearse STATE
rehearse()
{
	echo freezer > $power/pm_test
	echo "$1" > $power/state
	echo none > $power/pm_test
}
defer eval "echo none > $power/pm_test"

# sas NS: direction and SPI of all SAs.
sas()
{
	json "$1" '["tunnels"][0]["sas"]' | sed "s/}, /\n/g" |
		sed -n "s/.*'dir': '\([a-z]*\)', 'spi': '\([0-9a-fx]*\)'.*/\1 \2/p" | sort | xargs
}
state()
{
	json "$1" '["carrier"]'
	json "$1" '["tunnels"][0]["state"]'
	json "$1" '["tunnels"][0]["reason"]'
}
packets_in()
{
	json left '["tunnels"][0]["rx_packets"]'
}
packets_in_is()
{
	[ "$(packets_in)" = "$1" ]
}

# refused COMMAND...: for hibernation's sake
refused()
{
	! "$@" 2> "$keys/said" && grep -q 'is being hibernated' "$keys/said"
}

events=$keys/events
for ns in left far; do
	v $ns monitor --json > "$events.$ns" &
	defer kill $!
	busywait 10 grep -q listening "$events.$ns"
done
told()
{
	grep -c "\"sa-expire\".*$2.*\"hard\"" "$events.$1" || true
}
told_is()
{
	[ "$(told "$1" "$2")" = "$3" ]
}

all="in 0x00002001 in 0x00002002 out 0x00001001 out 0x00001002"
check "traffic" pinged left -qc 1 192.168.2.1
check "the machine sleeps" rehearse freeze
same "all SAs are there" "$all" "$(sas left)"
check "traffic after it" pinged left -qc 1 192.168.2.1

check "the machine hibernates" rehearse disk
same "outbound SAs are gone" "in 0x00002001 in 0x00002002" "$(sas left)"
same "those of another namespace too" "" "$(sas far)"
for spi in 0x00001001 0x00001002; do
	check "the end of $spi is told, once" busywait 10 told_is left $spi 1
done
check "the other namespace is told of its own" busywait 10 told_is far 0x00001003 1
same "nothing is told of inbound ones" 0 "$(told left 0x00002)"
same "the tunnel is down" "False down no-sa" "$(state left | xargs)"
same "the other one too" "False down no-sa" "$(state far | xargs)"
before=$(packets_in)
in_ns right ping -qc 2 -i 0.2 -W 1 -I 192.168.2.1 192.168.1.1 > /dev/null || true
check "inbound SAs accept" busywait 10 packets_in_is $((before + 2))

# While programs run and the machine is about to hibernate: whoever opens this device to read says so, until it closes it.
if [ -e /dev/snapshot ]; then
	exec {image}< /dev/snapshot
	check "meanwhile no outbound SA is made" refused sa_add left vgw0 office out 0x1004 aes128gcm16 next
	check "but inbound ones" sa_add left vgw0 office in 0x2003 aes128gcm16 rl
	exec {image}<&-
fi

ip -n "$right" xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1004 mode tunnel reqid 1 \
	replay-window 128 flag af-unspec aead "rfc4106(gcm(aes))" "$(hex next)" 128
sa_add left vgw0 office out 0x1004 aes128gcm16 next
check "traffic by a new SA" pinged left -qc 1 192.168.2.1
