#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 180
#
# The liveness probe: what it knows of a peer that answers, never did, or falls silent, what that does to the tunnel,
# and that the host sees nothing of it. The peers are the kernel's own IPsec, and answer as any host does.
#
#   a: probe 169.254.1.1 from 169.254.1.2      b: probe fd0b::1 from fd0b::2      both to 192.168.2.0/24, fd02::/64

# shellcheck source=../lib/sites.sh
. "$(dirname "$0")/../lib/sites.sh"

sites 192.168.2.1/32 fd02::1/128
new_tunnel a priority 10 prefix 192.168.2.0/24,fd02::/64 peer 169.254.1.1
new_tunnel b priority 20 prefix 192.168.2.0/24,fd02::/64 peer fd0b::1
ip -n "$left" -batch - <<-END
	addr add 169.254.1.2/32 dev vgw0
	addr add fd0b::2/128 dev vgw0 nodad
	route add 169.254.1.1/32 dev vgw0
	route add fd0b::1/128 dev vgw0
END
ip -n "$right" -batch - <<-END
	route add 169.254.1.2/32 dev a
	route add fd0b::2/128 dev b
	route add blackhole fd0b::1/128
END
keys_in a
keys_out a
keys_in b
answer_by a
start_agent

# The peer's inside addresses answer, or do not.
speaks4()
{
	ip -n "$right" addr add 169.254.1.1/32 dev lo
}
silent4()
{
	ip -n "$right" addr del 169.254.1.1/32 dev lo
}
speaks6()
{
	ip -n "$right" route del blackhole fd0b::1/128
}
silent6()
{
	ip -n "$right" route add blackhole fd0b::1/128
}

# snmp NAME: one of left's counters.
snmp()
{
	in_ns left nstat -asz "$1" | awk -v name="$1" '$1 == name {print $2}'
}

# ---- waiting, alive, dead ----

v left tunnel set vgw0 a probe 169.254.1.1 from 169.254.1.2 interval 200 misses 3
expect "probes are sent" yes grows a.sent 6
expect "a peer that never answered" waiting probe a
expect "is not dead" up state a
speaks4
expect "a peer that answers" alive wait a alive
expect "goes on answering" yes grows a.answered 3
check "in a time that can be" awk -v rtt="$(json left '["tunnels"][0]["probe"]["rtt"]')" \
	'BEGIN {exit !(rtt > 0 && rtt < 0.2)}'
same "the host sees no answer" 0 "$(snmp IcmpInEchoReps)"
check "but those to its own questions" pinged left -qc 2 -i 0.2 192.168.2.1
same "all of them" 2 "$(snmp IcmpInEchoReps)"
check "also of who is probed" pinged left -qc 2 -i 0.2 -I 169.254.1.2 169.254.1.1
same "all of them" 4 "$(snmp IcmpInEchoReps)"

silent4
expect "a silent peer" dead wait a dead
expect "its tunnel" "down probe" becomes a down probe
expect "and the carrier" off becomes vgw0 off
expect "probes go on without carrier" yes grows a.sent 3
speaks4
expect "it answers again" alive wait a alive
expect "its tunnel" up becomes a up
expect "and the carrier" on becomes vgw0 on
check "traffic" busywait 10 in_ns left ping -qc 1 -W 2 192.168.2.1

# Every packet of the peer is a sign of life.
ask stream 192.168.2.1 > /dev/null
expect "a stream" yes grows a.rx 20
silent4
expect "nine probes" yes grows a.sent 9
answered=$(ask count a.answered)
expect "and three" yes grows a.sent 3
same "are not answered" "$answered" "$(ask count a.answered)"
expect "but the peer is heard of" alive probe a
ask stop > /dev/null
expect "until it falls silent" dead wait a dead

# ---- the last choice ----

keys_out b
check "a sister that is up" busywait 10 in_ns left ip route get 192.168.2.1
expect "takes the place of a dead tunnel" b through 192.168.2.1
v left tunnel set vgw0 a probe 169.254.1.1 action prefer
speaks4
expect "it answers again" alive wait a alive
expect "and is used" a through 192.168.2.1
silent4
expect "silent again" dead wait a dead
expect "it is up" up state a
expect "but the sister is preferred" b through 192.168.2.1
v left tunnel set vgw0 b state down
expect "while that is up" a through 192.168.2.1
expect "the carrier stays" on state vgw0
v left tunnel set vgw0 b state up

# ---- IPv6 ----

v left tunnel set vgw0 b probe fd0b::1 from fd0b::2 interval 200 misses 3
expect "IPv6 probes are sent" yes grows b.sent 6
expect "a peer that never answered" waiting probe b
speaks6
expect "a peer that answers" alive wait b alive
expect "goes on answering" yes grows b.answered 3
same "the host sees no answer" 0 "$(snmp Icmp6InEchoReplies)"
check "but those to its own questions" pinged left -qc 2 -i 0.2 -I fd0b::2 fd0b::1
same "all of them" 2 "$(snmp Icmp6InEchoReplies)"
silent6
expect "a silent peer" dead wait b dead
expect "its tunnel" "down probe" becomes b down probe
expect "what a probe advises against is better than nothing" a through 192.168.2.1
speaks6
expect "it answers again" up becomes b up
expect "and is preferred" b through 192.168.2.1

# ---- changed at run time ----

v left tunnel set vgw0 a probe off
same "no probe" None "$(json left '["tunnels"][0]["probe"]')"
expect "no advice" a through 192.168.2.1
v left tunnel set vgw0 a probe 169.254.1.1 from 169.254.1.2 interval 3600000
expect "b is probed" yes grows b.sent 10
expect "a once an hour" 1 count a.sent
v left tunnel set vgw0 a probe 169.254.1.1 interval 200
expect "and often again" yes grows a.sent 4
speaks4
expect "and answers" alive wait a alive
