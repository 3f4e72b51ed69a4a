#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [--kernel VERSION] [NAME]...: run the tests, all or those named.
#
# A NAME is "net/ping", "ping", or a pattern of either ("net/*"), with "@6.12" behind it on that kernel. Kinds of tests:
#   check/NAME        a program, run here
#   cross/NAME        the same, builds for another architecture; known only with FULL=1
#   unit/NAME         selftests/unit/test_NAME.c, built with sanitizers, run here
#   xchg/NAME         selftests/xchg/test_NAME.c, the same: two IKE engines talk to each other
#   net/NAME, ...     selftests/net/NAME.sh, run in a virtual machine
#   full/NAME         the same, but these take long and are known only with FULL=1
# Without names and with CI=true those are left out whose head says "# ci: no": that has to end in time; and those that
# ALSO names (in .ci/run) are run besides.
# Heads of the last kind may say "# timeout: SECONDS" and "# kernel-args: WORDS", which cost a boot of their own.
#
# A test's output goes to build/results/KIND/NAME.log and is shown if it failed.
#
# Environment: HOST=1 runs the last kind on this very machine; JOBS=N is how many
# virtual machines run at the same time (2: most tests wait most of the time);
# TIME_SCALE=N gives N times the time; WERROR=1 makes compiler warnings errors;
# KERNEL_ARGS=WORDS go to every kernel's command line;
# ROWS=REGEX runs only those rows of a table (full/NAME, interop/pairs) whose text matches; SEED, SECONDS_LONG, REQUESTS and
# BATCHES are for tests by chance (net/races, net/fuzz-netlink, net/fuzz-packets).
# AGAIN=N: if no more than N tests failed, they have a second go, by themselves, which then counts; both are told. A
# shared machine that was held up breaks one, a fault does it again. What a kernel complained about has none.
#
# Prints KTAP and, as the very last line, "N passed, N failed, N skipped". Ends
# with 0 only if no test failed and at least one ran.
set -eu

here=$(dirname "$(readlink -f "$0")")
tree=$(readlink -f "$here/..")
results=$tree/build/results
program_kinds=(check)
vm_kinds=(net interop)
if [ "${FULL:-}" = 1 ]; then
	program_kinds+=(cross)
	vm_kinds+=(full)
fi
jobs=${JOBS:-2}
[ "${HOST:-}" != 1 ] || jobs=1
# Virtual machines side by side, and an emulated processor in each: patience.
export TIME_SCALE=${TIME_SCALE:-$((jobs + 1))}

passed_on=()
for name in ROWS SEED SECONDS_LONG REQUESTS BATCHES; do
	[ -z "${!name:-}" ] || passed_on+=(--env "$name=${!name}")
done

kernel='' wanted=()
failures=() excusable=() number=0 passed=0 failed=0 skipped=0

# give_up SENTENCE: before any test
give_up()
{
	echo "run.sh: $1" >&2
	echo "0 passed, 1 failed, 0 skipped"
	exit 2
}

# failed_checks LOG
failed_checks()
{
	grep -A 3 '^not ok ' "$1" | head -n 30 | sed 's/^/#   /'
}

# Once more, in few lines: which tests failed, and at which of their checks.
tell_failures()
{
	local name log

	for name in "${failures[@]}" "${excusable[@]}"; do
		log=$(log_of "$name")
		echo "# failed: $name"
		failed_checks "$log"
		if ! grep '^not ok ' "$log" > /dev/null; then
			tail -n 15 "$log" | sed 's/^/#   /'
		fi
	done
}

