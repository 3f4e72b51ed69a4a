#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 600
# ci: no
#
# The doctor: a healthy gateway has nothing wrong; then one thing after the other is broken, the finding appears, what it
# names mends it, and it vanishes.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
conf=$keys/vpntun-left/etc/office.conf

# findings: those that are worse than notes, a line each: severity, check, what it is about, text, fix
findings()
{
	vpn left doctor office --json 2> /dev/null | /usr/bin/python3 -IS -c 'import json, sys
d = json.load(sys.stdin)
for f in d["findings"]:
    if f["severity"] != "note":
        print("|".join(str(f[key]) for key in ("severity", "check", "about", "text", "fix")))
worst = sum(f["severity"] == "error" for f in d["findings"])
assert worst == d["errors"], d'
}

healthy()
{
	local status=0
	vpn left doctor office > "$keys/doctor" 2>&1 || status=$?
	[ "$status" = 0 ] || { cat "$keys/doctor"; return 1; }
}

# finds REGEX: there is such a finding
finds()
{
	findings > "$keys/findings"
	grep -E "$1" "$keys/findings" > "$keys/found" || { cat "$keys/findings"; return 1; }
}

# told REGEX: it is among all that is said
told()
{
	vpn left doctor office > "$keys/doctor" 2>&1 || true
	grep -E "$1" "$keys/doctor"
}

fix()
{
	head -n 1 "$keys/found" | cut -d'|' -f5 | sed 's/    (.*//'
}

# ails WHAT REGEX: it is found; then the fix that is named is done on left, and nothing is wrong any more
ails()
{
	check "$1: it is found" busywait 30 finds "$2"
	echo "# $(head -n 1 "$keys/found")"
	# shellcheck disable=SC2046 # the words of a command
	check "$1: what it names can be done" in_ns left $(fix)
	check "$1: and it is gone" busywait 60 healthy
}

# cures WHAT REGEX COMMAND...: the same, mended by that command
cures()
{
	check "$1: it is found" busywait 60 finds "$2"
	echo "# $(head -n 1 "$keys/found")"
	"${@:3}"
	check "$1: and it is gone" busywait 60 healthy
}

reload()
{
	vpn left reload office > /dev/null
}

# edit SED_SCRIPT: another configuration, in use
edit()
{
	sed -i "$1" "$conf"
	reload
}

# take_mtu: the MTU that is named goes into the file
take_mtu()
{
	local found
	found=$(grep -o 'MTU = [0-9]*' "$keys/found" | head -n 1)
	edit "/^MTU/d; s/^Name = vgw0/&\n$found/"
}

# begins REGEX: strongSwan does, and that is found
begins()
{
	swan right --initiate --child office > "$keys/begun" 2>&1 || true
	finds "$1"
}

# ended_by_peer TIMES: it ends the IKE SA, and each time we come back
ended_by_peer()
{
	local i
	for ((i = 0; i < $1; i++)); do
		busywait 30 swan_has right 1 1
		swan right --terminate --ike office > /dev/null || true
	done
	busywait 30 vpn_is left 't["state"]' up
}

