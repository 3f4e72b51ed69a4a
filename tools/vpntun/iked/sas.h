/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_SAS_H
#define IKED_SAS_H

#include "iked/conn.h"

/*
 * The network process's wishes about SAs, carried out in the parent in the order in which they come. It is not believed:
 * a tunnel has a bounded number of them, and only those it made are touched.
 */
void sas_reserve(struct conns *conns, const struct ike_act_reserve *reserve);	/* if that can be done; RESERVED in any case */
void sas_install(struct conns *conns, const struct ike_act_install *install);	/* and acknowledges */
void sas_activate(struct conns *conns, const struct ike_act_child *child);
void sas_delete(struct conns *conns, const struct ike_act_child *child);
void sas_move(struct conns *conns, const struct ike_act_move *move);

/* Every SAS_TICK milliseconds: who has heard its peer, and whose old SAs have had their day. */
enum { SAS_TICK = 2000 };
void sas_tick(struct conns *conns);

/* Events of the module were lost: tells the network process which of its SAs are no more. */
void sas_resync(struct conns *conns);

#endif /* IKED_SAS_H */
