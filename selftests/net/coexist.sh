#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 240
#
# A vgw interface on a host whose kernel does IPsec of its own: strongSwan (native, and in UDP by its socket on port
# 4500), a vti and an xfrm interface, all at once and to the same peer. Everybody's packets arrive, what is nobody's is
# counted once, where it belongs. Then a firewall with connection tracking. First of all a host without esp4 and esp6.
#
# Port 4500 is strongSwan's: a tunnel in UDP is refused it, with a sentence, and takes another port. What its peer sends
# to port 4500 all the same comes through strongSwan's socket, and is ours.
#
#   lan ---- gate (vgw0, vti0, xfrm0, charon) ---- peer (xfrm, charon; vgw0 at first)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

suite=aes128gcm16
gate="" peer="" lan=""

arrives()
{
	in_ns "$1" ping -qc 1 -W 2 ${3:+-I "$3"} "$2"
}

nostates()
{
	# shellcheck disable=SC2016 # awk's
	in_ns gate awk '/XfrmInNoStates/ {print $2}' /proc/net/xfrm_stat
}

host_drops()
{
	v gate show --json | /usr/bin/python3 -c 'import json, sys
print(json.load(sys.stdin)["interfaces"][0].get("host_drops", {}).get(sys.argv[1], 0))' "$1"
}

tunnel_drops()
{
	v gate show --json | /usr/bin/python3 -c 'import json, sys
print([tunnel["drops"] for tunnel in json.load(sys.stdin)["interfaces"][0]["tunnels"]])'
}

# is VALUE COMMAND...: its output
is()
{
	[ "$("${@:2}")" = "$1" ]
}

# strangers: what is nobody's; ten packets natively and ten in UDP to the port that a tunnel of gate's has.
strangers()
{
	in_ns peer /usr/bin/python3 -c '
from scapy.all import *
esp = Raw(bytes.fromhex("0badcafe 00000001") + bytes(64))
for i in range(10):
    send(IP(src="10.0.0.2", dst="10.0.0.1", proto=50) / esp, verbose=0)
    send(IP(src="10.0.0.2", dst="10.0.0.1") / UDP(sport=4600, dport=4600) / esp, verbose=0)
    send(IPv6(src="fd00:10:0:0::2", dst="fd00:10:0:0::1", nh=50) / esp, verbose=0)'
}

setup_ns gate peer lan
link_ns gate peer 10.0.0
link_ns lan gate 10.9.0
ip -n "$gate" addr add 192.168.1.1/32 dev lo
make_keys $suite lr rl lr2 rl2 lr3 rl3 lr4 rl4

# ---- without esp4 and esp6 ----

gone()
{
	modprobe -qr xfrm_interface ip_vti esp4_offload esp6_offload esp4 esp6
	! grep -qE '^(esp4|esp6) ' /proc/modules
}
# An SA, so that the ciphers are there; afterwards no module is loaded by anybody's wish.
ip -n "$gate" link add vgw0 type vgw
v gate tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24
sa_add gate vgw0 office out 0x1001 $suite lr
sa_add gate vgw0 office in 0x2001 $suite rl
check "esp4 and esp6 are not loaded" busywait 10 gone
modprobe=$(sysctl -n kernel.modprobe)
defer sysctl -qw kernel.modprobe="$modprobe"
sysctl -qw kernel.modprobe=/bin/false

v gate tunnel add vgw0 branch local 10.0.0.1 remote 10.0.0.2 encap udp sport 4600 dport 4600 prefix 192.168.3.0/24
sa_add gate vgw0 branch out 0x1002 $suite lr2
sa_add gate vgw0 branch in 0x2002 $suite rl2
ip -n "$gate" link set vgw0 up
ip -n "$gate" route add 192.168.2.0/24 dev vgw0 src 192.168.1.1
ip -n "$gate" route add 192.168.3.0/24 dev vgw0 src 192.168.1.1
ip -n "$peer" link add vgw0 type vgw
ip -n "$peer" link set vgw0 up
for net in 2 3; do
	ip -n "$peer" addr add "192.168.$net.1/32" dev lo
