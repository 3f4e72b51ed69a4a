// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/ctl_request.c tools/vpntun/util/why.c */
/* libs: jansson */
/* words: tools/vpntun/iked/ctl_request.c */
/* A line of the control socket: taken with all it needs and texts that end, or refused with a sentence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "iked/ctl_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = { "" };
	struct ctl_request request;

	memset(&request, 0xff, sizeof(request));
	if (ctl_request_parse((const char *)data, size, &request, &why)) {
		if (!*why.text)
			abort();
		return 0;
	}
	if (!memchr(request.file, '\0', sizeof(request.file)) || !memchr(request.name, '\0', sizeof(request.name)) ||
	    !memchr(request.tunnel, '\0', sizeof(request.tunnel)) || request.what >= CTL_DOS)
		abort();
	if ((request.what == CTL_UP || request.what == CTL_RELOAD) != (*request.file == '/') ||
	    ((request.what == CTL_DOWN || request.what == CTL_REKEY) && !*request.name))
		abort();
	return 0;
}
