#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 240
#
# What the exporter says is read by programs that nobody here wrote: promtool, and the OpenMetrics parser of Prometheus'
# client. Configured tunnels are there while the module is not loaded, the helper not running, the tunnel not up; figures
# follow the traffic; what failed is counted. The log has AWS's keys. `show --watch` shows rates.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
metrics=$(dirname "$0")/../../tools/vpntun/metrics
exporter=""

# scrape [HEADER]: what the exporter answers
scrape()
{
	in_ns left curl -sf --max-time 20 ${1:+-H "$1"} http://127.0.0.1:9957/metrics
}

# figure NAME LABEL..: the sum of the samples of that name with such labels, by the parser of Prometheus' client; nothing if
# there are none
figure()
{
	scrape 'Accept: application/openmetrics-text' | /usr/bin/python3 -IS -c 'import sys
sys.path.append("/usr/lib/python3/dist-packages")
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
wanted = dict(label.split("=", 1) for label in sys.argv[2:])
found = [sample.value for family in parse(sys.stdin.read()) for sample in family.samples
         if sample.name == sys.argv[1] and wanted.items() <= sample.labels.items()]
if found:
    print(int(sum(found)))' "$@"
}

figure_is()
{
	[ "$(figure "${@:2}")" = "$1" ]
}

figure_from()
{
	local value
	value=$(figure "${@:2}")
	[ -n "$value" ] && [ "$value" -ge "$1" ]
}

accepted()
{
	local said
	said=$(scrape | promtool check metrics 2>&1) || said+=" refused"
	[ -z "$said" ] || { echo "$said"; return 1; }
}

