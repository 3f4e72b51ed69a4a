// SPDX-License-Identifier: GPL-2.0
#include "cli/export.h"

#include <string.h>

enum { MS = 1000, US = 1000000, LABELS_MAX = 16 };

/* Labels of every tunnel's samples: they never change while it has its name. */
enum { TUNNEL_LABELS = 3 };

static void label_tunnel(struct metric_label labels[LABELS_MAX], const struct roster_tunnel *tunnel)
{
	labels[0] = (struct metric_label){ "connection", tunnel->connection };
	labels[1] = (struct metric_label){ "interface", tunnel->ifname };
	labels[2] = (struct metric_label){ "tunnel", tunnel->name };
	labels[TUNNEL_LABELS] = (struct metric_label){ NULL, NULL };
}

/* ---- one number a tunnel ---- */

/* False: there is no such number now. */
typedef bool value_fn(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value);

static bool is_up(const struct roster_tunnel *tunnel)
{
	return tunnel->of && tunnel->of->tunnel.state == VGW_STATE_UP;
}

static bool get_state(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	(void)view;
	*value = is_up(tunnel);
	return true;
}

static bool get_last_change(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	(void)view;
	*value = tunnel->of ? tunnel->of->tunnel.last_change : 0;
	return tunnel->of && VGW_HAS(&tunnel->of->tunnel, VGW_A_TUNNEL_LAST_CHANGE);
}

static bool get_last_rx(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	(void)view;
	*value = tunnel->of ? tunnel->of->tunnel.last_rx : 0;
	return tunnel->of && VGW_HAS(&tunnel->of->tunnel, VGW_A_TUNNEL_LAST_RX);
}

/* Counters are there from the start, at 0: only so it is seen that they grow. */
#define COUNTER_OF_MODULE(function, member)						\
static bool function(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value) \
{											\
	(void)view;									\
	*value = tunnel->of ? tunnel->of->tunnel.member : 0;				\
	return true;									\
}

COUNTER_OF_MODULE(get_rx_bytes, rx_bytes)
COUNTER_OF_MODULE(get_rx_packets, rx_packets)
COUNTER_OF_MODULE(get_tx_bytes, tx_bytes)
COUNTER_OF_MODULE(get_tx_packets, tx_packets)
COUNTER_OF_MODULE(get_probes_sent, probe.sent)
COUNTER_OF_MODULE(get_probes_answered, probe.answered)

static bool get_dropped(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	unsigned int cause;

	(void)view;
	*value = 0;
	for (cause = 0; tunnel->of && cause <= VGW_DROP_MAX; cause++)
		*value += tunnel->of->tunnel.drops.count[cause];
	return true;
}

static bool get_mtu(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	(void)view;
	*value = tunnel->of ? tunnel->of->tunnel.mtu : 0;
	return *value;
}

static bool get_rtt(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	(void)view;
	*value = tunnel->of ? tunnel->of->tunnel.probe.rtt : 0;
	return tunnel->of && VGW_HAS(&tunnel->of->tunnel.probe, VGW_A_PROBE_RTT);
}

/* Of the SA that is sent by. */
static bool get_sa_age(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	const struct snap_sa *sa;
	size_t count = 0;

	sa = tunnel->of ? snap_sas(view->snap, tunnel->of, &count) : NULL;
	for (; count; sa++, count--) {
		if (sa->sa.direction != VGW_DIRECTION_OUT || !sa->sa.current)
			continue;
		*value = sa->sa.age;
		return true;
	}
	return false;
}

/* What the helper says of the IKE SA, in seconds or a count. */
static bool get_ike(const struct roster_tunnel *tunnel, const char *key, uint64_t *value)
{
	bool there = tunnel->known && json_is_number(json_object_get(tunnel->known->ike, key));

	*value = there ? status_ike_number(tunnel->known, key) : 0;
	return there;
}

static bool get_ike_age(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	(void)view;
	return get_ike(tunnel, "age", value);
}

static bool get_certificate_end(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	(void)view;
	*value = tunnel->known ? tunnel->known->certificate_end : 0;
	return *value;
}

static bool get_ike_rekeys(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	(void)view;
	*value = tunnel->known ? tunnel->known->ike_rekeys : 0;
	return true;
}

static bool get_child_rekeys(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	(void)view;
	*value = tunnel->known ? tunnel->known->child_rekeys : 0;
	return true;
}

static bool get_handshakes(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	(void)view;
	*value = tunnel->known ? tunnel->known->handshakes : 0;
	return true;
}

static bool get_attempts(const struct view *view, const struct roster_tunnel *tunnel, uint64_t *value)
{
	(void)view;
	*value = tunnel->known ? tunnel->known->attempts : 0;
	return true;
}

