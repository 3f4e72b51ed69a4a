// SPDX-License-Identifier: GPL-2.0
#include "cli/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

struct verdict judge(const struct status_connection *connection)
{
	struct verdict verdict = { 0 };
	size_t i;

	for (i = 0; i < connection->n_tunnels; i++) {
		const struct status_tunnel *tunnel = &connection->tunnels[i];
		const bool up = tunnel->state == STATUS_UP;

		verdict.any |= up;
		if (strcmp(tunnel->start, "start"))
			continue;
		verdict.wanted++;
		verdict.up += up;
	}
	return verdict;
}

bool judge_done(const struct verdict *verdict)
{
	return verdict->up == verdict->wanted;
}

int judge_status(const struct verdict *verdict, struct why *why)
{
	if (judge_done(verdict))
		return DONE;
	if (verdict->wanted == 1)
		why_set(why, "its tunnel is not up");
	else if (!verdict->up)
		why_set(why, "none of its %zu tunnels is up", verdict->wanted);
	else
		why_set(why, "%zu of its %zu tunnels %s up", verdict->up, verdict->wanted,
			verdict->up == 1 ? "is" : "are");
	return verdict->any ? PARTLY : NOT_UP;
}

const char *judge_word(const struct verdict *verdict)
{
	struct why why = { "" };

	switch (judge_status(verdict, &why)) {
	case DONE:
		return "up";
	case PARTLY:
		return "partly";
	}
	return "down";
}

static const char *up_sentence(const struct status_tunnel *tunnel, char text[JUDGE_TEXT_MAX])
{
	char remote[STATUS_TEXT_MAX], esp[STATUS_TEXT_MAX];

	status_ike_text(tunnel, "remote", remote);
	status_ike_text(tunnel, "esp", esp);
	snprintf(text, JUDGE_TEXT_MAX, "up%s%s%s%s", *remote ? ", with " : "", remote,
		 *esp ? ", " : "", esp);
	return text;
}

/* What it waits for as long as nothing is known to be wrong. */
static const char *waits_for(const struct status_tunnel *tunnel)
{
	if (tunnel->state == STATUS_CONNECTING)
		return "no answer yet";
	if (!strcmp(tunnel->start, "add"))
		return "waits for the far end to begin (StartAction = add)";
	if (!strcmp(tunnel->start, "trap"))
		return "waits for a packet to send (StartAction = trap)";
	return "no reason is known yet";
}

const char *judge_sentence(const struct status_tunnel *tunnel, char text[JUDGE_TEXT_MAX])
{
	char error[STATUS_TEXT_MAX], attempts[64] = "";

	if (tunnel->state == STATUS_UP)
		return up_sentence(tunnel, text);

	if (tunnel->attempts > 1)
		snprintf(attempts, sizeof(attempts), " after %" PRIu64 " attempts", tunnel->attempts);
	status_text(tunnel->last_error ? tunnel->last_error : waits_for(tunnel), error);
	snprintf(text, JUDGE_TEXT_MAX, "not up, %s%s: %s", status_word(tunnel->state), attempts, error);
	return text;
}
