#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 180
#
# An interface in a namespace other than the one of its outer ends: it carries traffic there, is named from both sides,
# belongs to the administrator of the outer ends, goes with whichever namespace goes first, and leaves nothing behind.
#
#   app (vgw0)      moved there from left, where the outer ends stay
#   left ---- right (an xfrm peer)
#   guest           a namespace of somebody's own user namespace

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

genl=$(dirname "$0")/../lib/genl.py
left="" right="" app=""

g()
{
	local ns=$1
	shift
	in_ns "$ns" "$genl" "$@"
}

# settle NS: vgw0, wherever it has come to, gets what a new device needs.
settle()
{
	ip -n "$(ns_name "$1")" link set vgw0 up
	ip -n "$(ns_name "$1")" addr add 192.168.1.1/32 dev vgw0
	ip -n "$(ns_name "$1")" route add 192.168.2.0/24 dev vgw0 src 192.168.1.1
}

add_inbound()
{
	sa_add left vgw0 office in 0x2001 aes128gcm16 rl
}

make_tunnel()
{
	v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24
	sa_add left vgw0 office out 0x1001 aes128gcm16 lr
	# Of an interface whose namespace has just been deleted the SPI may still be there.
	busywait 10 add_inbound
}

# A peer that knows nothing of what left's SAs have seen.
new_peer()
{
	ip -n "$right" xfrm state flush
	ip -n "$right" xfrm policy flush
	ip -n "$right" addr flush dev lo
	ip -n "$right" route flush 192.168.1.0/24
	ip -n "$right" -6 route flush fd01::/64
	xfrm_peer right aes128gcm16 10.0.0.1 10.0.0.2 none
}

reaches()
{
	in_ns "$1" ping -qc 1 -W 2 192.168.2.1
}

# Somebody behind right talks to the inner address all the time, and is answered when he can be.
flood()
{
	in_ns right ping -qi 0.01 192.168.1.1 &> /dev/null &
}

has_no_link()
{
	! ip -n "$(ns_name "$1")" link show "$2"
}

# The number of network namespaces there are, without those that are only cached.
namespaces()
{
	echo 1 > /sys/kernel/slab/net_namespace/shrink
	cut -d ' ' -f 1 /sys/kernel/slab/net_namespace/objects
}

namespaces_at_most()
{
	[ "$(namespaces)" -le "$1" ]
}

# The memory of one that has gone may be kept until another one goes.
others_are_freed()
{
	ip netns add "nudge-$$"
	ip netns del "nudge-$$"
	busywait 5 namespaces_at_most "$1"
}

# What tests before this one left.
busywait 10 others_are_freed 1 || true
before=$(namespaces)
modprobe esp4
setup_ns left right app
link_ns left right 10.0.0
make_keys aes128gcm16 lr rl
ip -n "$left" link add vgw0 type vgw
make_tunnel
xfrm_peer right aes128gcm16 10.0.0.1 10.0.0.2 none

# ---- moved ----

ip -n "$left" netns set "$app" 77
listening()
{
	grep -q listening "$1"
}
for ns in left app; do
	events=$keys/events-$ns
	g "$ns" --listen 3600 > "$events" &
	busywait 10 listening "$events"
done
ip -n "$left" link set vgw0 netns "$app"
settle app
check "traffic goes on in another namespace" busywait 10 reaches app
check "and from the other side" pinged right -qc 1 192.168.1.1
check "the link says where its outer ends are" \
	bash -c "ip -n $app link show vgw0 | grep -q 'link-netns'"
same "routes without carrier are ignored there, too" 1 \
	"$(in_ns app cat /proc/sys/net/ipv4/conf/vgw0/ignore_routes_with_linkdown)"
same "and by IPv6" 1 "$(in_ns app cat /proc/sys/net/ipv6/conf/vgw0/ignore_routes_with_linkdown)"
index=$(in_ns app cat /sys/class/net/vgw0/ifindex)

# ---- named from both sides ----

check "by name where it is" v app tunnel set vgw0 office priority 7
check_not "by name where it was" v left tunnel set vgw0 office priority 8
check "by index and namespace" g left tunnel-set ifindex="$index" netnsid=77 tunnel.name=office tunnel.priority=9
same "which changes it" 9 "$(json app '["tunnels"][0]["priority"]')"
dump_has()
{
	g "$1" --dump "${@:3}" | grep "$2" > /dev/null
}
check "a dump by index and namespace" dump_has left office tunnel-get ifindex="$index" netnsid=77
check "a dump of all of a namespace" dump_has left office tunnel-get netnsid=77
check_not "a dump of what is here shows nothing" dump_has left office tunnel-get
refused()
{
	local sentence=$1
	shift
	! "$@" 2> "$keys/refusal" && grep -q "$sentence" "$keys/refusal"
}
check "not by name and namespace" refused "goes with ifindex" \
	g left tunnel-get ifname=vgw0 netnsid=77 tunnel.name=office
