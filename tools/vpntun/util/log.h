/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

/* Writes "vpntun: <sentence>" as one line to standard error. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* UTIL_LOG_H */
