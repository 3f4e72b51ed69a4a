# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# shellcheck disable=SC2154 # $keys is vgw.sh's
#
# What a demonstration is told by, for gateways of ike.sh: why a command is given, the command as it is typed, and what it
# says; then whether that was it.

# Prompts go there, past whatever filters what a command says.
exec {demo_screen}>&1

# say WHAT: why the next command is given.
say()
{
	printf '\n# %s\n' "$*"
}

# on NS COMMAND: show it as it is typed, and run it there.
on()
{
	local ns=$1
	shift
	printf '%s $ %s\n' "${ns/gw_/gateway-}" "$*" >&"$demo_screen"
	case $1 in
	vpntun) vpn "$ns" "${@:2}" ;;
	cat) cat "$keys/vpntun-$ns/etc/${2##*/}" ;;
	*) in_ns "$ns" "$@" ;;
	esac
}

# must WHAT COMMAND...
must()
{
	local what=$1
	shift
	if "$@" > /dev/null 2>&1; then
		echo "=> $what: yes"
	else
		echo "=> $what: NO"
		echo "The demo failed here; the commands above show how far it came." >&2
		exit 1
	fi
}

[ -d /sys/module/vgw ] || {
	modprobe -a udp_tunnel ip6_udp_tunnel
	insmod "${VGW_KO:?}"
}
