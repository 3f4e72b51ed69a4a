// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/import/aws_json.c tools/vpntun/import/aws_xml.c */
/* libs: expat jansson */
/* sources: tools/vpntun/import/lines.c tools/vpntun/import/take.c tools/vpntun/import/verify.c */
/* sources: tools/vpntun/import/upgrade.c tools/vpntun/conf/value.c tools/vpntun/conf/lex.c */
/* sources: tools/vpntun/conf/report.c tools/vpntun/util/addr.c tools/vpntun/util/name.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/util/why.c tools/vpntun/util/wiped.c */
/* words: tools/vpntun/import/aws_json.c tools/vpntun/import/take.c */
/* The answer of describe-vpn-connections: JSON, and XML in it. */
#include <stddef.h>
#include <stdint.h>

#include "aws.h"
#include "import/aws_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	aws_read(aws_json_read, data, size);
	return 0;
}
