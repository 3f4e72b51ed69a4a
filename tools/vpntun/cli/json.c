// SPDX-License-Identifier: GPL-2.0
#include "cli/json.h"

#include <stdio.h>

#include "cli/out.h"
#include "util/num.h"

/*
 * jansson's setters take a NULL value as their own failure and free what they
 * were given, so it is enough to watch what they return, all of them.
 */
struct object {
	json_t *json;
	int failed;
};

static struct object object_new(void)
{
	struct object object = { .json = json_object() };

	object.failed = !object.json;
	return object;
}

static json_t *object_end(struct object *object)
{
	if (!object->failed)
		return object->json;
	json_decref(object->json);
	return NULL;
}

static void put(struct object *object, const char *key, json_t *value)
{
	object->failed |= json_object_set_new(object->json, key, value) < 0;
}

static void put_text(struct object *object, const char *key, const char *text)
{
	put(object, key, text ? out_json_text(text) : json_null());
}

static void put_number(struct object *object, const char *key, uint64_t number)
{
	put(object, key, out_json_u64(number));
}

static void put_bool(struct object *object, const char *key, bool value)
{
	put(object, key, json_boolean(value));
}

static void put_null(struct object *object, const char *key)
{
	put(object, key, json_null());
}

/* Null while it is not known, or not there. */
static void put_known(struct object *object, const char *key, bool known,
		      uint64_t number)
{
	put(object, key, known ? out_json_u64(number) : json_null());
}

/* No address, or one of zeros, is null: the route's choice, or none. */
static void put_addr(struct object *object, const char *key,
		     const struct ip_addr *addr)
{
	char text[ADDR_TEXT_MAX];

	put_text(object, key, addr_is_zero(addr) ? NULL : addr_text(addr, text));
}

static void put_ago(struct object *object, const char *key, bool known,
		    uint64_t ms)
{
	put(object, key, known ? out_json_seconds(ms) : json_null());
}

static json_t *json_drops(const struct vgw_drops *drops)
{
	struct object object = object_new();
	unsigned int cause;

	for (cause = 0; cause <= VGW_DROP_MAX; cause++)
		if (drops->count[cause])
			put_number(&object, VGW_WORD(drop, cause),
				   drops->count[cause]);
	return object_end(&object);
}

