# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# shellcheck disable=SC2034,SC2154 # variables of ike.sh
#
# A connection of two tunnels, "first" and "second", which stand in for each other; for gateways of ike.sh.

# twin_tunnel NAME LOCAL REMOTE INSIDE PRIORITY [LINE...]: its section of a file
twin_tunnel()
{
	printf '%s\n' "[Tunnel $1]" "Local = $2" "Remote = $3" "Inside = $4" "Priority = $5" 'LocalTS = 0.0.0.0/0, ::/0' \
		'RemoteTS = 0.0.0.0/0, ::/0' "${@:6}"
}

# twin_file NS ROUTES: office.conf of NS is that and the sections on standard input
twin_file()
{
	local etc=$keys/vpntun-$1/etc vpn_command
	vpn_prepare "$1"
	(umask 077 && echo "$psk" > "$etc/office.psk")
	{
		printf '%s\n' '[Interface]' 'Name = vgw0' "Routes = $2"
		cat
	} > "$etc/office.conf"
}

# twin_uses NS NAME: that one carries what NS sends
twin_uses()
{
	vpn_is "$1" 't["active"]' True "$2"
}

# twin_up NS NAME, twin_down NS NAME
twin_up()
{
	vpn_is "$1" 't["state"]' up "$2"
}

twin_down()
{
	vpn_is "$1" 't["state"] == "up"' False "$2"
}
