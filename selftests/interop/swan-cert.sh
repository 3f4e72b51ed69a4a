#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 400
#
# vpntun and strongSwan show certificates to each other: RSA with either padding, ECDSA, Ed25519, an authority between,
# either side beginning.

# shellcheck source=../lib/certs.sh
. "$(dirname "$0")/../lib/certs.sh"

patience=$((20 * ${TIME_SCALE:-1}))

# is_up TEXT: it carries, and goes down again
is_up()
{
	check "$1: traffic" busywait 10 pings site_l 192.168.2.10
	vpn left down office
	check "$1: and down" busywait 10 swan_has right 0 0
}

# we_begin TEXT [LINE...]
we_begin()
{
	check "$1: up" vpn left up office --wait $patience
	is_up "$1"
}

# they_begin TEXT
they_begin()
{
	vpn left up office --no-wait
	check "$1: up" swan right --initiate --child office --timeout $patience
	is_up "$1"
}

certified_gateways

ours left-p256
check "the file is right" vpn left check office
theirs right-p256
check "ECDSA: up" vpn left up office --wait $patience
sas_agree "ECDSA"
same "ECDSA: the peer is who it says" right.example.com "$(vpn_value left 't["ike"]["remote_id"]')"
same "ECDSA: show tells until when our certificate is valid" "$(date -d "$(openssl x509 -in "$etc/own.pem" -noout -enddate | cut -d= -f2)" +%s)" \
	"$(vpn_value left 't["ike"]["cert_not_after"]')"
is_up "ECDSA"

ours left-ed
theirs right-ed
we_begin "Ed25519"

for method in auto rsa-pss rsa-pkcs1; do
	ours left-rsa "AuthMethod = $method"
	theirs right-rsa
	we_begin "RSA, AuthMethod = $method"
done
ours left-low
theirs right-rsa
we_begin "an authority between, of ours"
# strongSwan sends what it knows to be an authority.
cp "$certs/low.pem" "$keys/charon-right/x509ca"
ours left-rsa
theirs right-low
we_begin "an authority between, of theirs"

ours left-p256 'CRL = ca.crl'
theirs right-rsa 'local:auth = rsa/pss'
we_begin "RSA with PSS of theirs, and a revocation list"

for kind in p256 rsa ed; do
	ours left-$kind 'StartAction = add'
	theirs right-$kind
	they_begin "$kind, strongSwan begins"
done
