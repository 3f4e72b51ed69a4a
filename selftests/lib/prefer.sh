# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Has the crypto API do new SAs by a template, such as cryptd. For tests that have vgw.sh and loaded crypto_user.

driver=""

# prefer TEMPLATE(NAME): the crypto API does so from now on, for new SAs; sets driver and, for stop, preferring.
# shellcheck disable=SC2154 # keys and lib are vgw.sh's
prefer()
{
	# Or what the last one said may be taken for its answer.
	rm -f "$keys/driver"
	/usr/bin/python3 "$lib/cryptoalg.py" "$1" > "$keys/driver" 2>&1 &
	preferring=$!
	defer stop $preferring
	busywait 60 grep -qs '^[a-z]*(' "$keys/driver" || cat "$keys/driver"
	driver=$(< "$keys/driver")
}

# How many use the driver.
users()
{
	awk -v driver="$driver" '$1 == "driver" { mine = $3 == driver } $1 == "refcnt" && mine { print $3 }' /proc/crypto
}

# When it is still there.
stop()
{
	kill "$1" 2> /dev/null || true
}
