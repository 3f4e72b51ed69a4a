#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 240
#
# The helper and who runs it: its own file is checked, its log is JSON with stable keys and the reason of what failed, peers
# begin only where they may; a service manager hears that it is ready, alive, reloading and about to end, and no watchdog's
# word comes while the helper, or one of its processes for long, does nothing.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
ear=""

ear_is_at()
{
	in_ns left grep -F "$1" /proc/net/unix > /dev/null
}

# ear_start SOCKET: what is told there is in $keys/told from now on
ear_start()
{
	: > "$keys/told"
	ip netns exec "$left" "$(dirname "$0")/../lib/notify.py" "$1" > "$keys/told" 2>&1 &
	ear=$!
	disown $!
	busywait 10 ear_is_at "$1"
}

ear_end()
{
	[ -z "$ear" ] || kill "$ear" 2> /dev/null || true
	ear=""
}
defer ear_end

told()
{
	grep -x "$1" "$keys/told" > /dev/null
}

told_times()
{
	[ "$(grep -cx "$1" "$keys/told")" -ge "$2" ]
}

# json_log EXPRESSION: true for one of the log's lines, each of which has to be JSON with all keys
json_log()
{
	/usr/bin/python3 -IS -c 'import json, sys
lines = [json.loads(line) for line in open(sys.argv[2])]
keys = {"time", "level", "connection", "tunnel", "message"}
aws = {"event_timestamp", "timestamp", "dpd_enabled", "nat_t_detected", "ike_phase1_state", "ike_phase2_state", "details"}
assert lines and all(set(line) - {"reason"} in (keys, keys | aws) for line in lines), lines
sys.exit(not any(eval(sys.argv[1], {"l": line}) for line in lines))' "$1" "$keys/vpntun-left/log"
}

# standard_errors: where those of the left helper's other processes lead
standard_errors()
{
	local what pid
	for what in network key resolver; do
		pid=$(process "$what")
		readlink "/proc/$pid/fd/2" || echo "none: $what"
	done | xargs
}

# none_left: no process of the left helper but, may be, its parent
none_left()
{
	[ -z "$(process network)$(process key)$(process resolver)" ]
}

# cores_piped: cores go to a program, which leaves a file for each in $keys, and a process waits for it to end
cores_piped()
{
	local was limit
	was=$(sysctl -n kernel.core_pattern) limit=$(sysctl -n kernel.core_pipe_limit)
	defer sysctl -qw "kernel.core_pattern=$was" "kernel.core_pipe_limit=$limit"
	printf '%s\n' '#!/bin/sh' 'cat > /dev/null' ": > $keys/core.\$1" > "$keys/take-core"
	chmod 755 "$keys/take-core"
	sysctl -qw kernel.core_pipe_limit=4 "kernel.core_pattern=|$keys/take-core %p"
}

gateways
vpn_prepare left
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
etc=$keys/vpntun-left/etc log=$keys/vpntun-left/log

# ---- the file ----

printf '[Daemon]\nLogLevel = loud\nLisen = 1.2.3.4\n' > "$etc/daemon.conf"
said=$(vpn left check daemon 2>&1) && status=0 || status=$?
same "check ends with 1 where the helper's file is wrong" 1 "$status"
same "it says where, and why" 2 "$(grep -cE '^/etc/vpntun/daemon.conf:[23]: .*(loud|Listen)' <<< "$said")"
said=$(vpn left ike --foreground 2>&1) && status=0 || status=$?
same "such a helper does not start" 1 "$status"
check "and says so" grep -q 'daemon.conf:2: LogLevel: .*loud' <<< "$said"
said=$(vpn left ike 2>&1) || true
check "in the background, too" grep -q 'daemon.conf:2: LogLevel: .*loud' <<< "$said"
printf '[Daemon]\nLogLevel = debug\nLogFormat = json\nListen = 203.0.113.77, %s\n' $left6 > "$etc/daemon.conf"
check "a right one is" vpn left check daemon

# ---- ready, alive ----

ear_start "$keys/manager"
NOTIFY_SOCKET=$keys/manager WATCHDOG_USEC=2000000 helper left
check "the manager hears that it is ready" busywait 10 told READY=1
check "and that it is alive" busywait 20 told_times WATCHDOG=1 3
kill -HUP "${helper_pids[left]}"
check "a hangup: that it reloads" busywait 10 told RELOADING=1
check "since when" busywait 10 grep -E '^MONOTONIC_USEC=[0-9]+$' "$keys/told"
check "and is ready again" busywait 10 told_times READY=1 2
same "no other process can write to the log" "/dev/null /dev/null /dev/null" "$(standard_errors)"
same "its parent can" "$(realpath "$log")" "$(readlink "/proc/${helper_pids[left]}/fd/2")"

# ---- peers begin where they may; the log ----

office left $left4 $right4 $left_ts $right_ts $ike $esp 'StartAction = add'
vpn left up office --no-wait > /dev/null
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
check_not "a peer begins at an address that is not listened at" swan right --initiate --child office --timeout 5
check "no word of it" json_log 'l["level"] == "info"'
check_not "not even that somebody came" grep -E '198\.51\.100\.1' "$log"
vpn left down office > /dev/null
office left $left4 $right4 $left_ts $right_ts $ike $esp
echo "another secret, which is not the right one" > "$etc/wrong.psk"
chmod 600 "$etc/wrong.psk"
sed -i 's/office.psk/wrong.psk/' "$etc/office.conf"
check_not "we may begin; the key is wrong" vpn left up office --wait 8
check "every line of the log is JSON, and one has the reason" \
	json_log 'l["connection"] == "office" and l["tunnel"] == "office" and "refuses to authenticate" in l.get("reason", "")'
check "times are UTC" json_log 'l["time"].endswith("Z") and l["time"][10] == "T"'
check "vpntun log works as ever" grep "office: the peer refuses to authenticate" < <(vpn left log office)
check "its JSON, too" grep '"text"' < <(vpn left log --json)
vpn left down office > /dev/null

# ---- hanging, ending ----

kill -STOP "${helper_pids[left]}"
: > "$keys/told"
check_not "one that hangs says nothing to the watchdog" busywait 5 told WATCHDOG=1
kill -CONT "${helper_pids[left]}"
check "once it goes on it does" busywait 10 told WATCHDOG=1
helper_end left
check "the manager hears that it ends" told STOPPING=1
ear_end

# ---- by an abstract socket; less to be logged ----

printf '[Daemon]\nLogLevel = warning\n' > "$etc/daemon.conf"
: > "$log"
ear_start @vgw-test
NOTIFY_SOCKET=@vgw-test helper left
check "an abstract socket does, too" busywait 10 told READY=1
check_not "nobody asked for a watchdog" grep WATCHDOG "$keys/told"
same "nothing is said below the level" "" "$(cat "$log")"
check "vpntun log has it all the same" grep 'the IKE helper is ready' < <(vpn left log)

# ---- the parent ends by a fault, while a process of its hangs ----

cores_piped
bash -c 'ulimit -c 0; kill -SEGV $$' & faulty=$!
wait "$faulty" || true
check "a program is asked to take a core, whatever the limit" test -e "$keys/core.$faulty"
parent=${helper_pids[left]} hung=$(process network)
kill -STOP "$hung"
kill -SEGV "$parent"
wait "$parent" && status=0 || status=$?
same "the parent has ended by that" $((128 + 11)) "$status"
check_not "it leaves no core" test -e "$keys/core.$parent"
check "the process that hung goes with it" busywait 20 none_left
check "and keeps no port: another helper begins" helper left
