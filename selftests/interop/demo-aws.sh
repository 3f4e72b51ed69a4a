#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 300
# ci: no
#
# What `make demo CASE=aws` shows is true.

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

said=$keys/said

shown()
{
	grep -E "$1" "$said"
}

status=0
"$(dirname "$0")/../demo-aws.sh" > "$said" 2>&1 || status=$?
sed 's/^/# /' "$said"
same "it ends well" 0 $status
check_not "nothing of it was not so" shown '^=> .*: NO'
check "the file was taken" shown '/etc/vpntun/aws.conf: new'
check "and upgraded" shown "the file itself has AWS's minimum: aes128-sha1-modp1024"
check "a metric tells that the first tunnel is down" shown '^vpntun_tunnel_state\{.*aws-1.*\} 0$'
check "and that the second is up" shown '^vpntun_tunnel_state\{.*aws-2.*\} 1$'
check "the first came back" shown '^=> and used again: yes'
check "the log was shown" shown 'office \$ vpntun log aws'
