#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 600
#
# Every command of docs/guide.md, taken from there, on the machine that it names; and then there is traffic. AWS is
# strongSwan with a BIRD of its own. What a chapter says is carried from one machine to another lies in a common folder.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"
# shellcheck source=../lib/bgp.sh
. "$(dirname "$0")/../lib/bgp.sh"

guide=$(realpath "$(dirname "$0")/../../docs/guide.md")
data=$(realpath "$(dirname "$0")/../unit/data")
desk=$keys/desk
# shellcheck disable=SC2034 # setup_ns sets it
south=""
# Which namespace is which machine.
declare -A machines=([office]=left [berlin]=left [paris]=right [hub]=right [shop1]=left [shop2]=south)

# chapter TITLE: its commands, each a file in $keys/chapter, NUMBER.MACHINE
chapter()
{
	rm -rf "$keys/chapter"
	mkdir "$keys/chapter"
	/usr/bin/python3 -IS - "$guide" "$1" "$keys/chapter" <<-'END'
		import os, re, sys
		guide, title, out = sys.argv[1:]
		text = open(guide, encoding="ascii").read()
		lines = text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0].split("\n")
		number = 0
		while lines:
		    found = re.fullmatch(r"    (\w+)# (.*)", lines.pop(0))
		    if not found:
		        continue
		    machine, command = found.groups()
		    while "<<END" in command and not command.endswith("\nEND"):
		        command += "\n" + lines.pop(0).removeprefix("    ")
		    number += 1
		    with open(os.path.join(out, f"{number:02}.{machine}"), "w") as file:
		        file.write(command + "\n")
	END
}

# room NS: what commands there find in /etc and /run, as on a machine of its own
room()
{
	local dir=$keys/room-$1 vpn_command
	vpn_prepare "$1"
	mkdir -p "$dir"/{bird-etc,bird-run} /etc/bird /run/bird /run/frr "$keys/frr-$1"
	printf '%s\n' 'router id 192.0.2.250;' 'protocol device { }' > "$dir/bird-etc/bird.conf"
	in_room "$1" mount --bind "$dir/bird-etc" /etc/bird
	in_room "$1" mount --bind "$dir/bird-run" /run/bird
	in_room "$1" mount --bind "$keys/frr-$1" /run/frr
}

in_room()
{
	nsenter -t "${vpn_holders[$1]}" -m -n -- "${@:2}"
}

# bird_runs NS: with next to nothing to do
bird_runs()
{
	in_room "$1" bird -f >> "$keys/room-$1/bird.log" 2>&1 &
	disown $!
	busywait 30 in_room "$1" birdc show status
}

