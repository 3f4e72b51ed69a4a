#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# GCM, GMAC and ChaCha20-Poly1305: every key and ICV length, every encapsulation and family, ESN off and on.

# shellcheck source=../lib/suites.sh
. "$(dirname "$0")/../lib/suites.sh"

try_suites aes128gcm16 aes192gcm16 aes256gcm16 aes128gcm12 aes192gcm12 aes256gcm12 aes128gcm8 aes192gcm8 aes256gcm8 \
	aes128gmac aes192gmac aes256gmac chacha20poly1305
