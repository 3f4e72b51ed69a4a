# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Gateways with certificates: left is vpntun, right strongSwan, or another daemon for which peers.sh cares; brings ike.sh
# with it. $certs has what certs.py makes, $etc is /etc/vpntun of left.

# shellcheck source=ike.sh
. "$(dirname "${BASH_SOURCE[0]}")/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
# shellcheck disable=SC2034 # of ike.sh
charon_plugins="openssl pem pkcs1 pkcs8 x509 pubkey revocation constraints"
certs=$keys/certs
etc=$keys/vpntun-left/etc

# Those that a test wants: "large" ones, if so.
certs_kind=""

# certificates: they are made; in $etc are ca.pem and, but for the large ones, other.pem and ca.crl
certificates()
{
	mkdir "$certs"
	chmod 700 "$certs"
	"$(dirname "${BASH_SOURCE[0]}")/certs.py" "$certs" ${certs_kind:+"$certs_kind"}
	mkdir -p "$etc"
	cp "$certs/ca.pem" "$etc"
	[ -n "$certs_kind" ] || cp "$certs/other.pem" "$certs/ca.crl" "$etc"
}

# certified_gateways: both programs run; strongSwan trusts ca
certified_gateways()
{
	gateways
	certificates
	xfrm_device right 1 192.168.1.0/24 fd01::/64
	charon right
	cp "$certs/ca.pem" "$keys/charon-right/x509ca"
	helper left
}

# own_lines: what a file of left says of its certificate
own_lines=('Certificate = own.pem' 'PrivateKey = own.key' 'CA = ca.pem' 'LocalID = left.example.com'
	'RemoteID = right.example.com')

# own CERT: that is it from now on
own()
{
	rm -f "$etc"/{own.pem,own.key}
	cp "$certs/$1.pem" "$etc/own.pem"
	cp "$certs/$1.key" "$etc/own.key"
}

# ours CERT [LINE...]: the file of left with that certificate
ours()
{
	own "$1"
	office left $left4 $right4 $left_ts $right_ts $ike $esp "${own_lines[@]}" "${@:2}"
}

# theirs CERT [LINE...]: what strongSwan has
theirs()
{
	local dir=$keys/charon-right
	rm -f "$dir"/private/*
	cp "$certs/$1.key" "$dir/private"
	swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp 'send_cert = always' \
		'local:auth = pubkey' "local:certs = $certs/$1.pem" 'local:id = right.example.com' \
		'remote:auth = pubkey' 'remote:id = left.example.com' "${@:2}")"
}
