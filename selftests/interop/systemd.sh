#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 240
#
# A real systemd runs our units as they are installed, with all that takes rights from the helper: a connection comes up by
# "systemctl start", is reloaded, comes back when the helper is killed and when it hangs, and goes by "systemctl stop".

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"
# shellcheck source=../lib/machine.sh
. "$(dirname "$0")/../lib/machine.sh"

units=$(dirname "$0")/../../tools/vpntun/systemd
ike=aes128gcm16-prfsha256-x25519 esp=aes128gcm16

# our_machine: systemd on left with our units, but for the program's path, and a shorter watchdog
our_machine()
{
	local dir=$keys/machine unit
	mkdir -p "$dir/units/vpntun.service.d" /etc/vpntun
	vpntun=$(realpath "$vpntun")
	for unit in vpntun.service vpntun@.service; do
		sed "s,/usr/sbin/vpntun,$vpntun," "$units/$unit" > "$dir/units/$unit"
	done
	# A profile that is loaded on this host is for a program of another name.
	printf '%s\n' '[Service]' 'WatchdogSec=4' 'AppArmorProfile=' > "$dir/units/vpntun.service.d/test.conf"
	machine_target "$dir/units"
	: > "$dir/id"
	# shellcheck disable=SC2016 # expanded there
	machine left 'mount --bind "$0/units" /etc/systemd/system && mount --bind "$1" /etc/vpntun &&
		mount --bind "$0/id" /etc/machine-id' "$dir" "$keys/vpntun-left/etc"
}

# lives TICKS: the helper has run for so long
lives()
{
	local main begun now
	main=$(inside systemctl show -P MainPID vpntun.service)
	begun=$(inside cut -d ' ' -f 22 "/proc/$main/stat")
	now=$(awk '{ print int($1 * 100) }' /proc/uptime)
	[ $((begun + $1)) -lt "$now" ]
}

# selectors_are PREFIX...: of our end, as the peer has them
selectors_are()
{
	[ "$(swan_child_ts)" = "$*" ]
}

swan_child_ts()
{
	swan right --list-sas --raw | sed -n 's/.*remote-ts=\[\([^]]*\)\].*/\1/p'
}

[ -x /lib/systemd/systemd ] || skip "systemd is not here"
gateways
vpn_prepare left
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
office left $left4 $right4 $left_ts $right_ts $ike $esp 'interface:Source = 192.168.1.1, fd01::1'
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
our_machine
check "systemd runs" busywait 60 machine_runs

check "systemctl start vpntun@office" inside systemctl start vpntun@office
check "the helper is ready, as it said itself" unit_is vpntun.service SubState running
check "the connection is active" unit_is vpntun@office.service ActiveState active
sites_talk "up"
# shellcheck disable=SC2016 # expanded there
same "no other process of the helper has a capability" "" "$(inside bash -c 'for pid in $(pgrep -x vpntun); do
	[ $pid = "$(systemctl show -P MainPID vpntun.service)" ] || grep CapEff /proc/$pid/status | grep -v 0000000000000000
done')"
check "the helper lives longer than two times of the watchdog" busywait 15 lives 900
same "it was never started anew" 0 "$(inside systemctl show -P NRestarts vpntun.service)"

sed -i 's/^LocalTS = .*/LocalTS = 192.168.1.0\/24/; s/^RemoteTS = .*/RemoteTS = 192.168.2.0\/24/' "$keys/vpntun-left/etc/office.conf"
check "systemctl reload of the connection" inside systemctl reload vpntun@office
check "the new selectors count" busywait 20 selectors_are 192.168.1.0/24
check "systemctl reload of the helper" inside systemctl reload vpntun
check "traffic" busywait 10 pings site_l 192.168.2.10

old=$(inside systemctl show -P MainPID vpntun.service)
inside systemctl kill --signal KILL --kill-who main vpntun
check "the helper is killed: another one is started" busywait 20 other_helper "$old"
check "and the connection comes up again by itself" busywait 40 unit_is vpntun@office.service ActiveState active
check "traffic" busywait 20 pings site_l 192.168.2.10

old=$(inside systemctl show -P MainPID vpntun.service)
inside systemctl kill --signal STOP --kill-who main vpntun
check "the helper hangs: systemd replaces it" busywait 60 other_helper "$old"
check "and the connection comes up again" busywait 40 unit_is vpntun@office.service ActiveState active
check "traffic" busywait 20 pings site_l 192.168.2.10

check "systemctl stop" inside systemctl stop vpntun@office
check "the peer has heard" busywait 10 swan_has right 0 0
same "no route is left" "" "$(ip -n "$left" route show proto 118)"
check "systemctl stop of the helper" inside systemctl stop vpntun
same "it did not fail" inactive "$(inside systemctl is-active vpntun || true)"
