/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_CMDS_H
#define CLI_CMDS_H

#include "cli/command.h"

/* Each is the whole of its file, cmd_*.c. */
extern const struct command cmd_check;
extern const struct command cmd_connection;
extern const struct command cmd_doctor;
extern const struct command cmd_down;
extern const struct command cmd_export;
extern const struct command cmd_export_bird;
extern const struct command cmd_export_frr;
extern const struct command cmd_exporter;
extern const struct command cmd_genpsk;
extern const struct command cmd_ike;
extern const struct command cmd_import;
extern const struct command cmd_log;
extern const struct command cmd_monitor;
extern const struct command cmd_rekey;
extern const struct command cmd_reload;
extern const struct command cmd_restart;
extern const struct command cmd_sa;
extern const struct command cmd_set;
extern const struct command cmd_show;
extern const struct command cmd_tunnel;
extern const struct command cmd_up;

#endif /* CLI_CMDS_H */
