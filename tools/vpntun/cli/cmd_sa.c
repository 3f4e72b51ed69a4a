// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "cli/keyfile.h"
#include "nl/vgw.h"
#include "util/num.h"
#include "util/wipe.h"

/* What the words of a command line say. */
struct sa_words {
	struct vgw_sa sa;		/* comes first, with the mask */
	const char *keyfile;
	const char *authkeyfile;
};

static int parse_suite(const char *text, void *out, struct why *why)
{
	const size_t count = sizeof(vgw_suite_names) / sizeof(*vgw_suite_names);
	unsigned int value = 0;
	uint32_t *suite = out;

	if (choice_parse(text, vgw_suite_names, count, &value, why))
		return -EINVAL;
	*suite = value;
	return 0;
}

/* Another SA is made current, none is made not to be. */
static int parse_on(const char *text, void *out, struct why *why)
{
	static const char *const names[] = { NULL, "on" };

	return choice_u8_parse(text, names, 2, out, why);
}

static int parse_file(const char *text, void *out, struct why *why)
{
	const char **file = out;

	if (!*text)
		return why_set(why, "the name of a file is empty");
	*file = text;
	return 0;
}

#define WORD_SPI							\
	{ "spi", "N", "decimal or 0x.., from 256",			\
	  spi_parse, WORD_TO(sa_words, sa.spi), VGW_A_SA_SPI }

static const struct word add_words[] = {
	WORD_SPI,
	{ "alg", "NAME", "suite of algorithms, see below", parse_suite,
	  WORD_TO(sa_words, sa.suite), VGW_A_SA_SUITE, WORD_CHOICES(vgw_suite_names) },
	{ "keyfile", "FILE|-", "cipher key in hex, for AEADs with its salt",
	  parse_file, WORD_TO(sa_words, keyfile), VGW_A_SA_KEY },
	{ "authkeyfile", "FILE|-", "HMAC key in hex, for the -sha suites",
	  parse_file, WORD_TO(sa_words, authkeyfile), VGW_A_SA_AUTH_KEY },
	{ "esn", "on|off", "extended sequence numbers (off)",
	  onoff_parse, WORD_TO(sa_words, sa.esn), VGW_A_SA_ESN },
	{ "replay-window", "N", "64 to 8192 packets, inbound only (1024)",
	  window_parse, WORD_TO(sa_words, sa.replay_window), VGW_A_SA_REPLAY_WINDOW },
	{ "pending-on", "SPI", "outbound: waits for a packet on that inbound SA",
	  spi_parse, WORD_TO(sa_words, sa.pending_on), VGW_A_SA_PENDING_ON },
	{ "life-time", "S", "spent after so many seconds",
	  life_time_parse, WORD_TO(sa_words, sa.life_time), VGW_A_SA_LIFE_TIME },
	{ "life-bytes", "N", "spent after so many, also as 64M, 2G, 1T",
	  life_bytes_parse, WORD_TO(sa_words, sa.life_bytes), VGW_A_SA_LIFE_BYTES },
	{ "life-packets", "N", "spent after so many",
	  life_parse, WORD_TO(sa_words, sa.life_packets), VGW_A_SA_LIFE_PACKETS },
	{ 0 }
};

static const struct word set_words[] = {
	WORD_SPI,
	{ "current", "on", "use this outbound SA from now on",
	  parse_on, WORD_TO(sa_words, sa.current), VGW_A_SA_CURRENT },
	{ 0 }
};

static const struct word del_words[] = {
	WORD_SPI,
	{ "linger", "S", "still accept packets for up to 60 seconds, inbound only",
	  linger_parse, WORD_TO(sa_words, sa.linger), VGW_A_SA_LINGER },
	{ 0 }
};

/* Arguments and words, as far as they can be judged without the kernel. */
static int parse_request(const struct request *request, const struct word *table,
			 struct sa_words *words, struct why *why)
{
	const size_t count = sizeof(vgw_direction_names) / sizeof(*vgw_direction_names);
	unsigned int direction = 0;

	if (name_check(request->args[0], IFACE_NAME_SIZE, why) ||
	    name_check(request->args[1], TUNNEL_NAME_SIZE, why) ||
	    choice_parse(request->args[2], vgw_direction_names, count, &direction, why) ||
	    words_parse(table, request->words, words, why))
		return -EINVAL;

	words->sa.direction = direction;
	words->sa.has |= ATTR_BIT(VGW_A_SA_DIRECTION);
	if (!VGW_HAS(&words->sa, VGW_A_SA_SPI))
		return why_set(why, "'spi' is missing");
	return 0;
}

