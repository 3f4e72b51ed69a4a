#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 240
#
# A Remote by name: looked up before every attempt, in the DNS or /etc/hosts, and what is wrong with a name is said. The
# name changes its address while the old peer dies: vpntun comes back by itself at the new one. The name server is a
# dnsmasq on the router; it and the peer are reached outside, also when everything else goes through the tunnel.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
patience=$((20 * ${TIME_SCALE:-1}))
second4=198.51.100.2 server4=203.0.113.254
dns=""

# dns_says LINE...: hosts(5) lines that the name server knows from now on
dns_says()
{
	printf '%s\n' "$@" > "$keys/dns"
	[ -z "$dns" ] || kill -HUP "$dns"
}

dns_start()
{
	ip netns exec "$router" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --local=/example.com/ \
		--addn-hosts="$keys/dns" --bind-interfaces --listen-address=$server4 --user=root --pid-file= \
		> "$keys/dns.log" 2>&1 &
	dns=$!
	disown $!
}

dns_end()
{
	[ -z "$dns" ] || kill "$dns" 2> /dev/null || true
	dns=""
}
defer dns_end

# own_file PATH: that file of left's is ours to write: $keys/NAME
own_file()
{
	touch "$keys/${1##*/}"
	chmod 644 "$keys/${1##*/}"
	nsenter -t "${vpn_holders[left]}" -m mount --bind "$keys/${1##*/}" "$1"
}

peer_is()
{
	vpn_is left 't["ike"]["remote"].rsplit(":", 1)[0]' "$1"
}

last_error()
{
	vpn_value left 't["last_error"]'
}

says()
{
	grep -q "$1" <<< "$(last_error)"
}

# by_name LINE...
by_name()
{
	office left auto vpn.example.com $left_ts $right_ts $ike $esp 'RemoteID = right.example.com' \
		"LocalID = $left4" 'DPDInterval = 2' 'DPDTimeout = 6' "$@"
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
swan_load right "$(connection office %any $left4 $right_ts $left_ts $ike $esp 'dpd_delay = 2s' 'child:dpd_action = clear' |
	sed 's/id = %any/id = right.example.com/')"
helper left
own_file /etc/resolv.conf
own_file /etc/hosts
echo "nameserver $server4" > "$keys/resolv.conf"

# ---- no server, no name ----

by_name
check "check takes a name" vpn left check office
vpn left up office --no-wait > /dev/null
check "nobody answers: the reason is said" busywait 40 says 'cannot resolve vpn.example.com: no name server answers'
same "the tunnel is connecting" connecting "$(vpn_value left 't["state"]')"
dns_says '192.0.2.9 other.example.com'
dns_start
check "a server that knows no such name: that is said" busywait 90 says 'cannot resolve vpn.example.com: there is no such name'
dns_says "$right4 vpn.example.com"
check "now it knows it: the tunnel comes up by itself" busywait 90 vpn_is left 't["state"]' up
check "at that address" peer_is $right4
check "with traffic" busywait 10 pings site_l 192.168.2.10

# ---- another address ----

dns_says "$second4 vpn.example.com"
ip -n "$router" route add blackhole $right4/32
check "it dies, and the name has another address: the tunnel comes back there" busywait 90 peer_is $second4
check "and is up" busywait 40 vpn_is left 't["state"]' up
check "with traffic" busywait 10 pings site_l 192.168.2.10
check "the other way, too" busywait 10 pings site_r 192.168.1.10

# ---- several addresses ----

dns_says "$right4 vpn.example.com" "$second4 vpn.example.com"
check "restart, and the first of two addresses is dead" vpn left restart office --wait $((4 * patience))
check "the second one is taken" peer_is $second4
ip -n "$router" route del blackhole $right4/32

# ---- the process ----

pid=$(process resolver)
none=0000000000000000
same "the resolver has no rights, and no files" "CapPrm: $none CapEff: $none CapBnd: $none NoNewPrivs: 1 Seccomp: 2 /run/vpntun/empty" \
	"$(awk '/^(CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):/ { $1 = $1; print }' "/proc/$pid/status" | paste -sd' ') $(readlink "/proc/$pid/root")"
kill -9 "$pid"
check "killed, it comes back" busywait 20 another_process resolver "$pid"
pid=$(process resolver)
kill -STOP "$pid"
check "one that hangs is replaced" busywait 90 another_process resolver "$pid"
same "the tunnel did not mind" up "$(vpn_value left 't["state"]')"
vpn left down office > /dev/null

# ---- the file, and everything through the tunnel ----

dns_says '192.0.2.9 vpn.example.com'
echo "$right4 gw VPN.example.com # by hand" > "$keys/hosts"
by_name
check "the hosts file is asked first" vpn left up office --wait $((2 * patience))
check "which knows better" peer_is $right4
vpn left down office > /dev/null
: > "$keys/hosts"
dns_says "$right4 vpn.example.com"
swan_load right "$(connection office %any $left4 0.0.0.0/0 192.168.1.0/24 $ike $esp | sed 's/id = %any/id = right.example.com/')"
ip -n "$right" addr add 10.77.0.1/32 dev lo
by_name 'interface:Routes = 0.0.0.0/0' 'interface:Source = 192.168.1.1'
sed -i 's,^LocalTS.*,LocalTS = 192.168.1.0/24,; s,^RemoteTS.*,RemoteTS = 0.0.0.0/0,' "$keys/vpntun-left/etc/office.conf"
echo "nameserver 198.51.100.254" > "$keys/resolv.conf"
dns_end
server4=198.51.100.254
dns_start
check "Routes = 0.0.0.0/0, with a name: up" vpn left up office --wait $((3 * patience))
check "traffic" busywait 10 pings site_l 10.77.0.1
pid=$(process resolver)
ip -n "$router" route add blackhole $right4/32
dns_says "$second4 vpn.example.com"
check "also there the new address is found, outside of the tunnel that is dead" busywait 90 peer_is $second4
check "traffic" busywait 20 pings site_l 10.77.0.1
check "down" vpn left down office
no_ways()
{
	[ -z "$(ip -n "$left" route show table 30311)" ]
}

# That to the name server goes when the helper has seen that nobody asks any more.
check "no way to a name is left over" busywait 10 no_ways
