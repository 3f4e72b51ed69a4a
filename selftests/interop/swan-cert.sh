#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 300
#
# vpntun and strongSwan show certificates to each other: RSA with either padding, ECDSA, Ed25519, an authority between,
# either side beginning. Whoever shows a wrong one is refused, and our side says why.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
# shellcheck disable=SC2034 # of lib/ike.sh
charon_plugins="openssl pem pkcs1 pkcs8 x509 pubkey revocation constraints"
certs=$keys/certs
etc=$keys/vpntun-left/etc
patience=$((20 * ${TIME_SCALE:-1}))

# ours CERT [LINE...]: the file of left with that certificate
ours()
{
	rm -f "$etc"/{own.pem,own.key}
	cp "$certs/$1.pem" "$etc/own.pem"
	cp "$certs/$1.key" "$etc/own.key"
	office left $left4 $right4 $left_ts $right_ts $ike $esp 'Certificate = own.pem' 'PrivateKey = own.key' \
		'CA = ca.pem' 'LocalID = left.example.com' 'RemoteID = right.example.com' "${@:2}"
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

# refused TEXT PATTERN: `up` ends with 4 and that in its sentence
refused()
{
	local said status=0
	said=$(vpn left up office --wait $((6 * ${TIME_SCALE:-1})) 2>&1) || status=$?
	same "$1: up ends so" 4 $status
	if grep -qE "$2" <<< "$said"; then
		ktap_ok "$1: up says why"
	else
		ktap_fail "$1: up says why" "wanted /$2/, got: $said"
	fi
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

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
mkdir "$certs"
chmod 700 "$certs"
"$(dirname "$0")/../lib/certs.py" "$certs"
charon right
cp "$certs/ca.pem" "$keys/charon-right/x509ca"
helper left
mkdir -p "$etc"
cp "$certs"/{ca,other}.pem "$certs/ca.crl" "$etc"

# ---- what fits ----

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
ours left-rsa
theirs right-low
we_begin "an authority between"

ours left-p256 'CRL = ca.crl'
theirs right-rsa 'local:auth = rsa/pss'
we_begin "RSA with PSS of theirs, and a revocation list"

for kind in p256 rsa ed; do
	ours left-$kind 'StartAction = add'
	theirs right-$kind
	they_begin "$kind, strongSwan begins"
done

# ---- what does not, of theirs ----

ours left-p256
theirs right-other
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
refused "another identity" 'O=Tests, CN=right-p256.*configured is.*O=Tests, CN=right-ed'

ours left-p256 'StartAction = add' 'CRL = ca.crl'
theirs right-revoked
vpn left up office --no-wait
check_not "revoked, strongSwan begins: it is refused" swan right --initiate --child office --timeout $patience
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
