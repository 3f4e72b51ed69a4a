# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The IKE daemons that vpntun meets on the right of ike.sh's picture, asked for in one way; brings certs.sh with it.
#
#   peer_start KIND               strongswan, libreswan or openiked begins to run there
#   peer_load ROLE OWN OTHER OWN_TS OTHER_TS IKE ESP [WORD...]
#                                 its one connection "office": ROLE is begin or answer; OTHER may be any
#   peer_begin                    it brings the connection up
#   peer_rekey child|ike          by itself, and now
#   peer_end                      it ends the connection
#   peer_stop
#
# WORDs: id=OWN_ID, other=OTHER_ID; psk=TEXT, or cert=NAME for a certificate of certs.sh, which are made before
# peer_start; and for those who cannot be told to rekey now: child=SECONDS ike=SECONDS
# Proposals are written as vpntun writes them. strongSwan has an xfrm interface, the two others have policies alone.
#
# Debian does not let Libreswan and OpenIKED stand beside strongSwan: vm/peers unpacks them, and here they are laid over
# /usr, in a mount namespace of their own, with an own /etc, /run and /var/lib.

# shellcheck source=certs.sh
. "$(dirname "${BASH_SOURCE[0]}")/certs.sh"

peers=$(realpath "$lib/../..")/build/peers
# shellcheck disable=SC2034 # tests ask
peer="" peer_dir="" peer_holder="" peer_role=""

# ---- where they run ----

# peer_room KIND: its mount namespace on right; a process holds it. peer_in COMMAND... runs there.
peer_room()
{
	local dir=$keys/$1-right part
	[ -d "$peers/$1" ] || { echo "build/peers/$1 is missing: sudo make deps"; return 1; }
	mkdir -p "$dir"/{etc,usr,lib,run,work-etc,work-usr,work-lib}
	chmod 755 "$keys" "$dir"
	part=$peers/$1
	# OpenIKED goes over to this user.
	{
		cat /etc/passwd
		echo '_iked:x:64321:65534::/var/lib/openiked/empty:/usr/sbin/nologin'
	} > "$dir/etc/passwd"
	mkdir -p "$dir/lib/openiked/empty"
	# shellcheck disable=SC2016 # expanded there
	ip netns exec "$right" bash -c '
		mount -t overlay -o "lowerdir=$1/usr:/usr,upperdir=$0/usr,workdir=$0/work-usr" peer /usr &&
		mount -t overlay -o "lowerdir=$1/etc:/etc,upperdir=$0/etc,workdir=$0/work-etc" peer /etc &&
		mount -t overlay -o "lowerdir=/var/lib,upperdir=$0/lib,workdir=$0/work-lib" peer /var/lib &&
		mount --bind "$0/run" /run && : > "$0/ready" && exec sleep infinity' "$dir" "$part" > "$dir/room" 2>&1 &
	peer_holder=$!
	disown $!
	# shellcheck disable=SC2310 # false is said and remembered
	busywait 10 test -e "$dir/ready" || { cat "$dir/room"; return 1; }
}

peer_in()
{
	timeout $((30 * ${TIME_SCALE:-1})) nsenter -t "$peer_holder" -m -n -- "$@"
}

peer_start()
{
	peer=$1
	peer_dir=$keys/$1-right
	"start_$1"
}

peer_load()
{
	peer_role=$1
	"load_$peer" "${@:2}"
}

peer_begin()
{
	"begin_$peer"
}

peer_rekey()
{
	"rekey_$peer" "$1"
}

peer_end()
{
	"end_$peer"
}

# peer_stop: it goes without a word, and so does what the kernel has of it
peer_stop()
{
	if [ "$peer" = strongswan ]; then
		charon_kill right
		ip -n "$right" link del ipsec1
		return
	fi
	# A daemon's own children, too: they are alone in that network namespace.
	peer_kill
	busywait 10 peer_gone
	ip -n "$right" xfrm state flush
	ip -n "$right" xfrm policy flush
}

peer_gone()
{
	[ -z "$(ip netns pids "$right")" ]
}

peer_kill()
{
	local pids
	pids=$(ip netns pids "$right")
	# Some end when others do.
	# shellcheck disable=SC2086 # a list
	kill -9 $pids 2> /dev/null || true
}

# word NAME DEFAULT WORD...: the value of NAME=VALUE among the words
word()
{
	local one
	for one in "${@:3}"; do
		[[ $one != "$1="* ]] || { echo "${one#*=}"; return; }
	done
	echo "$2"
}

# peer_spis: the SPIs of the ESP SAs that the kernel of right has, those of packets to left and those of packets from it
peer_spis()
{
	ip -n "$right" xfrm state | awk -v own="$1" '/^src/ { out = $2 == own } /proto esp spi/ { print out ? "out" : "in", $4 }'
}

# kernel_agrees OWN: each end has one pair of SAs, the same
kernel_agrees()
{
	local ours theirs
	theirs=$(peer_spis "$1" | sort | paste -sd' ')
	ours=$(vpn_value left '" ".join(sorted({"in": "out ", "out": "in "}[s["dir"]] + s["spi"] for s in t["sas"]))')
	echo "ours $ours, theirs $theirs"
	[ -n "$ours" ] && [ "$ours" = "$theirs" ]
}

