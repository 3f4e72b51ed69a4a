#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# Memory that is not the packet's own: pages of a file on a read-only file system go out by sendfile, splice and without
# copying, and ESP packets whose pages are a file's come in. Right bytes arrive, and the file stays what it is, in the
# page cache and on the disk.
#
#   left (vgw0) ---- right (vgw0; then sockets of our own)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left="" right=""

# A disk of our own, so that there is something to read anew from.
make_disk()
{
	disk=$keys/disk folder=$keys/mount/files
	mkdir -p "$keys/mount" "$keys/content/files"
	head -c 1M /dev/urandom > "$keys/content/files/file"
	/usr/bin/python3 "$lib/pages.py" seal "$keys/content/files" "$keys"
	mkfs.ext4 -q -d "$keys/content" "$disk" 16M > /dev/null
	modprobe loop
	mount -o loop,ro "$disk" "$keys/mount"
	defer umount "$keys/mount"
	sums=$(cd "$keys/content/files" && sha256sum -- *)
	disk_sum=$(sha256sum < "$disk")
}

unchanged()
{
	same "$1: the page cache is unchanged" "$sums" "$(cd "$folder" && sha256sum -- *)"
	echo 3 > /proc/sys/vm/drop_caches
	same "$1: and what is read anew" "$sums" "$(cd "$folder" && sha256sum -- *)"
	same "$1: and the disk" "$disk_sum" "$(sha256sum < "$disk")"
}

# try_sending ENCAP SUITE [ESN]
try_sending()
{
	local how what="$2, $1"
	vgw_pair "$2" encap "$1"
	pair_sas "$2" 0x1002 0x2002 esn "${3:-off}"
	for how in sendfile splice zerocopy; do
		check "$what: $how" carried left right 192.168.2.1 "$folder/file" $how
		check "$what: $how the other way" carried right left fd01::1 "$folder/file" $how
	done
	same "$what: nothing was dropped" "" "$(drops_of left; drops_of right)"
	unchanged "$what"
	ip -n "$left" link del vgw0
	ip -n "$right" link del vgw0
}

# try_receiving SUITE: UDP takes pages of a file as they are, and veth hands them over.
try_receiving()
{
	make_vgw left
	v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap udp prefix 192.168.2.0/24
	sa_add left vgw0 office in 0x3001 "$1" "$1"
	take_verdicts < <(in_ns right /usr/bin/python3 "$lib/pages.py" send "$folder" "$left" "$vpntun" "$1")
	unchanged "$1, received out of a file"
	ip -n "$left" link del vgw0
}

suites=(aes128gcm16 aes256-sha256 null-sha256)
setup_ns left right
link_ns left right 10.0.0
for suite in "${suites[@]}"; do
	make_keys "$suite" "$suite"
done
make_disk
try_sending none aes128gcm16
try_sending udp aes256-sha256 on
for suite in "${suites[@]}"; do
	try_receiving "$suite"
done
