# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Two gateways that negotiate, sites behind them, a router between them; brings vgw.sh with it.
#
#   site_l ------------- left ------------- router ------------ right ------------ site_r
#   192.168.1.10    192.168.1.1                             192.168.2.1      192.168.2.10
#   fd01::10           fd01::1                                 fd02::1           fd02::10
#             203.0.113.1   203.0.113.254         198.51.100.254   198.51.100.1, .2
#             2001:db8:1::1   2001:db8:1::fe     2001:db8:2::fe    2001:db8:2::1
#
# Each gateway runs either vpntun or strongSwan (charon-systemd, and the kernel's own IPsec by an xfrm interface "ipsec1").
# Every gateway has folders of its own for /etc/vpntun and /run/vpntun.

# shellcheck source=vgw.sh
. "$(dirname "${BASH_SOURCE[0]}")/vgw.sh"

# shellcheck disable=SC2034 # setup_ns sets them
site_l="" left="" router="" right="" site_r=""
left4=203.0.113.1 left6=2001:db8:1::1
right4=198.51.100.1 right6=2001:db8:2::1
# For strongSwan and vpntun alike: the sites.
# shellcheck disable=SC2034 # tests use them
left_ts=192.168.1.0/24,fd01::/64
# shellcheck disable=SC2034
right_ts=192.168.2.0/24,fd02::/64

