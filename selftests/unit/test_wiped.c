// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/util/wiped.c tools/vpntun/import/aws_json.c tools/vpntun/import/aws_xml.c */
/* sources: tools/vpntun/import/bare.c */
/* sources: tools/vpntun/import/lines.c tools/vpntun/import/take.c tools/vpntun/import/verify.c */
/* sources: tools/vpntun/import/upgrade.c tools/vpntun/conf/value.c tools/vpntun/conf/lex.c */
/* sources: tools/vpntun/conf/report.c tools/vpntun/util/addr.c tools/vpntun/util/name.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/util/why.c */
/* libs: expat jansson */
/* link: -Wl,--wrap=wiped_free -Wl,--wrap=free */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "import/aws_json.h"
#include "import/aws_xml.h"
#include "import/bare.h"
#include "util/wiped.h"

/* What is given back has no key in it any more. The linker has us see all that is: see "link:" above. */

static const char key[] = "Made.Up_Psk_Tunnel1_NotReal01234";
static unsigned int with_key;		/* blocks that had it when they came to wiped_free() */
static unsigned int still_with_key;	/* those that had it when they came to free() */
static const void *block;		/* that is there now */

void __real_free(void *memory);
void __wrap_free(void *memory);
void __real_wiped_free(void *memory);
void __wrap_wiped_free(void *memory);

void __wrap_wiped_free(void *memory)
{
	if (memory && memmem(memory, malloc_usable_size(memory), key, sizeof(key) - 1))
		with_key++;
	block = memory;
	__real_wiped_free(memory);
	assert_null(block);
}

void __wrap_free(void *memory)
{
	const uint8_t *bytes = memory;

	if (memory && memmem(memory, malloc_usable_size(memory), key, sizeof(key) - 1))
		still_with_key++;
	if (memory && memory == block) {
		for (size_t i = 0; i < malloc_usable_size(memory); i++)
			assert_int_equal(bytes[i], 0);
	}
	block = NULL;
	__real_free(memory);
}

static void what_is_given_back_is_cleared(void **state)
{
	char *text = wiped_malloc(sizeof(key));

	(void)state;
	with_key = 0;
	memcpy(text, key, sizeof(key));
	block = text;
	__real_wiped_free(text);
	assert_null(block);
	wiped_free(NULL);
}

static void what_is_moved_too(void **state)
{
	char *text = wiped_realloc(NULL, sizeof(key));

	(void)state;
	memcpy(text, key, sizeof(key));
	for (size_t size = sizeof(key); size < 10000; size *= 3) {
		block = text;
		text = wiped_realloc(text, size);
		assert_null(block);
		assert_string_equal(text, key);
	}
	block = text;
	text = wiped_realloc(text, 8);
	assert_null(block);
	assert_memory_equal(text, key, 8);
	wiped_free(text);
}

/* ---- the libraries ---- */

typedef int read_fn(const char *text, size_t len, struct import_connection *conn, struct conf_report *report);

static void read_file(const char *path, read_fn *read)
{
	static struct import_connection conn;
	struct conf_report report = { .faults = 0 };
	static char text[65536];
	FILE *file = fopen(path, "r");
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	memset(&conn, 0, sizeof(conn));
	with_key = 0;
	assert_int_equal(read(text, len, &conn, &report), 0);
	assert_string_equal(conn.tunnels[0].psk, key);
}

/* Both libraries are seen to have had it in blocks of theirs, which came to us. */
static void the_libraries_give_back_by_it(void **state)
{
	json_malloc_t usual_malloc, now_malloc;
	json_free_t usual_free, now_free;

	(void)state;
	json_get_alloc_funcs(&usual_malloc, &usual_free);
	read_file("selftests/unit/data/aws.xml", aws_xml_read);
	assert_true(with_key > 0);
	read_file("selftests/unit/data/aws.json", aws_json_read);
	assert_true(with_key > 1);
	json_get_alloc_funcs(&now_malloc, &now_free);
	assert_true(now_malloc == usual_malloc && now_free == usual_free);
}

/* It lies behind the element, where it is cut off, and in what moves to the front. */
static void what_is_cut_off_too(void **state)
{
	static const char before[] = "<CustomerGatewayConfiguration>", behind[] = "&lt;/vpn_connection&gt;";
	static struct import_connection conn;
	struct conf_report report = { .faults = 0 };
	char text[512];

	(void)state;
	memset(&conn, 0, sizeof(conn));
	snprintf(text, sizeof(text), "%s&lt;vpn_connection id=\"vpn-1\"&gt;&lt;!-- %s --&gt;%s\n%s\n%s\n", before, key, behind,
		 key, key);
	still_with_key = 0;
	assert_int_equal(bare_read(text, strlen(text), &conn, &report), 0);
	assert_string_equal(conn.id, "vpn-1");
	assert_int_equal(still_with_key, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_given_back_is_cleared),
		cmocka_unit_test(what_is_moved_too),
		cmocka_unit_test(the_libraries_give_back_by_it),
		cmocka_unit_test(what_is_cut_off_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
