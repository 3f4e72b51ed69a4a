#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 360
#
# Whoever shows a wrong certificate is refused, and our side says why: of another CA, expired, not yet valid, revoked, for
# somebody else. Wrong files of our own are refused before.

# shellcheck source=../lib/certs.sh
. "$(dirname "$0")/../lib/certs.sh"

# log_says TEXT PATTERN: in one line of the log
log_says()
{
	local log
	log=$(vpn left log office)
	if grep -E "$2" <<< "$log" > /dev/null; then
		ktap_ok "$1: the log says $2"
	else
		ktap_fail "$1: the log says $2" "$(tail -n 8 <<< "$log")"
	fi
}

# told PATTERN: the tunnel's last error is that
told()
{
	grep -qE "$1" <<< "$(vpn_value left 't["last_error"]')"
}

# refused TEXT PATTERN: the tunnel does not come up, and why is told
refused()
{
	vpn left up office --no-wait
	check "$1: show says why" busywait 20 told "$2"
	log_says "$1" "$2"
	vpn left down office
	swan right --terminate --ike office --force > /dev/null || true
}

# faulty TEXT PATTERN: check and up refuse the file
faulty()
{
	local said word status
	for word in check "up --no-wait"; do
		status=0
		# shellcheck disable=SC2086 # words
		said=$(vpn left $word office 2>&1) || status=$?
		if [ $status = 1 ] && grep -qE "$2" <<< "$said"; then
			ktap_ok "$1: $word says so"
		else
			ktap_fail "$1: $word says so" "wanted /$2/, got $status: $said"
		fi
	done
}

certified_gateways

# ---- what does not, of theirs ----

ours left-p256
theirs right-other
status=0
said=$(vpn left up office --wait $((6 * ${TIME_SCALE:-1})) 2>&1) || status=$?
same "another CA: up ends so" 4 $status
check "another CA: up says why" grep "which is no CA of this tunnel" <<< "$said"
vpn left down office
refused "another CA" "right.example.com is not who it says it is: .*'O=Tests, CN=right-other' was issued by 'O=Tests, CN=other', which is no CA"
theirs right-expired
refused "expired" "its certificate 'O=Tests, CN=right-expired' expired on 20"
theirs right-early
refused "not yet valid" "its certificate 'O=Tests, CN=right-early' is not valid before 20.*the clock of this host may be wrong"
ours left-p256 'CRL = ca.crl'
theirs right-revoked
refused "revoked" "its certificate 'O=Tests, CN=right-revoked' was revoked by 'O=Tests, CN=ca'"
ours left-p256 'RemoteID = dn:O=Tests, CN=right-ed'
sed -i '/^RemoteID = right/d' "$etc/office.conf"
theirs right-p256 'local:id = "O=Tests, CN=right-p256"'
refused "another identity" 'it has no tunnel for identity left.example.com .*with itself as dn:O=Tests, CN=right-ed'

ours left-p256 'StartAction = add' 'CRL = ca.crl'
theirs right-revoked
vpn left up office --no-wait
check_not "revoked, strongSwan begins: it is refused" swan right --initiate --child office --timeout $((20 * ${TIME_SCALE:-1}))
log_says "revoked, strongSwan begins" "was revoked by 'O=Tests, CN=ca'"
swan right --terminate --ike office --force > /dev/null || true
vpn left down office

# ---- and of ours ----

rm "$keys/charon-right/x509ca/ca.pem"
cp "$certs/other.pem" "$keys/charon-right/x509ca"
ours left-p256
theirs right-p256
refused "they do not trust our CA" 'the peer refuses to authenticate us: it does not trust our certificate'

ours left-expired
faulty "ours has expired" 'office.conf:[0-9]+: Certificate: own.pem: it expired on 20'
ours left-p256
cp "$certs/left-rsa.key" "$etc/own.key"
faulty "another's key" 'PrivateKey: own.key: it is not the key of the first certificate in own.pem'
ours left-p256
chmod 644 "$etc/own.key"
faulty "a key for all" 'PrivateKey: .*/own.key: others can read this key: chmod 600'
ours left-p256 'LocalID = elsewhere.example.com'
sed -i '/^LocalID = left/d' "$etc/office.conf"
faulty "another's name" "LocalID: 'elsewhere.example.com' is not in the certificate; it is for 'O=Tests, CN=left-p256; left.example.com; 203.0.113.1"
ours left-soon
check "what expires soon is right" vpn left check office
check "but check says so" eval 'vpn left check office | grep "Certificate: own.pem: it expires in 3 days, on 20" > /dev/null'
