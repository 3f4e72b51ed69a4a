#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# Packets that are more than one: segmentation offload of TCP and UDP, aggregates of both kinds, checksums not made yet.
# What arrives is what was sent.

# shellcheck source=../lib/offload.sh
. "$(dirname "$0")/../lib/offload.sh"

features()
{
	in_ns left ethtool -K vgw0 "$@" > /dev/null
}

# The module is given whole packets and aggregates, or each part by itself.
try_features()
{
	check "TCP reaches vgw0 in packets of segmentation offload" \
		large_seen left vgw0 tcp carried left right 192.168.2.1 "$keys/file" write
	check "and so does UDP" large_seen left vgw0 udp numbered left right 192.168.2.1 400 1000 20
	streams "all offloads"
	datagrams "all offloads"
	features tso off gso off
	streams "no segmentation offload"
	datagrams "no segmentation offload"
	features tx off rx off sg off
	streams "no offload at all"
	check "no offload at all: datagrams from here" numbered left right 192.168.2.1 200 1000
	features tso on gso on tx on rx on sg on
	in_ns left ethtool -K right tx off tso off gso off > /dev/null
	in_ns right ethtool -K left tx off tso off gso off > /dev/null
	streams "no offload outside"
	in_ns left ethtool -K right tx on tso on gso on > /dev/null
	in_ns right ethtool -K left tx on tso on gso on > /dev/null
}

# Datagrams of one flow are put together on their way in, as one packet or as a list of packets.
try_aggregates()
{
	if ! link_joins left client; then
		ktap_ok "what is passed on is aggregated # SKIP no link of this kernel joins it"
		return
	fi
	in_ns left ethtool -K client gro on > /dev/null
	in_ns client ethtool -K left gro on tx-udp-segmentation off tso off > /dev/null
	check "TCP passed on is aggregated" \
		large_seen left vgw0 tcp carried client right 192.168.2.1 "$keys/file" write
	in_ns left ethtool -K client rx-udp-gro-forwarding on > /dev/null
	check "UDP passed on is aggregated" \
		large_seen left vgw0 udp numbered client right 192.168.2.1 400 1000 20
	in_ns left ethtool -K client rx-udp-gro-forwarding off rx-gro-list on > /dev/null
	check "UDP passed on is aggregated as a list" \
		large_seen left vgw0 udp numbered client right 192.168.2.1 400 1000 20
	streams "aggregates"
	datagrams "aggregates"
	in_ns left ethtool -K client rx-gro-list off > /dev/null
	in_ns client ethtool -K left tx-udp-segmentation on tso on > /dev/null
}

# Packets whose socket has been given back what it was charged for them.
try_orphans()
{
	in_ns left tc qdisc add dev vgw0 root netem delay 1ms
	check "behind netem: a file from here" carried left right 192.168.2.1 "$keys/file" write
	check "behind netem: a file from here once more" carried left right fd02::1 "$keys/file" sendfile
	in_ns left tc qdisc del dev vgw0 root
}

try_features
try_aggregates
try_orphans
same "nothing was dropped" "" "$(drops_of left)"
