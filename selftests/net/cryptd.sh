#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 360
#
# Crypto that ends later and on its own: cryptd seals and opens in a work queue, pcrypt on all CPUs. Everything arrives
# and in order, and SAs, tunnels and interfaces may go while packets are under way.
#
#   left (vgw0) ---- right (vgw0)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left="" right="" driver=""
spi=4096

# prefer TEMPLATE(NAME): the crypto API does so from now on, for new SAs; sets driver.
prefer()
{
	/usr/bin/python3 "$lib/cryptoalg.py" "$1" > "$keys/driver" 2>&1 &
	preferring=$!
	defer stop $preferring
	busywait 10 grep -q '^[a-z]*(' "$keys/driver" || cat "$keys/driver"
	driver=$(< "$keys/driver")
}

# How many use the driver.
users()
{
	awk -v driver="$driver" '$1 == "driver" { mine = $3 == driver } $1 == "refcnt" && mine { print $3 }' /proc/crypto
}

new_sas()
{
	spi=$((spi + 2))
	pair_sas "$1" $spi $((spi + 1)) esn "$2"
}

traffic()
{
	check "$1: ping, IPv4 inside" in_ns left ping -qc 3 -i 0.2 -W 5 192.168.2.1
	check "$1: ping, IPv6 inside" in_ns left ping -qc 3 -i 0.2 -W 5 fd02::1
	check "$1: a file by TCP" carried left right 192.168.2.1 "$keys/file" write
	check "$1: a file the other way" carried right left 192.168.1.1 "$keys/file" write
	check "$1: datagrams keep their order" numbered left right 192.168.2.1 1000 500
	check "$1: datagrams the other way" numbered right left fd01::1 1000 500
	same "$1: nothing was dropped" "" "$(drops_of left; drops_of right)"
}

# Both ways until stop_flood, in bursts; not so much that nothing else gets done.
flood()
{
	floods=()
	in_ns left ping -qi 0.02 -l 20 -s 1000 192.168.2.1 > /dev/null 2>&1 &
	floods+=($!)
	in_ns right ping -qi 0.02 -l 20 -s 100 fd01::1 > /dev/null 2>&1 &
	floods+=($!)
	in_ns right iperf3 -s > /dev/null 2>&1 &
	floods+=($!)
	busywait 10 tcp_listens right 5201
	in_ns left iperf3 --bidir -ub 1M -t 1000 -c 192.168.2.1 > /dev/null 2>&1 &
	floods+=($!)
	busywait 20 packets_move 50
}

stop_flood()
{
	kill -9 "${floods[@]}" 2> /dev/null || true
	wait "${floods[@]}" 2> /dev/null || true
}

# When it is still there.
stop()
{
	kill "$1" 2> /dev/null || true
}

# packets_move NUMBER: since the last call, or the interface is gone.
packets_move()
{
	local now
	now=$(json left '["tunnels"][0]["rx_packets"]')
	[ "$now" -gt $((moved + $1)) ] && moved=$now
}

# SAs, then the tunnel, then the interfaces go while the crypto API holds packets of theirs.
removals()
{
	local i old
	moved=0
	flood
	for i in 1 2 3 4; do
		old=$spi
		new_sas "$2" "$3"
		v left sa del vgw0 office in spi $((old + 1))
		v left sa del vgw0 office out spi $old
		v right sa del vgw0 office in spi $old
		v right sa del vgw0 office out spi $((old + 1))
		busywait 20 packets_move 50 || ktap_fail "$1: packets move with SAs number $i"
	done
	ktap_ok "$1: SAs went"
	v left tunnel del vgw0 office
	ip -n "$right" link del vgw0
	ip -n "$left" link del vgw0
	ktap_ok "$1: tunnel and interfaces went"
	stop_flood
}

# try_async TEMPLATE NAME SUITE ESN ENCAP
try_async()
{
	local suite=$3 esn=$4 before
	local what="$1, $3, esn $4, encap $5"

	modprobe "$1"
	prefer "$1($2)"
	vgw_pair "$suite" encap "$5"
	before=$(users)
	new_sas "$suite" "$esn"
	same "$what: four SAs use it" $((before + 4)) "$(users)"
	same "$what: which is asynchronous" yes \
		"$(awk -v driver="$driver" '$1 == "driver" { mine = $3 == driver } $1 == "async" && mine { print $3 }' /proc/crypto)"
	traffic "$what"
	removals "$what" "$suite" "$esn"
	stop "$preferring"
	check "$what: no SA of theirs is left" busywait 20 not_there
}

not_there()
{
	[ -z "$(users)" ]
}

modprobe -a algif_aead crypto_user
setup_ns left right
link_ns left right 10.0.0
head -c 1M /dev/urandom > "$keys/file"
try_async cryptd "rfc4106(gcm(aes))" aes128gcm16 off none
try_async cryptd "authencesn(hmac(sha256),cbc(aes))" aes256-sha256 on udp
try_async pcrypt "rfc7539esp(chacha20,poly1305)" chacha20poly1305 off udp
