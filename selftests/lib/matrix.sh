# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# vgw against the kernel's own IPsec: one suite, one encapsulation, one outer family, both inner families, both
# directions. A test sets SUITE, ENCAP and OUTER (4 or 6), may set ESN, and sources this.

# shellcheck disable=SC2153 # the test sets them
: "${SUITE:?}" "${ENCAP:?}" "${OUTER:?}"

# shellcheck source=vgw.sh
. "$(dirname "${BASH_SOURCE[0]}")/vgw.sh"

l=10.0.0.1
r=10.0.0.2
if [ "$OUTER" = 6 ]; then
	l=fd00:10:0:0::1
	r=fd00:10:0:0::2
fi
ESN=${ESN:-off}

modprobe -a esp4 esp6
# shellcheck disable=SC2034 # setup_ns sets them
setup_ns left right
link_ns left right 10.0.0
# shellcheck disable=SC2153
make_keys "$SUITE" lr rl
make_vgw left
# shellcheck disable=SC2153
v left tunnel add vgw0 office local "$l" remote "$r" encap "$ENCAP" prefix 192.168.2.0/24,fd02::/64
same "no SA: carrier off" False "$(json left '["carrier"]')"
sa_add left vgw0 office out 0x1001 "$SUITE" lr esn "$ESN"
sa_add left vgw0 office in 0x2001 "$SUITE" rl esn "$ESN"
same "SA: carrier on" True "$(json left '["carrier"]')"
xfrm_peer right "$SUITE" "$l" "$r" "$ENCAP" "$ESN"

wire=$(mktemp)
defer rm -f "$wire" "$wire.log"
# Not at the peer: its IPsec shows what it decrypted on the same device.
capture_start left right "$wire" 'not arp and not icmp6'

check "ping, IPv4 inside" pinged left -qc 3 -i 0.2 192.168.2.1
check "ping, IPv6 inside" pinged left -qc 3 -i 0.2 fd02::1
check "ping from the peer, IPv4" pinged right -qc 3 -i 0.2 -I 192.168.2.1 192.168.1.1
check "ping from the peer, IPv6" pinged right -qc 3 -i 0.2 -I fd02::1 fd01::1
for size in 1 2 3 4 15 16 17 1300; do
	check "ping of $size bytes" pinged left -qc 1 -s $size 192.168.2.1
done
check "large ping, IPv4" pinged left -qc 2 -i 0.2 -s 20000 192.168.2.1
check "large ping, IPv6" pinged left -qc 2 -i 0.2 -s 20000 fd02::1
capture_stop "$wire"

# stream NAME [IPERF_ARG...]: TCP of fixed size, every byte arrives.
stream()
{
	local what=$1
	shift
	in_ns right timeout 90 iperf3 -s -1 > /dev/null &
	busywait 10 in_ns right bash -c "ss -Hltn | grep -q ':5201 '"
	check "$what" in_ns left timeout 60 iperf3 --connect-timeout 5000 "$@"
	kill $! 2> /dev/null || true
	wait $! || true
}
stream "iperf3 to the peer, IPv4" -n 4M -c 192.168.2.1
stream "iperf3 to the peer, IPv6" -n 4M -c fd02::1
stream "iperf3 from the peer, IPv4" -n 4M -c 192.168.2.1 -R
stream "iperf3 from the peer, IPv6" -n 4M -c fd02::1 -R
stream "iperf3 by UDP" -c 192.168.2.1 -u -l 1000 -b 20M -t 1

same "nothing was dropped by the tunnel" '{}' "$(json left '["tunnels"][0]["drops"]')"
# shellcheck disable=SC2016 # awk's
same "the peer found no fault" "" "$(in_ns right awk '$2 > 0' /proc/net/xfrm_stat)"

# What the capture holds, judged by another program.
case $ENCAP in
none) expect=esp ;;
udp) expect='udp port 4500' ;;
esac
seen()
{
	tcpdump -nr "$wire" "$@" 2> /dev/null | wc -l
}
# The peer cuts what is too long after encryption; vgw must not need to.
pieces='ip[6:2] & 0x3fff != 0 or ip6 proto 44'
check "ESP was seen on the wire" test "$(seen "$expect")" -gt 20
same "and nothing else but pieces of it" 0 "$(seen not \( "$expect or $pieces" \))"
same "none of them ours" 0 "$(seen src "$l" and \( "$pieces" \))"
