#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A newcomer's first minute. Called by `make demo` in a virtual machine, as root.

# shellcheck source=lib/vgw.sh
. "$(dirname "$0")/lib/vgw.sh"

cat <<'END'

   site A                 gateway A        the internet        gateway B                 site B
   192.168.1.10 --- 192.168.1.1  203.0.113.1 ===== 198.51.100.1  192.168.2.1 --- 192.168.2.10

Five network namespaces stand for five machines. Between the gateways there will be a tunnel.
END

# say WHAT: why the next command is given.
say()
{
	printf '\n# %s\n' "$*"
}

# on NS COMMAND: show it as it is typed, and run it there.
on()
{
	local ns=$1
	shift
	printf '%s $ %s\n' "${ns/gw_/gateway-}" "$*"
	in_ns "$ns" "$@"
}

# must WHAT COMMAND...
must()
{
	local what=$1
	shift
	if "$@" > /dev/null 2>&1; then
		echo "=> $what: yes"
	else
		echo "=> $what: NO"
		echo "The demo failed here; the commands above show how far it came." >&2
		exit 1
	fi
}

[ -d /sys/module/vgw ] || {
	modprobe -a udp_tunnel ip6_udp_tunnel
	insmod "${VGW_KO:?}"
}
# shellcheck disable=SC2154 # vgw.sh sets vpntun and keys
PATH=$(realpath "$(dirname "$vpntun")"):$PATH
# shellcheck disable=SC2154
cd "$keys" || exit

# ---- the machines ----

# shellcheck disable=SC2034 # setup_ns sets them
setup_ns site_a gw_a internet gw_b site_b

# wire NS ADDR NS ADDR: each end is named after the far side.
wire()
{
	local a b
	a=$(ns_name "$1")
	b=$(ns_name "$3")
	ip link add "$3" netns "$a" type veth peer name "$1" netns "$b"
	ip -n "$a" addr add "$2" dev "$3"
	ip -n "$b" addr add "$4" dev "$1"
	ip -n "$a" link set "$3" up
	ip -n "$b" link set "$1" up
}
wire site_a 192.168.1.10/24 gw_a 192.168.1.1/24
wire gw_a 203.0.113.1/24 internet 203.0.113.254/24
wire internet 198.51.100.254/24 gw_b 198.51.100.1/24
wire gw_b 192.168.2.1/24 site_b 192.168.2.10/24
for ns in gw_a internet gw_b; do
	in_ns $ns sysctl -qw net.ipv4.ip_forward=1
done
in_ns site_a ip route add default via 192.168.1.1
in_ns site_b ip route add default via 192.168.2.1
in_ns gw_a ip route add default via 203.0.113.254
in_ns gw_b ip route add default via 198.51.100.254
make_keys aes256gcm16 there back

# ---- the tunnel ----

say "An interface, a peer, a fresh random key each way, a route. That is all."
on gw_a ip link add vgw0 type vgw
on gw_a ip link set vgw0 up
on gw_a vpntun tunnel add vgw0 office local 203.0.113.1 remote 198.51.100.1 prefix 192.168.2.0/24
on gw_a vpntun sa add vgw0 office out spi 0x1001 alg aes256gcm16 keyfile there
on gw_a vpntun sa add vgw0 office in spi 0x2001 alg aes256gcm16 keyfile back
on gw_a ip route add 192.168.2.0/24 dev vgw0

say "The same on the other side, the other way round."
on gw_b ip link add vgw0 type vgw
on gw_b ip link set vgw0 up
on gw_b vpntun tunnel add vgw0 office local 198.51.100.1 remote 203.0.113.1 prefix 192.168.1.0/24
on gw_b vpntun sa add vgw0 office in spi 0x1001 alg aes256gcm16 keyfile there
on gw_b vpntun sa add vgw0 office out spi 0x2001 alg aes256gcm16 keyfile back
on gw_b ip route add 192.168.1.0/24 dev vgw0

# ---- traffic ----

# How many packets of a capture match.
packets()
{
	tcpdump -nr wire.pcap "$@" 2> /dev/null | wc -l
}

say "From site to site. On the internet somebody listens."
capture_start internet gw_a wire.pcap
on site_a ping -c 3 -i 0.3 192.168.2.10 | tail -n 6
must "every ping was answered" in_ns site_a ping -qc 3 -i 0.2 -W 3 192.168.2.10
must "so was a large one" in_ns site_a ping -qc 2 -i 0.2 -W 3 -s 3000 192.168.2.10
capture_stop wire.pcap
say "What the listener saw: only ESP, in UDP packets of port 4500."
tcpdump -nr wire.pcap udp 2> /dev/null | head -n 4
must "$(packets 'udp port 4500') encrypted packets" test "$(packets 'udp port 4500')" -ge 10
must "and not one that shows an address of the sites" test "$(packets net 192.168.0.0/16)" = 0

say "TCP from site to site (on an emulated processor: not a measure of speed)."
in_ns site_b iperf3 -s -1 > /dev/null &
busywait 10 in_ns site_b bash -c "ss -Hltn | grep -q ':5201 '"
on site_a iperf3 -c 192.168.2.10 -t 3 | grep -E 'sender|receiver'

say "What the gateway knows."
on gw_a vpntun show

# ---- down and up ----

say "A tunnel that is down takes the carrier with it: traffic is refused, never sent in the clear."
capture_start internet gw_a wire.pcap
on gw_a vpntun tunnel set vgw0 office state down
on gw_a ip -br link show vgw0
in_ns gw_a ip route add unreachable 192.168.2.0/24 metric 4278198272
in_ns site_a ping -c 2 -i 0.3 -W 1 192.168.2.10 | tail -n 5 || true
capture_stop wire.pcap
must "nothing left the gateway" test "$(packets not arp and not icmp6)" = 0
on gw_a vpntun tunnel set vgw0 office state up
must "up again, and it works again" busywait 10 in_ns site_a ping -qc 1 -W 2 192.168.2.10

cat <<'END'

That was it. Next:
  man tools/vpntun/man/vpntun.8      every command of vpntun
  README.md, "A first tunnel by hand"    the same on two machines of yours
  sudo make check                    the tests, against the kernel's own IPsec
END
