# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced: an apt of our own, to get packages without installing them. The machine's own apt configuration is read
# (mirror, proxy), not changed. Who sources this sets apt, a folder that the lists are kept in.

apt_here()
{
	local tool=$1
	shift
	# shellcheck disable=SC2154 # apt is the caller's
	"$tool" -q -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt" \
		-o APT::Sandbox::User=root "$@"
}

# mirror LABEL DEFAULT: the address that this machine gets it from
mirror()
{
	local uri
	# shellcheck disable=SC2016 # apt's own variable
	uri=$(apt-get indextargets --format '$(REPO_URI)' "Label: $1" 2>/dev/null | head -n 1)
	echo "${uri:-$2}"
}

# open_archive ARCHITECTURES SUITE...: architectures as sources.list has them, amd64 or amd64,s390x.
open_archive()
{
	local arch=$1 suite uri main security
	shift

	main=$(mirror Debian http://deb.debian.org/debian)
	security=$(mirror Debian-Security http://deb.debian.org/debian-security)
	mkdir -p "$apt/lists/partial" "$apt/archives/partial"
	for suite; do
		uri=$main
		[[ $suite != *-security ]] || uri=$security
		echo "deb [arch=$arch signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main"
	done > "$apt/sources.list"
	apt_here apt-get update >&2
}

# download FOLDER PACKAGE...: unpacked there
download()
{
	local folder=$1 deb
	shift

	mkdir -p "$folder"
	rm -rf "$apt/debs"
	mkdir "$apt/debs"
	(cd "$apt/debs" && apt_here apt-get download "$@" >&2)
	for deb in "$apt/debs"/*.deb; do
		dpkg -x "$deb" "$folder"
	done
	rm -rf "$apt/debs"
}

# Debian's headers of a kernel mean to lie in /: relocate FOLDER makes their makefile find the others beside it.
relocate()
{
	# shellcheck disable=SC2016 # variables of make
	sed -i -e '1i debian_src := $(realpath $(dir $(realpath $(lastword $(MAKEFILE_LIST))))/..)' \
		-e 's,/usr/src/,$(debian_src)/,g' "$1/Makefile"
}