static const struct {
	struct metric metric;
	value_fn *get;
} numbers[] = {
	{ { "vpntun_tunnel_state", "Whether the tunnel carries traffic: 1 up, 0 down (CloudWatch: TunnelState).",
	    METRIC_GAUGE, 0 }, get_state },
	{ { "vpntun_tunnel_last_change_age_seconds", "Since when the tunnel is up, or down.", METRIC_GAUGE, MS },
	  get_last_change },
	{ { "vpntun_tunnel_from_peer_bytes", "Bytes received from the peer, after decryption (CloudWatch: TunnelDataOut).",
	    METRIC_COUNTER, 0 }, get_rx_bytes },
	{ { "vpntun_tunnel_from_peer_packets", "Packets received from the peer.", METRIC_COUNTER, 0 }, get_rx_packets },
	{ { "vpntun_tunnel_to_peer_bytes", "Bytes sent to the peer, before encryption (CloudWatch: TunnelDataIn).",
	    METRIC_COUNTER, 0 }, get_tx_bytes },
	{ { "vpntun_tunnel_to_peer_packets", "Packets sent to the peer.", METRIC_COUNTER, 0 }, get_tx_packets },
	{ { "vpntun_tunnel_dropped_packets", "Packets dropped, for any cause.", METRIC_COUNTER, 0 }, get_dropped },
	{ { "vpntun_tunnel_last_receive_age_seconds", "How long ago the last authentic packet came from the peer.",
	    METRIC_GAUGE, MS }, get_last_rx },
	{ { "vpntun_tunnel_mtu_bytes", "The longest inner packet that goes in one piece.", METRIC_GAUGE, 0 }, get_mtu },
	{ { "vpntun_tunnel_probes_sent", "Liveness probes sent.", METRIC_COUNTER, 0 }, get_probes_sent },
	{ { "vpntun_tunnel_probes_answered", "Liveness probes answered.", METRIC_COUNTER, 0 }, get_probes_answered },
	{ { "vpntun_tunnel_probe_rtt_seconds", "Round trip time of the last probe that was answered.", METRIC_GAUGE, US },
	  get_rtt },
	{ { "vpntun_tunnel_sa_age_seconds", "Age of the ESP SA that is sent by.", METRIC_GAUGE, MS }, get_sa_age },
	{ { "vpntun_tunnel_ike_sa_age_seconds", "Age of the IKE SA.", METRIC_GAUGE, 0 }, get_ike_age },
	{ { "vpntun_tunnel_ike_rekeys", "Rekeyings of the IKE SA.", METRIC_COUNTER, 0 }, get_ike_rekeys },
	{ { "vpntun_tunnel_child_rekeys", "Rekeyings of the tunnel's ESP SAs.", METRIC_COUNTER, 0 }, get_child_rekeys },
	{ { "vpntun_tunnel_handshakes", "IKE SAs that came up, rekeyed ones not counted.", METRIC_COUNTER, 0 },
	  get_handshakes },
	{ { "vpntun_tunnel_failed_attempts", "Attempts that failed since the tunnel was last up.", METRIC_GAUGE, 0 },
	  get_attempts },
	{ { "vpntun_tunnel_certificate_expiry_timestamp_seconds", "Until when our certificate counts.", METRIC_GAUGE, 0 },
	  get_certificate_end },
};

static void put_numbers(const struct metrics *metrics, const struct export *from)
{
	struct metric_label labels[LABELS_MAX];
	uint64_t value;
	size_t i, j;

	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		metrics_head(metrics, &numbers[i].metric);
		for (j = 0; j < from->roster->count; j++) {
			label_tunnel(labels, &from->roster->list[j]);
			if (numbers[i].get(from->view, &from->roster->list[j], &value))
				metrics_sample(metrics, &numbers[i].metric, labels, value);
		}
	}
}

/* ---- words, each with 1 or 0 ---- */

static const char *phase(const struct roster_tunnel *tunnel)
{
	if (is_up(tunnel))
		return "up";
	/* Of one with keys of its own the helper knows nothing. */
	if (!tunnel->known && !tunnel->of)
		return "inactive";
	return tunnel->known && tunnel->known->state == STATUS_CONNECTING ? "connecting" : "down";
}

static const char *down_reason(const struct roster_tunnel *tunnel)
{
	return tunnel->of ? VGW_WORD(reason, tunnel->of->tunnel.reason) : "not-there";
}

/* A row for each word, so that none vanishes when another comes. */
static void put_word(const struct metrics *metrics, const struct metric *metric, const struct roster_tunnel *tunnel,
		     const struct metric_label *word, const char *now)
{
	struct metric_label labels[LABELS_MAX];

	label_tunnel(labels, tunnel);
	labels[TUNNEL_LABELS] = *word;
	labels[TUNNEL_LABELS + 1] = (struct metric_label){ NULL, NULL };
	metrics_sample(metrics, metric, labels, !strcmp(word->value, now));
}

