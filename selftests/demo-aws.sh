#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A Site-to-Site VPN of AWS, from the downloaded file to a failover; AWS is strongSwan with the settings of a tunnel there.
# Called by `make demo CASE=aws` in a virtual machine, as root.

# shellcheck source=lib/ike.sh
. "$(dirname "$0")/lib/ike.sh"
# shellcheck source=lib/demo.sh
. "$(dirname "$0")/lib/demo.sh"
# shellcheck source=lib/aws.sh
. "$(dirname "$0")/lib/aws.sh"

cat <<'END'

   your site           your gateway           the internet          AWS                          your VPC
   192.168.1.10 ------- office ==================================== endpoint 198.51.100.21 --+-- 10.20.0.10
                     203.0.113.10 ================================= endpoint 198.51.100.22 --+

Network namespaces stand for the machines. AWS is played by strongSwan, one for each endpoint, with AWS's settings: all
its proposals, the weakest first; dead peer detection; it never begins. The VPC answers by one tunnel as long as that is up.
END

# shellcheck disable=SC2034 # setup_ns sets them
setup_ns site office internet endpoint_1 endpoint_2 vpc
wire site 192.168.1.10/24 office 192.168.1.1/24
wire office 203.0.113.10/24 internet 203.0.113.254/24
wire internet 198.51.100.20/31 endpoint_1 198.51.100.21/31
wire internet 198.51.100.23/31 endpoint_2 198.51.100.22/31
wire endpoint_1 10.20.1.1/24 vpc 10.20.1.10/24
wire endpoint_2 10.20.2.1/24 vpc 10.20.2.10/24
in_ns vpc ip addr add 10.20.0.10/32 dev lo
in_ns site ip route add default via 192.168.1.1
in_ns office ip route add default via 203.0.113.254
for ns in office internet endpoint_1 endpoint_2; do
	in_ns $ns sysctl -qw net.ipv4.ip_forward=1
done

# endpoint NUMBER: AWS puts a fresh one there
endpoint()
{
	local key=(Made.Up_Psk_Tunnel1_NotReal01234 Made.Up_Psk_Tunnel2_NotReal56789)
	# shellcheck disable=SC2034 # swan_load reads it
	local psk=${key[$1 - 1]}
	aws_endpoint "endpoint_$1" "198.51.100.2$1" 203.0.113.10
}

inside=(169.254.46.41 169.254.181.53)
for number in 1 2; do
	ns=endpoint_$number
	in_ns $ns ip route add 203.0.113.0/24 dev internet via 198.51.100.2$((number == 1 ? 0 : 3))
	in_ns $ns ip route add 10.20.0.10/32 dev vpc via 10.20.$number.10
	xfrm_device $ns 1 192.168.1.0/24
	in_ns $ns ip addr add "${inside[number - 1]}/30" dev ipsec1
	endpoint $number
done
aws_network vpc 192.168.1.0/24 10.20.0.10 endpoint_1 10.20.1.1 endpoint_2 10.20.2.1
aws_answer_by endpoint_1
aws_rules &
defer kill $!

# ---- the file ----

vpn_prepare office
file=vpn-0aaaabbbbccccdddd.txt
install -m 600 "$(dirname "$0")/unit/data/aws-generic.txt" "$keys/vpntun-office/etc/$file"

say "The file, as the console offers it for download (vendor: Generic): prose, two keys, and AWS's weakest settings."
grep -nE 'IPSec Tunnel #1|Pre-Shared Key  |Encryption Algorithm|Diffie-Hellman  |Virtual Private Gateway	|Group 2' \
	"$keys/vpntun-office/etc/$file" | head -n 8
say "One command makes a connection of it. The file cannot tell which networks are in the VPC: --routes."
on office vpntun import aws /etc/vpntun/$file --name aws --routes 10.20.0.0/16
say "That is what it wrote; the keys are in files of their own, which only root reads."
on office cat /etc/vpntun/aws.conf

# ---- up ----

tunnel_is()
{
	vpn_is office 't["state"]' "$2" "$1"
}

active_is()
{
	vpn_is office 't["active"]' True "$1"
}

# A minute where the processor is a real one.
patience=$((60 * ${TIME_SCALE:-1}))

say "Up."
on office vpntun up aws --wait $patience
must "the first tunnel is up" busywait 60 tunnel_is aws-1 up
must "the second tunnel is up" busywait 60 tunnel_is aws-2 up
must "and the first is used" busywait 30 active_is aws-1
say "From your site to the VPC."
on site ping -c 3 -i 0.3 10.20.0.10 | tail -n 6
must "every ping was answered" in_ns site ping -qc 3 -i 0.2 -W 3 10.20.0.10
must "and the VPC reaches your site" in_ns vpc ping -qc 3 -i 0.2 -W 3 -I 10.20.0.10 192.168.1.10
on office vpntun show aws aws-1

# ---- an endpoint dies ----

# pinged N: so many pings of the running one are answered
pinged()
{
	[ "$(grep -c 'bytes from' "$keys/ping")" -ge "$1" ]
}

say "An endpoint dies without a word, under a ping. The module's probes, one a second, notice; traffic moves to the other."
# Not by in_ns, of which a shell would stay that heeds no interrupt.
ip netns exec "$(ns_name site)" ping -i 0.2 10.20.0.10 > "$keys/ping" &
pinging=$!
busywait 30 pinged 5
echo "AWS: endpoint 198.51.100.21 is gone"
charon_kill endpoint_1
answered=$(grep -c 'bytes from' "$keys/ping")
must "the second tunnel is used" busywait 60 active_is aws-2
must "the VPC answers by it" busywait 60 aws_answers_by endpoint_2
must "and the ping is answered again" busywait 60 pinged $((answered + 10))
kill -INT $pinging
wait $pinging || true
grep 'packets transmitted' "$keys/ping"
on office vpntun show aws

# ---- what a monitoring system sees ----

say "What Prometheus gets of that; alert rules and a Grafana dashboard come with vpntun."
vpn_prepare office
"${vpn_command[@]}" exporter &
exporter=$!
disown $exporter
scraped()
{
	in_ns office curl -sf --max-time 20 http://127.0.0.1:9957/metrics
}
must "vpntun exporter answers" busywait 30 scraped
on office curl -s http://127.0.0.1:9957/metrics |
	grep -E '^vpntun_tunnel_(state|to_peer_bytes_total|from_peer_bytes_total|probes_(sent|answered)_total)[{ ]'
kill $exporter

# ---- and comes back ----

say "AWS replaces the endpoint; nobody types anything here."
endpoint 1
echo "AWS: a new endpoint 198.51.100.21"
must "the first tunnel is up" busywait 120 tunnel_is aws-1 up
must "and used again" busywait 60 active_is aws-1
must "and the VPC answers" busywait 30 in_ns site ping -qc 3 -i 0.2 -W 3 10.20.0.10
say "What the log has of that tunnel."
on office vpntun log aws | grep aws-1
on office vpntun down aws

cat <<'END'

That was it. Next:
  docs/guide.md                          "AWS in five minutes", with BGP; the hub's side of it, too
  man tools/vpntun/man/vpntun.8          import, export, exporter, doctor
END
