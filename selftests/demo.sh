#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A newcomer's first minute. Called by `make demo` in a virtual machine, as root.

# shellcheck source=lib/ike.sh
. "$(dirname "$0")/lib/ike.sh"
# shellcheck source=lib/demo.sh
. "$(dirname "$0")/lib/demo.sh"

cat <<'END'

   site A                 gateway A        the internet        gateway B                 site B
   192.168.1.10 --- 192.168.1.1  203.0.113.1 ===== 198.51.100.1  192.168.2.1 --- 192.168.2.10
                                              ===== 198.51.100.2

Five network namespaces stand for five machines. Between the gateways there will be a connection of two tunnels.
END

# ---- the machines ----

# shellcheck disable=SC2034 # setup_ns sets them
setup_ns site_a gw_a internet gw_b site_b
wire site_a 192.168.1.10/24 gw_a 192.168.1.1/24
wire gw_a 203.0.113.1/24 internet 203.0.113.254/24
wire internet 198.51.100.254/24 gw_b 198.51.100.1/24
wire gw_b 192.168.2.1/24 site_b 192.168.2.10/24
in_ns gw_b ip addr add 198.51.100.2/24 dev internet
for ns in gw_a internet gw_b; do
	in_ns $ns sysctl -qw net.ipv4.ip_forward=1
done
in_ns site_a ip route add default via 192.168.1.1
in_ns site_b ip route add default via 192.168.2.1
in_ns gw_a ip route add default via 203.0.113.254
in_ns gw_b ip route add default via 198.51.100.254

# ---- the files ----

vpn gw_a genpsk > "$keys/psk"
for ns in gw_a gw_b; do
	vpn_prepare $ns
	install -m 600 "$keys/psk" "$keys/vpntun-$ns/etc/office.psk"
done
cat > "$keys/vpntun-gw_a/etc/office.conf" <<'END'
[Interface]
Routes = 192.168.2.0/24

[Tunnel first]
Local = 203.0.113.1
Remote = 198.51.100.1
Inside = 169.254.46.42/30
PSKFile = office.psk
Priority = 10
ProbeInterval = 1

[Tunnel second]
Local = 203.0.113.1
Remote = 198.51.100.2
Inside = 169.254.47.42/30
PSKFile = office.psk
Priority = 20
ProbeInterval = 1
END
# The same with the sides changed; this one waits for the other to begin.
sed -e 's/^Local = .*/Local = X/; s/^Remote = /Local = /; s/^Local = X/Remote = 203.0.113.1/' \
	-e 's/\.42\/30/.41\/30/; s/192\.168\.2\.0/192.168.1.0/; /^PSKFile/aStartAction = add' \
	"$keys/vpntun-gw_a/etc/office.conf" > "$keys/vpntun-gw_b/etc/office.conf"

say "A file on each gateway, and a key that both have. That is all."
on gw_a cat /etc/vpntun/office.conf
say "The other side, the other way round; this one waits for the other to begin (StartAction = add)."
on gw_b cat /etc/vpntun/office.conf

# ---- up ----

# How many packets of a capture match.
packets()
{
	tcpdump -nr "$keys/wire" "$@" 2> /dev/null | wc -l
}

active_is()
{
	vpn_is gw_a 't["active"]' True "$1" && vpn_is gw_b 't["active"]' True "$1"
}

up()
{
	vpn_is gw_a 't["state"]' up "$1" && vpn_is gw_b 't["state"]' up "$1"
}

say "Both come up. On the internet somebody listens."
capture_start internet gw_a "$keys/wire"
on gw_b vpntun up office
on gw_a vpntun up office --wait 60
must "both tunnels are up" busywait 20 up second
must "and the first is used" busywait 20 active_is first

# ---- traffic ----

say "From site to site."
on site_a ping -c 3 -i 0.3 192.168.2.10 | tail -n 6
must "every ping was answered" in_ns site_a ping -qc 3 -i 0.2 -W 3 192.168.2.10
must "so was a large one" in_ns site_a ping -qc 2 -i 0.2 -W 3 -s 3000 192.168.2.10
say "TCP (on an emulated processor: not a measure of speed)."
in_ns site_b iperf3 -s -1 > /dev/null &
busywait 10 tcp_listens site_b 5201
on site_a iperf3 -c 192.168.2.10 -t 3 | grep -E 'sender|receiver'
capture_stop "$keys/wire"
say "What the listener saw: IKE, then only ESP."
tcpdump -tn -c 5 -r "$keys/wire" 'udp port 500' 2> /dev/null
tcpdump -tn -c 3 -r "$keys/wire" 'proto 50' 2> /dev/null
must "$(packets 'proto 50 or udp port 4500') packets of ESP and IKE" \
	test "$(packets 'proto 50 or udp port 4500')" -ge 10
must "and not one that shows an address of the sites" test "$(packets net 192.168.0.0/16)" = 0

say "What the gateway knows."
on gw_a vpntun show

# ---- a rekey, a failover ----

spi_of()
{
	vpn_value gw_a 't["ike"]["spi_in"]' first
}

rekeyed()
{
	local now
	now=$(spi_of)
	[ -n "$now" ] && [ "$now" != "$1" ]
}

say "New keys, under a ping that does not notice."
old=$(spi_of)
in_ns site_a ping -qc 20 -i 0.1 -W 5 192.168.2.10 > "$keys/ping" &
on gw_a vpntun rekey office first
must "the SAs are others" busywait 20 rekeyed "$old"
wait $!
grep 'packets transmitted' "$keys/ping"
must "every ping was answered" grep -q ' 0% packet loss' "$keys/ping"

say "The first tunnel's way across the internet breaks, without a word. The module's probes notice."
in_ns internet nft -f - <<'END'
table inet broken {
	chain forward {
		type filter hook forward priority 0
		ip daddr 198.51.100.1 drop
		ip saddr 198.51.100.1 drop
	}
}
END
must "the second is used" busywait 20 active_is second
must "and the sites talk" busywait 10 in_ns site_a ping -qc 1 -W 2 192.168.2.10
on gw_a vpntun show
in_ns internet nft delete table inet broken
must "mended: the first is used again" busywait 60 active_is first

# ---- down ----

say "The other gateway goes: without a tunnel traffic is refused, never sent in the clear."
capture_start internet gw_a "$keys/wire"
on gw_b vpntun down office
gone()
{
	[ "$(in_ns gw_a cat /sys/class/net/office/carrier)" = 0 ]
}
must "the carrier is off" busywait 30 gone
on gw_a ip -br link show office
on gw_a ip route show 192.168.2.0/24
in_ns site_a ping -c 2 -i 0.3 -W 1 192.168.2.10 | tail -n 5 || true
capture_stop "$keys/wire"
must "nothing of it was on the internet" test "$(packets net 192.168.0.0/16)" = 0
on gw_b vpntun up office
must "up again, and it works again" busywait 60 in_ns site_a ping -qc 1 -W 2 192.168.2.10
on gw_a vpntun log office | tail -n 8
on gw_a vpntun down office

cat <<'END'

That was it. Next:
  man tools/vpntun/man/vpntun.8          every command of vpntun
  man tools/vpntun/man/vpntun.conf.5     every key of a connection's file
  README.md                              the same on two machines of yours
  sudo make demo CASE=aws                a Site-to-Site VPN of AWS, from the downloaded file to a failover
  sudo make check                        the tests, against the kernel's own IPsec and strongSwan
END