static void put_phases(const struct metrics *metrics, const struct export *from)
{
	static const struct metric metric = { "vpntun_tunnel_phase",
		"Where the tunnel stands: inactive (its connection is not brought up), down, connecting, up.",
		METRIC_GAUGE, 0 };
	static const char *const words[] = { "inactive", "down", "connecting", "up" };
	size_t i, j;

	metrics_head(metrics, &metric);
	for (i = 0; i < from->roster->count; i++)
		for (j = 0; j < sizeof(words) / sizeof(*words); j++)
			put_word(metrics, &metric, &from->roster->list[i],
				 &(struct metric_label){ "phase", words[j] }, phase(&from->roster->list[i]));
}

static void put_reasons(const struct metrics *metrics, const struct export *from)
{
	static const struct metric metric = { "vpntun_tunnel_down_reason",
		"Why the tunnel went down at its last change; all 0 while it is up.", METRIC_GAUGE, 0 };
	size_t i, j;

	metrics_head(metrics, &metric);
	for (i = 0; i < from->roster->count; i++) {
		const struct roster_tunnel *tunnel = &from->roster->list[i];

		for (j = VGW_REASON_NONE + 1; j <= VGW_REASON_MAX; j++)
			put_word(metrics, &metric, tunnel, &(struct metric_label){ "reason", VGW_WORD(reason, j) },
				 down_reason(tunnel));
		put_word(metrics, &metric, tunnel, &(struct metric_label){ "reason", "not-there" }, down_reason(tunnel));
	}
}

/* ---- what it is ---- */

static const char *remote_text(const struct roster_tunnel *tunnel, char text[ADDR_TEXT_MAX])
{
	if (tunnel->of && !addr_is_zero(&tunnel->of->tunnel.remote))
		return addr_text(&tunnel->of->tunnel.remote, text);
	if (tunnel->conf && tunnel->conf->remote.len)
		return addr_text(&tunnel->conf->remote, text);
	return tunnel->conf && *tunnel->conf->remote_name ? tunnel->conf->remote_name : "";
}

static void put_info(const struct metrics *metrics, const struct export *from)
{
	static const struct metric metric = { "vpntun_tunnel",
		"The tunnel's endpoints and algorithms (remote is CloudWatch's TunnelIpAddress).", METRIC_INFO, 0 };
	char remote[ADDR_TEXT_MAX], local[ADDR_TEXT_MAX], ike[STATUS_TEXT_MAX], esp[STATUS_TEXT_MAX];
	struct metric_label labels[LABELS_MAX];
	size_t i;

	metrics_head(metrics, &metric);
	for (i = 0; i < from->roster->count; i++) {
		const struct roster_tunnel *tunnel = &from->roster->list[i];
		const struct vgw_tunnel *of = tunnel->of ? &tunnel->of->tunnel : NULL;
		const struct metric_label more[] = {
			{ "remote", remote_text(tunnel, remote) },
			{ "local", of && !addr_is_zero(&of->local) ? addr_text(&of->local, local) : "" },
			{ "encap", of ? VGW_WORD(encap, of->encap) : "" },
			{ "ike", tunnel->known ? status_ike_text(tunnel->known, "suite", ike) : "" },
			{ "esp", tunnel->known ? status_ike_text(tunnel->known, "esp", esp) : "" },
			{ NULL, NULL },
		};

		label_tunnel(labels, tunnel);
		memcpy(labels + TUNNEL_LABELS, more, sizeof(more));
		metrics_sample(metrics, &metric, labels, 1);
	}
}

/* ---- counts by cause ---- */

static void put_causes(const struct metrics *metrics, const struct metric *metric, struct metric_label *labels,
		       size_t n_labels, const struct vgw_drops *drops)
{
	unsigned int cause;

	for (cause = 0; cause <= VGW_DROP_MAX; cause++) {
		if (!drops->count[cause])
			continue;
		labels[n_labels] = (struct metric_label){ "cause", VGW_WORD(drop, cause) };
		labels[n_labels + 1] = (struct metric_label){ NULL, NULL };
		metrics_sample(metrics, metric, labels, drops->count[cause]);
	}
}

static void put_drops(const struct metrics *metrics, const struct export *from)
{
	static const struct metric metric = { "vpntun_tunnel_drops",
		"Packets dropped, by cause; causes that never were are left out.", METRIC_COUNTER, 0 };
	struct metric_label labels[LABELS_MAX];
	size_t i;

	metrics_head(metrics, &metric);
	for (i = 0; i < from->roster->count; i++) {
		if (!from->roster->list[i].of)
			continue;
		label_tunnel(labels, &from->roster->list[i]);
		put_causes(metrics, &metric, labels, TUNNEL_LABELS, &from->roster->list[i].of->tunnel.drops);
	}
}

