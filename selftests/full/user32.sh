#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 240
#
# A 32-bit vpntun on this kernel of 64 bits: what the module is told and tells is the same. Tunnels with fixed keys to the
# kernel's own IPsec, and by IKE to strongSwan. `make check-32bit` builds that vpntun.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

wide=$vpntun
vpntun=$(realpath "$(dirname "$0")/../..")/build/cross/out-i386/tools/vpntun/vpntun
ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384

refused()
{
	in_ns left "$1" tunnel add vgw1 fixed local $left4 remote $right4 2>&1 | grep fixed || true
}

# The same question by both, without what changes from moment to moment.
told()
{
	{ in_ns left "$1" show vgw1 --json || true; } | /usr/bin/python3 -c 'import json, sys
def steady(value):
    if isinstance(value, list):
        return [steady(item) for item in value]
    if isinstance(value, dict):
        return {key: steady(item) for key, item in value.items() if key not in ("age", "last_change", "last_rx")}
    return value
print(json.dumps(steady(json.load(sys.stdin)), sort_keys=True))'
}

[ -x "$vpntun" ] || skip "there is no 32-bit vpntun: make check-32bit"
same "the tool is of 32 bits" 1 "$(od -An -td1 -j4 -N1 "$vpntun" | tr -d ' ')"
gateways

# Fixed keys: lifetimes and counters of 64 bits, addresses, names.
ip -n "$left" link add vgw1 type vgw
ip -n "$left" link set vgw1 up
make_keys aes128gcm16 lr
check "a tunnel is made" v left tunnel add vgw1 fixed local $left6 remote $right6 prefix 192.168.9.0/24,fd09::/64 \
	probe 192.168.9.1 from 192.168.1.1 interval 60000 misses 3 fwmark 0xfffffff0
check "an SA is installed" sa_add left vgw1 fixed out 0xf0001001 aes128gcm16 lr life-bytes 1099511627776 esn on
check "and one to receive by" sa_add left vgw1 fixed in 0xf0002001 aes128gcm16 lr replay-window 4096 life-time 86400
said=$(told "$vpntun")
same "show tells what the 64-bit one tells" "$(told "$wide")" "$said"
same "the SPIs are there" 2 "$(grep -o '"spi": "0xf000[12]001"' <<<"$said" | wc -l)"
said=$(refused "$vpntun")
same "what the kernel refuses is told in the same words" "$(refused "$wide")" "$said"
check "and told at all" [ -n "$said" ]
check "the tunnel goes" v left tunnel del vgw1 fixed

xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
helper left
office left $left4 $right4 $left_ts $right_ts $ike $esp
check "up, by IKE with strongSwan" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
sites_talk "with a 32-bit helper"
sas_agree "with a 32-bit helper"
check "TCP" carried site_l site_r 192.168.2.10 /etc/services write
check "new keys" vpn left rekey office
sites_talk "after that"
check "down" vpn left down office
check "which the peer heard" busywait 10 swan_has right 0 0
