# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The full table of one IKE daemon, for selftests/full: `table KIND`. See cells.sh for what one line of it is.
#
# As initiator and as responder, natively, in UDP and behind NAT, over IPv4 and IPv6, with each of its suites; several
# rounds of new keys; the way cut and mended; and what does not fit, with the sentence that our log has for it.

# shellcheck source=cells.sh
. "$(dirname "${BASH_SOURCE[0]}")/cells.sh"

gcm=aes256gcm16-prfsha384-ecp384 cbc=aes256-sha256-modp2048
declare -A suites=(
	[strongswan]="$gcm:aes256gcm16-ecp384 $cbc:aes256-sha256-modp2048 aes128-sha256-ecp256:aes128-sha1-ecp256
		chacha20poly1305-prfsha256-x25519:chacha20poly1305-x25519 aes256-sha512-modp4096:aes256-sha512"
	[libreswan]="$gcm:aes256gcm16-ecp384 $cbc:aes256-sha256-modp2048 aes128-sha256-ecp256:aes128-sha1-ecp256
		aes256gcm16-prfsha512-x25519:chacha20poly1305-x25519 aes256-sha512-modp4096:aes256-sha512-modp4096"
	[openiked]="$gcm:aes256-sha512-ecp384 $cbc:aes256-sha384-modp2048 aes128-sha256-ecp256:aes128-sha1-ecp256
		aes256gcm16-prfsha512-x25519:aes256-sha512-x25519"
)

declare -A cert_kinds=([strongswan]="rsa p256 ed" [libreswan]="rsa p256" [openiked]="rsa p256")

# ---- the way ----

came_back()
{
	busywait 60 vpn_is left 't["state"]' up && settled 4
}

dead()
{
	busywait 40 vpn_is left 't["state"] == "up"' False
}

# cut_and_mend SUITE: the way is cut until we know it, then mended
cut_and_mend()
{
	# shellcheck disable=SC2310 # it only says yes or no
	chosen "$peer: cut and mended" || return 0
	configure we native 4 "${1%%:*}" "${1#*:}"
	check "$peer: up, before the way is cut" begun we
	cut_way all
	check "$peer: the way is cut: we know it" dead
	mend_way
	check "$peer: the way is mended: we come back" came_back
	vpn left down office
	check "$peer: down" busywait 30 no_sas
}

# ---- what does not fit ----

# log_says PATTERN SINCE: of what our helper has said after so many lines
log_says()
{
	tail -n "+$(($2 + 1))" "$keys/vpntun-left/log" | grep -E "$1" > /dev/null
}

# wrong ROLE WHAT PATTERN IKE ESP THEIR_IKE THEIR_ESP [WORD...]: it does not come up, and our log says why; patterns are
# of one line
wrong()
{
	local role=$1 what=$2 pattern=$3 text since began=$SECONDS
	text="$peer: $what, $([ "$role" = we ] && echo we begin || echo they begin)"
	# shellcheck disable=SC2310 # it only says yes or no
	chosen "$text" || return 0
	configure "$role" native 4 "$6" "$7" "${@:8}"
	since=$(wc -l < "$keys/vpntun-left/log")
	office left $left4 $right4 "${wrong_ts:-192.168.1.0/24}" 192.168.2.0/24 "$4" "$5" 'DPDInterval = 2' 'DPDTimeout = 6' \
		"StartAction = $([ "$role" = we ] && echo start || echo add)" "RemoteID = ${wrong_id:-$right4}"
	vpn left up office --no-wait > /dev/null
	if [ "$role" = they ]; then
		peer_begin > /dev/null 2>&1 &
	fi
	# shellcheck disable=SC2310 # false is said and remembered
	if busywait 20 log_says "$pattern" "$since"; then
		ktap_ok "$text: the log says $pattern # $((SECONDS - began)) s"
	else
		ktap_fail "$text: the log says $pattern" "$(tail -n "+$((since + 1))" "$keys/vpntun-left/log")"
	fi
	same "$text: it is not up" False "$(vpn_value left 't["state"] == "up"')"
	vpn left down office
	peer_end > /dev/null 2>&1 || true
	[ "$role" = we ] || wait $! || true
}

wrongs()
{
	local ike=${1%%:*} esp=${1#*:} other_ike=aes128-sha256-modp3072 other_esp=aes128-sha384
	wrong we "a wrong key" 'the peer refuses to authenticate us: its pre-shared key differs' \
		"$ike" "$esp" "$ike" "$esp" "psk=yet another pre-shared key of theirs"
	wrong they "a wrong key" 'pre-shared key differs' "$ike" "$esp" "$ike" "$esp" "psk=yet another pre-shared key of theirs"
	wrong we "no common IKE proposal" 'the peer accepts none of our IKE proposals' $other_ike "$esp" "$ike" "$esp"
	wrong they "no common IKE proposal" 'no common IKE proposal: .*offered .*; configured aes128' \
		$other_ike "$esp" "$ike" "$esp"
	# OpenIKED gives up the whole IKE SA for it.
	wrong we "no common ESP proposal" 'the peer refuses (the tunnel|IKE_AUTH of .*): NO_PROPOSAL_CHOSEN' \
		"$ike" $other_esp "$ike" "$esp"
	wrong they "no common ESP proposal" 'the peer.s tunnel is refused: no common .*configured aes128' \
		"$ike" $other_esp "$ike" "$esp"
	wrong_ts=192.168.7.0/24
	# OpenIKED answers with its own selectors, whatever it was offered.
	wrong we "wrong selectors" 'refuses the tunnel: TS_UNACCEPTABLE|selectors are more than was offered' \
		"$ike" "$esp" "$ike" "$esp"
	wrong they "wrong selectors" 'the peer.s tunnel is refused: no common traffic selectors' "$ike" "$esp" "$ike" "$esp"
	wrong_ts=''
	wrong_id=fqdn:elsewhere.example
	wrong we "a wrong identity" 'elsewhere\.example' "$ike" "$esp" "$ike" "$esp"
	wrong they "a wrong identity" 'no tunnel for identity .*198\.51\.100\.1' "$ike" "$esp" "$ike" "$esp"
	wrong_id=''
}

# ---- the table ----

table()
{
	local all pair ike esp cert short=()
	read -ra all <<< "${suites[$1]//$'\n'/ }"
	short_lives "$1"
	gateways
	certificates
	helper left
	peer_start "$1"
	for pair in "${all[@]}"; do
		cell we native 4 "${pair%%:*}" "${pair#*:}" 1
		cell they native 6 "${pair%%:*}" "${pair#*:}" 1
	done
	pair=${all[0]} ike=${pair%%:*} esp=${pair#*:}
	cell we native 6 "$ike" "$esp" 3
	cell they native 4 "$ike" "$esp" 3 "${short[@]}"
	cell we udp 4 "$ike" "$esp" 1
	cell we nat 4 "$ike" "$esp" 1
	cell they nat 4 "$ike" "$esp" 1 "${short[@]}"
	for cert in ${cert_kinds[$1]}; do
		cell we native 4 "$ike" "$esp" 0 "cert=right-$cert"
		cell they nat 4 "$ike" "$esp" 0 "cert=right-$cert"
		cell they native 6 "$ike" "$esp" 0 "cert=right-$cert"
	done
	cut_and_mend "$pair"
	wrongs "$pair"
	peer_stop
}
