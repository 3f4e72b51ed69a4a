# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Several tunnels of one interface; brings vgw.sh with it.
#
#   left, vgw0                             right: an xfrm interface for each tunnel, of the tunnel's name
#   outer 10.0.0.1                         outer 10.0.0.2
#   inner 192.168.1.1, fd01::1             inner what `sites` is told
#
# The peer answers by the xfrm interface that `answer_by` says. What becomes of packets is asked of agent.py.

# shellcheck source=vgw.sh
. "$(dirname "${BASH_SOURCE[0]}")/vgw.sh"

declare -A site_number=() site_spi=()
site_last_spi=0x2000
left="" right=""

# sites ADDRESS...: the namespaces, vgw0, and inner addresses of the peer, which takes packets for any of fd00::/8.
sites()
{
	local address

	modprobe -a esp4 esp6 xfrm_interface
	setup_ns left right
	link_ns left right 10.0.0
	make_vgw left
	{
		for address in "$@"; do
			echo "addr add $address dev lo $([[ $address != *:* ]] || echo nodad)"
		done
		# It would tell of addresses that it has not.
		echo "route add local fd00::/8 dev lo table main"
	} | ip -n "$right" -batch -
}

# peer_sa NUMBER SRC DST SPI KEY
peer_sa()
{
	echo "xfrm state add src $2 dst $3 proto esp spi $4 mode tunnel reqid $1 if_id $1 replay-window 128 \
flag af-unspec $(xfrm_named aes128gcm16 "$5" | sed 's/rfc4106(gcm(aes))/"&"/')"
}

# new_tunnel NAME [WORD...]: a tunnel without SAs, and what the peer has for it.
new_tunnel()
{
	local name=$1 n any
	shift
	n=$((${#site_number[@]} + 1))
	site_number[$name]=$n
	v left tunnel add vgw0 "$name" local 10.0.0.1 remote 10.0.0.2 encap none "$@"
	{
		echo "link add name $name type xfrm dev left if_id $n"
		echo "link set dev $name addrgenmode none"
		echo "link set dev $name up"
		for any in 0.0.0.0/0 ::/0; do
			echo "xfrm policy add src $any dst $any dir in if_id $n \
tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid $n mode tunnel"
			echo "xfrm policy add src $any dst $any dir out if_id $n \
tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid $n mode tunnel"
		done
		echo "route add 0.0.0.0/0 dev $name metric $n"
		echo "route add ::/0 dev $name metric $n"
	} | ip -n "$right" -batch -
}

# keys_in NAME, keys_out NAME [WORD...]: a fresh SA of that direction, at both ends.
keys_in()
{
	local n=${site_number[$1]} spi=$((++site_last_spi))
	make_keys aes128gcm16 "in-$1"
	sa_add left vgw0 "$1" in "$spi" aes128gcm16 "in-$1"
	peer_sa "$n" 10.0.0.2 10.0.0.1 "$spi" "in-$1" | ip -n "$right" -batch -
}

keys_out()
{
	local n=${site_number[$1]} spi=$((++site_last_spi)) name=$1
	shift
	make_keys aes128gcm16 "out-$name"
	peer_sa "$n" 10.0.0.1 10.0.0.2 "$spi" "out-$name" | ip -n "$right" -batch -
	sa_add left vgw0 "$name" out "$spi" aes128gcm16 "out-$name" "$@"
	site_spi[$name]=$spi
}

# no_keys_out NAME: its last outbound SA goes.
no_keys_out()
{
	v left sa del vgw0 "$1" out spi "${site_spi[$1]}"
}

# answer_by NAME: the peer's packets come by that tunnel.
answer_by()
{
	ip -n "$right" -batch - <<-END
		route replace 192.168.1.0/24 dev $1 metric 0
		route replace fd01::/64 dev $1
	END
}

start_agent()
{
	coproc AGENT { exec "$(dirname "${BASH_SOURCE[0]}")/agent.py" "$left" "$right"; }
	# shellcheck disable=SC2034,SC2153 # coproc sets it
	agent_pid=$AGENT_PID
	defer kill "$agent_pid"
	read -r -t $((60 * ${TIME_SCALE:-1})) -u "${AGENT[0]}" _
}

# ask WORD...: a command of agent.py, and its answer.
ask()
{
	local answer
	echo "$*" >&"${AGENT[1]}"
	read -r -t $((60 * ${TIME_SCALE:-1})) -u "${AGENT[0]}" answer
	echo "$answer"
}

# expect TEXT ANSWER WORD...: what the agent says to a command.
expect()
{
	local text=$1 answer=$2
	shift 2
	same "$text" "$answer" "$(ask "$@")"
}
