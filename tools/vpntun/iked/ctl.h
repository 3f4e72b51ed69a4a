/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_CTL_H
#define IKED_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/why.h"

/*
 * The control protocol: one JSON object a line, each way, over /run/vpntun/ctl-<inode of the network namespace>, a
 * stream socket, 0660 root:vpntun. Requests:
 *
 *   {"v":1,"do":"up","file":"/etc/vpntun/office.conf"}       brings a connection up (it goes on after the answer)
 *   {"v":1,"do":"down","name":"office"}
 *   {"v":1,"do":"reload","file":"/etc/vpntun/office.conf","dry":false}   what is up becomes what its file says now
 *   {"v":1,"do":"rekey","name":"office","tunnel":"a","ike":false}   "tunnel" may be missing: all of them
 *   {"v":1,"do":"status"}                                     and with "name": one
 *   {"v":1,"do":"log","name":null,"follow":true}              lines kept (a ring), then new ones as they come
 *   {"v":1,"do":"ping"}
 *
 * Answers: {"v":1,"ok":true,...} or {"v":1,"ok":false,"why":"sentence","code":N}, N an exit status. up, down, reload, rekey
 * are for root alone (peer credentials); the rest is for the socket's group too. up of what is up answers "already":true, and
 * leaves it as it is. reload answers {"v":1,"ok":true,"changes":["tunnel a: IKEProposals: new IKE SA",..]}, and begins what
 * that takes; with "dry" it only tells. status answers
 *
 *   {"v":1,"ok":true,"connections":[{"name","interface","file","tunnels":[{"name","start":"add|start|trap",
 *     "state":"up|connecting|down","ike":{..}|null,"attempts":N,"last_error":"","failure":"","failures":{"no-answer":N,..},
 *     "handshakes":N,"rekeys":N,"child_rekeys":N}]}]}
 *
 * with "ike": {"initiator":bool,"local":"ADDR:PORT","remote":"ADDR:PORT","spi_i":"HEX","spi_r":"HEX","suite","esp","age",
 * "child_age","rekey_in","child_rekey_in","rekeys","child_rekeys","natted":bool,"peer_natted":bool,"remote_id",
 * "spi_in":"0x%08x","spi_out","ike_sas","child_sas"}: times in seconds. log answers {"v":1,"ok":true}, then
 * {"time":"RFC 3339","level":"error|warning|info|debug","connection":"office","tunnel":"a","text":".."} a line (connection and
 * tunnel may be null); without follow the connection is closed at the end.
 * A request is at most CTL_LINE_MAX bytes; more, or what is no JSON object, is answered with a refusal and the end.
 */
enum { CTL_VERSION = 1, CTL_LINE_MAX = 16384, CTL_PATH_MAX = 64 };

/* The socket's path in this network namespace; 0 or a negative errno. */
int ctl_path(char *path, size_t size);

/* ---- client: for the CLI; waits, but for an answer not for ever ---- */

struct ctl;
/* Seconds: the helper answers all but "down" at once, and that after some; who has others waiting waits less. */
enum { CTL_PATIENCE = 60, CTL_PATIENCE_SHORT = 3 };
/* -ENOENT or -ECONNREFUSED: no helper runs here; then @why says so. @patience: seconds for each answer. */
int ctl_connect(struct ctl **ctl, unsigned int patience, struct why *why);
void ctl_close(struct ctl *ctl);
/*
 * Sends a request (it is freed), and waits for the answer, which may be a refusal ("ok":false): NULL and @why only if the
 * helper went away or answered what is no JSON object.
 */
json_t *ctl_ask(struct ctl *ctl, json_t *request, struct why *why);
/* One more line of a "log". NULL at its end, and then @why is empty; or if it is none, and @why says so. */
json_t *ctl_line(struct ctl *ctl, struct why *why);

#endif /* IKED_CTL_H */
