# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by test scripts. A script ends with 0 (passed), 4 (skipped) or 1, and
# prints its checks as KTAP sub-tests:
#
#   check "a packet of 1500 bytes gets through" in_ns left ping -c 1 -s 1472 10.0.0.2
#   check_not "..." COMMAND         the command must fail
#   same "..." WANTED GOT           two texts must be the same
#   ktap_ok "..."                   a check made by hand
#   ktap_fail "..." [WHY]
#   skip "this kernel has no ..."   ends the script
#
# A failed check is remembered, and the script goes on. A failed command outside
# a check ends it at once, saying where: what follows would make no sense.

set -Eeuo pipefail

ktap_count=0
ktap_failed=0
ktap_deferred=()

ktap_ok()
{
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count - $1"
}

ktap_fail()
{
	ktap_count=$((ktap_count + 1))
	ktap_failed=$((ktap_failed + 1))
	echo "not ok $ktap_count - $1"
	[ -z "${2:-}" ] || echo "#   ${2//$'\n'/$'\n#   '}"
}

# Fails unless the command's success is $1 (0: it must succeed).
ktap_expect()
{
	local want=$1 what=$2 status=0 out
	shift 2

	out=$("$@" 2>&1) || status=1
	if [ "$status" = "$want" ]; then
		ktap_ok "$what"
	else
		ktap_fail "$what" "$*${out:+$'\n'$out}"
	fi
}

check()
{
	ktap_expect 0 "$@"
}

check_not()
{
	ktap_expect 1 "$@"
}

# same TEXT WANT GOT
same()
{
	if [ "$2" = "$3" ]; then
		ktap_ok "$1"
	else
		ktap_fail "$1" "wanted $2, got $3"
	fi
}

skip()
{
	echo "SKIP: $1"
	exit 4
}

# defer COMMAND...: run it when the script ends, however it does; last one first.
defer()
{
	ktap_deferred+=("$(printf '%q ' "$@")")
}

ktap_exit()
{
	local status=$1 i
	trap - EXIT ERR
	set +e

	for ((i = ${#ktap_deferred[@]} - 1; i >= 0; i--)); do
		eval "${ktap_deferred[i]}"
	done
	[ "$ktap_count" = 0 ] || echo "1..$ktap_count"
	if [ "$ktap_failed" -gt 0 ]; then
		status=1
	fi
	exit "$status"
}

trap 'ktap_exit $?' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
trap 'echo "# failed: ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
