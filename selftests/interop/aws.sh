#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 500
#
# A connection as AWS makes it: two endpoints, each a machine with strongSwan and the settings of a tunnel there, which
# wait for us; inside addresses from 169.254.0.0/16, selectors 0.0.0.0/0, a probe a second. The far side answers by one
# tunnel, whichever we use, and changes that only when it is told that the tunnel is down (its own DPD, its endpoint gone):
#
#              +-- right, 198.51.100.1 --- 192.168.2.1 --+
#   left ... router                                    site_r, 192.168.2.10, with the far side's rules
#              +-- second, 192.0.2.1 ----- 192.168.3.1 --+
#
# An endpoint dies; it is replaced; the way to an endpoint dies; and a connection of a single tunnel.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"
# shellcheck source=../lib/twin.sh
. "$(dirname "$0")/../lib/twin.sh"
# shellcheck source=../lib/aws.sh
. "$(dirname "$0")/../lib/aws.sh"

second="" second4=192.0.2.1
ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
# endpoint NS ADDRESS: a fresh one, with its tunnel and a key of its own
endpoint()
{
	# shellcheck disable=SC2034 # swan_load reads it
	local psk=$1.Made.Up_Key
	aws_endpoint "$1" "$2" $left4
}

# tunnel NAME ADDRESS INSIDE PRIORITY: what we have of it
tunnel()
{
	(umask 077 && echo "$1.Made.Up_Key" > "$keys/vpntun-left/etc/$1.psk")
	twin_tunnel "$1" $left4 "$2" "$3" "$4" "IKEProposals = $ike" "ESPProposals = $esp" "PSKFile = $1.psk" \
		'DPDTimeout = 30' 'ProbeInterval = 1' | sed 's/, ::\/0//'
}

# ---- what was seen ----

# Data are big, probes are small. Counted, not timed: the machine may stand still for a moment anywhere.
failed_over()
{
	tcpdump -nr "$keys/seen" esp 2> /dev/null | /usr/bin/python3 -IS -c '
import re, sys
ours, first, second = sys.argv[1:]
packets = []
for line in sys.stdin:
    source, sink, size = re.match(r"\S+ IP (\S+) > (\S+): ESP\(.*\), length (\d+)", line).groups()
    packets.append((source, sink, int(size) > 300))
heard = max(at for at, p in enumerate(packets) if p[0] == first)
moved = min(at for at, p in enumerate(packets) if p[1] == second and p[2] and at > heard)
begun = packets.index((ours, first, False))
probes = packets[begun:moved]
unanswered = probes.count((ours, first, False)) - probes.count((first, ours, False))
late = packets[moved:].count((ours, first, True))
print("unanswered probes", unanswered, "data by the first after those by the second", late)
# The round that finds three probes unanswered sends a fourth; of data, what another processor has at hand may be late.
sys.exit(not 3 <= unanswered <= 4 or late > 2)' $left4 $right4 $second4
}

# watched WHAT COMMAND...: the failover that the command makes
watched()
{
	local what=$1
	shift
	capture_start left router "$keys/seen" esp
	flow_start 50
	"$@"
	check "$what: we go on by the second" busywait 20 twin_uses left second
	check "$what: with traffic to the site" busywait 20 arrives
}

# arrives: what site_l sends gets to the far site, whatever becomes of answers
arrives()
{
	tcpdump -c 1 -nr "$keys/seen" "dst $second4 and greater 300" 2> /dev/null | grep . > /dev/null
}

# answered WHAT: the end of it, when the far side answers by the second, too
answered()
{
	check "$1: there are answers" busywait 20 pings site_l 192.168.2.10
	flow_stop "$1" 100000
	capture_stop "$keys/seen"
	check "$1: the packet after the third unanswered probe leaves by the second" failed_over
}

gateways
ip -n "$right" addr del 198.51.100.2/24 dev router
setup_ns second
wire router 192.0.2.254/24 second $second4/24
wire second 192.168.3.1/24 site_r 192.168.3.10/24
ip -n "$second" route add default via 192.0.2.254
ip -n "$second" route add 192.168.2.0/24 via 192.168.3.10
in_ns second sysctl -qw net.ipv4.ip_forward=1
xfrm_device right 1 192.168.1.0/24
xfrm_device second 1 192.168.1.0/24
ip -n "$right" addr add 169.254.46.41/30 dev ipsec1
ip -n "$second" addr add 169.254.181.53/30 dev ipsec1
endpoint right $right4
endpoint second $second4
helper left
twin_file left 192.168.2.0/24 < <(
	tunnel right $right4 169.254.46.42/30 10
	tunnel second $second4 169.254.181.54/30 20
)
sed -i 's/^\[Tunnel right\]/[Tunnel first]/' "$keys/vpntun-left/etc/office.conf"

aws_network site_r 192.168.1.0/24 192.168.2.10 right 192.168.2.1 second 192.168.3.1

# ---- both come up ----

aws_answer_by right
check "up" vpn left up office --wait $((30 * ${TIME_SCALE:-1}))
check "the first tunnel is up" busywait 20 twin_up left first
check "the second, too" busywait 20 twin_up left second
check "the first is used" busywait 20 twin_uses left first
check "there is traffic" busywait 10 pings site_l 192.168.2.10
check "the inside addresses answer: the first" pings left 169.254.46.41
check "the second" pings left 169.254.181.53
aws_answer_by second
check "the far side answers by the other: that is no fault" busywait 10 pings site_l 192.168.2.10
check "to and fro" busywait 10 pings site_r 192.168.1.10
aws_answer_by right
aws_rules &
defer kill $!

# ---- an endpoint dies: the far side knows ----

watched "an endpoint dies" charon_kill right
check "an endpoint dies: the far side answers by the second" busywait 10 aws_answers_by second
answered "an endpoint dies"
endpoint right $right4
check "the endpoint is replaced: the first tunnel comes back by itself" busywait 60 twin_up left first
check "and is used" busywait 20 twin_uses left first
check "while the far side stays with the second" aws_answers_by second
check "there is traffic, asymmetric" busywait 10 pings site_l 192.168.2.10
check "both ways" busywait 10 pings site_r 192.168.1.10

# ---- the way to an endpoint dies: the far side has to find out ----

aws_answer_by right
check "the far side answers by the first again" busywait 10 pings site_l 192.168.2.10
watched "the way dies" cut_way $right4
check "the way dies: the far side still answers by the first" aws_answers_by right
check "until its own DPD tells it" busywait 30 aws_answers_by second
answered "the way dies"
mend_way
check "the way is mended: the first tunnel comes back by itself" busywait 60 twin_up left first
check "and is used" busywait 20 twin_uses left first
check "there is traffic" busywait 10 pings site_l 192.168.2.10
check "down" vpn left down office

# ---- a single tunnel ----

carrier_is()
{
	[ "$(in_ns left cat /sys/class/net/vgw0/carrier)" = "$1" ]
}

aws_answer_by right
twin_file left 192.168.2.0/24 < <(tunnel right $right4 169.254.46.42/30 10)
check "a single tunnel: up" vpn left up office --wait $((30 * ${TIME_SCALE:-1}))
check "its probe is answered" busywait 20 vpn_is left 't["probe"]["state"]' alive
spi=$(vpn_value left 't["ike"]["spi_i"]')
cut_way $right4
check "the way dies: the probe takes the carrier" busywait 20 carrier_is 0
mend_way
check "the way is mended: the probe gives it back" busywait 20 carrier_is 1
same "by the same IKE SA" "$spi" "$(vpn_value left 't["ike"]["spi_i"]')"
check "there is traffic" busywait 10 pings site_l 192.168.2.10
