#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 240
#
# A real systemd runs our units as they are installed, with all that takes rights from the helper: a connection comes up by
# "systemctl start", is reloaded, comes back when the helper is killed and when it hangs, and goes by "systemctl stop".

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

units=$(dirname "$0")/../../tools/vpntun/systemd
ike=aes128gcm16-prfsha256-x25519 esp=aes128gcm16
manager=""

# What of a machine's start is not ours to try, and not right in a namespace.
masked=(systemd-{binfmt,hwdb-update,modules-load,random-seed,sysctl,sysusers,udev-trigger,udevd,update-utmp}.service
	systemd-tmpfiles-{setup,setup-dev,clean}.service systemd-udevd-{control,kernel}.socket systemd-firstboot.service
	dev-{hugepages,mqueue}.mount sys-{fs-fuse-connections,kernel-config,kernel-debug,kernel-tracing}.mount
	proc-sys-fs-binfmt_misc.automount systemd-ask-password-console.path systemd-ask-password-wall.path)

# machine_units DIR: ours, but for the program's path, and a shorter watchdog
machine_units()
{
	local unit
	mkdir "$1" "$1/vpntun.service.d"
	for unit in vpntun.service vpntun@.service; do
		sed "s,/usr/sbin/vpntun,$vpntun," "$units/$unit" > "$1/$unit"
	done
	printf '%s\n' '[Service]' 'WatchdogSec=4' > "$1/vpntun.service.d/test.conf"
	printf '%s\n' '[Unit]' 'Description=nothing yet' 'DefaultDependencies=no' > "$1/test.target"
	for unit in "${masked[@]}"; do
		ln -s /dev/null "$1/$unit"
	done
}

# machine: systemd as process 1 of a container with the network of left
machine()
{
	local dir=$keys/machine
	mkdir -p "$dir" /etc/vpntun
	vpntun=$(realpath "$vpntun")
	machine_units "$dir/units"
	: > "$dir/id"
	# shellcheck disable=SC2016 # expanded there
	ip netns exec "$left" unshare --mount --pid --ipc --uts --cgroup --fork --kill-child --mount-proc bash -c '
		mount --bind "$0/units" /etc/systemd/system && mount --bind "$1" /etc/vpntun &&
		mount --bind "$0/id" /etc/machine-id && mount -t tmpfs -o mode=755 run /run && mount -t cgroup2 cgroup /sys/fs/cgroup &&
		exec env -i container=vgw PATH="$PATH" /lib/systemd/systemd --unit=test.target --show-status=no' \
		"$dir" "$keys/vpntun-left/etc" > "$dir/out" 2>&1 &
	machine_pid=$!
	disown $!
	defer machine_end
	busywait 10 pgrep -P "$machine_pid" > /dev/null
	manager=$(pgrep -P "$machine_pid")
}

machine_runs()
{
	inside systemctl is-active test.target > /dev/null 2>&1
}

machine_end()
{
	kill -9 "$machine_pid" "$manager" 2> /dev/null || true
}

# inside WORD...: a command in the container
inside()
{
	nsenter -t "$manager" -m -p -n -i -u -C -- "$@"
}

unit_is()
{
	[ "$(inside systemctl show -P "$2" "$1")" = "$3" ]
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

# other_helper PID: there is one, and it is not that
other_helper()
{
	local now
	now=$(inside systemctl show -P MainPID vpntun.service)
	[ "$now" != 0 ] && [ "$now" != "$1" ]
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
machine
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
