/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_WHY_H
#define UTIL_WHY_H

/*
 * Why something cannot be done: one sentence for the user, without the
 * program's name in front and without a full stop. Whoever finds the fault
 * writes it; whoever knows what was being done prints it.
 */
struct why {
	char text[320];
};

/* Always returns -EINVAL, so that a parser ends with "return why_set(...)". */
int why_set(struct why *why, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "subject: " in front of what @why already says; returns -EINVAL. */
int why_prepend(struct why *why, const char *subject);

#endif /* UTIL_WHY_H */