done
v peer tunnel add vgw0 office local 10.0.0.2 remote 10.0.0.1 encap none group 1 prefix 192.168.1.1/32
sa_add peer vgw0 office out 0x2001 $suite rl
sa_add peer vgw0 office in 0x1001 $suite lr
ip -n "$peer" route add 192.168.1.0/24 dev vgw0
check "without esp4 there is traffic" busywait 10 arrives gate 192.168.2.1
v peer tunnel del vgw0 office
v peer tunnel add vgw0 branch local 10.0.0.2 remote 10.0.0.1 encap udp sport 4600 dport 4600 prefix 192.168.1.1/32
sa_add peer vgw0 branch out 0x2002 $suite rl2
sa_add peer vgw0 branch in 0x1002 $suite lr2
check "and in UDP" busywait 10 arrives gate 192.168.3.1

answers=$keys/answers.pcap
capture_start peer gate "$answers" 'icmp or (icmp6 and ip6[40] < 128)'
before=$(nostates)
strangers
check "strangers are counted here" busywait 10 is 30 host_drops unknown-spi
capture_stop "$answers"
same "and get no answer" "" "$(tcpdump -nr "$answers" 2> /dev/null)"
same "the kernel's IPsec never saw them" "$before" "$(nostates)"
check_not "and it is still not there" grep -qE '^(esp4|esp6) ' /proc/modules
ip -n "$peer" link del vgw0
sysctl -qw kernel.modprobe="$modprobe"

# ---- everybody at once ----

modprobe -a esp4 esp6 ip_vti xfrm_interface