find_tests()
{
	local kind file

	for kind in "${program_kinds[@]}"; do
		for file in "$here/$kind"/*; do
			[ ! -x "$file" ] || echo "$kind/${file##*/}"
		done
	done
	for kind in unit xchg; do
		for file in "$here/$kind"/test_*.c; do
			[ ! -e "$file" ] || basename "$file" .c | sed "s,^test_,$kind/,"
		done
	done
	for kind in "${vm_kinds[@]}"; do
		for file in "$here/$kind"/*.sh; do
			[ ! -x "$file" ] || echo "$kind/$(basename "$file" .sh)"
		done
	done
}

# Does it run here, whatever the kernel?
is_native()
{
	[[ $1 == @(check|cross|unit|xchg)/* ]]
}

# Reads names, passes on the wanted ones, each once for every kernel that it is wanted on.
choose_tests()
{
	local name want chosen

	while read -r name; do
		chosen=' '
		for want in "$@"; do
			# shellcheck disable=SC2053 # patterns are welcome
			if [[ $name == ${want%@*} || ${name#*/} == ${want%@*} ]]; then
				want=$name${want#"${want%@*}"}
				[[ ${want##*@} != "$kernel" ]] || want=$name
				is_native "$name" && want=$name
				[[ $chosen == *" $want "* ]] || echo "$want"
				chosen+="$want "
			fi
		done
	done
}

# Adds what ALSO names to tests, all of which has to be there.
add_also()
{
	local want chosen name

	for want in ${ALSO:-}; do
		mapfile -t chosen < <(find_tests | choose_tests "$want")
		[ ${#chosen[@]} -gt 0 ] || give_up "ALSO names $want, which is no test"
		for name in "${chosen[@]}"; do
			[[ " ${tests[*]} " == *" $name "* ]] || tests+=("$name")
		done
	done
}

# Moves what CI has no time for from tests to left_out.
leave_out()
{
	local name kept=()

	for name in "${tests[@]}"; do
		if [ -e "$here/$name.sh" ] && grep -x '# ci: no' "$here/$name.sh" > /dev/null; then
			left_out+=("$name")
		else
			kept+=("$name")
		fi
	done
	tests=("${kept[@]}")
}

log_of()
{
	echo "$results/$1.log"
}

# report NAME pass|skip|fail MILLISECONDS [REASON]
report()
{
	local name=$1 result=$2 ms=$3 reason=${4:-} log
	log=$(log_of "$name")

	number=$((number + 1))
	case $result in
	pass)
		passed=$((passed + 1))
		printf 'ok %d - %s # %d.%d s\n' "$number" "$name" $((ms / 1000)) $((ms % 1000 / 100))
		;;
	skip)
		skipped=$((skipped + 1))
		printf 'ok %d - %s # SKIP %s\n' "$number" "$name" \
			"$(sed -n 's/^SKIP: //p' "$log" | tail -n 1)"
		;;
	fail)
		failed=$((failed + 1))
		sed 's/^/# /' "$log"
		# Once more, where the eye falls, and where a log that is cut still has it.
		failed_checks "$log"
		printf 'not ok %d - %s # %s\n' "$number" "$name" "$reason"
		if [[ $reason == *kernel* ]]; then
			failures+=("$name")
		else
			excusable+=("$name")
		fi
		;;
	esac
}

run_native()
{
	local name=$1 log begin ms status=0 command
	log=$(log_of "$name")

	case $name in
	# Not by make's run-NAME: make does not pass on the status that says SKIP.
	unit/*|xchg/*)
		# shellcheck disable=SC2016 # for the inner shell
		command=(bash -c 'make -s -C "selftests/$1" "build-$2" && exec "build/$1/test_$2"'
			unit "${name%%/*}" "${name#*/}")
		;;
	check/*|cross/*) command=("$here/$name") ;;
	esac
	begin=${EPOCHREALTIME/./}
	(cd "$tree" && timeout -k 10 "$((300 * TIME_SCALE))" "${command[@]}") \
		> "$log" 2>&1 </dev/null || status=$?
	ms=$(((${EPOCHREALTIME/./} - begin) / 1000))

	case $status in
	0) report "$name" pass "$ms" ;;
	4) report "$name" skip "$ms" ;;
	124|137) report "$name" fail "$ms" 'timed out' ;;
	*) report "$name" fail "$ms" "exit status $status" ;;
	esac
}

# fail_all REASON NAME...: tests that could not even begin
fail_all()
{
	local reason=$1 name
	shift

	for name in "$@"; do
		: > "$(log_of "$name")"
		report "$name" fail 0 "$reason"
	done
}

# Builds what the tests in the VM use; prints the module's file name, if a test names no other kernel.
build()
{
	local names=("${vm_tests[@]/*@*/}")

	if [ -e "$tree/tools/vpntun/Makefile" ]; then
		make -s -C "$tree/tools/vpntun" >&2 || return
	fi
	if [ -e "$tree/Kbuild" ] && [[ ${names[*]} =~ [^\ ] ]]; then
		"$here/vm/module" "$kernel"
	fi
}

# Seconds that vm/tests may be silent while it runs this test.
silence_limit()
{
	local limit
	limit=$(sed -n 's/^# timeout: \([0-9]*\)$/\1/p' "$here/${1%@*}.sh" | head -n 1)
	echo $(((${limit:-120} + 90) * TIME_SCALE))
}

# Which kernel a test runs on.
kernel_of()
{
	if [[ $1 == *@* ]]; then
		echo "${1##*@}"
	else
		echo "$kernel"
	fi
}

# What a test wants on the command line of the kernel that it runs on.
kernel_args()
{
	sed -n 's/^# kernel-args: //p' "$here/${1%@*}.sh" | head -n 1
}

# Reads names of tests for the VM; brings those together that want the same kernel, most want nothing of it.
sort_by_kernel()
{
	local name
	while read -r name; do
		printf '%s\t%s\t%s\n' "$(kernel_of "$name")" "$(kernel_args "$name")" "$name"
	done | sort -st $'\t' -k 1,2 | cut -f 3
}

