#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 180
#
# Several tunnels of one interface: which one a packet takes out, what moves when a tunnel fails and what must not,
# and what may come in by which. The peers are the kernel's own IPsec.
#
#   group 1: a (priority 10), b (20)     192.168.2.0/24, fd02::/64
#            gateways                    169.254.1.1, fd0a::1 by a; 169.254.2.1, fd0b::1 by b
#   group 2: c, d (equal)                192.168.3.0/24, fd03::/64, and of group 1's prefixes the upper half by c

# shellcheck source=../lib/sites.sh
. "$(dirname "$0")/../lib/sites.sh"

sites 192.168.2.1/32 192.168.2.129/32 192.168.3.1/32 fd02::1/128 fd02::8000:0:0:1/128 fd03::1/128
new_tunnel a group 1 priority 10 prefix 192.168.2.0/24,fd02::/64,fd0a::1/128 peer 169.254.1.1
new_tunnel b group 1 priority 20 prefix 192.168.2.0/24,fd02::/64,fd0b::1/128,169.254.0.0/16 peer 169.254.2.1
new_tunnel c group 2 prefix 192.168.3.0/24,fd03::/64,192.168.2.128/25,fd02::8000:0:0:0/65 peer fd0c::1
new_tunnel d group 2 prefix 192.168.3.0/24,fd03::/64,fd0c::/64
for name in a b c d; do
	keys_in $name
	keys_out $name
done
ip -n "$left" -batch - <<END
addr add 10.99.0.1/32 dev vgw0
addr add fd99::1/128 dev vgw0 nodad
route add 192.168.0.0/16 dev vgw0 src 192.168.1.1
route add 169.254.0.0/16 dev vgw0 src 192.168.1.1
route add fd00::/8 dev vgw0 src fd01::1
route add 10.20.0.0/16 via 169.254.1.1 dev vgw0 onlink src 192.168.1.1
route add 10.21.0.0/16 via 169.254.2.1 dev vgw0 onlink src 192.168.1.1
route add 10.22.0.0/16 via inet6 fd0b::1 dev vgw0 onlink src 192.168.1.1
route add 192.168.2.64/26 via 169.254.2.1 dev vgw0 onlink src 192.168.1.1
route add fd20::/64 via fd0a::1 dev vgw0 onlink src fd01::1
route add fd21::/64 via fd0b::1 dev vgw0 onlink src fd01::1
route add fd02::4000:0:0:0/66 via fd0b::1 dev vgw0 onlink src fd01::1
END
start_agent

# ---- which tunnel ----

expect "a prefix" "a.tx=1" to 192.168.2.1
expect "the longer one wins" "c.tx=1" to 192.168.2.129
expect "a prefix, IPv6" "a.tx=1" to fd02::1
expect "the longer one wins, IPv6" "c.tx=1" to fd02::8000:0:0:1
expect "nobody's address" "drop.no-tunnel=1 EHOSTUNREACH" to 192.168.9.9
expect "nobody's address, IPv6" "drop.no-tunnel=1 EHOSTUNREACH" to fd05::1
expect "by a gateway" "a.tx=1" to 10.20.0.1
expect "by another one" "b.tx=1" to 10.21.0.1
expect "IPv4 by an IPv6 gateway" "b.tx=1" to 10.22.0.1
expect "by an IPv6 gateway" "a.tx=1" to fd20::1
expect "by another one" "b.tx=1" to fd21::1
expect "the gateway counts, not the destination" "b.tx=1" to 192.168.2.65
expect "the same, IPv6" "b.tx=1" to fd02::4000:0:0:1

v left tunnel set vgw0 b priority 5
expect "a lower priority number" "b.tx=1" to 192.168.2.1
v left tunnel set vgw0 b priority 20
expect "and back" "a.tx=1" to 192.168.2.1

# spread DST: both of two equal tunnels get flows of many, and one flow stays on one.
spread()
{
	local got
	got=$(ask to "$1" flows=64)
	if [[ $got =~ ^c.tx=([0-9]+)\ d.tx=([0-9]+)$ ]] && [ "${BASH_REMATCH[1]}" -gt 8 ] &&
		[ "${BASH_REMATCH[2]}" -gt 8 ]; then
		ktap_ok "flows to $1 are shared"
	else
		ktap_fail "flows to $1 are shared" "$got"
	fi
	got=$(ask to "$1" count=20)
	check "one flow to $1 stays on one" test "${got#?}" = ".tx=20"
}
spread 192.168.3.1
spread fd03::1

# ---- what moves, and what does not ----

v left tunnel set vgw0 a state down
expect "a sister of the same prefix" "b.tx=1" to 192.168.2.1
expect "the same, IPv6" "b.tx=1" to fd02::1
expect "a pinned address never moves" "drop.tunnel-down=1 EHOSTUNREACH" to 169.254.1.1
expect "nor what has only this gateway" "drop.tunnel-down=1 EHOSTUNREACH" to 10.20.0.1
v left tunnel set vgw0 a state up
v left tunnel set vgw0 b state down
expect "a gateway's sister that leads there" "a.tx=1" to 192.168.2.65
expect "the same, IPv6" "a.tx=1" to fd02::4000:0:0:1
v left tunnel set vgw0 b state up
expect "and back to the gateway" "b.tx=1" to 192.168.2.65
v left tunnel set vgw0 c state down
expect "a pinned IPv6 address never moves" "drop.tunnel-down=1 EHOSTUNREACH" to fd0c::1
expect "nor anything to another group's shorter prefix" "drop.tunnel-down=1 EHOSTUNREACH" to 192.168.2.129
expect "IPv6 neither" "drop.tunnel-down=1 EHOSTUNREACH" to fd02::8000:0:0:1
expect "one of two equals is down" "d.tx=20" to 192.168.3.1 flows=20
v left tunnel set vgw0 c state up

