#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A UDP socket is handed over to the module: ESP is taken from it, IKE is its owner's. The owner goes and comes back,
# and no packet is lost. What is refused. What is left of it when the namespace or the module goes.
#
#   left (vgw0, and the owner of the socket) ---- right (an xfrm peer)
#
# timeout: 300

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left="" right=""
lib=$(dirname "$(readlink -f "$0")")/../lib

modprobe -a esp4 esp6
setup_ns left right
link_ns left right 10.0.0
make_keys aes128gcm16 lr rl
make_vgw left

box=$(mktemp -d)
defer rm -rf "$box"

# owner NAME FAMILY [PORT]: hand over a socket, bound before or by the module; NAME's file tells what it reads.
cat > "$box/owner.py" << 'PY'
import socket, sys
sys.path.insert(0, sys.argv[1])
import genl
family = socket.AF_INET6 if sys.argv[2] == "6" else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
if family == socket.AF_INET6:
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
attrs = {"fd": s.fileno()}
if sys.argv[3] == "bound":
    s.bind(("", 4500))
else:
    attrs["port"] = int(sys.argv[3])
genl.Client().do("socket-set", {"socket": attrs})
print("adopted", flush=True)
while True:
    print("read", s.recv(2000).hex(), flush=True)
PY
declare -A owner_pids
owner()
{
	local name=$1
	shift
	ip netns exec "$left" /usr/bin/python3 "$box/owner.py" "$lib" "$@" > "$box/$name" 2>&1 &
	owner_pids[$name]=$!
	defer kill_owner "$name"
	busywait 20 grep -q adopted "$box/$name" || { cat "$box/$name"; return 1; }
}
kill_owner()
{
	[ -n "${owner_pids[$1]:-}" ] || return 0
	kill -9 "${owner_pids[$1]}"
	wait "${owner_pids[$1]}" 2> /dev/null || true
	unset "owner_pids[$1]"
}
# say HEX [ADDRESS]: a datagram from the peer to the port.
say()
{
	in_ns right /usr/bin/python3 -c 'import socket, sys
to = sys.argv[2]
s = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(bytes.fromhex(sys.argv[1]), (to, 4500))' "$1" "${2:-10.0.0.1}"
}
reads()
{
	grep -c "^read $2\$" "$box/$1" || true
}
has_read()
{
	[ "$(reads "$1" "$2")" = "${3:-1}" ]
}
listens()
{
	[ "$(in_ns left ss -Hulna "$@" | grep -c ':4500 ')" -gt 0 ]
}
# host_drop CAUSE: packets of the namespace that belong to no interface.
host_drop()
{
	in_ns left "$lib/genl.py" iface-get ifname=vgw0 | /usr/bin/python3 -c '
import json, sys
drops = json.load(sys.stdin)["iface"].get("host-drop", [])
print(sum(d["count"] for d in drops if d["cause"] == sys.argv[1]))' "$1"
}

ike=00000000$(printf 'a5%.0s' {1..28})

# Handed over before there is a tunnel, bound by its owner.
owner one 4 bound
v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap udp prefix 192.168.2.0/24,fd02::/64
sa_add left vgw0 office out 0x1001 aes128gcm16 lr
sa_add left vgw0 office in 0x2001 aes128gcm16 rl
xfrm_peer right aes128gcm16 10.0.0.1 10.0.0.2 udp
check "ESP is taken from the socket" pinged left -qc 3 -i 0.2 192.168.2.1
say "$ike"
check "IKE goes up to its owner" busywait 10 has_read one "$ike"
keepalives=$(host_drop keepalive)
say ff
say "$ike"
check "and what comes after a NAT keepalive" busywait 10 has_read one "$ike" 2
same "but not the keepalive" 2 "$(grep -c ^read "$box/one")"
same "which is counted" $((keepalives + 1)) "$(host_drop keepalive)"

