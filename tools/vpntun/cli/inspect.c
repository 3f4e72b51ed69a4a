// SPDX-License-Identifier: GPL-2.0
#include "cli/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/file.h"
#include "conf/keys.h"
#include "conf/report.h"
#include "iked/creds.h"
#include "iked/policy.h"
#include "util/wipe.h"

enum {
	PSK_MAX = 512,		/* bytes; more than any peer takes */
	PSK_SHORT = 20,		/* fewer can be guessed from one recorded handshake */
};

/* "LocalID: ..": the line of that key. */
static unsigned int line_of(const struct conf_tunnel *tunnel, const char *sentence)
{
	char key[32];
	unsigned int line;

	snprintf(key, sizeof(key), "%.*s", (int)strcspn(sentence, ":"), sentence);
	line = keys_line(keys_tunnel, tunnel->lines, key);
	return line ? line : tunnel->line;
}

/* An editor's mark of UTF-8, which nobody sees. */
static bool has_mark(const uint8_t *psk, int len)
{
	return len >= 3 && !memcmp(psk, "\xef\xbb\xbf", 3);
}

static void check_psk(const struct conf *conf, const struct conf_tunnel *tunnel, struct conf_report *report)
{
	unsigned int line = line_of(tunnel, "PSKFile");
	uint8_t psk[PSK_MAX];
	struct why why = { "" };
	int len;

	len = conf_psk(conf, tunnel, psk, sizeof(psk), &why);
	if (len < 0)
		report_fault(report, conf->path, line, "PSKFile: %s", why.text);
	else if (len < PSK_SHORT)
		report_warning(report, conf->path, line,
			       "PSKFile: a key of %d bytes is short; 'vpntun genpsk' makes a strong one", len);
	if (len > 0 && (psk[len - 1] == ' ' || psk[len - 1] == '\t'))
		report_warning(report, conf->path, line, "PSKFile: the key ends in a blank; is that meant?");
	if (has_mark(psk, len))
		report_warning(report, conf->path, line,
			       "PSKFile: the key begins with a byte order mark (ef bb bf), as an editor puts it there; is that meant?");
	wipe(&psk);
}

static void check_certificate(const struct conf *conf, const struct conf_tunnel *tunnel,
			      const struct ike_policy *policy, struct conf_report *report)
{
	struct creds *creds = malloc(sizeof(*creds));

	if (!creds)
		report_fault(report, conf->path, tunnel->line, "out of memory");
	else if (!creds_load(conf, tunnel, policy, creds, report))
		creds_free(creds);
	free(creds);
}

static void check_tunnel(const struct conf *conf, const struct conf_tunnel *tunnel, struct conf_report *report)
{
	struct ike_policy policy;
	struct why why = { "" };
	bool made = !policy_make(conf, tunnel, &policy, &why);

	if (!made)
		report_fault(report, conf->path, line_of(tunnel, why.text), "%s", why.text);
	else if (policy_doubtful(&policy, &why))
		report_warning(report, conf->path, line_of(tunnel, why.text), "%s", why.text);
	if (file_helper_only(tunnel))
		report_warning(report, conf->path, tunnel->line,
			       "tunnel %s: credentials are read by the helper only, and not looked at here", tunnel->name);
	else if (*tunnel->psk_file)
		check_psk(conf, tunnel, report);
	else if (made)
		check_certificate(conf, tunnel, &policy, report);
}

void inspect(const struct conf *conf, struct conf_report *report)
{
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++)
		check_tunnel(conf, &conf->tunnels[i], report);
	conf_others(conf, report);
}
