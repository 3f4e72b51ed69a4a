# SPDX-License-Identifier: GPL-2.0
#
# Completion of vpntun for bash. What may be typed comes from the program's own
# help, so there is no second list of it here. Candidates are lines: names of
# files have blanks and worse in them, so nothing here expands them.

_vpntun_folder=/etc/vpntun

# Names in one part of a help text: Commands, Words or Options.
_vpntun_help()
{
	local part=$1
	shift

	vpntun "$@" -h 2>/dev/null |
		sed -n "/^$part:/,/^\$/s/^  \(-[a-z], \)\?\([a-z-][a-z0-9-]*\).*/\2/p"
}

# The fixed values of a word, as "up|down" behind it or as a list below; upper
# case stands for something else.
_vpntun_values()
{
	local word=$1
	shift

	vpntun "$@" -h 2>/dev/null |
		sed -n "/^Words:/,/^\$/s/^  $word \([^ ]*\).*/\1/p" | tr '|' '\n' | grep '^[a-z]'
	vpntun "$@" -h 2>/dev/null | sed -n "/^Values of $word:/,/^\$/s/^  //p" | tr ' ' '\n'
}

_vpntun_ifaces()
{
	ip -o link show type vgw 2>/dev/null | sed 's/^[0-9]*: \([^:@]*\).*/\1/'
}

_vpntun_tunnels()
{
	vpntun show "$1" 2>/dev/null | sed -n 's/^  tunnel \(.*\): \(up\|connecting\|down\).*/\1/p'
}

# Connections that have a file, and those that run.
_vpntun_files()
{
	local file

	for file in "$_vpntun_folder"/*.conf; do
		file=${file##*/}
		[ "$file" = '*.conf' ] || [ "$file" = daemon.conf ] || echo "${file%.conf}"
	done
}

_vpntun_running()
{
	vpntun show 2>/dev/null | sed -n 's/^interface .*, connection \([^ ]*\)$/\1/p'
}

# _vpntun_named COMMAND PLACE: the arguments of a command that takes a connection's name.
_vpntun_named()
{
	case $1:$2 in
	up:0|restart:0)
		_vpntun_files
		compgen -f -X '!*.conf' -- "$cur" ;;
	down:0|reload:0)
		_vpntun_running
		compgen -f -X '!*.conf' -- "$cur" ;;
	log:0|doctor:0) _vpntun_running; _vpntun_files ;;
	show:0|rekey:0) _vpntun_running; _vpntun_ifaces ;;
	show:1|rekey:1) _vpntun_tunnels "$iface" ;;
	esac
}

# Of the words typed so far, those that are neither an option nor its value.
_vpntun_named_path()
{
	local word value=

	for word in "$@"; do
		[ -n "$value" ] || [[ $word == -* ]] || echo "$word"
		value=
		case $word in --wait|--outside|--routes) value=1 ;; esac
	done
}

_vpntun_devices()
{
	ip -o link show 2>/dev/null | sed 's/^[0-9]*: \([^:@]*\).*/\1/'
}

# Connections of the folder by name, and files.
_vpntun_connections()
{
	_vpntun_files
	compgen -f -X '!*.conf' -- "$1"
	compgen -d -S / -- "$1"
}