# An SPI that is not ours goes on to the kernel's own IPsec.
# shellcheck disable=SC2016 # awk's
nostates()
{
	in_ns left awk '/XfrmInNoStates/ {print $2}' /proc/net/xfrm_stat
}
before=$(nostates)
say "00009999$(printf '00%.0s' {1..60})"
nostates_is()
{
	[ "$(nostates)" = "$1" ]
}
check "an unknown SPI goes on to the kernel's own IPsec" busywait 10 nostates_is $((before + 1))
same "and not to the owner" 2 "$(grep -c ^read "$box/one")"

# The owner goes and comes back, several times, under traffic: no echo is lost, and nobody is told of a closed port.
wire=$(mktemp)
defer rm -f "$wire" "$wire.log"
capture_start right left "$wire" 'icmp[icmptype] == 3 or icmp6[icmp6type] == 1'
ip netns exec "$left" ping -qc 100000 -i 0.005 192.168.2.1 > "$box/ping" 2>&1 &
ping=$!
for i in 1 2 3; do
	kill_owner one
	check "the port is kept without an owner ($i)" listens
	check_not "and is not free for others" in_ns left /usr/bin/python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 4500))'
	check "traffic without an owner" pinged left -qc 3 -i 0.2 192.168.2.1
	owner one 4 4500
	say "$ike"
	check "IKE goes up to the new owner" busywait 10 has_read one "$ike"
done
kill -INT "$ping"
wait "$ping" || true
capture_stop "$wire"
check "no packet was lost meanwhile" grep -q ' 0% packet loss' "$box/ping"
sed 's/^/# /' "$box/ping"
same "and no port unreachable was sent" "" "$(tcpdump -nr "$wire" 2> /dev/null)"

# A second one takes the place of the first, which is a plain socket then, behind it.
owner two 4 4500
say "$ike"
check "a second socket takes the first one's place" busywait 10 has_read two "$ike"
same "which reads nothing more" 1 "$(grep -c ^read "$box/one")"
check "traffic by the second" pinged left -qc 3 -i 0.2 192.168.2.1
kill_owner two
check "traffic without the second, past the first" pinged left -qc 3 -i 0.2 192.168.2.1
owner two 4 4500
say "$ike"
check "the second comes back" busywait 10 has_read two "$ike"
same "the first still reads nothing" 1 "$(grep -c ^read "$box/one")"
kill_owner one
check "traffic when the first one is closed" pinged left -qc 3 -i 0.2 192.168.2.1

# The same of IPv6 beside it.
owner six 6 4500
v left tunnel add vgw0 six local fd00:10:0:0::1 remote fd00:10:0:0::2 encap udp prefix 172.16.6.0/24
say "$ike" fd00:10:0:0::1
check "IPv6: IKE goes up" busywait 10 has_read six "$ike"
say "ff" fd00:10:0:0::1
kill_owner six
check "IPv6: the port is kept" listens -6
v left tunnel del vgw0 six
check_not "until no tunnel needs it" listens -6

# What is refused, and with what words.
cat > "$box/refused.py" << 'PY'
import os, socket, sys
sys.path.insert(0, sys.argv[1])
import genl
vgw = genl.Client()
def udp(family=socket.AF_INET, *options, port=None, to=None):
    s = socket.socket(family, socket.SOCK_DGRAM)
    for option in options:
        s.setsockopt(*option)
    if port:
        s.bind(("", port))
    if to:
        s.connect(to)
    return s
def ask(what, want, s, **attrs):
    fd = s if isinstance(s, int) else s.fileno()
    try:
        vgw.do("socket-set", {"socket": {"fd": fd, **attrs}})
        got = "accepted"
    except genl.Refused as refused:
        got = refused.message
    print("ok" if want in got else "not ok", what, "-", got)
V6ONLY = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
ask("not a descriptor", "fd is not open", 999)
ask("a file", "not a socket", os.open("/dev/null", os.O_RDONLY))
ask("TCP", "not a UDP socket", socket.socket())
try:
    ask("UDP-Lite", "not a UDP socket", socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136))
