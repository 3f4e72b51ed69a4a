# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# shellcheck disable=SC2034,SC2154 # variables of ike.sh
#
# AWS's side of a Site-to-Site VPN: endpoints, which strongSwan plays with the settings of a tunnel there, and the rules by
# which the network behind them answers; for machines of ike.sh.

# What a tunnel takes when nobody restricts it; it begins with the weakest.
aws_groups=modp2048-modp3072-modp4096-ecp256-ecp384-ecp521
aws_ike=aes128-aes256-sha1-sha256-sha384-sha512-$aws_groups,aes128gcm16-aes256gcm16-prfsha1-prfsha256-prfsha384-prfsha512-$aws_groups
aws_esp=aes128-aes256-sha1-sha256-sha384-sha512-$aws_groups,aes128gcm16-aes256gcm16-$aws_groups

# aws_endpoint NS ADDRESS CUSTOMER: a fresh one that waits for the customer, with $psk as key. DPD after 10 s of silence, and
# dead after three questions without an answer.
aws_endpoint()
{
	local charon_options='retransmit_timeout = 10
	    retransmit_base = 1
	    retransmit_tries = 2'
	charon "$1"
	swan_load "$1" "$(connection aws1 "$2" "$3" 0.0.0.0/0 0.0.0.0/0 $aws_ike $aws_esp 'dpd_delay = 10s' 'unique = never' \
		'over_time = 540s' 'rekey_time = 28260s' 'rand_time = 270s' 'child:rekey_time = 3060s' 'child:life_time = 3600s' \
		'child:rand_time = 270s' 'child:dpd_action = clear' 'child:replay_window = 1024')"
}

# ---- the network behind ----

# aws_network NS CUSTOMER_NET SOURCE ENDPOINT GATEWAY ENDPOINT GATEWAY: NS has those two ways to the customer, by those
# endpoints; one at a time. It sends from SOURCE.
aws_network()
{
	aws_behind=$1 aws_customer=$2 aws_source=$3
	aws_endpoints=("$4" "$6")
	declare -gA aws_gateways=(["$4"]=$5 ["$6"]=$7)
}

# aws_answer_by ENDPOINT: what is for the customer goes by that one
aws_answer_by()
{
	ip -n "$(ns_name "$aws_behind")" route replace "$aws_customer" via "${aws_gateways[$1]}" src "$aws_source"
	echo "$1" > "$keys/answers.new"
	mv "$keys/answers.new" "$keys/answers"
}

aws_answers_by()
{
	[ "$(< "$keys/answers")" = "$1" ]
}

# A tunnel is up there while its endpoint has SAs.
aws_has_sas()
{
	ip -n "$(ns_name "$1")" xfrm state | grep . > /dev/null
}

# aws_rules: until it is ended; the network stays with one endpoint as long as its tunnel is up
aws_rules()
{
	local now other
	while sleep 0.2; do
		now=$(< "$keys/answers")
		other=${aws_endpoints[1]}
		[ "$now" = "${aws_endpoints[0]}" ] || other=${aws_endpoints[0]}
		# shellcheck disable=SC2310 # false is an answer
		if ! aws_has_sas "$now" && aws_has_sas "$other"; then
			aws_answer_by "$other"
		fi
	done
}
