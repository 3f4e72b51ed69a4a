/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TEST_IMPORTING_H
#define TEST_IMPORTING_H

#include <stdbool.h>
#include <stddef.h>

#include "import/compose.h"

/* For tests that import files of AWS into a folder of their own. What was read last, and said: */
extern char folder[64], said[8192];
extern struct import_connection conn;
extern struct compose file;
extern struct why why;
extern const struct compose_certificate *certificate;	/* that is asked for; NULL: none */

int make_folder(void **state);
int empty_folder(void **state);

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, empty_folder)

size_t files_there(void);
unsigned int mode_of(const char *name);

/* The text of a file in @in, or in the folder; a zero ends it. */
const char *content(const char *in, const char *name);

/* The text in it that @from begins is @to from now on. */
void change(const char *name, const char *from, const char *to);

/* For struct compose_notes. */
void note(void *ctx, const char *line);

/* Imports the text, into the connection @name unless that is NULL; compose_exit() is the caller's. */
int import_text(const char *text, const char *name, bool weak);
int import_into(const char *text, const char *name);	/* the connection has to be there */

int save(const struct compose *files, size_t count);

/* Imports the file @name of the tests' data, and writes what comes of it. */
void import_done(const char *name, const char *as);

/* Is the file right? Then @conf has it. */
void load(const char *name, struct conf *conf);
void assert_tunnel(const struct conf *conf, size_t i, const char *name, const char *remote, const char *psk);

#endif /* TEST_IMPORTING_H */
