# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A gateway that sends packets of its own and passes on a client's, and what goes through it in tests of packets that
# are more than one, or share their memory.
#
#   client ---- left (vgw0) ---- right (xfrm)
#   192.168.1.2                  192.168.2.1

# shellcheck source=vgw.sh
. "$(dirname "${BASH_SOURCE[0]}")/vgw.sh"

# streams WHAT: files by TCP, made here and passed on, both ways.
streams()
{
	check "$1: a file from here" carried left right 192.168.2.1 "$keys/file" sendfile
	check "$1: a file to here" carried right left 192.168.1.1 "$keys/file" sendfile
	check "$1: a file passed on" carried client right 192.168.2.1 "$keys/file" sendfile
	check "$1: a file passed on the other way" carried right client 192.168.1.2 "$keys/file" sendfile
}

# datagrams WHAT: the same by UDP, one by one and by segmentation offload, which the kernel's IPsec does not take.
datagrams()
{
	check "$1: datagrams from here" numbered left right 192.168.2.1 200 1000
	check "$1: datagrams of UDP segmentation from here" numbered left right 192.168.2.1 400 1000 20
	check "$1: datagrams of UDP segmentation from here, IPv6" numbered left right fd02::1 400 1000 20
	check "$1: datagrams to here" numbered right left 192.168.1.1 200 1000
	check "$1: datagrams passed on" numbered client right 192.168.2.1 200 1000
	check "$1: datagrams of UDP segmentation passed on" numbered client right 192.168.2.1 400 1000 20
}

# shellcheck disable=SC2034 # setup_ns sets them
left="" right="" client=""
modprobe -a esp4 esp6
setup_ns left right client
link_ns left right 10.0.0
make_vgw left
link_ns left client 192.168.1
in_ns left sysctl -qw net.ipv4.ip_forward=1
ip -n "$client" route add default via 192.168.1.1
make_keys aes128gcm16 lr rl
v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24,fd02::/64
sa_add left vgw0 office out 0x1001 aes128gcm16 lr
sa_add left vgw0 office in 0x2001 aes128gcm16 rl
xfrm_peer right aes128gcm16 10.0.0.1 10.0.0.2 none
head -c 512K /dev/urandom > "$keys/file"
