# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Where a subject is measured. Sourced by measure and many; brings subjects.sh with it.
#
#   two                       left ===== right
#   four       sender ----- left ===== right ----- receiver
#
# = is a veth pair with what is compared on it, - a bare one.

# shellcheck source=subjects.sh
. "$(dirname "${BASH_SOURCE[0]}")/subjects.sh"

# shellcheck disable=SC2034 # ns_name reads them
sender="" receiver=""
# Where streams begin and end.
client="" server="" to=""

# A stream between the gateways themselves.
# shellcheck disable=SC2034 # measure reads server
two()
{
	setup_ns left right
	link_ns left right 10.0.0
	ip_in left addr add 192.168.1.1/32 dev lo
	ip_in right addr add 192.168.2.1/32 dev lo
	carry "$1" 1400
	client=left server=right to=192.168.2.1
}

# Two sites behind gateways, with nothing between these yet.
# shellcheck disable=SC2034 # the same
sites()
{
	local ns
	setup_ns sender left right receiver
	link_ns sender left 192.168.9
	link_ns left right 10.0.0
	link_ns right receiver 192.168.8
	ip_in sender addr add 192.168.1.2/24 dev left
	ip_in left addr add 192.168.1.1/24 dev sender
	ip_in right addr add 192.168.2.1/24 dev receiver
	ip_in receiver addr add 192.168.2.2/24 dev right
	ip_in sender route add default via 192.168.1.1
	ip_in receiver route add default via 192.168.2.1
	for ns in left right; do
		in_ns "$ns" sysctl -qw net.ipv4.ip_forward=1
	done
	client=sender server=receiver to=192.168.2.2
}

# four SUBJECT MTU
four()
{
	sites
	carry "$1" "$2"
}

# A network card segments neither UDP nor what it does not know, and merges what comes in.
like_a_nic()
{
	in_ns left ethtool -K right tso off tx-udp-segmentation off gro on
	in_ns right ethtool -K left tso off tx-udp-segmentation off gro on
}

reach()
{
	busywait 10 in_ns "$client" ping -qc 1 -W 1 "$to" || { echo "no way to $to" >&2; exit 1; }
}
