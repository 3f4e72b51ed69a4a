/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NL_VGW_H
#define NL_VGW_H

#include <stdbool.h>
#include <stdint.h>

#include "nl/knl.h"
#include "nl/objects.h"

extern const struct attr_set vgw_main_attrs;

/*
 * 0 or -ENOMEM. Unknown attributes are passed over and malformed ones taken as
 * not sent, so a newer module can be read too.
 */
int vgw_decode(const struct nlmsghdr *nlh, struct vgw_message *out);
void vgw_tunnel_free(struct vgw_tunnel *tunnel);	/* its lists */
void vgw_message_free(struct vgw_message *message);

/* These return 0 or a negative errno, and then knl->why tells the rest. */
int vgw_open(struct knl *knl);

/* Is the module there that @knl was opened with? It has another family after it was removed and loaded again. */
bool vgw_is_there(const struct knl *knl);

/*
 * An interface: by its name in the socket's namespace, or, without one, by its index in another one, @netnsid as the
 * socket's numbers it. All zero: none.
 */
struct vgw_where {
	const char *ifname;
	uint32_t index;
	int32_t netnsid;
};

int vgw_iface_set(struct knl *knl, const struct vgw_where *where, const struct vgw_iface *iface);

/* @cmd: VGW_CMD_TUNNEL_NEW, _SET or _DEL; @tunnel holds at least the name. */
int vgw_tunnel_change(struct knl *knl, uint8_t cmd, const struct vgw_where *where, const struct vgw_tunnel *tunnel);

/* A tunnel that SAs belong to. */
struct vgw_sa_place {
	struct vgw_where where;
	const char *tunnel;
};

/*
 * @cmd: VGW_CMD_SA_NEW, _SET or _DEL; @sa holds at least direction and SPI. Or VGW_CMD_SPI_ALLOC, with the SPI alone:
 * it is kept for this socket, and what comes by it before its SA.
 * @keys are for a new one, else NULL; no copy of them is kept.
 */
int vgw_sa_change(struct knl *knl, uint8_t cmd, const struct vgw_sa_place *place,
		  const struct vgw_sa *sa, const struct vgw_keys *keys);

/*
 * Hands the module a UDP socket of ours, which it binds to @port: it may have that port itself, from an owner before us,
 * so that bind() would fail.
 */
int vgw_socket_set(struct knl *knl, int fd, uint16_t port);

/*
 * Asks for what @cmd (VGW_CMD_*_GET) shows of one interface or tunnel. Names
 * may be NULL; @dump asks for all that the names leave open.
 */
struct vgw_query {
	struct vgw_where where;
	const char *tunnel;
	uint8_t cmd;
	bool dump;
};

int vgw_get(struct knl *knl, const struct vgw_query *query, knl_fn *fn, void *arg);

#endif /* NL_VGW_H */