# Takes in one line of vm/tests, whose head says what they can be.
hear()
{
	local name result ms reason

	case $1 in
	'|'*)
		echo "${1#|}" >> "$log"
		;;
	'start '*)
		running=${1#start }$mark
		log=$(log_of "$running")
		: > "$log"
		patience=$(silence_limit "$running")
		;;
	'end '*)
		read -r _ name result ms reason <<<"$1"
		report "$name$mark" "$result" "$ms" "$reason"
		[[ $reason != *'kernel complained'* ]] || complaint_seen=1
		vm_tests=("${vm_tests[@]:1}")
		running=
		;;
	esac
}

# One virtual machine of a worker: takes tests off the front of vm_tests as they end, while they want the same kernel,
# which ko is for.
run_vm()
{
	local in line status reason running='' log=/dev/null patience=$((180 * TIME_SCALE))
	local name args words version mark='' batch=()

	version=$(kernel_of "${vm_tests[0]}")
	[[ ${vm_tests[0]} != *@* ]] || mark=@$version
	args=$(kernel_args "${vm_tests[0]}")
	words="${KERNEL_ARGS:-} $args"
	for name in "${vm_tests[@]}"; do
		[ "$(kernel_args "$name")@$(kernel_of "$name")" = "$args@$version" ] || break
		batch+=("${name%@*}")
	done
	exec {in}< <(exec "$here/vm/run" ${version:+--kernel "$version"} --timeout 86400 \
		--append "$words" --log "$kernel_log" --env VGW_KO="$ko" \
		--env TIME_SCALE="$TIME_SCALE" "${passed_on[@]}" -- "$here/vm/tests" "${batch[@]}" 2> "$results/vm-$id.log")
	vm=$!
	while true; do
		status=0
		IFS= read -r -t "$patience" line <&"$in" || status=$?
		[ "$status" = 0 ] || break
		hear "$line"
	done
	reason='the kernel died'
	if [ "$status" -gt 128 ]; then
		reason='the kernel hangs'
		kill "$vm" 2>/dev/null || true
	fi
	vm_status=0
	wait "$vm" || vm_status=$?
	vm=
	exec {in}<&-

	if [ -n "$running" ]; then
		{ echo "$kernel_log ends:"; tail -n 15 "$kernel_log"; cat "$results/vm-$id.log"; } >> "$log"
		reason+=": $("$here/vm/klog" "$kernel_log" | sed -n '1s/^\[[^]]*\] //p')"
		report "$running" fail 0 "$reason"
		vm_tests=("${vm_tests[@]:1}")
		complaint_seen=1
	fi
}

# fail_kernel REASON: all tests on the kernel of the next one fail
fail_kernel()
{
	local name version left=() none=()

	version=$(kernel_of "${vm_tests[0]}")
	for name in "${vm_tests[@]}"; do
		if [ "$(kernel_of "$name")" = "$version" ]; then
			none+=("$name")
		else
			left+=("$name")
		fi
	done
	vm_tests=("${left[@]}")
	fail_all "$1" "${none[@]}"
}

# Sets ko to the module for the kernel that the worker's next test is to run on; if there is none, all tests on that fail.
find_module()
{
	local version log=$results/build-$id.log

	ko=$module
	[[ ${vm_tests[0]} == *@* ]] || return 0
	version=$(kernel_of "${vm_tests[0]}")
	ko=$("$here/vm/module" "$version" 2> "$log") && return
	fail_kernel "no module for kernel $version, see $log: $(tail -n 1 "$log")"
	return 1
}

