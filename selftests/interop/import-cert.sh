#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 200
# ci: no
#
# A connection of AWS's that authenticates by certificates, from `import aws` to traffic. The endpoints are strongSwan's, and
# have certificates with AWS's names, of one authority with ours; their file tells that, and no more.
#
#   left, 203.0.113.10 ... router ... right, 198.51.100.21 and .22

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"
# shellcheck source=../lib/twin.sh
. "$(dirname "$0")/../lib/twin.sh"
# shellcheck source=../lib/aws.sh
. "$(dirname "$0")/../lib/aws.sh"

data=$(realpath "$(dirname "$0")/../unit/data")
id=vpn-0aaaabbbbccccdddd ours=203.0.113.10
etc=$keys/vpntun-left/etc
# shellcheck disable=SC2034 # of ike.sh
charon_plugins="openssl pem pkcs1 pkcs8 x509 pubkey revocation constraints"

# certificate NAME SUBJECT: NAME.pem and NAME.key in $keys, by the authority
certificate()
{
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$keys/$1.key" -subj "/CN=$2" -out "$keys/$1.csr"
	openssl x509 -req -in "$keys/$1.csr" -CA "$keys/ca.pem" -CAkey "$keys/ca.key" -days 30 -out "$keys/$1.pem" \
		-extfile <(echo 'basicConstraints = CA:FALSE')
}

# endpoint NUMBER ADDRESS: what strongSwan has of it, under AWS's name with that number
endpoint()
{
	# Its interface is that of the address.
	connection "aws-$1-${2: -1}" "$2" $ours 0.0.0.0/0 0.0.0.0/0 "$aws_ike" "$aws_esp" 'unique = never' 'send_cert = always' \
		'local:auth = pubkey' "local:certs = $keys/endpoint-$1.pem" "local:id = CN=$id.endpoint-$1" \
		'remote:auth = pubkey' 'remote:id = CN=customer'
}

# import OPTION...: what it says is in $keys/said
import()
{
	vpn left import aws "$keys/aws.json" --name office --routes 192.168.2.0/24 "$@" > "$keys/said" 2>&1
}

gateways
ip -n "$left" addr add $ours/24 dev router
ip -n "$right" addr add 198.51.100.21/24 dev router
ip -n "$right" addr add 198.51.100.22/24 dev router
xfrm_device right 1 192.168.1.0/24
xfrm_device right 2
ip -n "$right" addr add 169.254.46.41/30 dev ipsec1
ip -n "$right" addr add 169.254.181.53/30 dev ipsec2
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$keys/ca.key" -out "$keys/ca.pem" \
		-subj /CN=authority -days 30
	certificate customer customer
	certificate endpoint-0 $id.endpoint-0
	certificate endpoint-1 $id.endpoint-1
} > "$keys/openssl" 2>&1
charon right
cp "$keys/ca.pem" "$keys/charon-right/x509ca"
cp "$keys"/endpoint-*.key "$keys/charon-right/private"
helper left

# AWS's own end has a certificate; nothing else of it is in the file.
/usr/bin/python3 -IS - "$data/aws-secrets-manager.json" "$keys/aws.json" <<-'END'
	import json, sys
	answer = json.load(open(sys.argv[1]))
	connection = answer["VpnConnections"][0]
	connection["PreSharedKeyArn"] = None
	connection["Options"]["TunnelOptions"] = []
	for tunnel in connection["VgwTelemetry"]:
	    tunnel["CertificateArn"] = "arn:aws:acm:eu-central-1:123456789012:certificate/1"
	json.dump(answer, open(sys.argv[2], "w"))
END
check_not "without certificates of ours there is no connection" import
check "which is said" grep -F 'give yours as --certificate and --private-key' "$keys/said"
same "and nothing is written" "" "$(find "$etc" -type f)"
check "with them there is" import --certificate "$keys/customer.pem" --private-key "$keys/customer.key" --ca "$keys/ca.pem"
check "it is right" vpn left check office

# The first tunnel of the file, which has the first of AWS's names, is the second by address.
swan_load right "$(endpoint 0 198.51.100.22)" "$(endpoint 1 198.51.100.21)"
check "up" vpn left up office --wait $((30 * ${TIME_SCALE:-1}))
check "the first tunnel is up" busywait 20 twin_up left aws-1
check "and the second" busywait 20 twin_up left aws-2
check "by certificates" vpn_is left 't["ike"]["remote_id"]' "dn:CN=$id.endpoint-1" aws-1
check "there is traffic" busywait 10 pings site_l 192.168.2.10

# Where AWS has it the other way round that is told, and done as the note says.
swan_load right "$(endpoint 1 198.51.100.22)" "$(endpoint 0 198.51.100.21)"
vpn left restart office --no-wait > /dev/null
check "the names exchanged: they are refused" busywait 60 eval "vpn left log office | grep -E 'refuses to authenticate|calls itself'"
sed -i 's/endpoint-0/endpoint-x/; s/endpoint-1/endpoint-0/; s/endpoint-x/endpoint-1/' "$etc/office.conf"
check "the names exchanged: reload" vpn left reload office
check "the first tunnel is up again" busywait 60 twin_up left aws-1
check "and the second, too" busywait 60 twin_up left aws-2
check "again there is traffic" busywait 10 pings site_l 192.168.2.10
