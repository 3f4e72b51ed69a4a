#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What `connection new` and `export` refuse, and that they then leave everything as it was. The traffic is that of
# interop/export.

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

# shellcheck disable=SC2034 # setup_ns sets it
hub=""
dir=$keys/etc

# new NAME OPTION...: what it says is in $keys/said
new()
{
	v hub connection new "$@" --output "$dir" > "$keys/said" 2>&1
}

# refuses WHAT NAME OPTION...: with WHAT in the sentence, and nothing is changed
refuses()
{
	local before
	before=$(files)
	if new "${@:2}"; then
		echo "it did not refuse"
		return 1
	fi
	grep -qF -- "$1" "$keys/said" || { cat "$keys/said"; return 1; }
	[ "$(files)" = "$before" ]
}

files()
{
	(cd "$dir" && sha256sum ./* 2> /dev/null)
}

# export_says WHAT VENDOR NAME OPTION...: it fails, with that sentence, and prints nothing
export_says()
{
	if v hub export "$2" "$dir/$3.conf" "${@:4}" > "$keys/out" 2> "$keys/said"; then
		echo "it did not refuse"
		return 1
	fi
	grep -qF -- "$1" "$keys/said" && [ ! -s "$keys/out" ]
}

# checked_says FILE WHAT: of it
checked_says()
{
	v hub check "$1" > "$keys/said" 2>&1 || true
	grep -qF -- "$2" "$keys/said"
}

setup_ns hub
mkdir "$dir"
ip -n "$hub" link add wan type dummy
ip -n "$hub" addr add 198.51.100.21/24 dev wan
ip -n "$hub" addr add 198.51.100.22/24 dev wan
ip -n "$hub" link set wan up
ip -n "$hub" route add default via 198.51.100.254
two="--outside 198.51.100.21,198.51.100.22"

# An address that a host gives itself (RFC 3927) takes nothing away but itself.
ip -n "$hub" addr add 169.254.7.7/16 dev wan

# Of 169.254.0.0/16 the host has all but 169.254.255.240/28, which is four blocks.
for block in 0.1/17 128.1/18 192.1/19 224.1/20 240.1/21 248.1/22 252.1/23 254.1/24 255.1/25 255.129/26 255.193/27 \
	255.225/28; do
	ip -n "$hub" addr add "169.254.$block" dev wan
done

check "without a customer there is nothing" refuses '--customer-gateway says where the customer is' office
check "nor with two kinds of routing" refuses '--static and --bgp exclude each other' office \
	--customer-gateway any --static 10.0.0.0/8 --bgp 65000
check "nor with an address of another family" refuses "is not of the customer's family" office \
	--customer-gateway 203.0.113.10 --outside 2001:db8::1
check "nor with two addresses that are not here" refuses 'this host has not both of' office \
	--customer-gateway 203.0.113.10 --outside 198.51.100.21,192.0.2.7
check "nor with three" refuses 'there are 2 tunnels' office --customer-gateway 203.0.113.10 --outside 1.1.1.1,1.1.1.2,1.1.1.3
check "nor with IPv6 routed where there is none inside" refuses 'of a family that the tunnels have not' office \
	--customer-gateway 203.0.113.10 --static fd01::/64
check "nor under a name that is no file's" refuses "name 'a/b'" a/b --customer-gateway any
check "nor under the helper's own" refuses "the name of the helper's own file" daemon --customer-gateway any

# shellcheck disable=SC2086 # two words
check "there are blocks for a connection" new office --customer-gateway 203.0.113.10 $two
check "of which it is said that no network leads to it" grep -qF 'no network leads to the customer' "$keys/said"
check "which is right" v hub check "$dir/office.conf"
cp -p "$dir/office-tunnel-1.psk" "$keys/psk"
sed -i '1s/^/\xef\xbb\xbf/' "$dir/office-tunnel-1.psk"
check "a mark that an editor has put before a key is told" checked_says "$dir/office.conf" 'byte order mark'
mv "$keys/psk" "$dir/office-tunnel-1.psk"
same "whose keys nobody else reads" 600 "$(stat -c %a "$dir/office-tunnel-1.psk")"
check "it is not made twice" refuses 'is there already: choose another name' office --customer-gateway 203.0.113.11
echo another > "$dir/next-tunnel-2.psk"
check "a key that is there is not written over" refuses 'next-tunnel-2.psk is there already, with another key' next \
	--customer-gateway 203.0.113.11
rm "$dir/next-tunnel-2.psk"
check "there are blocks for another one" new next --customer-gateway 203.0.113.11
check "and none for a third" refuses 'no /30 of 169.254.0.0/16 is free' last --customer-gateway 203.0.113.12
check "but of IPv6" new last --customer-gateway 203.0.113.12 --inside ipv6 --bgp 65000
check_not "of which nothing is said, as routes are learned" grep -qF 'no network' "$keys/said"
check "our own number is nobody else's" refuses '--bgp: 64512 is our own number' more --customer-gateway any --bgp 64512
same "three connections, with two keys each" 9 "$(find "$dir" -type f | wc -l)"

check "AWS's forms have no place for identities" export_says 'no place for an identity of ours' aws-xml next
check "nor is there such a tunnel" export_says "has no tunnel 'tunnel-9'" strongswan office tunnel-9
chmod 644 "$dir/office-tunnel-1.psk"
check "a key that others can read is not told" export_says 'others can read this key' generic office --secrets

# warns WHAT OPTION...: of what the far end of a hub is told that nobody has given an identity
warns()
{
	v hub export strongswan "$keys/nat/office.conf" "${@:2}" 2>&1 > /dev/null | grep -F -- "$1"
}

mkdir "$keys/nat"
sed '/^LocalID/d; 0,/^Local = .*/s//Local = auto/' "$dir/office.conf" > "$keys/nat/office.conf"
check "behind a NAT it is warned that the far end expects another identity" \
	warns "write 'LocalID = 192.0.2.7' in [Tunnel tunnel-1]" --outside 192.0.2.7
check_not "not where the address is this host's" warns LocalID --outside 198.51.100.21
