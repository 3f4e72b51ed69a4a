# SPDX-License-Identifier: GPL-2.0
#
# vgw: site-to-site VPN gateway. `make help` lists the targets.
# Kbuild beside this file says what the module is made of.

SHELL := /bin/bash

# Headers to build the module with: the running kernel's, else the newest
# installed. Evaluated when used, because `deps` may just have installed them.
KERNELDIR ?= $(shell d=/lib/modules/$$(uname -r)/build; [ -e $$d ] || \
	d=$$(ls -d /lib/modules/*/build 2>/dev/null | sort -V | tail -n 1); echo $$d)

# As uname -r says it. (Debian's include/config/kernel.release does not, so the
# kernel's own modules_install would go to the wrong folder.)
release = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KERNELDIR)/include/generated/utsrelease.h)
installed_module = $(DESTDIR)/lib/modules/$(release)/updates/vgw.ko

# make check KERNEL=6.12: test on another kernel. make check T="ping nat": by name.
KERNEL ?=
T ?=

DESTDIR ?=
PREFIX ?= /usr
export KERNEL DESTDIR PREFIX

# CI=true or WERROR=1: a warning is an error.
ifeq ($(CI),true)
WERROR ?= 1
endif
WERROR ?=
export WERROR
kcflags = $(if $(filter 1,$(WERROR)),KCFLAGS=-Werror)

.PHONY: all
all: module tool	## build the module and the tool (the default)

.PHONY: module
ifneq ($(KERNEL),)
module:
	@selftests/vm/module "$(KERNEL)"
else
module:	## build vgw.ko (KERNELDIR=... chooses the headers; KERNEL=6.12: for that Debian kernel, in build/module)
	@[ -n "$(KERNELDIR)" ] || { echo "no kernel headers found: sudo make build-deps" >&2; exit 1; }
	$(MAKE) -C $(KERNELDIR) M=$(CURDIR) $(kcflags) modules
endif

.PHONY: tool
tool:	## build tools/vpntun/vpntun
	$(MAKE) -C tools/vpntun

.PHONY: build-deps
build-deps:	## install the Debian packages that building needs
	@selftests/deps --build

.PHONY: deps
deps:	## install the Debian packages that building and testing need (not on a gateway: daemons are among them)
	@selftests/deps

.PHONY: check
check: deps	## run the tests (T="name ..." some; KERNEL=6.12 on another kernel, 6.1-rt with PREEMPT_RT; WERROR=1)
	@selftests/run.sh $(if $(KERNEL),--kernel $(KERNEL)) $(foreach t,$(T),'$t')

.PHONY: unit
unit: deps	## run the unit tests only
	@selftests/run.sh 'unit/*'

.PHONY: check-interop
check-interop: deps	## the full tables of the IKE daemons that vpntun meets (T="libreswan ..." some; ROWS=REGEX some rows)
	@FULL=1 selftests/run.sh $(if $(KERNEL),--kernel $(KERNEL)) $(foreach t,$(or $(T),libreswan openiked strongswan),'full/$t')

# Compilers and an emulator that nothing else needs.
.PHONY: check-arch
check-arch:	## module, tool and unit tests for i386 and s390x (big-endian); the module by clang; all without a warning
	@selftests/deps gcc-i686-linux-gnu gcc-s390x-linux-gnu qemu-user
	@FULL=1 selftests/run.sh 'cross/*'

.PHONY: check-32bit
check-32bit:	## a 32-bit vpntun on the 64-bit kernel (KERNEL=...)
	@selftests/deps gcc-i686-linux-gnu
	@selftests/cross/i386 tool
	@FULL=1 selftests/run.sh $(if $(KERNEL),--kernel $(KERNEL)) full/user32

# On an emulated processor that takes hours.
.PHONY: check-debug
check-debug: deps	## the tests on a kernel built to notice faults (T="net/roam ..." some; KERNEL=uml: one that is a process, and fast; KERNEL=kcsan: one that notices races; KERNEL=kcov: one that guides net/fuzz-netlink; KERNEL=6.1: Debian's, with the checks of its heap)
	@$(if $(wildcard selftests/vm/config/$(or $(KERNEL),debug)),,KERNEL_ARGS='slub_debug=FZPU page_poison=1') \
	TIME_SCALE=$${TIME_SCALE:-8} JOBS=$${JOBS:-1} selftests/run.sh --kernel $(or $(KERNEL),debug) \
		$(foreach t,$(or $(T),net/* interop/swan-rekey interop/pairs),'$t')

.PHONY: bench
bench: deps	## what a packet costs in vgw, the kernel's IPsec, WireGuard (CASES=, SUBJECTS="vgw ...", QUICK=1, SAVE=1)
	@$(MAKE) --no-print-directory -s tool
	@selftests/bench/run

.PHONY: bench-wall
bench-wall: deps	## the same by the clock, with one processor and with two: ratios (CASES=, SUBJECTS="vgw vgw+NAME=VALUE", ROUNDS=5)
	@$(MAKE) --no-print-directory -s tool
	@selftests/bench/wall

.PHONY: bench-ike
bench-ike: deps	## what an IKE SA costs who answers, vpntun and charon: processor time and memory (SAS="100 500")
	@$(MAKE) --no-print-directory -s tool
	@ko=$$(selftests/vm/module $(KERNEL)) && TIME_SCALE=$${TIME_SCALE:-3} \
	selftests/vm/run $(if $(KERNEL),--kernel $(KERNEL)) --icount --timeout 1800 --env VGW_KO=$$ko -- \
	selftests/bench/handshake $(SAS)

.PHONY: fuzz
fuzz: deps	## fuzz the parsers of the tool (TIME=60: seconds each)
	@$(MAKE) --no-print-directory -C selftests/fuzz fuzz

.PHONY: lint
lint: deps	## static checks: shellcheck, sparse, checkpatch, cppcheck, sizes
	@selftests/check/lint

.PHONY: graph
graph:	## check that calls and includes only point downwards
	@selftests/check/graph

.PHONY: check-uapi
check-uapi:	## check that the netlink files are what uapi/vgw.yaml says
	@selftests/check/uapi

CASE ?=
demo = selftests/demo$(addprefix -,$(CASE)).sh

.PHONY: demo
demo: deps	## show the main job, in a virtual machine (CASE=aws: AWS's Site-to-Site VPN; HOST=1: on this host)
	@[ -x $(demo) ] || { echo "CASE=$(CASE): there is CASE=aws, or none" >&2; exit 1; }
	@$(MAKE) --no-print-directory -s tool
	@ko=$$(selftests/vm/module $(KERNEL)) && \
	selftests/vm/run $(if $(KERNEL),--kernel $(KERNEL)) --env VGW_KO=$$ko -- $(demo)

.PHONY: install
install: all	## install the module and the tool (DESTDIR, PREFIX)
	install -Dm644 vgw.ko $(installed_module)
	$(if $(DESTDIR),,depmod -a $(release))
	$(MAKE) -C tools/vpntun install

.PHONY: uninstall
uninstall:	## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/sbin/vpntun
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/vpntun
	rm -f $(DESTDIR)$(PREFIX)/share/man/man?/vpntun.*
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/vpntun.conf
	rm -f $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/vpntun.conf
	$(if $(DESTDIR),,! aa-enabled --quiet 2> /dev/null || apparmor_parser -R /etc/apparmor.d/vpntun-helper 2> /dev/null || :)
	rm -f $(DESTDIR)/etc/apparmor.d/vpntun-helper
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/vpntun.service
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/vpntun@.service
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/vpntun-exporter.service
	rm -f $(DESTDIR)$(PREFIX)/share/doc/vpntun/vpntun-alerts.yml
	rm -f $(DESTDIR)$(PREFIX)/share/doc/vpntun/vpntun-dashboard.json
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/network/10-vpntun.network
	rm -f $(DESTDIR)$(PREFIX)/share/doc/vpntun/networkd-vpntun.conf
	rm -f $(DESTDIR)/usr/lib/NetworkManager/conf.d/10-vpntun.conf $(DESTDIR)/etc/NetworkManager/conf.d/10-vpntun.conf
	rmdir $(DESTDIR)$(PREFIX)/share/doc/vpntun $(DESTDIR)/etc/vpntun 2> /dev/null || :
	@# of whichever kernel it was installed for
	for module in $(DESTDIR)/lib/modules/*/updates/vgw.ko; do \
		[ -e "$$module" ] || continue; \
		rm -f "$$module"; \
		version=$${module%/updates/vgw.ko}; \
		$(if $(DESTDIR),:,depmod -a "$${version##*/}"); \
	done

# DKMS builds from its own copy, for each kernel that gets installed. What it has of this version it would keep.
dkms_version = $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' kmod/dkms.conf)
dkms_source = /usr/src/vgw-$(dkms_version)

.PHONY: dkms-install
dkms-install: tool	## install the tool, and the module by DKMS
	$(MAKE) -C tools/vpntun install
	$(if $(DESTDIR),,dkms remove vgw/$(dkms_version) --all > /dev/null 2>&1 || :)
	rm -rf $(DESTDIR)$(dkms_source)
	install -d $(DESTDIR)$(dkms_source)
	tar -c --exclude='*.o' --exclude='.*.cmd' --exclude='*.mod*' Kbuild kmod uapi | \
		tar -xC $(DESTDIR)$(dkms_source)
	mv $(DESTDIR)$(dkms_source)/kmod/dkms.conf $(DESTDIR)$(dkms_source)/dkms.conf
	$(if $(DESTDIR),,dkms install vgw/$(dkms_version))

.PHONY: dkms-uninstall
dkms-uninstall: uninstall	## remove what dkms-install put there
	$(if $(DESTDIR),,dkms remove vgw/$(dkms_version) --all > /dev/null 2>&1 || :)
	rm -rf $(DESTDIR)$(dkms_source)

# From a copy, so that the tree's own objects stay what they are.
deb_source = build/deb/vgw-$(dkms_version)

.PHONY: deb
deb: deps	## build the Debian packages vgw-dkms and vpntun in build/deb, and have lintian look at them
	rm -rf build/deb
	mkdir -p $(deb_source)
	tar -c --exclude-from=.gitignore --exclude='./.git*' --exclude=./build . | tar -xC $(deb_source)
	cd $(deb_source) && dpkg-buildpackage -us -uc
	cd build/deb && lintian --allow-root --fail-on error,warning vgw_$(dkms_version)_$$(dpkg --print-architecture).changes

SUITES ?= bookworm trixie
.PHONY: check-packages
check-packages: deb	## the packages on a fresh Debian in a virtual machine: installed, a file written, a tunnel up (SUITES="bookworm trixie")
	@set -e; for suite in $(SUITES); do echo "# $$suite"; kernel=$$(selftests/vm/suite $$suite); \
		FULL=1 selftests/run.sh --kernel $$kernel full/packages; done

.PHONY: clean
clean:	## remove what building and testing made (fetched kernels stay: build/kernels)
	[ -z "$(KERNELDIR)" ] || $(MAKE) -C $(KERNELDIR) M=$(CURDIR) clean
	$(MAKE) -C tools/vpntun clean
	rm -rf build/module build/results build/unit build/vm build/lint build/deb

.PHONY: help
help:	## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*\t## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16 | sed 's/^/  make /'