# worker NUMBER NAME...: runs tests in virtual machines, one after the other. Prints, for the parent:
#   report NAME RESULT MILLISECONDS REASON      fault SENTENCE
worker()
{
	local vm_status left complaint_seen kernel_log ko boots=0 id=$1 vm='' vm_tests=("${@:2}")

	report()
	{
		echo "report $*"
	}
	trap '[ -z "$vm" ] || kill "$vm" 2>/dev/null; exit 143' TERM
	# A test that kills its VM, or leaves a module that will not go, costs a boot.
	while [ ${#vm_tests[@]} -gt 0 ]; do
		# shellcheck disable=SC2310 # it sees to its own errors
		find_module || continue
		left=${#vm_tests[@]}
		complaint_seen=0
		boots=$((boots + 1))
		kernel_log=$results/kernel-$id.$boots.log
		run_vm
		if [ "$vm_status" = 123 ] && [ "$complaint_seen" = 0 ]; then
			echo "fault the kernel complained outside of all tests, see $kernel_log"
		fi
		if [ "$left" = ${#vm_tests[@]} ]; then
			fail_kernel "the VM does not start: $(tail -n 1 "$results/vm-$id.log")"
		fi
	done
}

# Deals the tests out, the longest first, so that the workers end at about the same time; prints those of one. Those on
# other kernels are the first one's, as each kernel costs a boot.
share_of()
{
	local id=$1 name i least load=()

	for ((i = 0; i < jobs; i++)); do
		load[i]=0
	done
	for name in "${vm_tests[@]}"; do
		echo "$(silence_limit "$name") $name"
	done | sort -rn | while read -r weight name; do
		least=0
		for ((i = 1; i < jobs; i++)); do
			[[ $name == *@* || ${load[i]} -ge ${load[least]} ]] || least=$i
		done
		load[least]=$((load[least] + weight))
		[ "$least" != "$id" ] || echo "$name"
	done | sort_by_kernel
}

# native_worker NAME...: runs tests here, one after the other, a little less urgent than virtual machines; prints the same.
native_worker()
{
	local name

	report()
	{
		echo "report $*"
	}
	renice -n 5 "$BASHPID" > /dev/null
	for name; do
		run_native "$name"
	done
}

# Starts all there is to run; prints what the workers do.
work()
{
	local id share

	trap 'kill $(jobs -p) 2>/dev/null; wait' TERM
	# shellcheck disable=SC2310 # workers see to their own errors
	native_worker "${native_tests[@]}" &
	for ((id = 0; id < jobs; id++)); do
		mapfile -t share < <(share_of "$id")
		# shellcheck disable=SC2310
		[ ${#share[@]} = 0 ] || worker "$id" "${share[@]}" &
	done
	wait
}

run_tests()
{
	local line name result ms reason

	if [ ${#vm_tests[@]} -gt 0 ] && ! module=$(build 2> "$results/build.log"); then
		sed 's/^/# /' "$results/build.log"
		fail_all 'the module or the tool does not build' "${vm_tests[@]}"
		vm_tests=()
	fi
	exec {in}< <(work)
	workers=$!
	while IFS= read -r line <&"$in"; do
		case $line in
		'report '*)
			read -r _ name result ms reason <<<"$line"
			report "$name" "$result" "$ms" "$reason"
			;;
		'fault '*)
			echo "# ${line#fault }"
			failed=$((failed + 1))
			;;
		esac
	done
	exec {in}<&-
	workers=
}

# Sets native_tests and vm_tests to those named.
sort_by_kind()
{
	local name

	native_tests=() vm_tests=()
	for name; do
		mkdir -p "$results/${name%/*}"
		# shellcheck disable=SC2310 # it cannot fail
		if is_native "$name"; then
			native_tests+=("$name")
		else
			vm_tests+=("$name")
		fi
	done
}

# What failed, if AGAIN excuses it, once more. The log of the first go is NAME.first.log.
run_again()
{
	local name again=("${excusable[@]}")

	[ ${#again[@]} -gt 0 ] && [ "$failed" -le "${AGAIN:-0}" ] || return 0
	echo "# have a second go, by themselves: ${again[*]}"
	for name in "${again[@]}"; do
		mv "$(log_of "$name")" "$results/$name.first.log"
	done
	excusable=() failed=$((failed - ${#again[@]})) number=0 jobs=1
	sort_by_kind "${again[@]}"
	echo "1..${#again[@]}"
	run_tests
	for name in "${again[@]}"; do
		[[ " ${failures[*]} ${excusable[*]} " == *" $name "* ]] || echo "# failed at its first go only: $name, see $results/$name.first.log"
	done
}

while [ $# -gt 0 ]; do
	case $1 in
	--kernel) kernel=${2?--kernel needs a version}; shift 2 ;;
	-h|--help) sed -n '4,/^[^#]/s/^# \?//p' "$0"; exit ;;
	-*) echo "run.sh: unknown option $1" >&2; exit 2 ;;
	*) wanted+=("$1"); shift ;;
	esac
done

mapfile -t tests < <(find_tests | choose_tests "${wanted[@]-*}")
left_out=()
if [ "${CI:-}" = true ] && [ ${#wanted[@]} = 0 ]; then
	leave_out
	add_also
fi
for name in "${tests[@]}"; do
	[[ ${HOST:-} != 1 || $name != *@* ]] || give_up "HOST=1 runs tests on this host's kernel, so not $name"
done
workers=
sort_by_kind "${tests[@]}"
trap '[ -z "$workers" ] || kill "$workers" 2>/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "KTAP version 1"
echo "1..${#tests[@]}"
[ ${#left_out[@]} = 0 ] || echo "# not run here, but by make check: ${left_out[*]}"
run_tests
run_again
[ $((passed + failed)) -gt 0 ] || echo "# no test ran${wanted[0]+; wanted: ${wanted[*]}}"
tell_failures
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
