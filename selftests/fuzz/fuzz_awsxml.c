// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/import/aws_xml.c */
/* libs: expat */
/* sources: tools/vpntun/import/lines.c tools/vpntun/import/take.c tools/vpntun/import/verify.c tools/vpntun/import/upgrade.c */
/* sources: tools/vpntun/conf/value.c tools/vpntun/conf/lex.c tools/vpntun/conf/report.c tools/vpntun/util/addr.c */
/* sources: tools/vpntun/util/name.c tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/prefix.c */
/* sources: tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* What AWS says of a VPN connection in XML. */
#include <stddef.h>
#include <stdint.h>

#include "aws.h"
#include "import/aws_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	aws_read(aws_xml_read, data, size);
	return 0;
}
