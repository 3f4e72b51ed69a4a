// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/import/aws_xml.c tools/vpntun/import/bare.c */
/* libs: expat */
/* sources: tools/vpntun/import/lines.c tools/vpntun/import/take.c tools/vpntun/import/verify.c */
/* sources: tools/vpntun/import/upgrade.c tools/vpntun/conf/value.c tools/vpntun/conf/lex.c */
/* sources: tools/vpntun/conf/report.c tools/vpntun/util/addr.c tools/vpntun/util/name.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/util/why.c tools/vpntun/util/wiped.c */
/* words: tools/vpntun/import/aws_xml.c tools/vpntun/import/take.c */
/* What AWS says of a VPN connection in XML, and such XML copied out of something else. */
#include <stddef.h>
#include <stdint.h>

#include "aws.h"
#include "import/aws_xml.h"
#include "import/bare.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	aws_read(bare_is_copied((const char *)data, size) ? bare_read : aws_xml_read, data, size);
	return 0;
}
