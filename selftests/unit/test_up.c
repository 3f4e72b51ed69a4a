// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/cli/judge.c tools/vpntun/cli/status.c tools/vpntun/util/name.c tools/vpntun/util/why.c */
/* libs: jansson */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/command.h"
#include "cli/judge.h"

static json_t *tunnel(const char *name, const char *start, const char *state)
{
	return json_pack("{s:s, s:s, s:s, s:n, s:i, s:s}", "name", name, "start", start, "state", state, "ike",
			 "attempts", 1, "last_error", "");
}

/* One connection, "office" on "vgw0"; takes @tunnels. */
static void read_one(struct status *status, json_t *tunnels)
{
	json_t *answer = json_pack("{s:i, s:b, s:[{s:s, s:s, s:s, s:o}]}", "v", 1, "ok", 1, "connections", "name",
				   "office", "interface", "vgw0", "file", "/etc/vpntun/office.conf", "tunnels", tunnels);
	struct why why;

	assert_non_null(answer);
	assert_int_equal(status_read(status, answer, &why), 0);
	assert_int_equal(status->n_connections, 1);
}

/* What tunnels of these starts and states make of a connection. */
static void verdicts_follow_the_tunnels(void **state)
{
	static const struct {
		const char *tunnels[3][2];
		int status;
		bool done;
		const char *word;
		const char *why;
	} cases[] = {
		{ { { NULL } }, DONE, true, "up", "" },
		{ { { "start", "up" } }, DONE, true, "up", "" },
		{ { { "start", "up" }, { "start", "up" } }, DONE, true, "up", "" },
		{ { { "start", "down" } }, NOT_UP, false, "down", "its tunnel is not up" },
		{ { { "start", "connecting" } }, NOT_UP, false, "down", "its tunnel is not up" },
		{ { { "start", "connecting" }, { "start", "down" } }, NOT_UP, false, "down",
		  "none of its 2 tunnels is up" },
		{ { { "start", "up" }, { "start", "down" } }, PARTLY, false, "partly", "1 of its 2 tunnels is up" },
		{ { { "start", "up" }, { "start", "connecting" }, { "start", "up" } }, PARTLY, false, "partly",
		  "2 of its 3 tunnels are up" },
		/* Who waits for somebody else is not waited for. */
		{ { { "add", "down" } }, DONE, true, "up", "" },
		{ { { "trap", "down" }, { "start", "up" } }, DONE, true, "up", "" },
		{ { { "add", "down" }, { "start", "down" } }, NOT_UP, false, "down", "its tunnel is not up" },
		/* But packets pass while it is up. */
		{ { { "add", "up" }, { "start", "down" } }, PARTLY, false, "partly", "its tunnel is not up" },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *tunnels = json_array();
		struct verdict verdict;
		struct why why = { "" };
		struct status status;
		char name[] = "a";

		for (j = 0; j < 3 && cases[i].tunnels[j][0]; j++, name[0]++)
			json_array_append_new(tunnels, tunnel(name, cases[i].tunnels[j][0], cases[i].tunnels[j][1]));
		read_one(&status, tunnels);
		verdict = judge(&status.connections[0]);
		assert_int_equal(judge_done(&verdict), cases[i].done);
		assert_int_equal(judge_status(&verdict, &why), cases[i].status);
		assert_string_equal(judge_word(&verdict), cases[i].word);
		assert_string_equal(why.text, cases[i].why);
		status_free(&status);
	}
}

static const char *sentence_of(json_t *one, char text[JUDGE_TEXT_MAX])
{
	struct status status;

	read_one(&status, json_pack("[o]", one));
	judge_sentence(&status.tunnels[0], text);
	status_free(&status);
	return text;
}

