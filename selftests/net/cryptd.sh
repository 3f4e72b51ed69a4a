#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 360
#
# Crypto that ends later and on its own: cryptd seals and opens in a work queue, pcrypt on all CPUs. Everything arrives
# and in order, and SAs, tunnels and interfaces may go while packets are under way.
#
#   left (vgw0) ---- right (vgw0)

# shellcheck source=../lib/underway.sh
. "$(dirname "$0")/../lib/underway.sh"
# shellcheck source=../lib/prefer.sh
. "$(dirname "$0")/../lib/prefer.sh"

# try_async TEMPLATE NAME SUITE ESN ENCAP
try_async()
{
	local suite=$3 esn=$4 before
	local what="$1, $3, esn $4, encap $5"

	modprobe "$1"
	prefer "$1($2)"
	vgw_pair "$suite" encap "$5"
	before=$(users)
	new_sas "$suite" "$esn"
	same "$what: four SAs use it" $((before + 4)) "$(users)"
	same "$what: which is asynchronous" yes \
		"$(awk -v driver="$driver" '$1 == "driver" { mine = $3 == driver } $1 == "async" && mine { print $3 }' /proc/crypto)"
	traffic "$what"
	removals "$what" "$suite" "$esn"
	stop "$preferring"
	check "$what: no SA of theirs is left" busywait 20 not_there
}

not_there()
{
	[ -z "$(users)" ]
}

modprobe crypto_user
setup_ns left right
link_ns left right 10.0.0
head -c 1M /dev/urandom > "$keys/file"
# Kernels of 2026 have no cryptd any more.
queue=cryptd
modprobe -qn cryptd || queue=pcrypt
try_async $queue "rfc4106(gcm(aes))" aes128gcm16 off none
try_async $queue "authencesn(hmac(sha256),cbc(aes))" aes256-sha256 on udp
# A device that does not cut UDP packets itself gets lists of finished ones.
in_ns left ethtool -K right tso off tx-udp-segmentation off > /dev/null
if modprobe -qn pcrypt; then
	try_async pcrypt "rfc7539esp(chacha20,poly1305)" chacha20poly1305 off udp
else
	ktap_ok "pcrypt, chacha20poly1305 # SKIP a kernel for one processor has none"
fi
