// SPDX-License-Identifier: GPL-2.0
#include "ike/mobike.h"

#include <string.h>

#include "ike/names.h"
#include "ike/nat.h"
#include "ike/say.h"

static const struct span nothing = {NULL, 0};

void mobike_float(struct ike_sa *sa, const struct ike_msg *msg)
{
	/* Now, as later nobody could tell whether there is NAT on the next path. */
	if (!sa->tun->pol.mobike || !nat_told(msg) || sa->path.local_port == IKE_NATT_PORT)
		return;
	sa->path.local_port = IKE_NATT_PORT;
	sa->path.remote_port = IKE_NATT_PORT;
}

void mobike_put(const struct ike_sa *sa, struct chain *chain)
{
	if (sa->initiator ? sa->tun->pol.mobike : sa->mobike)
		chain_notify(chain, IKE_N_MOBIKE_SUPPORTED, nothing);
}

bool mobike_may_drift(const struct ike_sa *sa)
{
	return sa->mobike && sa->mover && sa->natted;
}

void mobike_note(struct ike_sa *sa, const struct ike_msg *msg)
{
	sa->mobike = sa->tun->pol.mobike && msg_notify(msg, IKE_N_MOBIKE_SUPPORTED);
	/* Whatever has changed since IKE_SA_INIT: the answer is what later ones are compared with. */
	sa->update = mobike_may_drift(sa);
}

static void put_nat(struct ike *ike, const struct ike_sa *sa, const struct ike_path *path, struct chain *chain)
{
	nat_put(ike, sa, path, sa->tun->pol.encap == IKE_ENCAP_UDP, chain);
}

/* ---- we move ---- */

/*
 * With MOBIKE IKE and ESP go by the new path at once (section 3.5), encapsulated as before until the peer has said what
 * it sees. A peer that takes us for one behind NAT follows whatever comes from there. Any other would send to the old
 * address: then another IKE SA is made, and this one serves until that is up.
 */
void mobike_leave(struct ike *ike, struct ike_sa *sa)
{
	char text[ADDR_TEXT_MAX];

	sa->path.local = sa->tun->pol.local;
	sa->win.due = ike->now;
	if (sa->state != SA_UP)
		return;
	say(ike, sa->tun, IKE_LOG_INFO, "our address is %s now", addr_text(&sa->path.local, text));
	if (sa->mobike && sa->mover) {
		sa->update = true;
		nat_moved(ike, sa);
	} else if (sa->natted && !sa->peer_natted && !sa->mobike) {
		sa->ping = true;
		nat_moved(ike, sa);
	} else if (sa->mover || sa->tun->keep) {
		sa->stale = true;
		sa->tun->keep = true;
		sa->tun->retry_at = ike->now;
	} else {
		sa->ping = true;
	}
}

void mobike_put_update(struct ike *ike, struct ike_sa *sa, struct chain *chain)
{
	sa->update = false;
	chain_notify(chain, IKE_N_UPDATE_SA_ADDRESSES, nothing);
	put_nat(ike, sa, &sa->path, chain);
}

void mobike_put_ping(struct ike *ike, const struct ike_sa *sa, struct chain *chain)
{
	if (mobike_may_drift(sa))
		put_nat(ike, sa, &sa->path, chain);
}

/*
 * What is heard answers packets of ours that came by a new mapping of the translator's, perhaps, while the peer's own
 * requests go to the old one: it follows nothing but an update (section 3.8), and only a ping shows that one is due.
 */
uint64_t mobike_unsure_since(const struct ike_sa *sa)
{
	return mobike_may_drift(sa) ? sa->pinged : sa->heard;
}

/* How the peer sees us: a translator may have given us another address or port (section 3.8). */
static bool seen_otherwise(struct ike_sa *sa, const struct ike_msg *msg)
{
	static const uint8_t never[IKE_NAT_HASH];
	const struct ike_notify_pld *notify = msg_notify(msg, IKE_N_NAT_DETECTION_DESTINATION_IP);
	bool first = !memcmp(sa->seen_as, never, sizeof(never)), same;

	if (!notify || notify->data.len != sizeof(sa->seen_as))
		return false;
	same = !memcmp(sa->seen_as, notify->data.at, sizeof(sa->seen_as));
	memcpy(sa->seen_as, notify->data.at, sizeof(sa->seen_as));
	return !first && !same;
}

/* What came of it: is there NAT on the new path? */
static void settle(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	bool udp = sa->udp, natted = sa->natted, peer_natted = sa->peer_natted;

	seen_otherwise(sa, in->msg);
	if (!nat_told(in->msg))
		return;
	nat_judge(sa, in);
	nat_settle(ike, sa);
	if (sa->udp != udp || sa->natted != natted || sa->peer_natted != peer_natted)
		nat_moved(ike, sa);
}

enum sa_state mobike_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in, bool update)
{
	const struct ike_notify_pld *error = msg_error(in->msg);

	/* It is another address again: what the peer says of the last one is past. */
	if (!sa->mobike || !sa->mover || sa->update || sa->state != SA_UP)
		return sa->state;
	if (!update) {
		if (seen_otherwise(sa, in->msg))
			sa->update = true;
		return sa->state;
	}
	if (error) {
		say_fault(ike, sa->tun, fault_of(error->type), "the peer does not follow to our address: %s",
			  name_notify(error->type));
		return SA_DELETING;
	}
	settle(ike, sa, in);
	return sa->state;
}

/* ---- the peer moves ---- */

static bool acceptable(const struct ike_sa *sa, const struct ike_path *path)
{
	const struct ip_addr *local = &sa->tun->pol.local;

	return !local->len || addr_equal(local, &path->local);
}

/* The request is authentic and fresh: message IDs see to that. */
static void move(struct ike *ike, struct ike_sa *sa, const struct ike_in *in, struct chain *chain)
{
	char text[ADDR_TEXT_MAX];
	bool same;

	if (!acceptable(sa, in->path)) {
		chain_notify(chain, IKE_N_UNACCEPTABLE_ADDRESSES, nothing);
		return;
	}
	same = path_equal(&sa->path, in->path);
	sa->path = *in->path;
	if (nat_told(in->msg)) {
		nat_judge(sa, in);
		nat_settle(ike, sa);
	}
	if (!same)
		say(ike, sa->tun, IKE_LOG_INFO, "the peer's address is %s now",
		    addr_port_text(&sa->path.remote, sa->path.remote_port, text));
	nat_moved(ike, sa);
}

void mobike_request(struct ike *ike, struct ike_sa *sa, const struct ike_in *in, struct chain *chain)
{
	const struct ike_notify_pld *cookie = msg_notify(in->msg, IKE_N_COOKIE2);

	if (!sa->mobike)
		return;
	if (sa->state == SA_UP && !sa->mover && msg_notify(in->msg, IKE_N_UPDATE_SA_ADDRESSES))
		move(ike, sa, in, chain);
	if (nat_told(in->msg))
		put_nat(ike, sa, in->path, chain);
	if (cookie && cookie->data.len >= IKE_COOKIE2_MIN && cookie->data.len <= IKE_COOKIE_MAX)
		chain_notify(chain, IKE_N_COOKIE2, cookie->data);
}
