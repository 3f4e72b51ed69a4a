#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 400
#
# strongSwan, Libreswan and OpenIKED, each as responder and as initiator, natively and with address translation on the
# way, over IPv4 and IPv6: the tunnel comes up, packets go both ways, either side makes new keys for the child and for
# IKE, both ends have the same SAs and no others, and all goes when we say so. Libreswan and OpenIKED show certificates,
# too (of strongSwan's swan-cert.sh tells). The whole tables are full/NAME.

# shellcheck source=../lib/cells.sh
. "$(dirname "$0")/../lib/cells.sh"

gcm=aes256gcm16-prfsha384-ecp384

# row KIND ESP: OpenIKED makes new keys when their time is up, where it begins.
row()
{
	local short=()
	short_lives "$1"
	peer_start "$1"
	cell we native 4 $gcm "$2" 1
	cell they native 6 $gcm "$2" 1 "${short[@]}"
	cell we nat 4 $gcm "$2" 1
	cell they nat 4 $gcm "$2" 1
	[ "$1" = strongswan ] || cell we native 4 $gcm "$2" 0 cert=right-rsa
	peer_stop
}

gateways
certificates
helper left
row strongswan aes256gcm16-ecp384
row libreswan aes256gcm16-ecp384
row openiked aes256-sha512-ecp384
