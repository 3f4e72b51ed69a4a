// SPDX-License-Identifier: GPL-2.0
#include "iked/ctl_request.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "iked/ctl.h"

/* What may, and what must, stand in a request. */
enum { HAS_FILE = 1, HAS_NAME = 2, HAS_TUNNEL = 4, HAS_IKE = 8, HAS_FOLLOW = 16, HAS_DRY = 32 };

static const struct {
	const char *word;
	unsigned int may, must;
} dos[CTL_DOS] = {
	[CTL_UP] = { "up", HAS_FILE, HAS_FILE },
	[CTL_DOWN] = { "down", HAS_NAME, HAS_NAME },
	[CTL_RELOAD] = { "reload", HAS_FILE | HAS_DRY, HAS_FILE },
	[CTL_REKEY] = { "rekey", HAS_NAME | HAS_TUNNEL | HAS_IKE, HAS_NAME },
	[CTL_STATUS] = { "status", HAS_NAME, 0 },
	[CTL_LOG] = { "log", HAS_NAME | HAS_FOLLOW, 0 },
	[CTL_PING] = { "ping", 0, 0 },
};

static int take_text(const char *key, const json_t *value, char *out, size_t size, struct why *why)
{
	size_t len = json_string_length(value);

	if (!json_is_string(value) || !len || len >= size)
		return why_set(why, "\"%s\" has to be a text of 1 to %zu bytes", key, size - 1);
	memcpy(out, json_string_value(value), len + 1);
	return 0;
}

static int take_bool(const char *key, const json_t *value, bool *out, struct why *why)
{
	if (!json_is_boolean(value))
		return why_set(why, "\"%s\" has to be true or false", key);
	*out = json_is_true(value);
	return 0;
}

static const struct {
	const char *key;
	unsigned int bit;
	size_t at, size;	/* in struct ctl_request; size 0: a bool */
} members[] = {
	{ "file", HAS_FILE, offsetof(struct ctl_request, file), CTL_FILE_MAX },
	{ "name", HAS_NAME, offsetof(struct ctl_request, name), CONF_NAME_SIZE },
	{ "tunnel", HAS_TUNNEL, offsetof(struct ctl_request, tunnel), TUNNEL_NAME_SIZE },
	{ "ike", HAS_IKE, offsetof(struct ctl_request, ike), 0 },
	{ "dry", HAS_DRY, offsetof(struct ctl_request, dry), 0 },
	{ "follow", HAS_FOLLOW, offsetof(struct ctl_request, follow), 0 },
};

/* One member of the request; @seen gathers which there were. null is as good as none. */
static int take_member(const char *key, const json_t *value, struct ctl_request *out, unsigned int *seen,
		       struct why *why)
{
	size_t i;

	if (!strcmp(key, "v") || !strcmp(key, "do") || json_is_null(value))
		return 0;
	for (i = 0; i < sizeof(members) / sizeof(*members); i++) {
		char *place = (char *)out + members[i].at;

		if (strcmp(key, members[i].key))
			continue;
		*seen |= members[i].bit;
		if (members[i].size)
			return take_text(key, value, place, members[i].size, why);
		return take_bool(key, value, (bool *)place, why);
	}
	return why_set(why, "the request has an unknown member");
}

static int take_do(json_t *root, struct ctl_request *out, struct why *why)
{
	const char *word = json_string_value(json_object_get(root, "do"));
	int i;

	if (json_integer_value(json_object_get(root, "v")) != CTL_VERSION)
		return why_set(why, "this helper speaks version %d of the control protocol: restart it after an upgrade",
			       CTL_VERSION);
	for (i = 0; word && i < CTL_DOS; i++) {
		if (strcmp(word, dos[i].word))
			continue;
		out->what = i;
		return 0;
	}
	return why_set(why, "the helper does not know that request");
}

static int take_all(json_t *root, struct ctl_request *out, struct why *why)
{
	unsigned int seen = 0;
	const char *key;
	json_t *value;
	int err;

	err = take_do(root, out, why);
	json_object_foreach(root, key, value)
		if (!err)
			err = take_member(key, value, out, &seen, why);
	if (err)
		return err;
	if (seen & ~dos[out->what].may)
		return why_set(why, "the request has a member that '%s' does not take", dos[out->what].word);
	if (dos[out->what].must & ~seen)
		return why_set(why, "the request lacks what '%s' is about", dos[out->what].word);
	/* The helper's working directory is nobody's business. */
	if (seen & HAS_FILE && *out->file != '/')
		return why_set(why, "\"file\" has to be an absolute path");
	return 0;
}

int ctl_request_parse(const char *line, size_t len, struct ctl_request *out, struct why *why)
{
	json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	int err;

	memset(out, 0, sizeof(*out));
	err = json_is_object(root) ? take_all(root, out, why) : why_set(why, "the request is no JSON object");
	json_decref(root);
	return err;
}

bool ctl_request_changes(const struct ctl_request *request)
{
	return request->what <= CTL_REKEY;
}
