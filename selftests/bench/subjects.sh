# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What is compared: ways to carry packets between two gateways. Sourced by measure.
#
#   192.168.1.0/24 - left 10.0.0.1 ======= 10.0.0.2 right - 192.168.2.0/24
#
# carry SUBJECT MTU lays the routes, and makes the device tun in either gateway, with that MTU (plain ones have it, too, so
# that all send segments of one size). Keys are the same in every run: what is measured must not depend on chance.
# AES-GCM-128 with 16 bytes of ICV, except WireGuard, which has one suite.

# shellcheck source=../lib/vgw.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/vgw.sh"

# shellcheck disable=SC2034 # ns_name reads them
left="" right=""
key_lr=000102030405060708090a0b0c0d0e0f10111213
key_rl=202122232425262728292a2b2c2d2e2f30313233

# shellcheck disable=SC2034 # all reads it
all_subjects=(plain ipip xfrm xfrm-natt wireguard vgw vgw-natt)

# load_modules SUBJECT: what subjects need of the kernel; udp_tunnel for vgw.ko. Unasked the kernel takes AES in C, where
# no udev has loaded what the processor can do.
load_modules()
{
	modprobe -a aesni_intel veth ipip esp4 xfrm_interface wireguard udp_tunnel ip6_udp_tunnel pktgen
	# It joins packets for the kernel's own ESP, and looks at everybody's for that.
	if [[ $1 = xfrm* ]]; then
		modprobe esp4_offload
	elif [ -d /sys/module/esp4_offload ]; then
		busywait 30 rmmod esp4_offload
	fi
	load_vgw "$1"
}

# load_vgw SUBJECT[+NAME=VALUE]...: vgw.ko with those parameters, and with VGW_ARGS
load_vgw()
{
	local loaded=/run/vgw-args wanted=${VGW_ARGS:-} word
	[[ $1 != *+* ]] || wanted+=" ${1#*+}"
	wanted=${wanted//+/ }
	[ ! -d /sys/module/vgw ] || [ "$wanted" != "$(cat $loaded)" ] || return 0
	# What it does not know the kernel ignores.
	for word in $wanted; do
		modinfo -p "$VGW_KO" | grep "^${word%%=*}:" > /dev/null ||
			{ echo "vgw.ko has no parameter ${word%%=*}" >&2; exit 1; }
	done
	# Namespaces of the reading before may still be going.
	[ ! -d /sys/module/vgw ] || busywait 30 rmmod vgw
	# shellcheck disable=SC2086 # words
	insmod "${VGW_KO:?the module}" $wanted
	echo "$wanted" > $loaded
}

# ip_in NS WORD...
ip_in()
{
	local ns
	ns=$(ns_name "$1")
	shift
	ip -n "$ns" "$@"
}

# Each of these is called for one end: NS OWN_ADDRESS FAR_ADDRESS OWN_NET FAR_NET KEY_OUT KEY_IN SPI_OUT SPI_IN

end_ipip()
{
	ip_in "$1" link add tun type ipip local "$2" remote "$3" ttl 64
}

xfrm_end()
{
	local ns=$1 own=$2 far=$3 out=$6 in=$7 spi_out=$8 spi_in=$9 dir
	local sa=(proto esp mode tunnel reqid 1 if_id 1 replay-window 128 aead "rfc4106(gcm(aes))")
	shift 9
	ip_in "$ns" link add tun type xfrm if_id 1
	ip_in "$ns" xfrm state add src "$own" dst "$far" spi "$spi_out" "${sa[@]}" "0x$out" 128 "$@"
	ip_in "$ns" xfrm state add src "$far" dst "$own" spi "$spi_in" "${sa[@]}" "0x$in" 128 "$@"
	ip_in "$ns" xfrm policy add dir out if_id 1 tmpl src "$own" dst "$far" proto esp mode tunnel reqid 1
	for dir in in fwd; do
		ip_in "$ns" xfrm policy add dir $dir if_id 1 tmpl src "$far" dst "$own" proto esp mode tunnel reqid 1
	done
}

end_xfrm()
{
	xfrm_end "$@"
}

end_xfrm-natt()
{
	xfrm_end "$@" encap espinudp 4500 4500 0.0.0.0
	natt_socket "$1" "$2"
}

# wg_key HEX: made of 32 bytes of it, as wg takes them
wg_key()
{
	printf %s "${1:0:32}" | base64
}

end_wireguard()
{
	local ns=$1 far=$3 out=$6 in=$7
	ip_in "$ns" link add tun type wireguard
	wg_key "$out" > "$keys/wg"
	in_ns "$ns" wg set tun private-key "$keys/wg" listen-port 51820 \
		peer "$(wg_key "$in" | wg pubkey)" endpoint "$far:51820" allowed-ips 0.0.0.0/0
}

vgw_end()
{
	local ns=$1 own=$2 far=$3 far_net=$5 out=$6 in=$7 spi_out=$8 spi_in=$9
	shift 9
	ip_in "$ns" link add tun type vgw
	v "$ns" tunnel add tun office local "$own" remote "$far" prefix "$far_net" "$@"
	v "$ns" sa add tun office in spi "$spi_in" alg aes128gcm16 keyfile - <<< "$in"
	v "$ns" sa add tun office out spi "$spi_out" alg aes128gcm16 keyfile - <<< "$out"
}

end_vgw()
{
	vgw_end "$@" encap none
}

end_vgw-natt()
{
	vgw_end "$@" encap udp
}

# end SUBJECT MTU NS OWN_ADDRESS FAR_ADDRESS OWN_NET FAR_NET ...
end()
{
	local subject=$1 mtu=$2 source=${6%.0/24}.1
	shift 2
	if [ "$subject" = plain ]; then
		ip_in "$1" route add "$5" via "$3" src "$source" mtu "$mtu"
		return
	fi
	"end_$subject" "$@"
	ip_in "$1" link set tun mtu "$mtu" up
	ip_in "$1" route add "$5" dev tun src "$source"
}

carry()
{
	local left_net=192.168.1.0/24 right_net=192.168.2.0/24
	end "$1" "$2" left 10.0.0.1 10.0.0.2 $left_net $right_net $key_lr $key_rl 0x1001 0x2001
	end "$1" "$2" right 10.0.0.2 10.0.0.1 $right_net $left_net $key_rl $key_lr 0x2001 0x1001
}