exporter_end()
{
	[ -z "$exporter" ] || kill "$exporter" 2> /dev/null || true
	exporter=""
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
office left $left4 $right4 $left_ts,169.254.46.42/32 $right_ts,169.254.46.41/32 $ike $esp \
	'interface:Routes = 192.168.2.0/24, fd02::/64' 'Inside = 169.254.46.42/30' 'ProbeInterval = 0.5'
cat >> "$keys/vpntun-left/etc/office.conf" <<-END
	[Tunnel spare]
	Local = $left4
	Remote = 198.51.100.2
	Inside = 169.254.47.42/30
	IKEProposals = $ike
	PSKFile = office.psk
END
printf '%s\n' '[Daemon]' 'LogFormat = json' > "$keys/vpntun-left/etc/daemon.conf"
same "the rules are accepted" "0" "$(promtool check rules "$metrics/vpntun-alerts.yml" > "$keys/rules" 2>&1; echo $?)"
check "the dashboard is JSON" /usr/bin/python3 -m json.tool "$metrics/vpntun-dashboard.json" "$keys/dashboard"

# ---- before there is anything ----

[ -z "${VGW_KO:-}" ] || rmmod vgw
vpn_prepare left
"${vpn_command[@]}" exporter > "$keys/vpntun-left/exporter" 2>&1 &
exporter=$!
defer exporter_end
check "it answers" busywait 20 scrape
same "without the module, which it says" 0 "$(figure vpntun_module_loaded)"
for tunnel in office spare; do
	same "tunnel $tunnel is there" 0 "$(figure vpntun_tunnel_state tunnel=$tunnel connection=office)"
	same "and inactive" 1 "$(figure vpntun_tunnel_phase tunnel=$tunnel phase=inactive)"
done
check "promtool has nothing against it" accepted
user=$(id -u vpntun 2> /dev/null || id -u nobody)
same "who meets the network has no rights" "$user 0000000000000000 2" \
	"$(awk '/^(Uid|CapBnd|Seccomp):/ { print $2 }' "/proc/$(pgrep -P $exporter -x http)/status" | paste -sd' ')"
same "and who does not, but one" 0000000000001000 "$(awk '/^CapBnd:/ { print $2 }' "/proc/$exporter/status")"
[ -z "${VGW_KO:-}" ] || insmod "$VGW_KO"

# ---- up ----

charon right
swan_load right "$(connection office $right4 $left4 $right_ts,169.254.46.41/32 $left_ts,169.254.46.42/32 $ike $esp)"
ip -n "$right" addr add 169.254.46.41/32 dev lo
ip -n "$right" route add 169.254.46.42/32 dev ipsec1
helper left
check "it notices the module and the helper" busywait 10 figure_is 1 vpntun_helper_running
vpn left up office --no-wait > /dev/null
check "a tunnel comes up, and it says so" busywait 30 figure_is 1 vpntun_tunnel_state tunnel=office
same "the other one has not" 0 "$(figure vpntun_tunnel_state tunnel=spare)"
check "what failed is counted, with its reason" busywait 60 figure_from 1 vpntun_tunnel_ike_failures_total tunnel=spare
check "and only there" figure_is 0 vpntun_tunnel_ike_failures_total tunnel=office
check "the handshake is counted" figure_is 1 vpntun_tunnel_handshakes_total tunnel=office
before=$(figure vpntun_tunnel_from_peer_packets_total tunnel=office)
bytes=$(figure vpntun_tunnel_to_peer_bytes_total tunnel=office)
check "traffic" busywait 10 pings site_l 192.168.2.10
check "ten packets of 1000 bytes" pinged site_l -qc 10 -i 0.2 -s 1000 192.168.2.10
check "packets from the peer are counted" busywait 10 figure_from $((before + 10)) vpntun_tunnel_from_peer_packets_total tunnel=office
check "and bytes to it, as they are inside" busywait 10 figure_from $((bytes + 10280)) vpntun_tunnel_to_peer_bytes_total tunnel=office
check "probes are answered" busywait 20 figure_from 1 vpntun_tunnel_probes_answered_total tunnel=office
vpn left rekey office office > /dev/null
check "a rekeying is counted" busywait 10 figure_is 1 vpntun_tunnel_child_rekeys_total tunnel=office
check "promtool has nothing against it" accepted
vpn left exporter --textfile "$keys/vpntun.prom"
same "nor against the file" "" "$(promtool check metrics < "$keys/vpntun.prom" 2>&1)"
same "which is for all to read" 644 "$(stat -c %a "$keys/vpntun.prom")"
status=0
vpn left exporter --listen 127.0.0.1 2> /dev/null || status=$?
same "an address without a port is misuse" 2 $status
mkdir "$keys/textfiles"
"${vpn_command[@]}" exporter --textfile "$keys/textfiles/vpntun.prom" --interval 1 2> "$keys/textfiles.said" &
defer kill $!
check "the file comes by itself" busywait 20 test -s "$keys/textfiles/vpntun.prom"
mv "$keys/textfiles" "$keys/elsewhere"
check "without its folder that is told" busywait 20 grep -q 'vpntun\.prom.*: No such file.*tried again' "$keys/textfiles.said"
mkdir "$keys/textfiles"
check "and with it, it comes again" busywait 20 test -s "$keys/textfiles/vpntun.prom"
same "told once" 1 "$(wc -l < "$keys/textfiles.said")"

# ---- the log ----

check "the log has the keys of AWS's" /usr/bin/python3 -IS -c 'import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
up = [line for line in lines if line.get("ike_phase1_state") == "established" and line["tunnel"] == "office"]
assert up, lines
for line in up:
    assert line["details"] == line["message"] and line["dpd_enabled"] is True and line["nat_t_detected"] is False, line
    assert abs(line["event_timestamp"] - up[0]["event_timestamp"]) < 600 and line["timestamp"][10] == " ", line
assert any(line.get("ike_phase1_state") == "negotiating" and line["tunnel"] == "spare" for line in lines)' \
	"$keys/vpntun-left/log"

# ---- a helper that hangs ----

kill -STOP "${helper_pids[left]}"
said=$(in_ns left curl -sf -m $((8 * ${TIME_SCALE:-1})) http://127.0.0.1:9957/metrics) || said="no answer"
kill -CONT "${helper_pids[left]}"
same "a helper that hangs is one that does not run" "vpntun_helper_running 0" "$(grep '^vpntun_helper_running' <<< "$said")"
check "and bytes are counted all the same" grep -Eq '^vpntun_tunnel_to_peer_bytes_total\{.*tunnel="office".*\} [1-9]' <<< "$said"
check "it goes on: it is seen" busywait 20 figure_is 1 vpntun_helper_running

# ---- down ----

vpn left down office > /dev/null
check "down, and both are there still" busywait 10 figure_is 2 vpntun_tunnel_phase connection=office phase=inactive
same "with state 0" 0 "$(figure vpntun_tunnel_state connection=office)"

# ---- show --watch ----

vpn left up office --no-wait > /dev/null
check "up again" busywait 30 figure_is 1 vpntun_tunnel_state tunnel=office
in_ns site_l ping -q -i 0.05 -s 1000 192.168.2.10 > /dev/null &
defer kill $!
vpn left show office --watch > "$keys/watched" &
watching=$!
# Columns: connection, tunnel, state, since, bytes in, bytes out, packets in, ..
flows()
{
	awk '$2 == "office" && $3 == "up" && / [KM]iB / && / ms/ { found++ } END { exit found < 2 }' "$keys/watched"
}
check "watched, it shows rates in blocks" busywait 30 flows
check "spare is not up, and why is told" grep -E '^office +spare +(connecting|down) .*(proposals|refuses|no answer)' "$keys/watched"
kill -INT "$(pgrep -f -n 'show office --watch')"
status=0
wait $watching || status=$?
same "interrupted it ends well" 0 "$status"
same "and no escapes were in it" "" "$(tr -cd '\033' < "$keys/watched")"
check "on a terminal pictures fit, and it is as before in the end" \
	"$(dirname "$0")/../lib/watch.py" "${vpn_command[@]}" show --watch
