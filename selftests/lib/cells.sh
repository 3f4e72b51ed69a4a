# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# One cell of the tables that interop/pairs and full/NAME print: vpntun on left, a peer of peers.sh on right, a tunnel between
# them, and all that is asked of it. One line of the table is one result, "ok" or "not ok", with the step that failed.

# shellcheck source=peers.sh
. "$(dirname "${BASH_SOURCE[0]}")/peers.sh"

cell_own=""

# step WHAT COMMAND...: silent unless that fails. Not in a subshell: it may set variables.
step()
{
	local what=$1
	shift
	"$@" > "$keys/step" 2>&1 && return
	echo "$what: $*"
	cat "$keys/step"
	return 1
}

# our_child, our_ike: the SPI of our newest inbound SA, that of our IKE SA
our_child()
{
	vpn_value left '[s["spi"] for s in t["sas"] if s["dir"] == "in"][-1]'
}

our_ike()
{
	vpn_value left 't["ike"]["spi_i"]'
}

# other_than OLD COMMAND: it prints something else now
other_than()
{
	local now
	now=$("$2")
	[ -n "$now" ] && [ "$now" != "$1" ]
}

# settled OWN: each end has one pair of SAs, the same, and packets go both ways by it
settled()
{
	local family=$1
	busywait 20 kernel_agrees "$cell_own" || { kernel_agrees "$cell_own"; return 1; }
	if [ "$family" = 4 ]; then
		busywait 10 pings site_l 192.168.2.10 && busywait 10 pings site_r 192.168.1.10
	else
		busywait 10 pings site_l fd02::10 && busywait 10 pings site_r fd01::10
	fi
}

# renewed child|ike FAMILY COMMAND...: it makes new ones, and all is well
renewed()
{
	local what=$1 family=$2 old
	shift 2
	old=$("our_$what")
	"$@" || return
	busywait 40 other_than "$old" "our_$what" || { echo "still $old"; return 1; }
	settled "$family"
}

# rekeys FAMILY ROUND: either side makes new keys, of both kinds. OpenIKED cannot be told to: its lifetimes are short then.
rekeys()
{
	local what
	for what in child ike; do
		step "round $2, we rekey the $what" renewed "$what" "$1" vpn left rekey office \
			"$([ "$what" = ike ] && echo --ike || echo office)" || return
		[ "$peer" != openiked ] || continue
		step "round $2, they rekey the $what" renewed "$what" "$1" peer_rekey "$what" || return
	done
}

# begun ROLE: that side brings the tunnel up
begun()
{
	local wait=$((20 * ${TIME_SCALE:-1}))
	if [ "$1" = we ]; then
		vpn left up office --wait $wait
	else
		vpn left up office --no-wait &&
			peer_begin &&
			busywait 30 vpn_is left 't["state"]' up
	fi
}

# configure ROLE WAY FAMILY IKE ESP [WORD...]: both sides, and what is between them. WAY is native, udp (asked for) or nat: it
# hides who begins. WORDs are those of the peer; with cert=right-KIND we show left-KIND.
configure()
{
	local role=$1 way=$2 family=$3 l=$left4 r=$right4 l_ts=192.168.1.0/24 r_ts=192.168.2.0/24 lines=() words=("${@:6}")
	local seen_l seen_r cert
	cert=$(word cert "" "${words[@]}")
	if [ -n "$cert" ]; then
		own "left-${cert#right-}"
		words+=(id=right.example.com other=left.example.com)
		lines+=("${own_lines[@]}")
	fi
	if [ "$family" = 6 ]; then
		l=$left6 r=$right6 l_ts=fd01::/64 r_ts=fd02::/64
	fi
	cell_own=$r seen_l=$l seen_r=$r
	case $way,$role in
	nat,we)
		hide left 20000-20099
		seen_l=any words+=("other=$l")
		;;
	nat,they)
		hide right 21000-21099
		seen_r=any
		[ -n "$cert" ] || lines+=("RemoteID = $r")
		;;
	udp,*)
		lines+=('Encap = udp')
		;;
	esac
	[ "$role" = we ] || lines+=('StartAction = add')
	office left $l $seen_r $l_ts $r_ts "$4" "$5" 'DPDInterval = 2' 'DPDTimeout = 6' "${lines[@]}"
	peer_load "$([ "$role" = we ] && echo answer || echo begin)" $r $seen_l $r_ts $l_ts "$4" "$5" "${words[@]}"
}

# over WAY: the tunnel goes, by our word
over()
{
	vpn left down office
	busywait 20 no_sas || { peer_spis "$cell_own"; return 1; }
}

no_sas()
{
	[ -z "$(peer_spis "$cell_own")" ]
}

# their_rekeys FAMILY: of one who does so when its lifetimes say so
their_rekeys()
{
	step "they rekey the child" renewed child "$1" true && step "they rekey the IKE SA" renewed ike "$1" true
}

# short_lives KIND: sets short to the words by which it makes new keys soon, if it cannot be told to
short_lives()
{
	local scale=${TIME_SCALE:-1}
	short=()
	# shellcheck disable=SC2034 # the caller's
	[ "$1" != openiked ] || short=("child=$((10 * scale))" "ike=$((30 * scale))")
}

# try ROLE WAY FAMILY IKE ESP ROUNDS [WORD...]: says what fails, or nothing
try()
{
	local round
	step "configured" configure "${@:1:5}" "${@:7}" &&
		step "up" begun "$1" &&
		step "traffic" settled "$3" || return
	for ((round = 1; round <= $6; round++)); do
		rekeys "$3" $round || return
	done
	[[ " ${*:7}" != *" child="* ]] || their_rekeys "$3" || return
	step "down" over
}

# chosen TEXT: ROWS in the environment, a regular expression, is to match it
chosen()
{
	[[ $1 =~ ${ROWS:-} ]]
}

# cell ROLE WAY FAMILY IKE ESP ROUNDS [WORD...]: of the peer that runs
cell()
{
	local said text began=$SECONDS
	text="$peer, $([ "$1" = we ] && echo we begin || echo they begin), $2, IPv$3, $4 / $5"
	[ $# -lt 7 ] || text+=$(printf ', %s' "${@:7}")
	# shellcheck disable=SC2310 # it only says yes or no
	chosen "$text" || return 0
	# shellcheck disable=SC2310 # false is said and remembered
	if said=$(try "$@"); then
		ktap_ok "$text # $((SECONDS - began)) s"
	else
		ktap_fail "$text" "$said"$'\n'"$(vpn left log office 2>&1 | tail -n 12)"
		# The next one begins with nothing.
		vpn left down office > /dev/null 2>&1 || true
		peer_end > /dev/null 2>&1 || true
	fi
	if [ "$2" = nat ]; then
		unhide
	fi
}
