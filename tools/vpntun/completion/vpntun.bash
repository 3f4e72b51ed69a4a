# SPDX-License-Identifier: GPL-2.0
#
# Completion of vpntun for bash. What may be typed comes from the program's own
# help, so there is no second list of it here.

# Names in one part of a help text: Commands, Words or Options.
_vpntun_help()
{
	local part=$1
	shift

	vpntun "$@" -h 2>/dev/null | sed -n "/^$part:/,/^\$/s/^  \([a-z-][a-z-]*\).*/\1/p"
}

# The fixed values of a word, as "up|down" behind it or as a list below; upper
# case stands for something else.
_vpntun_values()
{
	local word=$1
	shift

	vpntun "$@" -h 2>/dev/null |
		sed -n "/^Words:/,/^\$/s/^  $word \([^ ]*\).*/\1/p" | tr '|' '\n' | grep '^[a-z]'
	vpntun "$@" -h 2>/dev/null | sed -n "/^Values of $word:/,/^\$/s/^  //p"
}

_vpntun_ifaces()
{
	ip -o link show type vgw 2>/dev/null | sed 's/^[0-9]*: \([^:@]*\).*/\1/'
}

_vpntun_tunnels()
{
	vpntun show "$1" 2>/dev/null | sed -n 's/^  tunnel \(.*\): \(up\|down\).*/\1/p'
}

_vpntun_devices()
{
	ip -o link show 2>/dev/null | sed 's/^[0-9]*: \([^:@]*\).*/\1/'
}

# Connections of /etc/vpntun by name, and files.
_vpntun_connections()
{
	compgen -G '/etc/vpntun/*.conf' | sed 's,.*/,,; s,\.conf$,,'
	compgen -f -X '!*.conf' -- "$1"
	compgen -d -S / -- "$1"
}

# Arguments of a command ("set", "tunnel add") by their place, then words and
# values in turn.
_vpntun_arguments()
{
	local place=$1 count=2 word
	shift

	case $1 in
	set) count=1 ;;
	sa) count=3 ;;
	esac
	if (( place < count )); then
		case $place in
		0) _vpntun_ifaces ;;
		1) [ "$1 ${2-}" = "tunnel add" ] || _vpntun_tunnels "$iface" ;;
		2) echo in out ;;
		esac
		return
	fi

	if (( (place - count) % 2 == 0 )); then
		_vpntun_help Words "$@"
		return
	fi
	word=${COMP_WORDS[COMP_CWORD - 1]}
	case $word in
	keyfile|authkeyfile) compgen -f -- "${COMP_WORDS[COMP_CWORD]}" ;;
	dev) _vpntun_devices ;;&
	*) _vpntun_values "$word" "$@" ;;
	esac
}

_vpntun()
{
	local cur=${COMP_WORDS[COMP_CWORD]} iface=
	local -a path=("${COMP_WORDS[@]:1:COMP_CWORD - 1}")
	local words

	case ${path[0]} in
	'') words="$(_vpntun_help Commands) --version" ;;
	help) words=$(_vpntun_help Commands "${path[@]:1}") ;;
	monitor|genpsk) words=$(_vpntun_help Options "${path[0]}") ;;
	show)
		iface=${path[1]}
		case $cur in
		-*) words=$(_vpntun_help Options show) ;;
		*) (( ${#path[@]} > 2 )) || words=$(_vpntun_arguments $(( ${#path[@]} - 1 )) show) ;;
		esac ;;
	check)
		case $cur in
		-*) words=$(_vpntun_help Options check) ;;
		*) words=$(_vpntun_connections "$cur") ;;
		esac ;;
	set) words=$(_vpntun_arguments $(( ${#path[@]} - 1 )) set) ;;
	*)
		iface=${path[2]}
		if (( ${#path[@]} == 1 )); then
			words=$(_vpntun_help Commands "${path[0]}")
		else
			words=$(_vpntun_arguments $(( ${#path[@]} - 2 )) "${path[@]:0:2}")
		fi ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _vpntun vpntun