# rekeyed: the doctor's own try, which finds nothing wrong
rekeyed()
{
	vpn left doctor office --rekey > "$keys/doctor" 2>&1 && grep -F 'note [rekey] office/office: ' "$keys/doctor"
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
swan_load right "$(connection office $right4 $left4 $right_ts,169.254.46.41/32 $left_ts,169.254.46.42/32 $ike $esp)"
ip -n "$right" addr add 169.254.46.41/32 dev lo
ip -n "$right" route add 169.254.46.42/32 dev ipsec1
office left $left4 $right4 $left_ts,169.254.46.42/32 $right_ts,169.254.46.41/32 $ike $esp \
	'interface:Routes = 192.168.2.0/24, fd02::/64' 'Inside = 169.254.46.42/30' 'DPDInterval = 2' 'DPDTimeout = 30'
in_ns left sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
helper left
check "before it is up: that is said" finds 'warning.state.office/office.*not brought up.vpntun up office'
check "up" vpn left up office --wait $((30 * ${TIME_SCALE:-1}))
check "traffic" busywait 10 pings site_l 192.168.2.10
check "nothing is wrong" busywait 20 healthy
sed 's/^/# /' "$keys/doctor"

# ---- the host ----

in_ns left sysctl -qw net.ipv4.ip_forward=0
ails "forwarding" '^error.forwarding.office.*IPv4'
in_ns left sysctl -qw net.ipv4.conf.vgw0.rp_filter=1
ails "rp_filter" '^warning.rp_filter.office'
ip -n "$left" xfrm policy add src 192.168.1.0/24 dst 192.168.2.0/24 dir out tmpl src 192.0.2.1 dst 192.0.2.2 proto esp mode tunnel
ails "a policy of the kernel's own IPsec" '^error.ipsec-policy.office.*192.168.2.0/24, out'
in_ns left nft 'add table inet wall; add chain inet wall in { type filter hook input priority 0; policy drop; };
	add rule inet wall in ct state established accept; add rule inet wall in iifname "lo" accept;
	add rule inet wall in ip saddr 192.168.0.0/16 accept'
ails "a firewall" '^warning.firewall.office/office.*ESP.*table inet wall, chain in'
in_ns left nft delete table inet wall
now=$(date +%s)
date -s '2001-01-01' > /dev/null
check "the clock: it is found" finds '^error.clock'
date -s "@$now" > /dev/null
check "the clock: and it is gone" busywait 30 healthy

# ---- the file ----

ip -n "$left" addr add 169.254.46.41/30 dev lo
ails "an inside block that the host uses" '^error.inside.office/office.*lo has the address'
sed -i 's/^IKEProposals = /&aes256-sha256-modp1024, /' "$conf"
cures "weak settings" '^warning.config.*modp1024 is weak' edit 's/aes256-sha256-modp1024, //'
cp "$conf" "$keys/vpntun-left/etc/twin.conf"
cures "a twin of it" '^error.config.*the interface vgw0 is that of' rm "$keys/vpntun-left/etc/twin.conf"
echo 'Colour = blue' >> "$conf"
cures "a file that is wrong" '^error.config.*Colour' sed -i '/Colour/d' "$conf"
edit 's/^Name = vgw0/&\nMTU = 1500/'
cures "an MTU that the way does not have" '^warning.mtu.office/office.*1500.*set MTU = 14' take_mtu
edit '/^MTU/d'

# ---- the connection ----

in_ns router nft 'add table inet cut; add chain inet cut forward { type filter hook forward priority 0; };
	add rule inet cut forward meta length > 1400 drop'
cures "a way that long packets vanish on" '^error.mtu.office/office.*vanish.*set MTU = 13' take_mtu
mend_way
edit '/^MTU/d'
edit 's/^IKEProposals.*/IKEProposals = aes128-sha256-modp2048/'
vpn left restart office --no-wait > /dev/null
cures "no common proposal" '^error.negotiation.*no algorithms in common.*NO_PROPOSAL' edit "s/^IKEProposals.*/IKEProposals = $ike/"
echo another > "$keys/vpntun-left/etc/office.psk"
vpn left restart office --no-wait > /dev/null
check "another key: it is found" busywait 60 finds '^error.negotiation.*does not believe.*PSKFile'
echo "$psk" > "$keys/vpntun-left/etc/office.psk"
vpn left restart office --no-wait > /dev/null
check "another key: and it is gone" busywait 60 healthy
cut_way all
vpn left restart office --no-wait > /dev/null
check "no way to the peer: it is found" busywait 240 finds '^error.negotiation.*not answered.*tcpdump'
mend_way
check "no way to the peer: and it is gone" busywait 90 healthy

# The peer begins with what we do not take: it is said what would match.
strangers=aes256gcm16-prfsha384-modp3072
peer()
{
	swan_load right "$(connection office $right4 "${far:-$left4}" $right_ts,169.254.46.41/32 $left_ts,169.254.46.42/32 "$@")"
}
edit 's/^DPDTimeout.*/&\nStartAction = add/'
vpn left restart office --no-wait > /dev/null
peer $strangers $esp
check "a peer that offers something else: it is found" busywait 60 begins '^error.negotiation.*offered modp3072.*if it is your peer, agree with it on IKEProposals'
echo "# $(head -n 1 "$keys/found")"
edit "s/^IKEProposals = /&$strangers, /"
check "a peer that offers something else: and it is gone" busywait 60 swan right --initiate --child office
check "a peer that offers something else: nothing is wrong" busywait 60 healthy
edit "s/$strangers, //; /^StartAction/d"
peer $ike aes256gcm16-ecp256
vpn left restart office --no-wait > /dev/null
check "another group for PFS: nothing seems wrong" busywait 90 healthy
status=0
vpn left doctor office --rekey > "$keys/doctor" 2>&1 || status=$?
same "--rekey: it is an error" 4 $status
check "--rekey: it says that of the rekey" grep -E 'error \[rekey\] office/office: its Child SA cannot be rekeyed.*NO_PROPOSAL_CHOSEN' "$keys/doctor"
sed 's/^/# /' "$keys/doctor"
check "--rekey: the tunnel goes on" busywait 10 pings site_l 192.168.2.10
peer $ike $esp
vpn left restart office --no-wait > /dev/null
check "--rekey: the tunnel comes up anew" busywait 90 healthy
check "--rekey: with the same group nothing is wrong" busywait 60 rekeyed
ended_by_peer 3
cures "a peer that ends it again and again" '^warning.idle.office/office.*ended it [0-9]+ times.*ProbeInterval = 1' \
	edit 's/^DPDTimeout.*/&\nProbeInterval = 1/'
far=%any peer $ike $esp
hide left 20000-20100
vpn left restart office --no-wait > /dev/null
check "NAT: it is told" busywait 90 told 'note .nat. office/office: NAT is on the way, at our end'
edit 's/^DPDTimeout.*/&\nKeepalive = 0/'
cures "NAT, and nothing that keeps it" '^warning.nat.office/office.*Keepalive = 20' edit '/^Keepalive/d'
unhide
peer $ike $esp
vpn left restart office --no-wait > /dev/null
check "without NAT nothing is wrong" busywait 90 healthy
in_ns right nft 'add table inet deaf; add chain inet deaf out { type filter hook output priority 0; };
	add rule inet deaf out meta l4proto esp drop'
check "nothing comes back: it is found" busywait 60 finds '^(error.probe|warning.return).office/office'
echo "# $(head -n 1 "$keys/found")"
in_ns right nft delete table inet deaf
check "nothing comes back: and it is gone" busywait 60 healthy

# ---- helper and module ----

helper_end left
check "without the helper: it is found" finds '^warning.helper'
[ -z "${VGW_KO:-}" ] || rmmod vgw
check "without the module: it is found" finds '^error.module.*modprobe vgw'
mkdir "$keys/empty"
mount --bind "$keys/empty" "/lib/modules/$(uname -r)"
check "without the kernel's headers: too" finds "^error.module.*apt install linux-headers-$(uname -r)"
umount "/lib/modules/$(uname -r)"
status=0
vpn left doctor office > /dev/null 2>&1 || status=$?
same "the status is that of errors" 4 $status
status=0
vpn left doctor nobody > /dev/null 2>&1 || status=$?
same "a name that nobody knows is refused" 1 $status