# peer_states KEY GATE_ADDRESS PEER_ADDRESS ID GATE_NET PEER_NET [WORD...]: keys are lrKEY and rlKEY, SPIs 0x100ID and
# 0x200ID
peer_states()
{
	local key=$1 l=$2 r=$3 id=$4 lnet=$5 rnet=$6 encap=()
	shift 6
	[ $# = 0 ] || encap=("$@")
	# shellcheck disable=SC2046 # words
	ip -n "$peer" xfrm state add src "$l" dst "$r" proto esp spi "0x100$id" mode tunnel reqid "$id" \
		replay-window 128 flag af-unspec $(xfrm_named $suite "lr$key") ${encap[@]+"${encap[@]}"}
	# shellcheck disable=SC2046 # words
	ip -n "$peer" xfrm state add src "$r" dst "$l" proto esp spi "0x200$id" mode tunnel reqid "$id" \
		replay-window 128 flag af-unspec $(xfrm_named $suite "rl$key") ${encap[@]+"${encap[@]}"}
	ip -n "$peer" xfrm policy add src "$lnet" dst "$rnet" dir in \
		tmpl src "$l" dst "$r" proto esp reqid "$id" mode tunnel
	ip -n "$peer" xfrm policy add src "$rnet" dst "$lnet" dir out \
		tmpl src "$r" dst "$l" proto esp reqid "$id" mode tunnel
}

# The other side of the same; the words are the marks or the id of gate's device.
gate_states()
{
	local key=$1 l=$2 r=$3 id=$4
	shift 4
	# shellcheck disable=SC2046 # words
	ip -n "$gate" xfrm state add src "$l" dst "$r" proto esp spi "0x100$id" mode tunnel reqid "$id" \
		replay-window 128 flag af-unspec "$@" $(xfrm_named $suite "lr$key")
	# shellcheck disable=SC2046 # words
	ip -n "$gate" xfrm state add src "$r" dst "$l" proto esp spi "0x200$id" mode tunnel reqid "$id" \
		replay-window 128 flag af-unspec "$@" $(xfrm_named $suite "rl$key")
	ip -n "$gate" xfrm policy add src 0.0.0.0/0 dst 0.0.0.0/0 dir in "$@" \
		tmpl src "$r" dst "$l" proto esp reqid "$id" mode tunnel
	ip -n "$gate" xfrm policy add src 0.0.0.0/0 dst 0.0.0.0/0 dir out "$@" \
		tmpl src "$l" dst "$r" proto esp reqid "$id" mode tunnel
}

# site N DEVICE: 192.168.N.0/24 of gate's, 192.168.(N + 100).0/24 of the peer's
site()
{
	ip -n "$gate" addr add "192.168.$1.1/32" dev "$2"
	ip -n "$peer" addr add "192.168.$(($1 + 100)).1/32" dev lo
	ip -n "$gate" route add "192.168.$(($1 + 100)).0/24" dev "$2" src "192.168.$1.1"
	ip -n "$peer" route add "192.168.$1.0/24" dev gate src "192.168.$(($1 + 100)).1"
}

# connection NAME OWN OTHER OWN_NET OTHER_NET SUITE [WORD...]: what swanctl.conf has of it
connection()
{
	cat <<-END
		$1 {
		    version = 2
		    proposals = aes128-sha256-modp2048
		    local_addrs = $2
		    remote_addrs = $3
		    ${*:7}
		    local {
		        auth = psk
		        id = $2
		    }
		    remote {
		        auth = psk
		        id = $3
		    }
		    children {
		        $1 {
		            local_ts = $4
		            remote_ts = $5
		            esp_proposals = $6
		        }
		    }
		}
	END
}

# charon_conf DIR: strongswan.conf
charon_conf()
{
	cat <<-END
		charon-systemd {
		    load_modular = no
		    load = random drbg nonce aes sha1 sha2 hmac kdf gmp kernel-netlink socket-default vici
		    install_routes = no
		    plugins {
		        vici {
		            socket = unix://$1/vici
		        }
		    }
		    filelog {
		        file {
		            path = $1/log
		            default = 1
		            flush_line = yes
		        }
		    }
		}
		swanctl {
		    load = random
		}
	END
}

# start_charon NS CONNECTION...: strongSwan, which then owns the UDP ports 500 and 4500 of NS
start_charon()
{
	local dir=$keys/charon-$1
	mkdir "$dir"
	charon_conf "$dir" > "$dir/strongswan.conf"
	{
		echo 'connections {'
		printf '%s\n' "${@:2}"
		printf '%s\n' '}' 'secrets {' 'ike-x {' 'secret = "known to gate and peer"' '}' '}'
	} > "$dir/swanctl.conf"
	STRONGSWAN_CONF=$dir/strongswan.conf in_ns "$1" /usr/sbin/charon-systemd &> "$dir/out" &
	busywait 30 swan "$1" --stats || cat "$dir/out"
	swan "$1" --load-all --file "$dir/swanctl.conf"
}

# swan NS WORD...: swanctl there
swan()
{
	local dir=$keys/charon-$1
	STRONGSWAN_CONF=$dir/strongswan.conf swanctl "${@:2}" --uri "unix://$dir/vici" 2> /dev/null
}

for end in 1 2; do
	ns=$([ $end = 1 ] && echo "$gate" || echo "$peer")
	dev=$([ $end = 1 ] && echo peer || echo gate)
	for host in 4 5 6 7; do
		ip -n "$ns" addr add "10.0.0.$end$host/24" dev "$dev"
	done
done

# vgw, natively, and between the addresses of the vti; in UDP from another port than 4500
v gate tunnel del vgw0 office
v gate tunnel del vgw0 branch
v gate tunnel add vgw0 office local 10.0.0.14 remote 10.0.0.24 encap none prefix 192.168.111.0/24
sa_add gate vgw0 office out 0x1001 $suite lr
sa_add gate vgw0 office in 0x2001 $suite rl
site 11 vgw0
peer_states "" 10.0.0.14 10.0.0.24 1 192.168.11.0/24 192.168.111.0/24

ip -n "$gate" link add vti0 type vti local 10.0.0.14 remote 10.0.0.24 key 42
ip -n "$gate" link set vti0 up
gate_states 3 10.0.0.14 10.0.0.24 3 mark 42
site 13 vti0
peer_states 3 10.0.0.14 10.0.0.24 3 192.168.13.0/24 192.168.113.0/24
in_ns gate sysctl -qw net.ipv4.conf.vti0.disable_policy=1

ip -n "$gate" link add xfrm0 type xfrm dev peer if_id 7
ip -n "$gate" link set xfrm0 up
gate_states 4 10.0.0.15 10.0.0.25 4 if_id 7
site 14 xfrm0
peer_states 4 10.0.0.15 10.0.0.25 4 192.168.14.0/24 192.168.114.0/24

start_charon gate \
	"$(connection plain 10.0.0.16 10.0.0.26 192.168.15.0/24 192.168.115.0/24 aes128gcm16)" \
	"$(connection natt 10.0.0.17 10.0.0.27 192.168.16.0/24 192.168.116.0/24 aes128-sha256 encap = yes)"
start_charon peer \
	"$(connection plain 10.0.0.26 10.0.0.16 192.168.115.0/24 192.168.15.0/24 aes128gcm16)" \
	"$(connection natt 10.0.0.27 10.0.0.17 192.168.116.0/24 192.168.16.0/24 aes128-sha256 encap = yes)"
site 15 peer
site 16 peer
check "strongSwan makes a tunnel" swan gate --initiate --child plain --timeout $((20 * ${TIME_SCALE:-1}))
check "and one in UDP" swan gate --initiate --child natt --timeout $((20 * ${TIME_SCALE:-1}))

status=0
said=$(v gate tunnel add vgw0 branch local 10.0.0.1 remote 10.0.0.2 encap udp 2>&1) || status=1
same "port 4500 is strongSwan's, and is not taken from it" "1 another program has the UDP port sport" \
	"$status $(grep -o 'another program has the UDP port sport' <<< "$said")"
v gate tunnel add vgw0 branch local 10.0.0.1 remote 10.0.0.2 encap udp sport 4600 prefix 192.168.112.0/24
sa_add gate vgw0 branch out 0x1002 $suite lr2
sa_add gate vgw0 branch in 0x2002 $suite rl2
site 12 vgw0
# The peer's strongSwan has port 4500 there, and is sent to; so it sends to 4500, too.
peer_states 2 10.0.0.1 10.0.0.2 2 192.168.0.0/20 192.168.112.0/24 encap espinudp 4500 4500 0.0.0.0

before=$(nostates)
for round in 1 2; do
	for what in 11:vgw 12:vgw-through-strongSwan\'s-port 13:vti 14:xfrm-interface 15:strongSwan 16:strongSwan-in-UDP; do
		net=${what%%:*}
		check "${what#*:} to the peer, round $round" busywait 10 arrives gate "192.168.1$net.1"
		check "${what#*:} from the peer" busywait 10 arrives peer "192.168.$net.1" "192.168.1$net.1"
	done
done
same "vgw's tunnels met nothing that was not theirs" "[{}, {}]" "$(tunnel_drops)"
same "nothing was for nobody" "$before" "$(nostates)"
strangers
check "strangers are counted once, by the kernel's own IPsec" busywait 10 is $((before + 30)) nostates
same "and not once more here" 30 "$(host_drops unknown-spi)"

# ---- the kernel's own ESP-in-UDP by a port of ours ----

# shellcheck disable=SC2046 # words
ip -n "$gate" xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x7001 mode tunnel \
	$(xfrm_named $suite lr) encap espinudp 4600 4600 0.0.0.0
errors()
{
	# shellcheck disable=SC2016 # awk's
	in_ns gate awk '/XfrmInStateProtoError/ {print $2}' /proc/net/xfrm_stat
}
before=$(errors)
in_ns peer /usr/bin/python3 -c '
from scapy.all import *
send(IP(src="10.0.0.2", dst="10.0.0.1") / UDP(sport=4600, dport=4600) /
     Raw(bytes.fromhex("00007001 00000001") + bytes(64)), verbose=0)'
check "an SPI of the kernel's own IPsec gets to it by our port" busywait 10 is $((before + 1)) errors

# ---- strongSwan goes ----

mapfile -t pids < <(ip netns pids "$gate")
kill -9 "${pids[@]}"
port_is_free()
{
	v gate tunnel set vgw0 branch sport 4500
}
check "the port that strongSwan has left can be taken" busywait 10 port_is_free
check "and its tunnel goes on there" busywait 10 arrives gate 192.168.112.1

# ---- connection tracking ----

in_ns gate nft -f - <<'END'
table inet t {
	counter outer_new {}
	counter outer_old {}
	counter inner_new {}
	counter inner_old {}
	counter outer_bad {}
	chain in {
		type filter hook input priority 0
		meta l4proto esp ct state new counter name outer_new
		meta l4proto esp ct state established counter name outer_old
		udp dport 4500 ct state new counter name outer_new
		udp dport 4500 ct state established counter name outer_old
		ct state invalid counter name outer_bad
		iifname vgw0 ct state new counter name inner_new
		iifname vgw0 ct state established counter name inner_old
		iifname vgw0 icmp type echo-reply log prefix "vgw-coexist "
	}
	chain out {
		type filter hook output priority 0
		ct state established accept
	}
	chain post {
		type nat hook postrouting priority 100
		oifname vgw0 iifname lan masquerade
	}
}
END
count()
{
	in_ns gate nft list counter inet t "$1" | sed -n 's/.*packets \([0-9]*\) .*/\1/p'
}
log_all=$(sysctl -n net.netfilter.nf_log_all_netns)
defer sysctl -qw net.netfilter.nf_log_all_netns="$log_all"
sysctl -qw net.netfilter.nf_log_all_netns=1
lines=$(dmesg | grep -c 'vgw-coexist IN=vgw0 ' || true)
pinged gate -qc 20 -i 0.02 192.168.111.1 > /dev/null
pinged gate -qc 20 -i 0.02 192.168.112.1 > /dev/null
check "few outer packets begin a flow" [ "$(count outer_new)" -le 2 ]
check "and the others go on with one" [ "$(count outer_old)" -ge 38 ]
same "inner ones, too" "0 40" "$(count inner_new) $(count inner_old)"
same "and nothing is invalid" 0 "$(count outer_bad)"
check "the firewall's log has the inner packets" \
	bash -c "[ \$(dmesg | grep -c 'vgw-coexist IN=vgw0 ') = $((lines + 40)) ]"
check_not "no flow is stuck unreplied" in_ns gate grep -E 'unknown *50 .*UNREPLIED|dport=4500 .*UNREPLIED' /proc/net/nf_conntrack

in_ns gate sysctl -qw net.ipv4.ip_forward=1
ip -n "$lan" route add 192.168.0.0/16 via 10.9.0.2
in_ns peer iperf3 -s > /dev/null &
defer kill $!
busywait 10 in_ns peer bash -c "ss -Hltn | grep -q ':5201 '"
for way in "" -R; do
	for net in 111 112; do
		# shellcheck disable=SC2086 # no word, or one
		check "TCP of a host behind gate, masqueraded, 192.168.$net.1 ${way:-forth}" \
			in_ns lan timeout $((60 * ${TIME_SCALE:-1})) iperf3 $way -n 1M -c "192.168.$net.1"
	done
done
check "by the address of gate" in_ns gate grep -qE 'src=10.9.0.1 dst=192.168.111.1 .*dst=192.168.11.1' /proc/net/nf_conntrack
same "and no packet was dropped" "[{}, {}]" "$(tunnel_drops)"
