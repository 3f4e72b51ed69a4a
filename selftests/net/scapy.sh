#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# Independent implementations: what scapy and lib/esp.py seal vgw opens, what vgw seals they open, and would have sealed
# to the very same bytes. Echo requests and answers of both families and all lengths of padding, for every suite.
#
# Every packet is made and judged by lib/esp.py. scapy does the same once more for AES-GCM-16 and ChaCha20-Poly1305, and
# without ESN for CBC or no cipher with HMAC; it does not know short ICVs, GMAC, and ESN with HMAC.
#
# What vgw opens goes beyond the lower half of extended sequence numbers; what it seals cannot, as it counts from 1.
#
#   left (vgw0, 192.168.1.1, fd01::1) ---- right (sockets for protocol 50 and UDP 4500, no IPsec)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

suites=(aes{128,192,256}gcm{16,12,8} aes{128,192,256}gmac chacha20poly1305
	aes{128,192,256}-sha{1,256,384,512} null-sha{256,384,512})
encaps=(none none udp udp)
esns=(off on off on)
locals=(10.0.0.1 10.0.0.1 fd00:10:0:0::1 fd00:10:0:0::1)
remotes=(10.0.0.2 10.0.0.2 fd00:10:0:0::2 fd00:10:0:0::2)

check "lib/esp.py seals and opens what the RFCs give as examples" \
	/usr/bin/python3 "$(dirname "$0")/../lib/esp_vectors.py"

# shellcheck disable=SC2034 # setup_ns sets them
left="" right=""
setup_ns left right
link_ns left right 10.0.0
make_vgw left
for t in "${!encaps[@]}"; do
	echo "$vpntun tunnel add vgw0 t$t local ${locals[t]} remote ${remotes[t]} encap ${encaps[t]}" \
		"prefix 192.168.10$t.0/24,fd02:0:0:10$t::/64"
	echo "ip route add 192.168.10$t.0/24 dev vgw0 src 192.168.1.1"
	echo "ip -6 route add fd02:0:0:10$t::/64 dev vgw0 src fd01::1"
done > "$keys/setup"
in_ns left bash -e "$keys/setup"
# The first packet to a neighbour is not to wait for its address.
pinged right -qc 1 fd00:10:0:0::1 > /dev/null

coproc peer { in_ns right /usr/bin/python3 "$(dirname "$0")/../lib/especho.py"; }
# shellcheck disable=SC2154 # of coproc
defer kill "$peer_PID"

# one_sa SUITE T in|out SPI: for both sides.
one_sa()
{
	random_keys "$1"
	sa_command vgw0 "t$2" "$3" "$4" "$1" esn "${esns[$2]}" >> "$keys/left.sh"
	echo "$1 t$2 ${encaps[$2]} ${remotes[$2]} ${locals[$2]} 192.168.10$2.1 fd02:0:0:10$2::1 ${esns[$2]}" \
		"$3 $4 ${cipher_key:--} ${auth_key:--}" >&"${peer[1]}"
}

spi=4096
for suite in "${suites[@]}"; do
	: > "$keys/left.sh"
	for t in "${!encaps[@]}"; do
		one_sa "$suite" "$t" out "$spi"
		one_sa "$suite" "$t" in $((spi + 1))
		spi=$((spi + 2))
	done
	echo wait >> "$keys/left.sh"
	in_ns left bash "$keys/left.sh"
	echo go >&"${peer[1]}"
	take_verdicts <&"${peer[0]}"
done
same "nothing was dropped by the tunnels" "" "$(drops_of left)"
