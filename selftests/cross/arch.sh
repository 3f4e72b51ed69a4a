# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by the tests of this folder, which set arch to what vm/cross knows, and runner to the words that run such a
# program here (none: this processor does): the module and the tool compile there without a warning, and the unit tests
# pass. The sanitizers are left out. Words after a test's name (module, tool, units) have only that done.
set -eu -o pipefail

tree=$(readlink -f "$(dirname "$0")/../..")
# shellcheck disable=SC2154 # arch is the caller's
assignments=$("$tree/selftests/vm/cross" "$arch")
eval "$assignments"
out=$tree/build/cross/out-$arch
# What runs finds the libraries of its own architecture, and no others.
cc="$TRIPLET-gcc --sysroot=$ROOT"
interpreter=$(find "$ROOT/lib" "$ROOT/lib/$arch-linux-gnu" -maxdepth 1 -name 'ld*.so.[12]' | head -n 1)
link="-Wl,--dynamic-linker=$interpreter -Wl,-rpath,$ROOT/lib/$arch-linux-gnu:$LIBDIR"
export PKG_CONFIG_SYSROOT_DIR=$ROOT PKG_CONFIG_LIBDIR=$LIBDIR/pkgconfig

# In a copy, like every build that is not for this machine; what the tree has no more is not to be found in it.
copy_sources()
{
	mkdir -p "$out"
	find "$out" -type f \( -name '*.[ch]' -o -name Kbuild -o -name Makefile \) -delete
	(cd "$tree" && find Kbuild kmod uapi tools/vpntun -name '*.[ch]' ! -name '*.mod.c' -o -name Kbuild -o -name Makefile |
		tar -cT -) | tar -xC "$out"
}

build_module()
{
	make -s -j "$(nproc)" -C "$KBUILD" M="$out" ARCH="$KARCH" CROSS_COMPILE="$TRIPLET-" CC="$TRIPLET-gcc" KCFLAGS=-Werror \
		modules
}

build_tool()
{
	make -s -j "$(nproc)" -C "$out/tools/vpntun" WERROR=1 CC="$cc" LDFLAGS="$link"
}

# Each test's sources are few, so they are built side by side.
build_units()
{
	make -s -j "$(nproc)" -C "$tree/selftests/unit" WERROR=1 out="$out/unit" sanitize= CC="$cc $link" all
}

run_units()
{
	local test status failed=0

	cd "$tree"
	# Not what lies there: that may be of a test that is no more.
	for test in "$tree"/selftests/unit/test_*.c; do
		test=$out/unit/$(basename "$test" .c)
		status=0
		# shellcheck disable=SC2154,SC2086 # runner is the caller's, words
		$runner "$test" > "$out/units.said" 2>&1 || status=$?
		case $status in
		0) echo "ok - $arch: ${test##*/}" ;;
		4) echo "ok - $arch: ${test##*/} # $(grep '^SKIP: ' "$out/units.said")" ;;
		*)
			cat "$out/units.said"
			echo "not ok - $arch: ${test##*/}"
			failed=1
			;;
		esac
	done
	return "$failed"
}

copy_sources
[ $# -gt 0 ] || set -- module tool units
for step; do
	case $step in
	module) build_module ;;
	tool) build_tool ;;
	units)
		build_units
		run_units
		;;
	*) echo "$0: '$step' is none of module, tool, units" >&2; exit 2 ;;
	esac
	echo "ok - $arch: $step"
done