# ---- under a running stream ----

answer_by b
ask stream 192.168.2.1 > /dev/null
expect "a stream runs" "yes" grows a.tx 20
no_keys_out a
expect "it moves when the SA goes" "yes" grows b.tx 20
keys_out a life-packets 200
expect "and back with a new SA" "yes" grows a.tx 20
expect "it moves when the SA is spent" "yes" grows b.tx 20
keys_out a
expect "and back" "yes" grows a.tx 20
v left tunnel set vgw0 a state down
expect "it moves when the tunnel is set down" "yes" grows b.tx 20
v left tunnel set vgw0 a state up
expect "and back" "yes" grows a.tx 20
# What met a tunnel in the moment in which it went down is counted; nothing else is lost.
got=$(ask stop)
if [[ $got =~ ^sent=([0-9]+)\ lost=([0-9]+)\ dropped=([0-9]+)$ ]] &&
	[ "${BASH_REMATCH[2]}" = "${BASH_REMATCH[3]}" ] && [ $((BASH_REMATCH[2] * 10)) -lt "${BASH_REMATCH[1]}" ]; then
	ktap_ok "nothing of the stream is lost but what is counted"
else
	ktap_fail "nothing of the stream is lost but what is counted" "$got"
fi

# ---- what may come in ----

expect "by the tunnel itself" "a.rx=1" from 192.168.2.1 192.168.1.1 a
expect "by the sister" "b.rx=1" from 192.168.2.1 192.168.1.1 b
expect "by the sister, IPv6" "b.rx=1" from fd02::1 fd01::1 b
expect "a source of another group" "a.source=1" from 192.168.3.1 192.168.1.1 a
expect "the same, IPv6" "a.source=1" from fd03::1 fd01::1 a
expect "a source of another group's longer prefix" "a.source=1" from 192.168.2.129 192.168.1.1 a
expect "the same, IPv6" "a.source=1" from fd02::8000:0:0:1 fd01::1 a
expect "which is welcome from there" "d.rx=1" from 192.168.2.129 192.168.1.1 d
expect "nobody's source" "a.source=1" from 172.16.0.1 192.168.1.1 a
expect "a pinned source from the sister" "b.rx=1" from 169.254.1.1 192.168.1.1 b

# ICMP errors come from routers that are in no prefix; what they quote was sent there.
expect "an error about a packet sent there" "a.rx=1" error 203.0.113.1 192.168.1.1 a 192.168.1.1 192.168.2.77
expect "the same, IPv6" "a.rx=1" error 2001:db8::1 fd01::1 a fd01::1 fd02::77
expect "an error about a packet sent elsewhere" "a.source=1" error 203.0.113.1 192.168.1.1 a 192.168.1.1 192.168.3.1
expect "the same, IPv6" "a.source=1" error 2001:db8::1 fd01::1 a fd01::1 fd03::1
expect "an error about a packet that came from there" "a.source=1" \
	error 203.0.113.1 192.168.1.1 a 192.168.2.77 192.168.1.1

# ---- traffic selectors ----

v left tunnel set vgw0 a ts-local 192.168.1.0/24,fd01::/64 ts-remote 192.168.2.0/26,fd02::/66
expect "within the selectors" "a.tx=1" to 192.168.2.1
expect "within the selectors, IPv6" "a.tx=1" to fd02::1
expect "another destination" "a.selector=1 EHOSTUNREACH" to 10.20.0.1
expect "another destination, IPv6" "a.selector=1 EHOSTUNREACH" to fd20::1
expect "another source" "a.selector=1 EHOSTUNREACH" to 192.168.2.1 from=10.99.0.1
expect "another source, IPv6" "a.selector=1 EHOSTUNREACH" to fd02::1 from=fd99::1
expect "coming in within them" "a.rx=1" from 192.168.2.1 192.168.1.1 a
expect "coming in within them, IPv6" "a.rx=1" from fd02::1 fd01::1 a
expect "from another source" "a.selector=1" from 192.168.2.65 192.168.1.1 a
expect "from another source, IPv6" "a.selector=1" from fd02::4000:0:0:1 fd01::1 a
expect "to another destination" "a.selector=1" from 192.168.2.1 10.99.0.1 a
expect "to another destination, IPv6" "a.selector=1" from fd02::1 fd99::1 a
expect "an error about what was within them" "a.rx=1" error 203.0.113.1 192.168.1.1 a 192.168.1.1 192.168.2.7
expect "an error about what was not" "a.source=1" error 203.0.113.1 192.168.1.1 a 192.168.1.1 192.168.2.77
expect "the sister has selectors of its own" "b.rx=1" from 192.168.2.65 192.168.1.1 b
v left tunnel set vgw0 a ts-remote 192.168.2.0/24
expect "selectors of one family shut out the other" "a.selector=1 EHOSTUNREACH" to fd02::1
v left tunnel set vgw0 a ts-local any ts-remote any
expect "no selectors any more" "a.tx=1" to fd02::1

# ---- what is refused ----

check_not "a prefix of another group" v left tunnel set vgw0 d prefix 192.168.3.0/24,192.168.2.0/24
check_not "a group of which a prefix is in another one's hands" v left tunnel set vgw0 d group 1
expect "changes nothing" "a.tx=1" to 192.168.2.1
expect "nothing at all" "d.rx=1" from 192.168.3.1 192.168.1.1 d
v left tunnel del vgw0 c
expect "a removed tunnel's flows go to its equal" "d.tx=10" to 192.168.3.1 flows=10
expect "and its own prefix to who is left" "a.tx=1" to 192.168.2.129
