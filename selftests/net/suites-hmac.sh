#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 300
#
# CBC, or no cipher, with HMAC: every key and ICV length, every encapsulation and family, ESN off and on.

# shellcheck source=../lib/suites.sh
. "$(dirname "$0")/../lib/suites.sh"

try_suites aes128-sha1 aes192-sha1 aes256-sha1 aes128-sha256 aes192-sha256 aes256-sha256 \
	aes128-sha384 aes192-sha384 aes256-sha384 aes128-sha512 aes192-sha512 aes256-sha512 \
	null-sha256 null-sha384 null-sha512
