# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A real systemd as process 1 of a container. Wants vgw.sh.

manager="" machine_pid=""

# What of a machine's start is not ours to try, and not right in a namespace.
machine_masked=(systemd-{binfmt,hwdb-update,modules-load,random-seed,sysctl,sysusers,udev-trigger,udevd,update-utmp}.service
	systemd-tmpfiles-{setup,setup-dev,clean}.service systemd-udevd-{control,kernel}.socket systemd-firstboot.service
	dev-{hugepages,mqueue}.mount sys-{fs-fuse-connections,kernel-config,kernel-debug,kernel-tracing}.mount
	proc-sys-fs-binfmt_misc.automount systemd-ask-password-console.path systemd-ask-password-wall.path)

# machine_target DIR: in this folder of units, one to boot to; those above are masked
machine_target()
{
	local unit
	printf '%s\n' '[Unit]' 'Description=nothing yet' 'DefaultDependencies=no' > "$1/test.target"
	for unit in "${machine_masked[@]}"; do
		ln -sf /dev/null "$1/$unit"
	done
}

# machine NS MOUNTS [WORD]...: systemd with the network of NS. MOUNTS is a shell's command that makes what it is to see,
# with the WORDs as $0, $1, ...; a folder of units has been through machine_target.
machine()
{
	# shellcheck disable=SC2016,SC2154 # expanded there; vgw.sh sets keys
	ip netns exec "$(ns_name "$1")" unshare --mount --pid --ipc --uts --cgroup --fork --kill-child --mount-proc bash -c "$2"' &&
		mount -t tmpfs -o mode=755 run /run && mount -t cgroup2 cgroup /sys/fs/cgroup &&
		exec env -i container=vgw PATH="$PATH" /lib/systemd/systemd --unit=test.target --show-status=no' \
		"${@:3}" > "$keys/machine.out" 2>&1 &
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

# unit_is UNIT PROPERTY VALUE
unit_is()
{
	[ "$(inside systemctl show -P "$2" "$1")" = "$3" ]
}

# other_helper PID: there is one, and it is not that
other_helper()
{
	local now
	now=$(inside systemctl show -P MainPID vpntun.service)
	[ "$now" != 0 ] && [ "$now" != "$1" ]
}