check "not in a namespace that is not" refused "no such namespace" \
	g left tunnel-get ifindex="$index" netnsid=78 tunnel.name=office

ip -n "$left" link add vgw2 type vgw
ip -n "$left" link add vgw3 type vgw
ip -n "$left" link set vgw3 netns "$app"
ip -n "$left" link set vgw2 netns "$app"
same "a dump shows all, in whatever order they came" "vgw0 vgw2 vgw3" \
	"$(v app show --json | /usr/bin/python3 -c 'import json, sys
print(*sorted(iface["name"] for iface in json.load(sys.stdin)["interfaces"]))')"
ip -n "$app" link del vgw2
ip -n "$app" link del vgw3
check "made in another namespace right away" ip -n "$left" link add vgw2 netns "$app" type vgw
v app tunnel add vgw2 other remote 10.0.0.2 encap none
same "its outer ends are where it was made from" 1422 "$(json app '["mtu"]')"
ip -n "$app" link del vgw2

# ---- events go to both ----

v app tunnel set vgw0 office state down
v app tunnel set vgw0 office state up
for ns in left app; do
	check "$ns hears of a tunnel that goes down" \
		busywait 10 grep -q '"tunnel-ntf".*"state": "down", "reason": "admin"' "$keys/events-$ns"
done
check "and left hears whose it is" grep -q '"reason": "admin".*"netnsid": 77' "$keys/events-left"
check_not "as app need not" grep -q netnsid "$keys/events-app"
# A process in a namespace would keep it.
# shellcheck disable=SC2046 # a list
kill $(ip netns pids "$left") $(ip netns pids "$app")

# ---- back and forth under traffic ----

flood
for _ in 1 2 3; do
	ip -n "$app" link set vgw0 netns "$left"
	settle left
	ip -n "$left" link set vgw0 netns "$app"
	settle app
done
check "traffic after moving back and forth under traffic" busywait 10 reaches app

# ---- the inner namespace goes under traffic ----

ip netns del "$app"
ip netns add "$app"
ip -n "$app" link set lo up
ip -n "$left" link add vgw0 type vgw
check "what the interface had is free again" make_tunnel
new_peer
ip -n "$left" link set vgw0 netns "$app"
settle app
check "a new interface after its namespace was deleted" busywait 10 reaches app

# ---- the outer namespace goes under traffic ----

flood
in_ns app ping -qi 0.01 192.168.2.1 &> /dev/null &
defer kill $!
check "traffic both ways" busywait 10 reaches app
ip netns del "$left"
check "the interface goes with its outer namespace" busywait 10 has_no_link app vgw0
check "and that namespace is really gone" busywait 10 has_no_link right left
ip netns add "$left"

# ---- rights ----

ip -n "$left" link set lo up
link_ns left right 10.0.0
ip -n "$left" link add vgw0 type vgw
make_tunnel
new_peer
unshare --user --map-root-user --net sleep 3600 &
owner=$!
defer kill $owner
other_user()
{
	[ "$(readlink "/proc/$owner/ns/user")" != "$(readlink /proc/self/ns/user)" ] &&
		[ "$(readlink "/proc/$owner/ns/net")" != "$(readlink /proc/self/ns/net)" ] &&
		[ -n "$(< "/proc/$owner/uid_map")" ]
}
busywait 10 other_user
guest=guest-$$-$RANDOM
ip netns attach "$guest" "$owner"
defer ip netns del "$guest"

# guest COMMAND...: as root of the other user namespace, in its network.
guest()
{
	nsenter -t "$owner" --user --net --preserve-credentials "$@"
}
guest ip link set lo up
ip -n "$left" link set vgw0 netns "$guest"
index=$(ip -n "$guest" -o link show vgw0 | cut -d : -f 1)

