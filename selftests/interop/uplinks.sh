#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 300
#
# A gateway with two uplinks: IKE and ESP of each tunnel leave by its own Device, or as FWMark and the host's rules say, also
# when a device goes and comes, and when a VRF is the underlay. A tunnel that is bound to none follows the default route,
# with Routes = 0.0.0.0/0, too.
#
#          203.0.113.1      .254 router .254       198.51.100.1, .2
#   left <                                      > right
#          203.0.114.1      .254 isp2   .254       198.51.101.1

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
patience=$((20 * ${TIME_SCALE:-1}))

isp2=""
second_uplink()
{
	setup_ns isp2
	wire left 203.0.114.1/24 isp2 203.0.114.254/24
	wire isp2 198.51.101.254/24 right 198.51.101.1/24
	in_ns isp2 sysctl -qw net.ipv4.ip_forward=1
	ip -n "$isp2" route add 198.51.100.0/24 via 198.51.101.1
	ip -n "$right" route add 203.0.114.0/24 via 198.51.101.254
	ip -n "$left" route add default via 203.0.114.254 metric 200
}

dpd=('DPDInterval = 2' 'DPDTimeout = 6')
# section NAME LINE...
section()
{
	echo "[Tunnel $1]"
	printf '%s\n' "IKEProposals = $ike" "ESPProposals = $esp" 'PSKFile = office.psk' "${dpd[@]}" "${@:2}"
}

# conf NAME: what is written to it
conf()
{
	cat > "$keys/vpntun-left/etc/$1.conf"
}

watch_uplinks()
{
	capture_start left router "$keys/wire-router"
	capture_start left isp2 "$keys/wire-isp2"
}

# on UPLINK FILTER
on()
{
	[ -n "$(tcpdump -c 1 -nr "$keys/wire-$1" "$2" 2> /dev/null)" ]
}

# only_by UPLINK ADDRESS: IKE and ESP with ADDRESS were there, and nothing of it on the other
only_by()
{
	local other=router
	[ "$1" = isp2 ] || other=isp2
	check "IKE with $2 went by $1" on "$1" "host $2 and udp port 500"
	check "and ESP" on "$1" "host $2 and proto 50"
	check_not "and nothing with it by $other" on $other "host $2 and (udp port 500 or udp port 4500 or proto 50)"
}

stop_watching()
{
	capture_stop "$keys/wire-router"
	capture_stop "$keys/wire-isp2"
}

# by_isp2 NAME TEXT: the connection comes up, is rekeyed by either side, and all of it goes by that uplink, from its address
by_isp2()
{
	watch_uplinks
	check "$2: up" vpn left up "$1" --wait $patience
	check "$2: packets" busywait 10 answers 10.61.0.1 10.71.0.1
	check "$2: rekeyed by us" vpn left rekey "$1" --ike
	check "$2: and by the peer" swan right --rekey --child one1
	check "$2: packets" busywait 10 answers 10.61.0.1 10.71.0.1
	same "$2: from the address there" 203.0.114.1 "$(vpn_value left 't["local"]' one)"
	stop_watching
	only_by isp2 198.51.100.1
	check "$2: down" vpn left down "$1"
}

answers()
{
	in_ns left ping -qc 1 -W 2 -I "$1" "$2"
}

gateways
second_uplink
office left $left4 $right4 $left_ts $right_ts $ike $esp
xfrm_device right 1 10.61.0.1/32
xfrm_device right 2 10.62.0.1/32
ip -n "$right" addr add 10.71.0.1/32 dev lo
ip -n "$right" addr add 10.72.0.1/32 dev lo
charon right
helper left

# ---- each by its own device ----

swan_load right "$(connection one1 198.51.100.1 203.0.113.1 10.71.0.1/32 10.61.0.1/32 $ike $esp)" \
	"$(connection two2 198.51.100.2 203.0.114.1 10.72.0.1/32 10.62.0.1/32 $ike $esp)"
# two_file TUNNEL...: with these of the two
two_file()
{
	local tunnel
	printf '%s\n' '[Interface]' 'Name = vgw0' 'Routes = 10.71.0.1/32, 10.72.0.1/32' 'Address = 10.61.0.1/32, 10.62.0.1/32'
	for tunnel in "$@"; do
		case $tunnel in
		one) section one 'Device = router' 'Remote = 198.51.100.1' 'LocalTS = 10.61.0.1/32' 'RemoteTS = 10.71.0.1/32' ;;
		two) section two 'Device = isp2' 'Remote = 198.51.100.2' 'LocalTS = 10.62.0.1/32' 'RemoteTS = 10.72.0.1/32' ;;
		esac
	done
}
two_file one two | conf two
watch_uplinks
check "two tunnels, each by its Device: up" vpn left up two --wait $patience
check "packets by the one" busywait 10 answers 10.61.0.1 10.71.0.1
check "packets by the other" busywait 10 answers 10.62.0.1 10.72.0.1
stop_watching
only_by router 198.51.100.1
only_by isp2 198.51.100.2

# ---- a device that goes and comes ----

ip -n "$left" link del isp2
wire left 203.0.114.1/24 isp2 203.0.114.254/24
ip -n "$left" route add default via 203.0.114.254 metric 200
check "the device was made anew: the tunnel is back" busywait 60 answers 10.62.0.1 10.72.0.1
check "the other was not touched" answers 10.61.0.1 10.71.0.1
check "down" vpn left down two

# ---- a reload that is refused, as SAs wait for a device ----