static int check_new(const struct sa_words *words, struct why *why)
{
	if (!VGW_HAS(&words->sa, VGW_A_SA_SUITE))
		return why_set(why, "'alg' is missing");
	if (!words->keyfile && !words->authkeyfile)
		return why_set(why, "'keyfile' is missing");
	return 0;
}

static int read_keys(const struct sa_words *words, struct vgw_keys *keys,
		     struct why *why)
{
	int len;

	if (words->keyfile) {
		len = keyfile_read(words->keyfile, keys->key, sizeof(keys->key), why);
		if (len < 0)
			return len;
		keys->key_len = len;
	}
	if (!words->authkeyfile)
		return 0;

	len = keyfile_read(words->authkeyfile, keys->auth_key,
			   sizeof(keys->auth_key), why);
	if (len < 0)
		return len;
	keys->auth_key_len = len;
	return 0;
}

/* The kernel knows the lengths of keys, we know which file the wrong one is in. */
static void name_keyfile(const struct sa_words *words, const struct vgw_keys *keys,
			 const char *attr, struct why *why)
{
	bool auth = !strcmp(attr, "sa.auth-key");
	const char *file = auth ? words->authkeyfile : words->keyfile;
	size_t len = auth ? keys->auth_key_len : keys->key_len;
	struct why old = *why;

	/* Without a file the objection is that there should be one. */
	if (file && (auth || !strcmp(attr, "sa.key")))
		why_set(why, "%s; %s has %zu (%zu hex digits)", old.text,
			strcmp(file, "-") ? file : "standard input", len, 2 * len);
}

/* @keys: of a new SA, else NULL. */
static int change_sa(uint8_t cmd, const struct request *request,
		     const struct sa_words *words, const struct vgw_keys *keys,
		     struct why *why)
{
	const struct vgw_sa_place place = {
		.where = { .ifname = request->args[0] }, .tunnel = request->args[1],
	};
	struct knl knl;
	int err;

	err = vgw_open(&knl);
	if (!err) {
		err = vgw_sa_change(&knl, cmd, &place, &words->sa, keys);
		knl_close(&knl);
	}
	if (!err)
		return DONE;

	*why = knl.why;
	if (keys)
		name_keyfile(words, keys, knl.attr, why);
	return FAILED;
}

static int run_add(const struct request *request, struct why *why)
{
	struct sa_words words = { 0 };
	struct vgw_keys keys = { 0 };
	int status = FAILED;

	if (parse_request(request, add_words, &words, why) ||
	    check_new(&words, why))
		return USAGE;

	if (!read_keys(&words, &keys, why))
		status = change_sa(VGW_CMD_SA_NEW, request, &words, &keys, why);
	wipe(&keys);
	return status;
}

static int run_set(const struct request *request, struct why *why)
{
	struct sa_words words = { 0 };

	if (parse_request(request, set_words, &words, why))
		return USAGE;
	if (!words.sa.current) {
		why_set(why, "nothing to set: name 'current on'");
		return USAGE;
	}
	return change_sa(VGW_CMD_SA_SET, request, &words, NULL, why);
}

static int run_del(const struct request *request, struct why *why)
{
	struct sa_words words = { 0 };

	if (parse_request(request, del_words, &words, why))
		return USAGE;
	return change_sa(VGW_CMD_SA_DEL, request, &words, NULL, why);
}

static const struct command sub_add = {
	.name = "add",
	.syntax = "IFACE TUNNEL in|out spi N alg NAME [keyfile F] [authkeyfile F] [WORD VALUE]...",
	.summary = "Installs an SA; an outbound one is used at once unless it is pending.",
	.text = "A key file holds hex digits on one line: for AEADs the key with its salt\n"
		"appended, for CBC ciphers the cipher key, and their HMAC key stands in\n"
		"authkeyfile. The null suites have only that. '-' reads standard input, one\n"
		"key a line. A file that others can read is refused.\n",
	.words = add_words,
	.min_args = 3, .max_args = 3,
	.run = run_add,
};

static const struct command sub_set = {
	.name = "set",
	.syntax = "IFACE TUNNEL out spi N current on",
	.summary = "Makes an outbound SA the one in use.",
	.words = set_words,
	.min_args = 3, .max_args = 3,
	.run = run_set,
};

static const struct command sub_del = {
	.name = "del",
	.syntax = "IFACE TUNNEL in|out spi N [linger S]",
	.summary = "Removes an SA, at once or after some seconds.",
	.words = del_words,
	.min_args = 3, .max_args = 3,
	.run = run_del,
};

static const struct command *const subs[] = { &sub_add, &sub_set, &sub_del, NULL };

const struct command cmd_sa = {
	.name = "sa",
	.syntax = "COMMAND",
	.summary = "Adds, changes and removes the Security Associations of a tunnel.",
	.subs = subs,
};