except OSError:
    print("ok UDP-Lite - which kernels of 2026 do not have")
ask("a socket of another family", "not a UDP socket", socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
ask("raw", "not a UDP socket", socket.socket(socket.AF_INET, socket.SOCK_RAW, 17))
ask("connected", "is connected", udp(port=4600, to=("10.0.0.2", 4600)))
ask("IPv6 for both families", "IPV6_V6ONLY", udp(socket.AF_INET6), port=4600)
ask("not bound", "not bound", udp())
ask("another port", "bound to another port", udp(port=4601), port=4602)
s = udp()
s.bind(("10.0.0.1", 4603))
ask("one address", "bound to an address", s)
s.close()
ask("SO_REUSEPORT", "SO_REUSEPORT", udp(socket.AF_INET, (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1), port=4604))
ask("UDP_GRO", "UDP_GRO", udp(socket.AF_INET, (socket.IPPROTO_UDP, 104, 1), port=4605))
ask("an encapsulation socket", "another encapsulation", udp(socket.AF_INET, (socket.IPPROTO_UDP, 100, 2), port=4606))
taken = udp(port=4607)
s = udp()
ask("a port taken", "another program has", s, port=4607)
ask("the same socket later", "accepted", s, port=4608)
ask("and once more", "accepted", s, port=4608)
ask("and once more, as it is bound", "accepted", s)
taken = udp(socket.AF_INET, (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1), port=4609)
ask("a port taken with SO_REUSEADDR", "another program has", udp(), port=4609)
ask("IPv6 alone", "accepted", udp(socket.AF_INET6, V6ONLY), port=4610)
ask("port 0", "out of range", udp(), port=0)
genl.setns(f"/run/netns/{sys.argv[2]}")
s = udp(port=4611)
genl.setns(f"/run/netns/{sys.argv[3]}")
ask("another namespace", "another network namespace", s)
try:
    vgw.do("socket-set", {"socket": {"port": 4612}})
except genl.Refused as refused:
    print("ok" if "by its fd" in refused.message else "not ok", "no fd -", refused.message)
try:
    vgw.do("socket-set")
except genl.Refused as refused:
    print("ok" if "no socket" in refused.message else "not ok", "no socket -", refused.message)
PY
in_ns left /usr/bin/python3 "$box/refused.py" "$lib" "$right" "$left" > "$box/refused" 2>&1 || echo "not ok $?" >> "$box/refused"
while read -r result what; do
	case $result in
	ok) ktap_ok "$what" ;;
	*) ktap_fail "$result $what" ;;
	esac
done < "$box/refused"

# rmmod with a socket adopted: it is its owner's again, with everything that comes.
esp=00002001$(printf '5a%.0s' {1..40})
has_read_two_esp()
{
	say "$esp"
	[ "$(reads two "$esp")" -gt 0 ]
}
check "the module goes although a socket is adopted" rmmod vgw
check "and the socket is a plain one" busywait 10 has_read_two_esp
kill_owner two
check_not "which goes with its owner" listens
insmod "$VGW_KO"

# A namespace whose socket is adopted goes with the last process; its end of a veth pair tells.
doomed=doomed-$$-$RANDOM
ip netns add "$doomed"
ip link add doomed netns "$left" type veth peer name left netns "$doomed"
ip netns exec "$doomed" /usr/bin/python3 "$box/owner.py" "$lib" 4 4500 > "$box/doomed" 2>&1 &
doomed_pid=$!
check "adopted in a namespace" busywait 20 grep -q adopted "$box/doomed"
ip -n "$doomed" link add vgw0 type vgw
v "$doomed" tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap udp prefix 192.168.2.0/24
ip netns del "$doomed"
check "it lives as long as its process" ip -n "$left" link show doomed
kill -9 $doomed_pid
wait $doomed_pid 2> /dev/null || true
gone()
{
	! ip -n "$left" link show doomed
}
check "and no longer" busywait 10 gone