# wire NS ADDR NS ADDR [ADDR6 ADDR6]: each end is named after the far side.
wire()
{
	local a b
	a=$(ns_name "$1")
	b=$(ns_name "$3")
	ip link add "$3" netns "$a" type veth peer name "$1" netns "$b"
	ip -n "$a" addr add "$2" dev "$3"
	ip -n "$b" addr add "$4" dev "$1"
	if [ $# -gt 4 ]; then
		ip -n "$a" addr add "$5" dev "$3" nodad
		ip -n "$b" addr add "$6" dev "$1" nodad
	fi
	ip -n "$a" link set "$3" up
	ip -n "$b" link set "$1" up
}

# The machines and their cables.
gateways()
{
	defer tell_logs
	setup_ns site_l left router right site_r
	wire site_l 192.168.1.10/24 left 192.168.1.1/24 fd01::10/64 fd01::1/64
	wire left $left4/24 router 203.0.113.254/24 $left6/64 2001:db8:1::fe/64
	wire router 198.51.100.254/24 right $right4/24 2001:db8:2::fe/64 $right6/64
	wire right 192.168.2.1/24 site_r 192.168.2.10/24 fd02::1/64 fd02::10/64
	ip -n "$right" addr add 198.51.100.2/24 dev router
	local ns
	for ns in left router right; do
		in_ns $ns sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	done
	ip -n "$site_l" route add default via 192.168.1.1
	ip -n "$site_l" route add default via fd01::1
	ip -n "$site_r" route add default via 192.168.2.1
	ip -n "$site_r" route add default via fd02::1
	ip -n "$left" route add default via 203.0.113.254
	ip -n "$left" route add default via 2001:db8:1::fe
	ip -n "$right" route add default via 198.51.100.254
	ip -n "$right" route add default via 2001:db8:2::fe
	know_ciphers "$right"
}

# know_ciphers NS: the first SA of a cipher waits until the kernel has loaded and tried it, and one that looks for faults
# does so for longer than peers are patient.
know_ciphers()
{
	local sa="src 192.0.2.1 dst 192.0.2.2 proto esp spi"
	# shellcheck disable=SC2086 # words
	ip -n "$1" xfrm state add $sa 1 mode tunnel aead "rfc4106(gcm(aes))" "0x$(printf %072d 0)" 128 &&
		ip -n "$1" xfrm state add $sa 2 mode tunnel enc "cbc(aes)" "0x$(printf %064d 0)" \
			auth-trunc "hmac(sha512)" "0x$(printf %0128d 0)" 256 &&
		ip -n "$1" xfrm state flush
}

# After a failure: what the programs had to say.
tell_logs()
{
	local file
	[ "$ktap_failed" -gt 0 ] || return 0
	for file in "$keys"/*/log; do
		[ ! -s "$file" ] || { echo "# ${file#"$keys/"} ends:"; tail -n 60 "$file" | sed 's/^/#   /'; }
	done
}

# ---- strongSwan ----

# Both say the same of a pair of pre-shared keys.
psk="known to left and right"
# What a test wants otherwise, for charon_conf: lines, and plugins more.
charon_options="" charon_plugins=""

# charon_conf DIR: strongswan.conf. A peer that is silent is given up after some 12 seconds.
charon_conf()
{
	cat <<-END
		charon-systemd {
		    load_modular = no
		    load = random drbg nonce aes sha1 sha2 hmac kdf gmp openssl kernel-netlink socket-default vici $charon_plugins
		    install_routes = no
		    retransmit_timeout = 1.0
		    retransmit_base = 1.4
		    retransmit_tries = 4
		    $charon_options
		    plugins {
		        vici {
		            socket = unix://$1/vici
		        }
		    }
		    filelog {
		        file {
		            path = $1/log
		            default = 1
		            cfg = 2
		            flush_line = yes
		        }
		    }
		}
		swanctl {
		    load = random $charon_plugins
		}
	END
}

declare -A charon_pids=()

# What SAs of the kernel's own use: one by one, as it asks for them, they cost an emulated machine many seconds. Not each
# kernel has all of them.
load_xfrm()
{
	modprobe -aq esp4 esp6 xfrm_interface xfrm_user authenc echainiv seqiv gcm ctr cbc aesni_intel ghash_generic \
		hmac sha256_generic sha512_generic chacha20poly1305 chacha_generic poly1305_generic || true
}

# charon NS: strongSwan starts there; it owns the UDP ports 500 and 4500 of NS.
charon()
{
	local dir=$keys/charon-$1
	load_xfrm
	mkdir -p "$dir"/{x509,x509ca,x509crl,private}
	charon_conf "$dir" > "$dir/strongswan.conf"
	# Not by in_ns, of which a shell would stay, and its process id.
	STRONGSWAN_CONF=$dir/strongswan.conf ip netns exec "$(ns_name "$1")" /usr/sbin/charon-systemd >> "$dir/out" 2>&1 &
	charon_pids[$1]=$!
	disown $!
	# shellcheck disable=SC2310 # false is said and remembered
	if ! busywait 30 swan "$1" --stats; then
		cat "$dir/out"
		return 1
	fi
}

# charon_kill NS: without a word to the peer; the kernel's SAs and policies go, too.
charon_kill()
{
	kill -9 "${charon_pids[$1]}"
	busywait 10 eval "! kill -0 ${charon_pids[$1]}"
	ip -n "$(ns_name "$1")" xfrm state flush
	ip -n "$(ns_name "$1")" xfrm policy flush
}

# swan NS WORD...: swanctl there
swan()
{
	local dir=$keys/charon-$1
	STRONGSWAN_CONF=$dir/strongswan.conf SWANCTL_DIR=$dir timeout $((30 * ${TIME_SCALE:-1})) swanctl "${@:2}" --uri "unix://$dir/vici" \
		2> /dev/null
}

# xfrm_device NS ID NET...: the device of strongSwan's SAs with that if_id, and routes into it
xfrm_device()
{
	local ns id=$2 net
	ns=$(ns_name "$1")
	shift 2
	modprobe -a xfrm_interface
	ip -n "$ns" link add "ipsec$id" type xfrm if_id "$id"
	ip -n "$ns" link set "ipsec$id" up
	for net in "$@"; do
		ip -n "$ns" route add "$net" dev "ipsec$id"
	done
}

# connection NAME OWN OTHER OWN_TS OTHER_TS IKE_PROPOSALS ESP_PROPOSALS [LINE...]: what swanctl.conf has of it. LINEs
# beginning with "child:" are the child's, with "local:" and "remote:" of those sections.
connection()
{
	local name=$1 own=$2 other=$3 line id=1
	[[ $name != *[0-9] ]] || id=${name: -1}
	{
		echo "$name {"
		printf '%s\n' 'version = 2' 'mobike = no' "proposals = $6" "local_addrs = $own" "remote_addrs = $other"
		connection_lines '' "${@:8}"
		printf '%s\n' 'local {' 'auth = psk' "id = $own"
		connection_lines local: "${@:8}"
		printf '%s\n' '}' 'remote {' 'auth = psk' "id = $([ "$other" = %any ] || echo "$other")"
		connection_lines remote: "${@:8}"
		printf '%s\n' '}' 'children {' "$name {" "local_ts = $4" "remote_ts = $5" "esp_proposals = $7"
		printf '%s\n' "if_id_in = $id" "if_id_out = $id"
		connection_lines child: "${@:8}"
		printf '%s\n' '}' '}' '}'
	} | grep -v '= $'
}

# Those of the lines that begin so, without it; with '' those that begin with no such word.
connection_lines()
{
	local line
	for line in "${@:2}"; do
		case $line in
		child:* | local:* | remote:*)
			[ -z "$1" ] || [[ $line != "$1"* ]] || echo "${line#*:}"
			;;
		*)
			[ -n "$1" ] || echo "$line"
			;;
		esac
	done
}

# swan_load NS CONNECTION...: these connections, and no others
swan_load()
{
	local dir=$keys/charon-$1
	{
		echo 'connections {'
		printf '%s\n' "${@:2}"
		printf '%s\n' '}' 'secrets {' 'ike-x {' "secret = \"$psk\"" '}' '}'
	} > "$dir/swanctl.conf"
	swan "$1" --load-all --clear --file "$dir/swanctl.conf" > "$dir/load" || { cat "$dir/load"; return 1; }
}

# swan_value NS KEY: the values of that key of all SAs there, as swanctl has them: initiator-spi, spi-in, ...
swan_value()
{
	swan "$1" --list-sas --raw | { grep -oE "(^|[ {])$2=[^ }]*" || true; } | sed 's/.*=//'
}

# swan_has NS IKE_SAS CHILD_SAS: so many
swan_has()
{
	[ "$(swan_value "$1" initiator-spi | wc -l) $(swan_value "$1" spi-in | wc -l)" = "$2 $3" ]
}

# swan_child NS: the inbound SPI of its newest CHILD_SA in use
swan_child()
{
	swan "$1" --list-sas --raw | { grep -oE 'state=INSTALLED [^{}]*spi-in=[0-9a-f]+' || true; } |
		sed 's/.*spi-in=//' | tail -n 1
}

# swan_dropped REGEX: packets that the kernel of strongSwan, on right, dropped for reasons of such names
swan_dropped()
{
	# shellcheck disable=SC2016 # awk's own
	in_ns right awk -v names="$1" '$1 ~ names { sum += $2 } END { print sum + 0 }' /proc/net/xfrm_stat
}

# ---- vpntun ----

declare -A vpn_holders=()

# vpn_prepare NS: sets vpn_command to what runs vpntun there, with the folders of that gateway; a process holds the mounts.
vpn_prepare()
{
	local dir=$keys/vpntun-$1
	if [ -z "${vpn_holders[$1]:-}" ]; then
		mkdir -p "$dir/etc" "$dir/run" /etc/vpntun /run/vpntun
		# The helper's other processes are not root.
		chmod 755 "$keys" "$dir" "$dir/run"
		# shellcheck disable=SC2016 # expanded there
		ip netns exec "$(ns_name "$1")" bash -c 'mount --bind "$0/etc" /etc/vpntun &&
			mount --bind "$0/run" /run/vpntun && : > "$0/ready" && exec sleep infinity' "$dir" > /dev/null 2>&1 &
		vpn_holders[$1]=$!
		disown $!
		busywait 10 test -e "$dir/ready"
		vpntun=$(realpath "$vpntun")
	fi
	vpn_command=(nsenter -t "${vpn_holders[$1]}" -m -n -- "$vpntun")
}

# vpn NS WORD...: vpntun there
vpn()
{
	local vpn_command
	vpn_prepare "$1"
	shift
	"${vpn_command[@]}" "$@"
}

declare -A helper_pids=()

# helper NS: the IKE helper starts there, its log in $keys/vpntun-NS/log. Without this `vpn NS up` would start one.
helper()
{
	local vpn_command
	vpn_prepare "$1"
	"${vpn_command[@]}" ike --foreground >> "$keys/vpntun-$1/log" 2>&1 &
	helper_pids[$1]=$!
	defer helper_end "$1"
	# shellcheck disable=SC2310 # false is said and remembered
	if ! busywait 30 vpn_is "$1" 'd["daemon"]' True; then
		cat "$keys/vpntun-$1/log"
		return 1
	fi
}

# helper_end NS: as a service manager ends it
helper_end()
{
	[ -n "${helper_pids[$1]:-}" ] || return 0
	kill -TERM "${helper_pids[$1]}" 2> /dev/null || true
	wait "${helper_pids[$1]}" 2> /dev/null || true
	helper_pids[$1]=
}

# vpn_value NS EXPRESSION [TUNNEL]: of d, what `show --json` prints, or of t, the first tunnel or that of the name; nothing
# if there is no such value
vpn_value()
{
	vpn "$1" show --json | /usr/bin/python3 -IS -c 'import json, sys
d = json.load(sys.stdin)
t = next((t for i in d["interfaces"] for t in i["tunnels"] if sys.argv[2] in ("", t["name"])), None)
try:
    print(eval(sys.argv[1]))
except (KeyError, IndexError, TypeError):
    pass' "$2" "${3:-}"
}

# vpn_is NS EXPRESSION VALUE [TUNNEL]
vpn_is()
{
	[ "$(vpn_value "$1" "$2" "${4:-}")" = "$3" ]
}

# office NS LOCAL REMOTE OWN_TS OTHER_TS IKE_PROPOSALS ESP_PROPOSALS [LINE...]: writes /etc/vpntun/office.conf of NS.
# LINEs that begin with "interface:" are for that section, the others for the tunnel's.
office()
{
	local ns=$1 line dir=$keys/vpntun-$1/etc vpn_command
	vpn_prepare "$ns"
	[ -e "$dir/office.psk" ] || (umask 077 && echo "$psk" > "$dir/office.psk")
	{
		echo '[Interface]'
		echo 'Name = vgw0'
		for line in "${@:8}"; do
			[[ $line != interface:* ]] || echo "${line#*:}"
		done
		grep -q '^interface:Routes' < <(printf '%s\n' "${@:8}") || echo "Routes = $5"
		echo '[Tunnel office]'
		printf '%s\n' "Local = $2" "Remote = $3" "LocalTS = $4" "RemoteTS = $5" "IKEProposals = $6" \
			"ESPProposals = $7"
		grep -q '^Certificate' < <(printf '%s\n' "${@:8}") || echo 'PSKFile = office.psk'
		for line in "${@:8}"; do
			[[ $line = interface:* ]] || echo "$line"
		done
	} > "$dir/office.conf"
}

# ---- what is asked of a tunnel ----

# pings FROM TO_ADDRESS
pings()
{
	in_ns "$1" ping -qc 1 -W 2 "$2"
}

# refused NS ADDRESS: somebody says that there is no way
refused()
{
	grep -qiE 'unreachable|filtered' <<< "$(in_ns "$1" ping -c 1 -W 2 "$2" || true)"
}

# Pings both ways and of both families, in time.
sites_talk()
{
	check "$1: pings from left to right" busywait 10 pings site_l 192.168.2.10
	check "$1: IPv6, too" busywait 10 pings site_l fd02::10
	check "$1: pings from right to left" busywait 10 pings site_r 192.168.1.10
	check "$1: IPv6, too" busywait 10 pings site_r fd01::10
}

# agree: vpntun on left and strongSwan on right have one IKE SA and one pair of SAs, the same, and the module has that
agree()
{
	{
		vpn left show --json | tr -d '\n'
		echo
		swan right --list-sas --raw
	} | /usr/bin/python3 -IS -c 'import json, re, sys
t = json.loads(sys.stdin.readline())["interfaces"][0]["tunnels"][0]
raw = sys.stdin.read()
theirs = [re.findall(r"[ {]%s=(\w+)" % key, raw) for key in ("initiator-spi", "responder-spi", "spi-out", "spi-in")]
ike = t["ike"] or {}
ours = [[ike.get(key, "").removeprefix("0x")] for key in ("spi_i", "spi_r", "spi_in", "spi_out")]
module = [[sa["spi"][2:] for sa in t["sas"] if sa["dir"] == way] for way in ("in", "out")]
print("theirs", theirs, "ours", ours, "of the module", module)
sys.exit(theirs != ours or module != ours[2:])'
}

# sas_agree WHAT: soon they do
sas_agree()
{
	# shellcheck disable=SC2310 # false is said and remembered
	if busywait 20 agree; then
		ktap_ok "$1: they tell of the same SAs"
	else
		ktap_fail "$1: they tell of the same SAs" "$(agree || true)"
	fi
}

# watch_wire: from now on the router writes down what it sees
watch_wire()
{
	capture_start router any "$keys/wire"
}

# wire_is_clean WHAT: and all that the router has seen since was IKE and ESP (or ICMP of gateways); there was some
wire_is_clean()
{
	local other
	capture_stop "$keys/wire"
	other=$(tcpdump -nr "$keys/wire" \
		'not (udp port 500 or udp port 4500 or proto 50 or ip6 proto 50 or arp or icmp or icmp6 or ip6 multicast)' 2> /dev/null)
	other+=$(tcpdump -nr "$keys/wire" 'net 192.168.0.0/16 or net fd01::/64 or net fd02::/64' 2> /dev/null)
	same "$1: on the wire there is nothing but IKE and ESP" "" "$(head -n 5 <<< "$other")"
	check "$1: and there was some" seen 'proto 50 or ip6 proto 50 or udp port 4500'
}

# seen FILTER: the router has seen such a packet
seen()
{
	[ -n "$(tcpdump -c 1 -nr "$keys/wire" "$1" 2> /dev/null)" ]
}

# flow_start RATE: numbered streams between the sites, each way
flow_start()
{
	coproc FLOW { exec "$(dirname "${BASH_SOURCE[0]}")/flow.py" "$site_l" "$site_r" 192.168.1.10 192.168.2.10 "$1"; }
	# shellcheck disable=SC2034,SC2153 # coproc sets it
	flow_pid=$FLOW_PID
	exec {flow_out}<&"${FLOW[0]}"
	read -r -t $((30 * ${TIME_SCALE:-1})) -u "$flow_out" _
}

# What the gateways have against packets.
stream_faults()
{
	local side

	vpn left show --json | /usr/bin/python3 -IS -c 'import json, sys
for interface in json.load(sys.stdin)["interfaces"]:
    for one in [interface, *interface["tunnels"]]:
        for drops in ("drops", "host_drops"):
            print("left:", one["name"], drops, {cause: count for cause, count in (one.get(drops) or {}).items() if count})'
	# Where there is the kernel's own IPsec, too, that has what is of no SA.
	for side in left right; do
		# shellcheck disable=SC2016 # awk's own
		in_ns $side awk -v side="$side" '$2 { print side ":", $1, $2 }' /proc/net/xfrm_stat
	done
	in_ns right ip -s -j link show type xfrm | /usr/bin/python3 -IS -c 'import json, sys
for device in json.load(sys.stdin):
    for way, counts in device.get("stats64", {}).items():
        print("right:", device["ifname"], way, {what: count for what, count in counts.items() if count})'
}

# flow_stop WHAT [MAY_LOSE [MAY_REORDER]]: nothing was lost, doubled, reordered; or no more than so many each way
flow_stop()
{
	local name sent lost doubled reordered missing may_lose=${2:-0} may_reorder=${3:-0} flow_in=${FLOW[1]} said=0
	exec {flow_in}>&-
	while read -r -t $((30 * ${TIME_SCALE:-1})) -u "$flow_out" name _ sent _ lost _ doubled _ reordered _ missing; do
		echo "# $1: $name: sent $sent, lost $lost, doubled $doubled, reordered $reordered"
		said=$((said + 1))
		if [ "$lost" -le "$may_lose" ] && [ "$reordered" -le "$may_reorder" ] && [ "$doubled" = 0 ] &&
			[ "$sent" -gt 20 ]; then
			ktap_ok "$1: the stream $name"
		else
			ktap_fail "$1: the stream $name" "lost $lost of $sent: $missing; doubled $doubled reordered $reordered
$(stream_faults)"
		fi
	done
	exec {flow_out}<&-
	wait "$flow_pid" || true
	[ $said = 2 ] || ktap_fail "$1: the streams end"
}

# host_state: of left, everything that `down` is to leave as it was
host_state()
{
	ip -n "$left" -br link | awk '{ print $1, $3 }'
	ip -n "$left" -br address | awk '{ $2 = ""; print }'
	ip -n "$left" rule
	ip -n "$left" -6 rule
	ip -n "$left" route show table all | sort
	ip -n "$left" -6 route show table all | grep -v ^multicast | sed 's/ expires [^ ]*//' | sort
}

# ---- what happens to the way ----

# cut_way: the router drops all between the gateways, without a word; mend_way ends that. cut_way ADDRESS|all: to and from there.
cut_way()
{
	local from="" to=""
	[ "$1" = all ] || from="ip saddr $1" to="ip daddr $1"
	in_ns router nft -f - <<-END
		table inet cut {
			chain forward {
				type filter hook forward priority 0
				$from drop
				$to drop
			}
		}
	END
}

mend_way()
{
	in_ns router nft delete table inet cut
}

# hide SIDE PORTS: the router masquerades that gateway, by ports of that range, and forgets every flow that it knows.
# Behind right, which may answer first only if somebody forwards: 203.0.113.254 is right then. A translation that was
# there goes in the same moment: between, a keepalive would make a flow without any, which then lives on.
hide()
{
	local out=right dnat=""
	if [ "$1" = right ]; then
		out=left
		dnat="iifname left ip daddr 203.0.113.254 udp dport { 500, 4500 } dnat ip to $right4"
	fi
	in_ns router nft -f - <<-END
		table ip nat
		delete table ip nat
		table ip nat {
			chain pre {
				type nat hook prerouting priority -100
				$dnat
			}
			chain post {
				type nat hook postrouting priority 100
				oifname $out udp dport { 500, 4500 } masquerade to :$2
				oifname $out masquerade
			}
		}
	END
	forget_flows
}

# unhide: and the router forgets every flow that it knows
unhide()
{
	in_ns router nft delete table ip nat
	forget_flows
}

forget_flows()
{
	in_ns router /usr/bin/python3 -c '
import socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)    # NETLINK_NETFILTER
# IPCTNL_MSG_CT_DELETE of the conntrack subsystem, REQUEST | ACK, all flows of all families
s.send(struct.pack("=IHHIIBBH", 20, 1 << 8 | 2, 5, 1, 0, 0, 0, 0))
error, = struct.unpack_from("=i", s.recv(4096), 16)
assert error == 0, error'
}

# process WHAT: the left helper's network, key or resolver process
process()
{
	local pid
	for pid in $(ip netns pids "$left"); do
		! tr '\0' ' ' < "/proc/$pid/cmdline" | grep -- "--process $1" > /dev/null || echo "$pid"
	done
}

# another_process WHAT OLD: there is one of these processes, and it is not that
another_process()
{
	local now
	now=$(process "$1")
	[ -n "$now" ] && [ "$now" != "$2" ]
}
