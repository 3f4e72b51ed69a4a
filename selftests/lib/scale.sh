# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Many tunnels, each with two SAs: what they take, how long it takes, whether they work, and that they leave nothing
# behind. A test sources this and calls tunnels IFACES COUNT as often as it likes.
#
#   left (vgw0, vgw1, ...) ---- right (an xfrm peer, which has the SAs of some of the tunnels)
#
# The memory of a tunnel counts without the keyed transforms of its SAs, which belong to the crypto API and are measured
# by themselves. It may be 4 KB on a machine of 2 possible CPUs and 16 KB on one of 64, and in between in proportion.

# shellcheck source=vgw.sh
. "$(dirname "${BASH_SOURCE[0]}")/vgw.sh"

scale_py=$(dirname "${BASH_SOURCE[0]}")/scale.py
scale()
{
	in_ns left /usr/bin/python3 "$scale_py" "$@"
}

# shellcheck disable=SC2034 # v and in_ns know it
left="" right=""
possible=$(($(sed 's/.*-//' /sys/devices/system/cpu/possible) + 1))
limit=$((4096 + (16384 - 4096) * (possible > 2 ? possible - 2 : 0) / 62))

# KASAN keeps what was freed, and counts of its own with what is there.
[ ! -e /sys/kernel/debug/kmemleak ] || skip "memory cannot be measured on a kernel that looks for faults in it"
modprobe esp4
modprobe algif_aead || true
setup_ns left right
link_ns left right 10.0.0
ip -n "$right" route add 192.168.1.0/24 dev left
echo "# $possible possible CPUs"
scale cipher 1000 > "$keys/cipher"
transform=$(sed -n 's/^bytes of a transform: //p' "$keys/cipher")
echo "# a keyed transform takes ${transform:-an unknown number of} bytes"

address()
{
	echo "100.64.$(($1 >> 8)).$(($1 & 255))"
}

# peer_has N IFACE: the far end of one tunnel, and the way to it.
peer_has()
{
	local key
	key=0x$(printf %08x "$1" "$1" "$1" "$1" "$1")
	ip -n "$left" route replace "$(address "$1")" dev "$2" src 192.168.1.1
	ip -n "$right" -batch - <<-END
		addr add $(address "$1")/32 dev lo
		xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi $((0x10000000 + $1)) mode tunnel reqid $(($1 + 1)) replay-window 128 aead rfc4106(gcm(aes)) $key 128
		xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi $((0x20000000 + $1)) mode tunnel reqid $(($1 + 1)) aead rfc4106(gcm(aes)) $key 128
		xfrm policy add src 192.168.1.1 dst $(address "$1") dir in tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid $(($1 + 1)) mode tunnel
		xfrm policy add src $(address "$1") dst 192.168.1.1 dir out tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid $(($1 + 1)) mode tunnel
	END
}

peer_forgets()
{
	ip -n "$right" xfrm state flush
	ip -n "$right" xfrm policy flush
	ip -n "$right" addr flush dev lo
}

# min_rtt ADDRESS: of many pings the fastest, in microseconds: whatever else the machine does, one goes undisturbed.
min_rtt()
{
	pinged left -q -c 100 -i 0.01 -I 192.168.1.1 "$1" |
		sed -n 's,^rtt [^=]*= \([0-9]*\)\.\([0-9]*\)/.*,\1\2,p' | sed 's/^0*\([0-9]\)/\1/'
}

make_ifaces()
{
	local i
	for ((i = 0; i < $1; i++)); do
		echo "link add vgw$i type vgw"
		echo "link set vgw$i up"
	done | ip -n "$left" -batch -
	ip -n "$left" addr add 192.168.1.1/32 dev vgw0
}

del_ifaces()
{
	local i
	for ((i = 0; i < $1; i++)); do
		echo "link del vgw$i"
	done | ip -n "$left" -batch -
}

took()
{
	awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'
}

at_most()
{
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a <= b) }'
}

# of NAME: a number that scale.py told.
of()
{
	sed -n "s/^$1: //p" "$keys/scale"
}

# How long a packet takes when there are only ten tunnels.
make_ifaces 1
scale add 1 10 > /dev/null
peer_has 0 vgw0
few=$(min_rtt "$(address 0)")
peer_forgets
del_ifaces 1

# use_sample IFACES COUNT: some of the tunnels carry packets, and as fast as if they were alone.
use_sample()
{
	local n many
	for n in 0 $(($2 / 2)) $(($2 - 1)); do
		peer_has "$n" "vgw$((n * $1 / $2))"
		check "$2 tunnels: number $n carries packets" pinged left -qc 1 -I 192.168.1.1 "$(address "$n")"
	done
	many=$(min_rtt "$(address $(($2 - 1)))")
	echo "# the fastest ping took $few us with 10 tunnels, $many us with $2"
	check "$2 tunnels: packets take no longer" test "$many" -le $((few * 2))
	peer_forgets
}

rounds=0
first_cpu=0

# tunnels IFACES COUNT
tunnels()
{
	local what="$2 tunnels of $1 interfaces" begin bytes before used now before_cpu used_cpu now_cpu
	read -r before before_cpu < <(scale memory)
	make_ifaces "$1"
	check "$what are made" eval "scale add $1 $2 > $keys/scale"
	grep '^#' "$keys/scale"
	if [ -n "$transform" ]; then
		bytes=$(($(of 'bytes of a tunnel') + $(of 'bytes of its two SAs') - 2 * transform))
		echo "# $what: $bytes bytes each, beside its transforms; $limit are allowed"
		check "$what: each takes no more than it may" test "$bytes" -le "$limit"
	else
		ktap_ok "$what: each takes no more than it may # SKIP this kernel does not tell what its transforms take"
	fi
	for n in 'new tunnels' 'new SAs in' 'new SAs out'; do
		check "$what: the last $n take no longer than the first" at_most "$(of "growth of $n")" 4
	done
	use_sample "$1" "$2"
	read -r used used_cpu < <(scale memory)

	begin=$EPOCHREALTIME
	if [ "$1" -gt 1 ]; then
		check "$what are deleted one by one" scale del "$1" "$2"
		echo "# deleting took $(took "$begin") s"
		begin=$EPOCHREALTIME
	fi
	del_ifaces "$1"
	echo "# deleting the interfaces took $(took "$begin") s"
	check "$what: gone in no long time" at_most "$(took "$begin")" $((20 * ${TIME_SCALE:-1}))
	read -r now now_cpu < <(scale memory)
	echo "# of $((used - before)) bytes $((now - before)) are still in use, $((now_cpu - before_cpu)) of them per CPU"
	check "$what: the memory comes back" test $(((now - now_cpu - before + before_cpu) * 10)) -lt \
		$((used - used_cpu - before + before_cpu))
	# The allocator keeps what is per CPU for the next who asks.
	[ "$rounds" = 0 ] || check "$what: no more is per CPU than when they were made first" \
		test "$used_cpu" -le $((first_cpu + first_cpu / 10))
	[ "$rounds" != 0 ] || first_cpu=$used_cpu
	rounds=$((rounds + 1))
}
