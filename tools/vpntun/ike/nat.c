// SPDX-License-Identifier: GPL-2.0
#include "ike/nat.h"

#include <string.h>

#include "ike/say.h"

static int nat_hash(uint64_t spi_i, uint64_t spi_r, const struct ip_addr *addr, uint16_t port,
		    uint8_t out[IKE_NAT_HASH])
{
	uint8_t numbers[18];
	struct wr wr = wr_init(numbers, sizeof(numbers));
	const struct span parts[] = {
		{numbers, 16},
		{addr->bytes, addr->len},
		{numbers + 16, 2},
	};

	wr_u64(&wr, spi_i);
	wr_u64(&wr, spi_r);
	wr_u16(&wr, port);
	return crypt_sha1(parts, sizeof(parts) / sizeof(parts[0]), out);
}

void nat_put(struct ike *ike, const struct ike_sa *sa, const struct ike_path *path, bool force, struct chain *chain)
{
	uint8_t hash[IKE_NAT_HASH] = {0};

	if (force)
		ike_random(ike, hash, sizeof(hash));
	else
		nat_hash(sa->spi_i, sa->spi_r, &path->local, path->local_port, hash);
	chain_notify(chain, IKE_N_NAT_DETECTION_SOURCE_IP, (struct span){hash, sizeof(hash)});
	nat_hash(sa->spi_i, sa->spi_r, &path->remote, path->remote_port, hash);
	chain_notify(chain, IKE_N_NAT_DETECTION_DESTINATION_IP, (struct span){hash, sizeof(hash)});
}

/* Are there notifies of this type, and is none of them @hash? */
static bool differs(const struct ike_msg *msg, uint16_t type, const uint8_t hash[IKE_NAT_HASH])
{
	bool any = false;

	for (unsigned int i = 0; i < msg->n_notifies; i++) {
		if (msg->notifies[i].type != type)
			continue;
		if (span_equal(msg->notifies[i].data, (struct span){hash, IKE_NAT_HASH}))
			return false;
		any = true;
	}
	return any;
}

bool nat_told(const struct ike_msg *msg)
{
	return msg_notify(msg, IKE_N_NAT_DETECTION_SOURCE_IP) && msg_notify(msg, IKE_N_NAT_DETECTION_DESTINATION_IP);
}

void nat_judge(struct ike_sa *sa, const struct ike_in *in)
{
	const struct ike_path *path = in->path;
	uint8_t hash[IKE_NAT_HASH];

	/* The hashes are over the SPIs of the message, so a request's has no responder's. */
	if (!nat_hash(in->hdr->spi_i, in->hdr->spi_r, &path->remote, path->remote_port, hash))
		sa->peer_natted = differs(in->msg, IKE_N_NAT_DETECTION_SOURCE_IP, hash);
	if (!nat_hash(in->hdr->spi_i, in->hdr->spi_r, &path->local, path->local_port, hash))
		sa->natted = differs(in->msg, IKE_N_NAT_DETECTION_DESTINATION_IP, hash);
}

/*
 * Who begins must go to port 4500 when there is NAT. One that has heard our hashes and stays on port 500 knows of none:
 * its own hash was of an address that it did not know (OpenIKED's is of 0.0.0.0 then), and it sends ESP as it is.
 */
void nat_believe(struct ike *ike, struct ike_sa *sa)
{
	bool nat = sa->natted || sa->peer_natted;

	if (!nat || sa->path.local_port != IKE_PORT || sa->tun->pol.encap == IKE_ENCAP_UDP)
		return;
	say(ike, sa->tun, IKE_LOG_INFO,
	    "the peer's NAT detection does not fit its address, but it stays on port %u: no NAT, native ESP", IKE_PORT);
	sa->natted = sa->peer_natted = false;
}

void nat_settle(struct ike *ike, struct ike_sa *sa)
{
	bool nat = sa->natted || sa->peer_natted;

	sa->udp = nat || sa->tun->pol.encap == IKE_ENCAP_UDP;
	if (nat && sa->tun->pol.encap == IKE_ENCAP_NONE)
		say(ike, sa->tun, IKE_LOG_WARNING,
		    "there is NAT between the peer and us: ESP goes in UDP although encapsulation is off");
	if (!sa->mover || !sa->udp || sa->path.local_port == IKE_NATT_PORT)
		return;
	sa->path.local_port = IKE_NATT_PORT;
	sa->path.remote_port = IKE_NATT_PORT;
}

void nat_told_by(const struct ike_sa *sa)
{
	struct ike_act_move *told = &sa->tun->told;

	memset(told, 0, sizeof(*told));
	told->policy = sa->tun->pol.id;
	told->path = sa->path;
	told->udp = sa->udp;
	told->peer_natted = sa->peer_natted;
	told->natted = sa->natted;
}

void nat_moved(struct ike *ike, const struct ike_sa *sa)
{
	struct ike_act *act;

	if (sa != sa_newest(ike, sa->tun))
		return;
	nat_told_by(sa);
	act = acts_add(&ike->acts, IKE_ACT_MOVE);
	if (act)
		act->move = sa->tun->told;
}

bool nat_may_follow(const struct ike_sa *sa)
{
	return sa->state == SA_UP && sa->peer_natted && !sa->natted && !sa->mobike;
}

void nat_roamed(struct ike *ike, struct ike_sa *sa, const struct ip_addr *remote, uint16_t port)
{
	struct ike_path *path = &sa->path;

	/* Port 500 has a mapping of its own. */
	if (!nat_may_follow(sa) || !sa->udp || path->local_port != IKE_NATT_PORT || remote->len != path->remote.len ||
	    (addr_equal(remote, &path->remote) && port == path->remote_port))
		return;
	path->remote = *remote;
	path->remote_port = port;
	nat_told_by(sa);
	/* What went to the old mapping is lost. */
	if (sa->win.busy)
		sa->win.due = ike->now;
}

static bool is_way(const struct ike_act_move *way, const struct ike_sa *sa)
{
	return path_equal(&way->path, &sa->path) && way->udp == sa->udp && way->peer_natted == sa->peer_natted &&
	       way->natted == sa->natted;
}

void nat_follow(struct ike *ike, const struct ike_tunnel *tun)
{
	const struct ike_sa *sa = sa_newest(ike, tun);

	/* Of one that is left for another because of our address ESP keeps to the old way. */
	if (sa && sa->children && !sa->stale && tun->told.policy && !is_way(&tun->told, sa))
		nat_moved(ike, sa);
}