# Nobody gives up the one whose device is gone.
dpd=('DPDInterval = 0')
two_file one two | conf two
check "up" vpn left up two --wait $patience
check "packets" busywait 10 answers 10.61.0.1 10.71.0.1
sas=$(vpn_value left '[sa["spi"] for sa in t["sas"]]' one)
ip -n "$left" link del isp2
two_file two | conf two
refusal=$(vpn left reload two 2>&1 || true)
check "refused: the SAs of the other wait for it" grep -q 'its SAs wait for the Device isp2' <<< "$refusal"
same "the one that was to go has its SAs" "$sas" "$(vpn_value left '[sa["spi"] for sa in t["sas"]]' one)"
check "and packets" answers 10.61.0.1 10.71.0.1
check "down" vpn left down two
dpd=('DPDInterval = 2' 'DPDTimeout = 6')
two_file one two | conf two

# ---- a device that is not there yet, as at boot ----

capture_start left router "$keys/wire-router"
check "without the one device: brought up" vpn left up two --no-wait
check "the tunnel by the other is up" busywait $patience answers 10.61.0.1 10.71.0.1
check "it says what it waits for" busywait 10 grep -q 'two/two: there is no Device isp2' "$keys/vpntun-left/log"
check_not "the tunnel without its device is not" answers 10.62.0.1 10.72.0.1
capture_stop "$keys/wire-router"
check "the one went by its device" on router "host 198.51.100.1 and proto 50"
check_not "and nothing of the other" on router "host 198.51.100.2 and (udp port 500 or udp port 4500 or proto 50)"
wire left 203.0.114.1/24 isp2 203.0.114.254/24
# The route comes when its packets are looked at: a quick machine would have sent the first by then.
watch_uplinks
ip -n "$left" route add default via 203.0.114.254 metric 200
check "the device has come: the tunnel, too" busywait 60 answers 10.62.0.1 10.72.0.1
stop_watching
only_by isp2 198.51.100.2
check "down" vpn left down two

# ---- as a mark says ----

swan_load right "$(connection one1 198.51.100.1 203.0.114.1 10.71.0.1/32 10.61.0.1/32 $ike $esp)"
ip -n "$left" rule add fwmark 0x99 lookup 99 priority 100
ip -n "$left" route add default via 203.0.114.254 table 99
{
	printf '%s\n' '[Interface]' 'Name = vgw0' 'FWMark = 0x99' 'Routes = 10.71.0.1/32' 'Address = 10.61.0.1/32'
	section one 'Remote = 198.51.100.1' 'LocalTS = 10.61.0.1/32' 'RemoteTS = 10.71.0.1/32'
} | conf marked
by_isp2 marked "FWMark"
ip -n "$left" rule del fwmark 0x99

# ---- by a VRF ----

# The whole of the second uplink is in it, and no other table knows a way by it.
modprobe vrf
ip -n "$left" link add vrf-red type vrf table 10
ip -n "$left" link set vrf-red up
ip -n "$left" link set isp2 master vrf-red
ip -n "$left" route add default via 203.0.114.254 vrf vrf-red
same "the uplink's routes are the VRF's" "" "$(ip -n "$left" route show table main dev isp2)"
# vrf_file DEVICE START
vrf_file()
{
	printf '%s\n' '[Interface]' 'Name = vgw0' 'Routes = 10.71.0.1/32' 'Address = 10.61.0.1/32'
	section one "Device = $1" 'Remote = 198.51.100.1' 'LocalTS = 10.61.0.1/32' 'RemoteTS = 10.71.0.1/32' \
		"StartAction = $2"
}

# in_vrf DEVICE TEXT: the tunnel is up by it, begun by either side
in_vrf()
{
	vrf_file "$1" start | conf vrf
	by_isp2 vrf "$2"
	check "$2: the peer heard of it" busywait 10 swan_has right 0 0
	vrf_file "$1" add | conf vrf
	check "$2: waits" vpn left up vrf --no-wait
	check "$2: the peer begins" swan right --initiate --child one1 --timeout $patience
	check "$2: packets" busywait 10 answers 10.61.0.1 10.71.0.1
	check "$2: down again" vpn left down vrf
	check "$2: the peer heard of it" busywait 10 swan_has right 0 0
}
in_vrf vrf-red "a VRF as Device"
in_vrf isp2 "a device in a VRF"
ip -n "$left" link del vrf-red
ip -n "$left" route replace default via 203.0.114.254 metric 200

# ---- as the default route says ----

swan_load right "$(connection one1 198.51.100.1 %any 0.0.0.0/0 10.61.0.1/32 $ike $esp 'remote:id = 10.61.0.1' \
	'dpd_delay = 2s' 'child:dpd_action = clear')"
{
	printf '%s\n' '[Interface]' 'Name = vgw0' 'Routes = 0.0.0.0/0' 'Address = 10.61.0.1/32' 'Source = 10.61.0.1'
	section one 'Remote = 198.51.100.1' 'LocalTS = 10.61.0.1/32' 'RemoteTS = 0.0.0.0/0' 'LocalID = 10.61.0.1'
} | conf any
check "Routes = 0.0.0.0/0: up" vpn left up any --wait $patience
check "packets" busywait 10 answers 10.61.0.1 10.71.0.1
ip -n "$left" route del default via 203.0.113.254
check "the default route is another: the tunnel has the other address" \
	busywait 60 vpn_is left 't["state"] + t["ike"]["local"].split(":")[0]' up203.0.114.1
watch_uplinks
check "packets" busywait 60 answers 10.61.0.1 10.71.0.1
stop_watching
check "by the other uplink, from its address" on isp2 'src 203.0.114.1 and proto 50'
check_not "not from the old address" on isp2 'src 203.0.113.1 and proto 50'
check "down" vpn left down any