static void sentences_say_why(void **state)
{
	char text[JUDGE_TEXT_MAX];
	json_t *one;

	(void)state;
	assert_string_equal(sentence_of(tunnel("a", "start", "up"), text), "up");
	assert_string_equal(sentence_of(tunnel("a", "start", "connecting"), text),
			    "not up, connecting: no answer yet");
	assert_string_equal(sentence_of(tunnel("a", "start", "down"), text),
			    "not up, down: no reason is known yet");
	assert_string_equal(sentence_of(tunnel("a", "add", "down"), text),
			    "not up, down: waits for the far end to begin (StartAction = add)");
	assert_string_equal(sentence_of(tunnel("a", "trap", "down"), text),
			    "not up, down: waits for a packet to send (StartAction = trap)");

	one = tunnel("a", "start", "down");
	json_object_set_new(one, "attempts", json_integer(3));
	json_object_set_new(one, "last_error", json_string("AUTHENTICATION_FAILED: \x1b[31m\nPSK"));
	assert_string_equal(sentence_of(one, text),
			    "not up, down after 3 attempts: AUTHENTICATION_FAILED: ?[31m?PSK");

	one = tunnel("a", "start", "up");
	json_object_set_new(one, "last_error", json_string("long ago"));
	json_object_set_new(one, "ike", json_pack("{s:s, s:s}", "remote", "198.51.100.21:4500", "esp", "aes256gcm16"));
	assert_string_equal(sentence_of(one, text), "up, with 198.51.100.21:4500, aes256gcm16");
}

static void long_texts_are_cut(void **state)
{
	char text[JUDGE_TEXT_MAX], error[2000];
	json_t *one = tunnel("a", "start", "down");

	(void)state;
	memset(error, 'x', sizeof(error) - 1);
	error[sizeof(error) - 1] = '\0';
	json_object_set_new(one, "last_error", json_string(error));
	assert_int_equal(strlen(sentence_of(one, text)), strlen("not up, down: ") + STATUS_TEXT_MAX - 1);
}

/* Whatever it is that came, it is refused with a sentence, and nothing leaks. */
static void nonsense_is_refused(void **state)
{
	static const char *const answers[] = {
		"{}", "[]", "5", "null", "{\"connections\":5}", "{\"connections\":{}}", "{\"connections\":[5]}",
		"{\"connections\":[{}]}", "{\"connections\":[{\"name\":\"a\",\"interface\":\"b\"}]}",
		"{\"connections\":[{\"name\":\"a/b\",\"interface\":\"b\",\"tunnels\":[]}]}",
		"{\"connections\":[{\"name\":\"a\",\"interface\":\"0123456789abcdef\",\"tunnels\":[]}]}",
		"{\"connections\":[{\"name\":\"a\",\"interface\":\"b\",\"tunnels\":[{}]}]}",
		"{\"connections\":[{\"name\":\"a\",\"interface\":\"b\",\"tunnels\":[{\"name\":\"t\",\"start\":\"start\"}]}]}",
		"{\"connections\":[{\"name\":\"a\",\"interface\":\"b\",\"tunnels\":[{\"name\":\"t\",\"state\":\"up\"}]}]}",
		"{\"connections\":[{\"name\":\"a\",\"interface\":\"b\",\"tunnels\":"
		"[{\"name\":\"\",\"start\":\"add\",\"state\":\"up\"}]}]}",
	};
	struct status status;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		json_t *answer = json_loads(answers[i], JSON_DECODE_ANY, NULL);
		struct why why = { "" };

		assert_non_null(answer);
		assert_true(status_read(&status, answer, &why) < 0);
		assert_true(strlen(why.text) > 0);
		status_free(&status);
	}
}

static void connections_are_found_by_name_first(void **state)
{
	struct status status;
	struct why why;
	json_t *answer = json_pack("{s:[{s:s, s:s, s:[]}, {s:s, s:s, s:[]}]}", "connections",
				   "name", "a", "interface", "b", "tunnels", "name", "b", "interface", "c", "tunnels");

	(void)state;
	assert_int_equal(status_read(&status, answer, &why), 0);
	assert_string_equal(status_find(&status, "a")->name, "a");
	assert_string_equal(status_find(&status, "b")->name, "b");
	assert_string_equal(status_find(&status, "c")->name, "b");
	assert_string_equal(status_of_iface(&status, "b")->name, "a");
	assert_null(status_find(&status, "d"));
	assert_null(status_of_iface(NULL, "b"));
	assert_null(status_tunnel(NULL, "t"));
	assert_null(status_tunnel(status_find(&status, "a"), "t"));
	status_free(&status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_follow_the_tunnels),
		cmocka_unit_test(sentences_say_why),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(connections_are_found_by_name_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
