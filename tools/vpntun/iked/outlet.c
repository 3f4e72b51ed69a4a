// SPDX-License-Identifier: GPL-2.0
#include "iked/outlet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iked/udp.h"

enum { OUTLETS_MAX = 64 };	/* of each four sockets at most */

static const struct {
	uint8_t addr_len;
	uint16_t port;
} ports[] = { { 4, IKE_PORT }, { 4, IKE_NATT_PORT }, { 16, IKE_PORT }, { 16, IKE_NATT_PORT } };

enum { PORTS = sizeof(ports) / sizeof(*ports) };

struct outlet {
	uint32_t mark, vrf;
	int fds[PORTS];		/* -1: there is no such family */
};

struct outlets {
	struct sites *sites;
	const int *usual;
	size_t n_usual;
	struct outlet list[OUTLETS_MAX];
	size_t count;
};

struct outlets *outlets_create(struct sites *sites, const int *usual, size_t count)
{
	struct outlets *outlets = calloc(1, sizeof(*outlets));

	if (outlets)
		*outlets = (struct outlets){ .sites = sites, .usual = usual, .n_usual = count };
	return outlets;
}

static void close_outlet(const struct outlet *outlet)
{
	int i;

	for (i = 0; i < PORTS; i++)
		if (outlet->fds[i] >= 0)
			close(outlet->fds[i]);
}

void outlets_free(struct outlets *outlets)
{
	size_t i;

	for (i = 0; i < outlets->count; i++)
		close_outlet(&outlets->list[i]);
	free(outlets);
}

/* While the usual sockets allow it, and only then, others can be bound to the same ports. */
static void share_ports(const struct outlets *outlets, bool share)
{
	size_t i;

	for (i = 0; i < outlets->n_usual; i++)
		if (outlets->usual[i] >= 0)
			udp_share(outlets->usual[i], share);
}

/* The module takes ESP from the socket of each VRF, and binds it. One with a mark takes nothing. */
static int bind_one(const struct outlets *outlets, const struct outlet *outlet, int i, struct why *why)
{
	int fd = outlet->fds[i], err;

	err = outlet->vrf ? udp_device(fd, outlet->vrf, why) : 0;
	if (err)
		return err;
	if (outlet->mark)
		return udp_bind_deaf(fd, ports[i].addr_len, ports[i].port, why);
	if (ports[i].port == IKE_NATT_PORT)
		return sites_socket(outlets->sites, fd, why);
	udp_share(fd, true);
	err = udp_bind(fd, ports[i].addr_len, ports[i].port, why);
	udp_share(fd, false);
	return err;
}

static int open_one(const struct outlets *outlets, struct outlet *outlet, int i, struct why *why)
{
	int fd = udp_open(ports[i].addr_len, outlet->mark ? outlet->mark : SITE_MARK, why);

	if (fd == -EAFNOSUPPORT && ports[i].addr_len == 16)
		return 0;
	if (fd < 0)
		return fd;
	outlet->fds[i] = fd;
	return bind_one(outlets, outlet, i, why);
}

static void tell(const struct outlet *outlet, struct procs *procs)
{
	int i;

	for (i = 0; i < PORTS; i++) {
		const struct imsg_socket body = {
			.port = ports[i].port, .addr_len = ports[i].addr_len, .mark = outlet->mark, .vrf = outlet->vrf,
		};

		if (outlet->fds[i] >= 0)
			procs_send(procs, PROC_NETWORK, IMSG_SOCKET, &body, outlet->fds[i]);
	}
}

static int need(struct outlets *outlets, struct procs *procs, struct outlet outlet, struct why *why)
{
	size_t k;
	int i, err = 0;

	for (k = 0; k < outlets->count; k++)
		if (outlets->list[k].mark == outlet.mark && outlets->list[k].vrf == outlet.vrf)
			return 0;
	if (outlets->count == OUTLETS_MAX) {
		why_set(why, "more than %d different values of FWMark and VRFs of Device", OUTLETS_MAX);
		return -E2BIG;
	}
	share_ports(outlets, true);
	for (i = 0; !err && i < PORTS; i++)
		err = open_one(outlets, &outlet, i, why);
	share_ports(outlets, false);
	if (err) {
		close_outlet(&outlet);
		return err;
	}
	outlets->list[outlets->count++] = outlet;
	tell(&outlet, procs);
	return 0;
}

int outlets_need(struct outlets *outlets, struct procs *procs, const struct ike_via *via, struct why *why)
{
	const struct outlet none = { .fds = { -1, -1, -1, -1 } };
	struct outlet hears = none, sends = none;
	int err = 0;

	hears.vrf = sends.vrf = via->vrf;
	sends.mark = via->mark;
	if (via->vrf)
		err = need(outlets, procs, hears, why);
	if (!err && via->mark)
		err = need(outlets, procs, sends, why);
	return err;
}

void outlets_tell(const struct outlets *outlets, struct procs *procs)
{
	size_t i;

	for (i = 0; i < outlets->count; i++)
		tell(&outlets->list[i], procs);
}