check "the inner namespace's owner sets the device up" guest ip link set vgw0 up
check "and its address" guest ip addr add 192.168.1.1/32 dev vgw0
check "and its routes" guest ip route add 192.168.2.0/24 dev vgw0 src 192.168.1.1
check "and its MTU" guest ip link set vgw0 mtu 1300
check "and has traffic" busywait 10 guest ping -qc 1 -W 2 192.168.2.1
check "he reads the tunnels" bash -c "$(declare -f guest); owner=$owner; guest '$vpntun' show vgw0 | grep -q office"
needs="CAP_NET_ADMIN where the interface was created"
check "he does not change one" refused "$needs" guest "$vpntun" tunnel set vgw0 office priority 1
check "nor remove one" refused "$needs" guest "$vpntun" tunnel del vgw0 office
check "nor make one" refused "$needs" guest "$vpntun" tunnel add vgw0 mine remote 10.0.0.2
check "nor change the interface's way" refused "$needs" guest "$vpntun" set vgw0 carrier on
check "nor make an SA" refused "$needs" guest "$vpntun" sa add vgw0 office in spi 0x2002 \
	alg aes128gcm16 keyfile "$keys/lr"
check "nor remove one" refused "$needs" guest "$vpntun" sa del vgw0 office in spi 0x2001
check "nor read one" refused "$needs" guest "$genl" sa-get ifname=vgw0 tunnel.name=office \
	sa.direction=in sa.spi=0x2001
check "nor all of them" refused "$needs" guest "$genl" --dump sa-get ifname=vgw0
same "nor any of any interface" "" "$(guest "$genl" --dump sa-get)"
check "nor reserve an SPI" refused "$needs" guest "$genl" spi-alloc ifname=vgw0 tunnel.name=office
same "nothing changed by that" "office 0 up 2" "$(v "$guest" show --json | /usr/bin/python3 -c 'import json, sys
for tunnel in json.load(sys.stdin)["interfaces"][0]["tunnels"]:
    print(tunnel["name"], tunnel["priority"], tunnel["state"], len(tunnel["sas"]))')"
nsid=$(ip -n "$left" netns list-id | sed -n "s/^nsid \([0-9]*\) .*$guest.*/\1/p")
check "who owns the outer ends changes it from there" \
	g left tunnel-set ifindex="$index" netnsid="$nsid" tunnel.name=office tunnel.priority=3
ip -n "$right" netns set "$guest" 98
check "who owns neither side does not see it" refused "no such interface" \
	in_ns right setpriv --reuid=65534 --clear-groups "$genl" tunnel-get ifindex="$index" netnsid=98 \
	tunnel.name=office

check "no interface is made in a user namespace" refused "module parameter unprivileged" \
	guest ip link add vgw5 type vgw
echo 1 > /sys/module/vgw/parameters/unprivileged
check "unless the module's parameter allows it" guest ip link add vgw5 type vgw
echo 0 > /sys/module/vgw/parameters/unprivileged
check "its owner then makes tunnels" guest "$vpntun" tunnel add vgw5 own remote 127.0.0.9 encap udp sport 4700
check "and SAs" guest "$vpntun" sa add vgw5 own in spi 0x2001 alg aes128gcm16 keyfile - < "$keys/lr"

# ---- nothing is left ----

ip netns del "$guest"
kill "$owner"
check "the interface goes with the namespace of somebody else" \
	busywait 10 bash -c "! ip netns exec $left '$genl' tunnel-get ifindex=$index netnsid=$nsid tunnel.name=office"
for round in 1 2 3 4 5; do
	setup_ns "a$round" "b$round"
	ip -n "$(ns_name "a$round")" link add vgw0 netns "$(ns_name "b$round")" type vgw
	v "b$round" tunnel add vgw0 x remote 127.0.0.9 encap udp prefix 0.0.0.0/0
	sa_add "b$round" vgw0 x out 0x1001 aes128gcm16 lr
	sa_add "b$round" vgw0 x in 0x2001 aes128gcm16 rl life-time 1000
	ip -n "$(ns_name "b$round")" link set vgw0 up
	ip -n "$(ns_name "b$round")" addr add 192.168.1.1/32 dev vgw0
	ip -n "$(ns_name "b$round")" route add default dev vgw0
	in_ns "b$round" ping -qc 2 -i 0.01 -W 0.01 192.168.1.2 > /dev/null || true
done
for ns in a1 b2 a3 b4 a5 b1 a2 b3 a4 b5 left right app; do
	remove_ns "$(ns_name "$ns")"
done
check "all namespaces are freed" busywait 30 others_are_freed $((before > 1 ? before : 1))
same "nobody refers to the module" 0 "$(cat /sys/module/vgw/refcnt)"