static json_t *json_prefixes(const struct ip_prefixes *prefixes)
{
	json_t *array = json_array();
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < prefixes->count; i++) {
		prefix_text(&prefixes->list[i], text);
		if (json_array_append_new(array, json_string(text)) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static void put_spi(struct object *object, const char *key, uint32_t spi)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", spi);
	put_text(object, key, text);
}

static void put_life(struct object *object, const struct vgw_sa *sa)
{
	put_known(object, "life_time", sa->life_time, sa->life_time);
	put_known(object, "life_bytes", sa->life_bytes, sa->life_bytes);
	put_known(object, "life_packets", sa->life_packets, sa->life_packets);
}

/* All that an event tells of an SA. */
static void put_sa_brief(struct object *object, const struct vgw_sa *sa)
{
	put_text(object, "dir", VGW_WORD(direction, sa->direction));
	put_spi(object, "spi", sa->spi);
	put_text(object, "expiry", VGW_HAS(sa, VGW_A_SA_EXPIRY) ?
		 VGW_WORD(expiry, sa->expiry) : NULL);
}

static void put_sa(struct object *object, const struct vgw_sa *sa)
{
	put_sa_brief(object, sa);
	put_text(object, "alg", VGW_WORD(suite, sa->suite));
	put_bool(object, "esn", sa->esn);
	put_known(object, "replay_window", VGW_HAS(sa, VGW_A_SA_REPLAY_WINDOW),
		  sa->replay_window);
	put_number(object, "seq", sa->seq);
	put_number(object, "packets", sa->packets);
	put_number(object, "bytes", sa->bytes);
	put_ago(object, "age", VGW_HAS(sa, VGW_A_SA_AGE), sa->age);
	put_bool(object, "current", sa->current);
	if (sa->pending_on)
		put_spi(object, "pending_on", sa->pending_on);
	else
		put_null(object, "pending_on");
	put_known(object, "linger", VGW_HAS(sa, VGW_A_SA_LINGER), sa->linger);
	put_life(object, sa);
}

/* Null if we may not know: an empty list would say that there are none. */
static json_t *json_sas(const struct snap *snap, const struct snap_tunnel *of)
{
	const struct snap_sa *sa;
	json_t *array;
	size_t count;

	if (snap->sas_hidden)
		return json_null();

	array = json_array();
	for (sa = snap_sas(snap, of, &count); count; sa++, count--) {
		struct object object = object_new();

		put_sa(&object, &sa->sa);
		if (json_array_append_new(array, object_end(&object)) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* Events do not hold all of this, and natively there are no ports. */
static void put_endpoints(struct object *object, const struct vgw_tunnel *tunnel)
{
	put_addr(object, "local", &tunnel->local);
	put_addr(object, "remote", &tunnel->remote);
	put_text(object, "encap", VGW_HAS(tunnel, VGW_A_TUNNEL_ENCAP) ?
		 VGW_WORD(encap, tunnel->encap) : NULL);
	put_known(object, "sport", VGW_HAS(tunnel, VGW_A_TUNNEL_SPORT), tunnel->sport);
	put_known(object, "dport", VGW_HAS(tunnel, VGW_A_TUNNEL_DPORT), tunnel->dport);
}

/* @known: what the helper says of it, or NULL. */
static void put_state(struct object *object, const struct vgw_tunnel *tunnel, const struct status_tunnel *known)
{
	bool down = tunnel->reason != VGW_REASON_NONE;

	put_text(object, "admin", VGW_HAS(tunnel, VGW_A_TUNNEL_ADMIN) ?
		 VGW_WORD(state, tunnel->admin) : NULL);
	put_text(object, "state", view_state(tunnel->state == VGW_STATE_UP, known));
	put_text(object, "reason", down ? VGW_WORD(reason, tunnel->reason) : NULL);
}

static void put_options(struct object *object, const struct vgw_tunnel *tunnel)
{
	char dev[OUT_TEXT_MAX];

	put_known(object, "dscp", tunnel->dscp != DSCP_COPY, tunnel->dscp);
	put_text(object, "df", VGW_WORD(df, tunnel->df));
	put_text(object, "inner_df", VGW_WORD(inner_df, tunnel->inner_df));
	put_number(object, "ttl", tunnel->ttl);
	put_number(object, "fwmark", tunnel->fwmark);
	put_text(object, "dev", tunnel->link ? out_device(tunnel->link, dev) : NULL);
	put(object, "ts_local", json_prefixes(&tunnel->ts_local));
	put(object, "ts_remote", json_prefixes(&tunnel->ts_remote));
	put_bool(object, "multicast", tunnel->multicast);
	put_number(object, "rx_mark", tunnel->rx_mark);
	put_bool(object, "roam", tunnel->roam);
	put_number(object, "keepalive", tunnel->keepalive);
	put_bool(object, "demand", tunnel->demand);
}

static json_t *json_probe(const struct vgw_probe *probe)
{
	struct object object;

	if (addr_is_zero(&probe->target))
		return json_null();

	object = object_new();
	put_addr(&object, "target", &probe->target);
	put_addr(&object, "source", &probe->source);
	put(&object, "interval", out_json_seconds(probe->interval));
	put_number(&object, "misses", probe->misses);
	put_text(&object, "action", VGW_WORD(probe_action, probe->action));
	put_text(&object, "state", VGW_WORD(probe_state, probe->state));
	put_number(&object, "sent", probe->sent);
	put_number(&object, "answered", probe->answered);
	put_number(&object, "lost", vgw_probe_lost(probe));
	put(&object, "rtt", VGW_HAS(probe, VGW_A_PROBE_RTT) ?
	    json_real(probe->rtt / 1e6) : json_null());
	return object_end(&object);
}

/* What the helper says of a tunnel. */
static void put_helper(struct object *object, const struct status_tunnel *known)
{
	put_text(object, "start", known ? known->start : NULL);
	put_known(object, "attempts", known, known ? known->attempts : 0);
	put_text(object, "last_error", known ? known->last_error : NULL);
	put(object, "ike", known && known->ike ? json_incref(known->ike) : json_null());
}

static json_t *json_tunnel(const struct snap *snap, const struct snap_tunnel *of, const struct status_tunnel *known)
{
	const struct vgw_tunnel *tunnel = &of->tunnel;
	struct object object = object_new();

	put_text(&object, "name", tunnel->name);
	put_endpoints(&object, tunnel);
	put_number(&object, "priority", tunnel->priority);
	put_number(&object, "group", tunnel->group);
	put(&object, "prefixes", json_prefixes(&tunnel->prefixes));
	put_addr(&object, "peer", &tunnel->peer);
	put_state(&object, tunnel, known);
	put_bool(&object, "active", snap_active(snap, of));
	put_ago(&object, "last_change",
		VGW_HAS(tunnel, VGW_A_TUNNEL_LAST_CHANGE), tunnel->last_change);
	put_ago(&object, "last_rx", VGW_HAS(tunnel, VGW_A_TUNNEL_LAST_RX),
		tunnel->last_rx);
	put_number(&object, "mtu", tunnel->mtu);
	put_number(&object, "rx_packets", tunnel->rx_packets);
	put_number(&object, "rx_bytes", tunnel->rx_bytes);
	put_number(&object, "tx_packets", tunnel->tx_packets);
	put_number(&object, "tx_bytes", tunnel->tx_bytes);
	put_options(&object, tunnel);
	put(&object, "probe", json_probe(&tunnel->probe));
	put(&object, "drops", json_drops(&tunnel->drops));
	put(&object, "sas", json_sas(snap, of));
	put_helper(&object, known);
	return object_end(&object);
}

/* An object with the keys of @like, all of them null. */
static struct object object_blank(json_t *like)
{
	struct object object = { .json = like, .failed = !like };
	void *iter;

	for (iter = json_object_iter(like); iter; iter = json_object_iter_next(like, iter))
		object.failed |= json_object_iter_set_new(like, iter, json_null()) < 0;
	return object;
}

/* A tunnel that only the helper knows. */
static json_t *json_tunnel_lacking(const struct status_tunnel *known)
{
	static const struct snap no_snap;
	static const struct snap_tunnel no_tunnel;
	struct object object = object_blank(json_tunnel(&no_snap, &no_tunnel, NULL));

	put_text(&object, "name", known->name);
	put_text(&object, "state", view_state(false, known));
	put_bool(&object, "active", false);
	put_helper(&object, known);
	return object_end(&object);
}

static void append(struct object *array, json_t *value)
{
	array->failed |= json_array_append_new(array->json, value) < 0;
}

/* Of an interface: the module's, then those that it lacks. @connection may be NULL. */
static json_t *json_tunnels(const struct view *view, uint32_t ifindex, const struct status_connection *connection)
{
	struct object array = { .json = json_array() };
	const struct status_tunnel *lacking;
	const struct snap_tunnel *tunnel;
	size_t count, i;

	tunnel = snap_tunnels(view->snap, ifindex, &count);
	for (; count; tunnel++, count--)
		if (view_wants(view, tunnel))
			append(&array, json_tunnel(view->snap, tunnel,
						   status_tunnel(connection, tunnel->tunnel.name)));
	for (i = 0; connection && i < connection->n_tunnels; i++) {
		lacking = view_lacking_tunnel(view, ifindex, connection, i);
		if (lacking)
			append(&array, json_tunnel_lacking(lacking));
	}
	return object_end(&array);
}

static json_t *json_iface(const struct view *view, const struct snap_iface *of)
{
	const struct status_connection *connection = status_of_iface(view->status, of->name);
	const struct vgw_iface *iface = &of->iface;
	struct object object = object_new();

	put_text(&object, "name", of->name);
	put_text(&object, "connection", connection ? connection->name : NULL);
	put_bool(&object, "carrier", iface->carrier);
	put_text(&object, "carrier_policy", VGW_WORD(carrier_policy, iface->carrier_policy));
	put_bool(&object, "dormant", iface->dormant);
	put_number(&object, "mtu", iface->mtu);
	put_bool(&object, "mtu_auto", iface->mtu_auto);
	put_number(&object, "mss_clamp", iface->mss_clamp);
	put_number(&object, "fwmark", iface->fwmark);
	put(&object, "drops", json_drops(&iface->drops));
	put(&object, "host_drops", json_drops(&iface->host_drops));
	put(&object, "tunnels", json_tunnels(view, of->ifindex, connection));
	return object_end(&object);
}

/* An interface that only the helper knows. */
static json_t *json_iface_lacking(const struct view *view, const struct status_connection *connection)
{
	static const struct snap no_snap;
	static const struct snap_iface no_iface;
	const struct view nothing = { .snap = &no_snap };
	struct object object = object_blank(json_iface(&nothing, &no_iface));

	put_text(&object, "name", connection->ifname);
	put_text(&object, "connection", connection->name);
	put_bool(&object, "carrier", false);
	put_bool(&object, "dormant", false);
	put(&object, "tunnels", json_tunnels(view, 0, connection));
	return object_end(&object);
}

static json_t *json_ifaces(const struct view *view)
{
	struct object array = { .json = json_array() };
	const struct status_connection *lacking;
	size_t i;

	for (i = 0; i < view->snap->n_ifaces; i++)
		append(&array, json_iface(view, &view->snap->ifaces[i]));
	for (i = 0; view->status && i < view->status->n_connections; i++) {
		lacking = view_lacking_iface(view, i);
		if (lacking)
			append(&array, json_iface_lacking(view, lacking));
	}
	return object_end(&array);
}

json_t *json_view(const struct view *view)
{
	struct object object = object_new();

	put(&object, "daemon", view->helper_note ? json_null() : json_boolean(view->status));
	put(&object, "interfaces", json_ifaces(view));
	return object_end(&object);
}

static struct object event_new(const char *event, const char *ifname,
			       const char *tunnel)
{
	struct object object = object_new();

	put_text(&object, "event", event);
	put_text(&object, "interface", ifname);
	put_text(&object, "tunnel", tunnel);
	return object;
}

json_t *json_tunnel_event(const char *change, const char *ifname,
			  const struct vgw_tunnel *tunnel)
{
	struct object object = event_new("tunnel", ifname, tunnel->name);

	put_text(&object, "change", change);
	put_state(&object, tunnel, NULL);
	put_endpoints(&object, tunnel);
	put_known(&object, "mtu", VGW_HAS(tunnel, VGW_A_TUNNEL_MTU), tunnel->mtu);
	return object_end(&object);
}

json_t *json_bare_event(const char *event, const char *ifname, const char *tunnel)
{
	struct object object = event_new(event, ifname, tunnel);

	return object_end(&object);
}

json_t *json_sa_event(const char *event, const char *ifname, const char *tunnel,
		      const struct vgw_sa *sa)
{
	struct object object = event_new(event, ifname, tunnel);

	put_sa_brief(&object, sa);
	return object_end(&object);
}