# Tunnels that a connection's file has, up or not.
_vpntun_sections()
{
	local file=$1

	[[ $file == */* || $file == ?*.conf ]] || file=$_vpntun_folder/$file.conf
	[ ! -f "$file" ] ||
		sed -n 's/^[[:blank:]]*\[Tunnel[[:blank:]]\+\([a-zA-Z0-9._:@+-]*\)[[:blank:]]*\].*/\1/p' 2> /dev/null < "$file"
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
		2) printf '%s\n' in out ;;
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

# Of these lines, those that begin with what is typed. What a shell would take apart or obey is quoted by bash as it is
# put in, if it knows of file names.
_vpntun_offer()
{
	local word

	COMPREPLY=()
	while IFS= read -r word; do
		[[ -n $word && $word == "$cur"* ]] || continue
		COMPREPLY+=("$word")
		[[ $word != *[!a-zA-Z0-9_./:=,+@-]* ]] || compopt -o filenames 2> /dev/null || :
	done <<< "$1"
}

_vpntun()
{
	local cur=${COMP_WORDS[COMP_CWORD]} iface=
	local -a named path=("${COMP_WORDS[@]:1:COMP_CWORD - 1}")
	local words=

	case ${path[0]-} in
	'') words=$(_vpntun_help Commands; echo --version) ;;
	help) words=$(_vpntun_help Commands "${path[@]:1}") ;;
	monitor|genpsk|ike) words=$(_vpntun_help Options "${path[0]}") ;;
	exporter)
		case ${path[-1]} in
		--textfile) words=$(compgen -f -- "$cur") ;;
		--listen|--interval) words='' ;;
		*) words=$(_vpntun_help Options exporter) ;;
		esac ;;
	show|up|down|restart|reload|rekey|log|doctor)
		mapfile -t named < <(_vpntun_named_path "${path[@]:1}")
		iface=${named[0]-}
		case ${path[-1]}:$cur in
		--wait:*) words='' ;;
		*:-*) words=$(_vpntun_help Options "${path[0]}") ;;
		*) words=$(_vpntun_named "${path[0]}" ${#named[@]}) ;;
		esac ;;
	import)
		case ${#path[@]}:${path[-1]}:$cur in
		1:*) words=$(_vpntun_help Commands import) ;;
		*:--into:*) words=$(_vpntun_files) ;;
		*:--name:*|*:--routes:*) words='' ;;
		*:--output:*) words=$(compgen -d -S / -- "$cur") ;;
		*:--psk-file:*|*:--certificate:*|*:--private-key:*|*:--ca:*) words=$(compgen -f -- "$cur") ;;
		*:*:-*) words=$(_vpntun_help Options "${path[@]:0:2}") ;;
		*) words=$(compgen -f -- "$cur") ;;
		esac ;;
	connection)
		case ${#path[@]}:${path[-1]}:$cur in
		1:*) words=$(_vpntun_help Commands connection) ;;
		*:--inside:*) words=$'ipv4\nipv6\nboth' ;;
		*:--customer-gateway:*) words=any ;;
		*:--output:*) words=$(compgen -d -S / -- "$cur") ;;
		*:--static:*|*:--bgp:*|*:--asn:*|*:--outside:*) words='' ;;
		*) words=$(_vpntun_help Options "${path[@]:0:2}") ;;
		esac ;;
	export)
		mapfile -t named < <(_vpntun_named_path "${path[@]:2}")
		case ${#path[@]}:${path[-1]}:$cur in
		1:*) words=$(_vpntun_help Commands export) ;;
		*:--outside:*|*:--routes:*|*:--announce:*|*:--accept:*|*:--primary:*) words='' ;;
		*:*:-*) words=$(_vpntun_help Options "${path[@]:0:2}") ;;
		*)
			case ${path[1]}:${#named[@]} in
			frr:*|bird:*|*:0) words=$(_vpntun_connections "$cur") ;;
			*:1) words=$(_vpntun_sections "${named[0]}") ;;
			esac ;;
		esac ;;
	check)
		case $cur in
		-*) words=$(_vpntun_help Options check) ;;
		*)
			words=$(_vpntun_connections "$cur")
			[ ! -e "$_vpntun_folder/daemon.conf" ] || words+=$'\ndaemon' ;;
		esac ;;
	set) words=$(_vpntun_arguments $(( ${#path[@]} - 1 )) set) ;;
	*)
		iface=${path[2]-}
		if (( ${#path[@]} == 1 )); then
			words=$(_vpntun_help Commands "${path[0]}")
		else
			words=$(_vpntun_arguments $(( ${#path[@]} - 2 )) "${path[@]:0:2}")
		fi ;;
	esac
	_vpntun_offer "$words"
}

complete -F _vpntun vpntun
