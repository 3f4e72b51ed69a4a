// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/import/swan.c tools/vpntun/import/lines.c tools/vpntun/import/take.c */
/* sources: tools/vpntun/import/verify.c tools/vpntun/import/upgrade.c tools/vpntun/conf/value.c */
/* sources: tools/vpntun/conf/lex.c tools/vpntun/conf/report.c tools/vpntun/util/addr.c tools/vpntun/util/name.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/util/why.c */
/* words: tools/vpntun/import/swan.c tools/vpntun/import/take.c */
/* AWS's text for strongSwan. */
#include <stddef.h>
#include <stdint.h>

#include "aws.h"
#include "import/swan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	aws_read(swan_read, data, size);
	return 0;
}