static void put_failures(const struct metrics *metrics, const struct export *from)
{
	static const struct metric metric = { "vpntun_tunnel_ike_failures",
		"Negotiations and IKE SAs that failed, by reason.", METRIC_COUNTER, 0 };
	struct metric_label labels[LABELS_MAX];
	const char *reason;
	json_t *count;
	size_t i;

	metrics_head(metrics, &metric);
	for (i = 0; i < from->roster->count; i++) {
		const struct roster_tunnel *tunnel = &from->roster->list[i];

		label_tunnel(labels, tunnel);
		labels[TUNNEL_LABELS + 1] = (struct metric_label){ NULL, NULL };
		json_object_foreach(tunnel->known ? tunnel->known->failures : NULL, reason, count) {
			labels[TUNNEL_LABELS] = (struct metric_label){ "reason", reason };
			if (json_integer_value(count) >= 0)
				metrics_sample(metrics, &metric, labels, json_integer_value(count));
		}
	}
}

/* ---- interfaces and the host ---- */

static void put_ifaces(const struct metrics *metrics, const struct export *from)
{
	static const struct metric carrier = { "vpntun_interface_carrier",
		"Whether the interface has carrier: a tunnel is up or starts on demand, or carrier is always on.", METRIC_GAUGE, 0 };
	static const struct metric mtu = { "vpntun_interface_mtu_bytes", "The interface's MTU.", METRIC_GAUGE, 0 };
	static const struct metric drops = { "vpntun_interface_drops",
		"Packets that no tunnel of the interface could be found for, by cause.", METRIC_COUNTER, 0 };
	static const struct metric host = { "vpntun_host_drops",
		"Packets that no interface of the host could be found for, by cause.", METRIC_COUNTER, 0 };
	const struct snap *snap = from->view->snap;
	struct metric_label labels[LABELS_MAX] = { { "interface", NULL } };
	size_t i;

	metrics_head(metrics, &carrier);
	for (i = 0; i < snap->n_ifaces; i++) {
		labels[0].value = snap->ifaces[i].name;
		metrics_sample(metrics, &carrier, labels, snap->ifaces[i].iface.carrier);
	}
	metrics_head(metrics, &mtu);
	for (i = 0; i < snap->n_ifaces; i++) {
		labels[0].value = snap->ifaces[i].name;
		metrics_sample(metrics, &mtu, labels, snap->ifaces[i].iface.mtu);
	}
	metrics_head(metrics, &drops);
	for (i = 0; i < snap->n_ifaces; i++) {
		labels[0].value = snap->ifaces[i].name;
		put_causes(metrics, &drops, labels, 1, &snap->ifaces[i].iface.drops);
	}
	/* Every interface tells the same of it. */
	metrics_head(metrics, &host);
	if (snap->n_ifaces)
		put_causes(metrics, &host, labels, 0, &snap->ifaces[0].iface.host_drops);
}

static void put_flag(const struct metrics *metrics, const struct metric *metric, bool value)
{
	const struct metric_label none[] = { { NULL, NULL } };

	metrics_head(metrics, metric);
	metrics_sample(metrics, metric, none, value);
}

static void put_host(const struct metrics *metrics, const struct export *from)
{
	static const struct metric build = { "vpntun_build", "The program.", METRIC_INFO, 0 };
	static const struct metric module = { "vpntun_module_loaded", "Whether the module vgw is there.", METRIC_GAUGE, 0 };
	static const struct metric helper = { "vpntun_helper_running", "Whether the IKE helper answers.", METRIC_GAUGE, 0 };
	static const struct metric valid = { "vpntun_config_valid",
		"Whether the connection's file is right; if not its tunnels are only known while they are up.",
		METRIC_GAUGE, 0 };
	const struct metric_label version[] = { { "version", from->version }, { NULL, NULL } };
	size_t i;

	metrics_head(metrics, &build);
	metrics_sample(metrics, &build, version, 1);
	put_flag(metrics, &module, !from->view->module_note);
	put_flag(metrics, &helper, from->view->status);
	metrics_head(metrics, &valid);
	for (i = 0; i < from->files->count; i++) {
		const struct metric_label name[] = { { "connection", from->files->list[i].name }, { NULL, NULL } };

		metrics_sample(metrics, &valid, name, from->files->list[i].right);
	}
}

void export_all(const struct metrics *metrics, const struct export *from)
{
	put_host(metrics, from);
	put_ifaces(metrics, from);
	put_info(metrics, from);
	put_phases(metrics, from);
	put_reasons(metrics, from);
	put_numbers(metrics, from);
	put_drops(metrics, from);
	put_failures(metrics, from);
	metrics_end(metrics);
}
