#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Wrong input of every kind is refused with a sentence, and nothing changes by it.

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left=""

# shellcheck disable=SC2034 # setup_ns sets them
setup_ns left right
link_ns left right 10.0.0
make_vgw left
make_keys aes128-sha256 cbc
make_keys aes256gcm16 gcm other
v left tunnel add vgw0 a remote 10.0.0.2 prefix 192.168.2.0/24 group 1
sa_add left vgw0 a in 0x2001 aes256gcm16 gcm

# refuse WHAT SENTENCE WORD...: vpntun says no, and why.
refuse()
{
	local what=$1 sentence=$2 said status=0
	shift 2
	said=$(v left "$@" 2>&1) || status=$?
	if [ "$status" = 0 ]; then
		ktap_fail "$what" "it was not refused"
	elif [[ $said != *"$sentence"* ]]; then
		ktap_fail "$what" "said: $said"
	else
		ktap_ok "$what"
	fi
}

before=$(v left show --json | grep -v -e last_ -e age)

refuse "no such interface" "no such interface" tunnel add vgw9 x remote 10.0.0.2
refuse "not a vgw interface" "not of type vgw" tunnel add right x remote 10.0.0.2
refuse "a tunnel twice" "has a tunnel of this name" tunnel add vgw0 a remote 10.0.0.2
refuse "no peer" "needs the peer's address" tunnel add vgw0 x
refuse "families mixed" "different families" tunnel add vgw0 x local fd00::1 remote 10.0.0.2
refuse "multicast peer" "multicast" tunnel add vgw0 x remote 224.0.0.5
refuse "a long name" "" tunnel add vgw0 a123456789012345678901234567890123456789 remote 10.0.0.2
refuse "host bits" "host bits" tunnel add vgw0 x remote 10.0.0.2 prefix 192.168.2.1/24
refuse "prefix of another group" "another group" tunnel add vgw0 x remote 10.0.0.2 prefix 192.168.2.0/24 group 2
refuse "no tunnel to set" "no such tunnel" tunnel set vgw0 x priority 3
refuse "no tunnel to remove" "no such tunnel" tunnel del vgw0 x
refuse "port 0" "" tunnel add vgw0 x remote 10.0.0.2 sport 0
refuse "unknown word" "did you mean" tunnel add vgw0 x remote 10.0.0.2 prefx 10.0.0.0/8
refuse "SPI 255" "" sa add vgw0 a in spi 255 alg aes256gcm16 keyfile "$keys/gcm"
refuse "SPI twice" "SA of this direction and SPI" sa add vgw0 a in spi 0x2001 alg aes256gcm16 keyfile "$keys/other"
refuse "short key" "takes a key of 20 bytes" sa add vgw0 a in spi 0x2002 alg aes128gcm16 keyfile "$keys/gcm"
refuse "HMAC key missing" "authentication key of 32 bytes" \
	sa add vgw0 a in spi 0x2002 alg aes128-sha256 keyfile "$keys/cbc"
refuse "HMAC key too many" "takes no authentication key" \
	sa add vgw0 a in spi 0x2002 alg aes256gcm16 keyfile "$keys/gcm" authkeyfile "$keys/cbc.auth"
refuse "unknown suite" "" sa add vgw0 a in spi 0x2002 alg rot13 keyfile "$keys/gcm"
refuse "replay window 63" "" sa add vgw0 a in spi 0x2002 alg aes256gcm16 keyfile "$keys/gcm" replay-window 63
refuse "replay window 8193" "" sa add vgw0 a in spi 0x2002 alg aes256gcm16 keyfile "$keys/gcm" replay-window 8193
refuse "replay window outbound" "only an inbound SA" \
	sa add vgw0 a out spi 0x2002 alg aes256gcm16 keyfile "$keys/gcm" replay-window 128
refuse "no SA to remove" "no such SA" sa del vgw0 a in spi 0x2009
chmod 644 "$keys/other"
refuse "key file of everybody" "chmod 600" sa add vgw0 a in spi 0x2002 alg aes256gcm16 keyfile "$keys/other"
chmod 600 "$keys/other"

same "nothing changed" "$before" "$(v left show --json | grep -v -e last_ -e age)"

# The SPI of another tunnel, and of the kernel's own IPsec.
v left tunnel add vgw0 b local 10.0.0.1 remote 10.0.0.2 group 3
refuse "SPI of another tunnel" "another tunnel of this host" \
	sa add vgw0 b in spi 0x2001 alg aes256gcm16 keyfile "$keys/other"
ip -n "$left" xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x3001 mode tunnel \
	aead "rfc4106(gcm(aes))" "$(hex other)" 128
refuse "SPI of the kernel's own IPsec" "own IPsec has an inbound SA" \
	sa add vgw0 b in spi 0x3001 alg aes256gcm16 keyfile "$keys/other"

# A port that somebody else has.
in_ns left /usr/bin/python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 4600)); time.sleep(600)' &
defer kill $!
busywait 10 in_ns left bash -c "ss -Hulna | grep -q ':4600 '"
refuse "UDP port in use" "another program has the UDP port" tunnel add vgw0 c remote 10.0.0.2 sport 4600 group 4

# Who may: reading is free, changing is not.
check "everybody may read" in_ns left setpriv --reuid=65534 --clear-groups "$vpntun" show
check_not "not everybody may change" in_ns left setpriv --reuid=65534 --clear-groups "$vpntun" tunnel del vgw0 a
check "a tunnel is still there" v left show vgw0 a
