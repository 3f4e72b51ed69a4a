#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 600
#
# Our packages as a new user meets them: on a Debian that has nothing else of ours, one file is written, and
# "systemctl start vpntun@office" brings a tunnel to strongSwan up, with the module that DKMS has built and the helper
# confined by AppArmor. `make check-packages` makes the packages and that Debian.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"
# shellcheck source=../lib/machine.sh
. "$(dirname "$0")/../lib/machine.sh"

ike=aes128gcm16-prfsha256-x25519 esp=aes128gcm16
modules=/lib/modules/$(uname -r)

is_loaded()
{
	[ -d /sys/module/vgw ]
}

# What is loaded is what DKMS has built there.
is_packaged()
{
	[ "$(< /sys/module/vgw/srcversion)" = "$(modinfo -F srcversion "$packaged")" ]
}

# new_machine: systemd on left, with all that is in $root and nothing of ours from elsewhere. What is written there stays
# in the virtual machine's memory.
new_machine()
{
	machine_target "$root/etc/systemd/system"
	# shellcheck disable=SC2016 # expanded there
	machine left 'mount --rbind "$0" "$0" && cd "$0" && mount -t proc proc proc && mount -t sysfs sysfs sys &&
		mount -t securityfs securityfs sys/kernel/security && mount --rbind /dev dev && pivot_root . mnt && cd / &&
		umount -l /mnt' "$root"
}

# main_is FILE TEXT: this of /proc/PID of the helper says so
main_is()
{
	# shellcheck disable=SC2016 # expanded there
	[ "$(inside bash -c 'cat "/proc/$(systemctl show -P MainPID vpntun.service)/$0"' "$1")" = "$2" ]
}

# users: whom the helper's processes belong to
users()
{
	# shellcheck disable=SC2016 # expanded there
	inside bash -c 'for exe in /proc/[0-9]*/exe; do
		[ "$(readlink "$exe")" != /usr/sbin/vpntun ] || stat -c %U "${exe%/exe}"
	done' | sort -u | paste -sd ' '
}

# ike_spis: of the peer's IKE SAs
ike_spis()
{
	swan right --list-sas --raw | grep -o 'initiator-spi=[0-9a-f]*' | sort -u | paste -sd ' '
}

# renewed SPI: the peer has another one instead
renewed()
{
	local now
	now=$(ike_spis)
	[ "$now" != "$1" ] && [ "$(wc -w <<< "$now")" = 1 ]
}

# Later releases have it compressed.
packaged=$(compgen -G "$(realpath "$(dirname "$0")/../../build")/suites/*$modules/updates/dkms/vgw.ko*") ||
	skip "DKMS has built no module for the kernel $(uname -r) in build/suites: make check-packages"
root=${packaged%"$modules"/*}
gateways
rmmod vgw
mount --bind "$root$modules" "$modules"
defer umount "$modules"

check_not "a user without rights makes no interface" \
	in_ns left setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all ip link add vgw9 type vgw
check_not "and does not have the module loaded" is_loaded
check_not "vpntun cannot show what is not loaded" in_ns left "$vpntun" show vgw9
check_not "asking for its netlink family does not load it" is_loaded
check "ip link add type vgw" ip -n "$left" link add vgw9 type vgw
check "loads the module that DKMS has built" is_packaged
ip -n "$left" link del vgw9
rmmod vgw

xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
new_machine
check "systemd runs" busywait 120 machine_runs
same "no connection is started by itself" inactive "$(inside systemctl is-active vpntun.service || true)"
defer inside bash -c 'echo -n vpntun-helper > /sys/kernel/security/apparmor/.remove'
check "AppArmor takes the profile" inside apparmor_parser -r -K /etc/apparmor.d/vpntun-helper

office left $left4 $right4 $left_ts $right_ts $ike $esp 'interface:Source = 192.168.1.1, fd01::1'
cp -p "$keys/vpntun-left/etc"/office.* "$root/etc/vpntun/"
check "the file is right" inside vpntun check office
check "systemctl start vpntun@office" inside systemctl start vpntun@office
check "the helper has loaded the module" is_packaged
check "the connection is active" unit_is vpntun@office.service ActiveState active
sites_talk "up"
check "the helper is confined" main_is attr/current "vpntun-helper (enforce)"
same "its processes that meet the network have a user of their own" "root vpntun" "$(users)"
check "doctor has nothing to say" inside vpntun doctor
old=$(inside systemctl show -P MainPID vpntun.service)
spi=$(ike_spis)
link=$(ip -n "$left" -o link show dev vgw0 | cut -d: -f1)
in_ns site_l ping -q -i 0.1 192.168.2.10 > "$keys/pings" &
pinging=$!
check "an upgrade" inside bash -c 'dpkg -i /root/packages/vpntun_*_amd64.deb'
check "has another helper" busywait 40 other_helper "$old"
check "which negotiates anew" busywait 40 renewed "$spi"
check "the connection is active" busywait 40 unit_is vpntun@office.service ActiveState active
pkill -INT -x ping
wait $pinging || true
# strongSwan deletes what it has when it hears INITIAL_CONTACT, before it has anything new: that is all that may be lost.
lost=$(awk '/packets transmitted/ { print $1 - $4 }' "$keys/pings")
echo "# $lost packets lost, ten a second"
check "nothing was lost but what the peer drops then" [ "$lost" -le $((5 * ${TIME_SCALE:-1})) ]
same "the interface is the same" "$link" "$(ip -n "$left" -o link show dev vgw0 | cut -d: -f1)"
check "systemctl restart vpntun" inside systemctl restart vpntun
check "brings the connection up again" busywait 40 unit_is vpntun@office.service ActiveState active
check "with traffic" busywait 20 pings site_l 192.168.2.10
check "systemctl stop vpntun@office" inside systemctl stop vpntun@office
check "the peer has heard" busywait 10 swan_has right 0 0
check "the package goes, and stops its helper" inside dpkg --purge vpntun
same "which did not fail" inactive "$(inside systemctl is-active vpntun.service || true)"
same "nothing was refused by AppArmor" "" "$(dmesg | grep 'apparmor="DENIED".*vpntun-helper' || true)"