# ---- strongSwan ----

start_strongswan()
{
	xfrm_device right 1 192.168.1.0/24 fd01::/64
	charon right
}

load_strongswan()
{
	local own=$1 other=$2 lines=() cert
	[ "$other" != any ] || other=%any
	lines+=("local:id = $(word id "$own" "${@:7}")")
	psk=$(word psk "$psk" "${@:7}")
	[ "$(word other "" "${@:7}")" = "" ] || lines+=("remote:id = $(word other "" "${@:7}")")
	rm -f "$keys/charon-right"/private/*
	cert=$(word cert "" "${@:7}")
	if [ -n "$cert" ]; then
		cp "$certs/$cert.key" "$keys/charon-right/private"
		cp "$certs/ca.pem" "$keys/charon-right/x509ca"
		lines+=('send_cert = always' 'local:auth = pubkey' "local:certs = $certs/$cert.pem" 'remote:auth = pubkey')
	fi
	swan_load right "$(connection office "$own" "$other" "$3" "$4" "$5" "$6" "${lines[@]}" 'dpd_delay = 3s' \
		'child:dpd_action = clear')"
}

begin_strongswan()
{
	swan right --initiate --child office --timeout $((20 * ${TIME_SCALE:-1}))
}

rekey_strongswan()
{
	swan right --rekey "--$1" office
}

end_strongswan()
{
	swan right --terminate --ike office > /dev/null
}

# ---- Libreswan ----

start_libreswan()
{
	load_xfrm
	peer_room libreswan
	printf 'config setup\n\tlogfile=%s/log\n' "$peer_dir" > "$peer_dir/ipsec.conf"
	: > "$peer_dir/ipsec.secrets"
	mkdir -p "$peer_dir/nss" "$peer_dir/run/pluto"
	peer_in ipsec initnss --nssdir "$peer_dir/nss" > /dev/null
	libreswan_certs
	nsenter -t "$peer_holder" -m -n -- /usr/libexec/ipsec/pluto --nofork --config "$peer_dir/ipsec.conf" \
		--secretsfile "$peer_dir/ipsec.secrets" --nssdir "$peer_dir/nss" >> "$peer_dir/out" 2>&1 &
	disown $!
	# shellcheck disable=SC2310 # false is said and remembered
	busywait 30 peer_in ipsec whack --status || { cat "$peer_dir/out"; return 1; }
}

# It takes them from a database.
libreswan_certs()
{
	local db=sql:$peer_dir/nss cert
	[ -d "$certs" ] || return 0
	peer_in certutil -A -d "$db" -n ca -t CT,, -i "$certs/ca.pem"
	for cert in right-rsa right-p256; do
		openssl pkcs12 -export -in "$certs/$cert.pem" -inkey "$certs/$cert.key" -name "$cert" -passout pass:x \
			-out "$peer_dir/$cert.p12"
		peer_in pk12util -i "$peer_dir/$cert.p12" -d "$db" -W x -K '' > /dev/null
	done
}

# libreswan_id NAME_OR_ADDRESS: as it writes that
libreswan_id()
{
	[[ $1 = *:* || $1 != *[a-z]* ]] && echo "$1" || echo "@$1"
}

# libreswan_auth NAME: the lines for that certificate; none if there is none
libreswan_auth()
{
	case $1 in
	'') echo authby=secret ;;
	*-rsa) echo authby=rsa-sha2 ;;
	*) echo authby=ecdsa ;;
	esac
	[ -z "$1" ] || printf '%s\n' "leftcert=$1" leftsendcert=always rightca=%same
}

declare -A libreswan_names=(
	[aes128]=aes128 [aes256]=aes256 [aes128gcm16]=aes_gcm128 [aes256gcm16]=aes_gcm256 [chacha20poly1305]=chacha20_poly1305
	[sha1]=sha1 [sha256]=sha2_256 [sha384]=sha2_384 [sha512]=sha2_512
	[prfsha256]=sha2_256 [prfsha384]=sha2_384 [prfsha512]=sha2_512
	[modp2048]=dh14 [modp3072]=dh15 [modp4096]=dh16 [ecp256]=dh19 [ecp384]=dh20 [ecp521]=dh21 [x25519]=dh31
)

# libreswan_proposal PROPOSAL: as Libreswan writes it
libreswan_proposal()
{
	local word out=""
	for word in ${1//-/ }; do
		case $word in
		modp* | ecp* | x25519) out+=";${libreswan_names[$word]}" ;;
		*) out+="${out:+-}${libreswan_names[$word]}" ;;
		esac
	done
	echo "$out"
}

load_libreswan()
{
	local own=$1 other=$2 id other_id
	id=$(libreswan_id "$(word id "$own" "${@:7}")")
	other_id=$(libreswan_id "$(word other "$other" "${@:7}")")
	[ "$other" != any ] || other=%any
	cat > "$peer_dir/ipsec.conf" <<-END
		config setup
		conn office
		    left=$own
		    leftid=$id
		    leftsubnet=$3
		    right=$other
		    rightid=$other_id
		    rightsubnet=$4
		$(libreswan_auth "$(word cert "" "${@:7}")" | sed 's/^/    /')
		    ikev2=insist
		    ike=$(libreswan_proposal "$5")
		    esp=$(libreswan_proposal "$6")
		    ikelifetime=$(word ike 8h "${@:7}")
		    salifetime=$(word child 1h "${@:7}")
		    dpddelay=3
		    retransmit-timeout=12
		    mobike=no
		    leftupdown=%disabled
		    auto=add
	END
	echo "$id $other_id : PSK \"$(word psk "$psk" "${@:7}")\"" > "$peer_dir/ipsec.secrets"
	peer_in ipsec whack --rereadsecrets > /dev/null
	peer_in /usr/libexec/ipsec/addconn --config "$peer_dir/ipsec.conf" --ctlsocket /run/pluto/pluto.ctl office
}

begin_libreswan()
{
	peer_in ipsec whack --initiate --asynchronous --name office
}

rekey_libreswan()
{
	local what=$1
	[ "$what" = ike ] || what=ipsec
	peer_in ipsec whack "--rekey-$what" --name office
}

end_libreswan()
{
	peer_in ipsec whack --terminate --name office
}

# ---- OpenIKED: its kernel interface is PF_KEY, which has no AEADs, and cuts SHA2-256 short ----

start_openiked()
{
	modprobe -aq af_key esp4 esp6 authenc cbc aesni_intel hmac sha1_generic sha512_generic || true
	peer_room openiked
	mkdir -p "$peer_dir"/etc/iked/{ca,certs,crls,private,pubkeys/ipv4}
	peer_in openssl ecparam -genkey -name prime256v1 -noout -out /etc/iked/private/local.key
	(umask 077 && echo 'set passive' > "$peer_dir/iked.conf")
	openiked_run
}

openiked_run()
{
	nsenter -t "$peer_holder" -m -n -- iked -dv -f "$peer_dir/iked.conf" >> "$peer_dir/log" 2>&1 &
	disown $!
	# shellcheck disable=SC2310 # false is said and remembered
	busywait 40 peer_in ikectl show sa || { cat "$peer_dir/log"; return 1; }
}

declare -A openiked_names=(
	[aes128]='enc aes-128' [aes256]='enc aes-256' [aes128gcm16]='enc aes-128-gcm' [aes256gcm16]='enc aes-256-gcm'
	[sha1]='auth hmac-sha1' [sha256]='auth hmac-sha2-256' [sha384]='auth hmac-sha2-384' [sha512]='auth hmac-sha2-512'
	[prfsha256]='prf hmac-sha2-256' [prfsha384]='prf hmac-sha2-384' [prfsha512]='prf hmac-sha2-512'
	[modp2048]='group modp2048' [modp3072]='group modp3072' [modp4096]='group modp4096'
	[ecp256]='group ecp256' [ecp384]='group ecp384' [ecp521]='group ecp521' [x25519]='group curve25519'
)

openiked_proposal()
{
	local word
	for word in ${1//-/ }; do
		echo "${openiked_names[$word]}"
	done | paste -sd' '
}

# openiked_cert NAME: from the next reload on
openiked_cert()
{
	local dir=$peer_dir/etc/iked
	rm -f "$dir"/certs/*
	cp "$certs/ca.pem" "$dir/ca/ca.crt"
	cp "$certs/$1.pem" "$dir/certs/$1.crt"
	cp "$certs/$1.key" "$dir/private/local.key"
}

load_openiked()
{
	local own=$1 other=$2 ike mode=passive auth cert
	auth="psk \"$(word psk "$psk" "${@:7}")\""
	cert=$(word cert "" "${@:7}")
	if [ -n "$cert" ]; then
		auth=rfc7427
		openiked_cert "$cert"
	fi
	ike=$(openiked_proposal "$5")
	[[ $ike = *prf* ]] || ike=${ike/auth hmac-/prf hmac-${ike##*auth hmac-} auth hmac-}
	[ "$peer_role" = answer ] || mode=active
	cat > "$peer_dir/iked.conf.new" <<-END
		set nomobike
		set enforcesingleikesa
		set dpd_check_interval 3
		ikev2 "office" $mode esp from $3 to $4 local $own peer $other \\
			ikesa $ike childsa $(openiked_proposal "$6") \\
			srcid $(word id "$own" "${@:7}") dstid $(word other "$other" "${@:7}") \\
			ikelifetime $(word ike 8h "${@:7}") lifetime $(word child 1h "${@:7}") \\
			$auth
	END
	chmod 600 "$peer_dir/iked.conf.new"
	mv "$peer_dir/iked.conf.new" "$peer_dir/iked.conf"
	[ "$mode" = active ] || peer_in ikectl reload
}

# An active policy begins when it is loaded.
begin_openiked()
{
	peer_in ikectl reload
}

end_openiked()
{
	peer_in ikectl reset id "$(awk '/dstid/ { print $4 }' "$peer_dir/iked.conf")"
}