# command_of FILE: it is run. A doctor's warnings are no failure.
command_of()
{
	local ns=${machines[${1##*.}]} status=0
	in_room "$ns" env -C "$desk" PATH="$(dirname "$vpntun"):$PATH" bash -e "$1" < /dev/null || status=$?
	[ $status = 0 ] || { [ $status = 3 ] && grep -q '^vpntun doctor' "$1"; }
}

# commands TITLE [FIRST LAST]: of that chapter, those with such numbers
commands()
{
	local file number
	[ -n "${2:-}" ] || chapter "$1"
	for file in "$keys"/chapter/*; do
		number=${file##*/}
		number=$((10#${number%%.*}))
		if [ $number -lt "${2:-1}" ] || [ $number -gt "${3:-99}" ]; then
			continue
		fi
		if grep -q '^vpntun up' "$file"; then
			# It waits for half a minute, and emulated machines take longer.
			check "$1: ${file##*.}# $(head -n 1 "$file")" busywait 60 command_of "$file"
		else
			check "$1: ${file##*.}# $(head -n 1 "$file")" command_of "$file"
		fi
	done
}

# number_of WORD: that of the chapter's first command that has it
number_of()
{
	local file
	file=$(grep -lF -- "$1" "$keys"/chapter/* | head -n 1)
	file=${file##*/}
	echo $((10#${file%%.*}))
}

gateways
mkdir "$desk"
setup_ns south
wire router 192.0.2.254/24 south 192.0.2.1/24
ip -n "$south" route add default via 192.0.2.254
ip -n "$south" addr add 192.168.3.1/32 dev lo
for ns in left right south; do
	helper $ns
	room $ns
done

# ---- AWS ----

helper_end right
ip -n "$left" addr add 203.0.113.10/24 dev router
groups=modp2048-ecp384
aws_ike=aes128-aes256-sha1-sha256-sha384-$groups,aes128gcm16-aes256gcm16-prfsha1-prfsha256-prfsha384-$groups
aws_esp=aes128-aes256-sha1-sha256-sha384-$groups,aes128gcm16-aes256gcm16-$groups
for number in 1 2; do
	ip -n "$right" addr add 198.51.100.2$number/24 dev router
	xfrm_device right $number
done
ip -n "$right" addr add 169.254.46.41/30 dev ipsec1
ip -n "$right" addr add 169.254.181.53/30 dev ipsec2
charon right
{
	echo 'connections {'
	connection aws1 198.51.100.21 203.0.113.10 0.0.0.0/0 0.0.0.0/0 "$aws_ike" "$aws_esp" 'unique = never'
	connection aws2 198.51.100.22 203.0.113.10 0.0.0.0/0 0.0.0.0/0 "$aws_ike" "$aws_esp" 'unique = never'
	printf '%s\n' '}' 'secrets {' \
		'ike-1 {' 'secret = "Made.Up_Psk_Tunnel1_NotReal01234"' 'id-1 = 198.51.100.21' 'id-2 = 203.0.113.10' '}' \
		'ike-2 {' 'secret = "Made.Up_Psk_Tunnel2_NotReal56789"' 'id-1 = 198.51.100.22' 'id-2 = 203.0.113.10' '}' '}'
} > "$keys/charon-right/swanctl.conf"
swan right --load-all --clear --file "$keys/charon-right/swanctl.conf" > "$keys/load"
cat > "$keys/aws.bird" <<-END
	router id 198.51.100.21;
	protocol device { }
	protocol kernel { ipv4 { import none; export where source = RTS_BGP; }; }
	protocol static vpc { ipv4; route 192.168.2.0/24 unreachable; }
	template bgp tunnel { connect delay time 1; ipv4 { import all; export where proto = "vpc"; next hop self; }; }
	protocol bgp one from tunnel { local 169.254.46.41 as 64512; neighbor 169.254.46.42 as 65000; }
	protocol bgp two from tunnel { local 169.254.181.53 as 64512; neighbor 169.254.181.54 as 65000; }
END
bird_start right "$keys/aws.bird"
bird_runs left
install -m 600 "$data/aws.xml" "$desk/vpn.xml"

title='AWS in five minutes'
chapter "$title"
last=$(number_of 'vpntun down')
commands "$title" 1 $((last - 1))
check "$title: both sites talk" busywait 60 pings site_l 192.168.2.10
check "$title: by what BGP has learned" route_is left 192.168.2.0/24 "proto bird" "dev aws"
commands "$title" "$last"
charon_kill right
ip -n "$right" link del ipsec1
ip -n "$right" link del ipsec2
bird_cmd right down > /dev/null

# ---- two sites ----

helper right
title='Two sites'
chapter "$title"
last=$(number_of 'vpntun down')
commands "$title" 1 $((last - 1))
check "$title: both sites talk" busywait 20 pings site_l 192.168.2.10
commands "$title" "$last"

# ---- a hub ----

bird_runs south
frr_start right
title='Hub for fifty'
commands "$title"
same "$title: there are fifty" 50 "$(find "$keys/vpntun-right/etc" -name 'shop*.conf' | wc -l)"
check "$title: shops reach the hub's site" busywait 60 pings site_r 192.168.1.10
check "$title: and each other" busywait 60 in_ns south ping -qc 1 -W 2 -I 192.168.3.1 192.168.1.10
