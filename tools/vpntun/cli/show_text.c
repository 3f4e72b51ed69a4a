// SPDX-License-Identifier: GPL-2.0
#include "cli/show_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/show_ike.h"
#include "util/num.h"

enum { TTL_DEFAULT = 64 };

/* "drops: replayed 2, too-old 1", and no line at all if nothing was dropped. */
static void show_drops(const struct out *out, const char *title,
		       const struct vgw_drops *drops)
{
	const char *before = title;
	unsigned int cause;

	for (cause = 0; cause <= VGW_DROP_MAX; cause++) {
		if (!drops->count[cause])
			continue;
		fprintf(out->to, "%s%s %" PRIu64, before, VGW_WORD(drop, cause),
			drops->count[cause]);
		before = ", ";
	}
	if (before != title)
		fputc('\n', out->to);
}

static void show_iface(const struct out *out, const struct snap_iface *of,
		       const struct status_connection *connection)
{
	const struct vgw_iface *iface = &of->iface;

	fputs("interface ", out->to);
	out_bold(out, of->name);
	fputs(": carrier ", out->to);
	out_paint(out, iface->carrier, iface->carrier ? "on" : "off");
	if (iface->carrier_policy != VGW_CARRIER_POLICY_AUTO)
		fputs(" (always)", out->to);
	if (iface->dormant)
		fputs(", dormant", out->to);
	fprintf(out->to, ", mtu %u%s", iface->mtu, iface->mtu_auto ? " (auto)" : "");
	if (VGW_HAS(iface, VGW_A_IFACE_MSS_CLAMP) && iface->mss_clamp == MSS_OFF)
		fputs(", mss-clamp off", out->to);
	else if (iface->mss_clamp > MSS_ON)
		fprintf(out->to, ", mss-clamp %u", iface->mss_clamp);
	if (iface->fwmark)
		fprintf(out->to, ", fwmark 0x%x", iface->fwmark);
	if (connection)
		fprintf(out->to, ", connection %s", connection->name);
	fputc('\n', out->to);
	show_drops(out, "  drops: ", &iface->drops);
	show_drops(out, "  host drops: ", &iface->host_drops);
}

static void show_state(const struct out *out, const struct vgw_tunnel *tunnel,
		       const struct status_tunnel *known)
{
	bool up = tunnel->state == VGW_STATE_UP;
	char time[OUT_TEXT_MAX];

	fputs("\n  tunnel ", out->to);
	out_bold(out, tunnel->name);
	fputs(": ", out->to);
	out_paint(out, up, view_state(up, known));
	if (!up && tunnel->reason != VGW_REASON_NONE)
		fprintf(out->to, " (%s)", out_reason(tunnel->reason));
	if (VGW_HAS(tunnel, VGW_A_TUNNEL_LAST_CHANGE))
		fprintf(out->to, " for %s", out_duration(tunnel->last_change, time));
	fprintf(out->to, ", group %u, priority %u", tunnel->group, tunnel->priority);
	if (tunnel->mtu)
		fprintf(out->to, ", mtu %u", tunnel->mtu);
	fputc('\n', out->to);
}

static const char *endpoint(const struct vgw_tunnel *tunnel,
			    const struct ip_addr *addr, uint16_t port,
			    char text[ADDR_TEXT_MAX])
{
	if (tunnel->encap == VGW_ENCAP_UDP && !addr_is_zero(addr))
		return addr_port_text(addr, port, text);
	if (!addr_is_zero(addr))
		return addr_text(addr, text);

	snprintf(text, ADDR_TEXT_MAX,
		 tunnel->encap == VGW_ENCAP_UDP ? "auto:%u" : "auto", port);
	return text;
}

static void show_endpoints(const struct out *out, const struct vgw_tunnel *tunnel)
{
	char local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX] = "none";

	if (!addr_is_zero(&tunnel->remote))
		endpoint(tunnel, &tunnel->remote, tunnel->dport, remote);
	fprintf(out->to, "    endpoints: %s -> %s (%s)\n",
		endpoint(tunnel, &tunnel->local, tunnel->sport, local), remote,
		tunnel->encap == VGW_ENCAP_UDP ? "udp" : "native");
}

static void show_list(const struct out *out, const struct ip_prefixes *prefixes,
		      const char *empty)
{
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < prefixes->count; i++)
		fprintf(out->to, "%s%s", i ? ", " : "",
			prefix_text(&prefixes->list[i], text));
	if (!i)
		fputs(empty, out->to);
}

static void show_inside(const struct out *out, const struct vgw_tunnel *tunnel)
{
	char text[ADDR_TEXT_MAX];

	fputs("    prefixes: ", out->to);
	show_list(out, &tunnel->prefixes, "none");
	fputc('\n', out->to);
	if (!addr_is_zero(&tunnel->peer))
		fprintf(out->to, "    peer: %s\n", addr_text(&tunnel->peer, text));

	if (!tunnel->ts_local.count && !tunnel->ts_remote.count)
		return;
	fputs("    selectors: ", out->to);
	show_list(out, &tunnel->ts_local, "any");
	fputs(" -> ", out->to);
	show_list(out, &tunnel->ts_remote, "any");
	fputc('\n', out->to);
}

/* "    options: df copy, ttl 32": those that are not what they are by default. */
static void show_options(const struct out *out, const struct vgw_tunnel *tunnel)
{
	char dscp[8], ttl[8], marks[2][12], dev[OUT_TEXT_MAX], keepalive[16];
	const struct {
		const char *name;
		bool show;
		const char *value;
	} options[] = {
		{ "dscp", tunnel->dscp != DSCP_COPY && VGW_HAS(tunnel, VGW_A_TUNNEL_DSCP), dscp },
		{ "df", tunnel->df != VGW_DF_SET && VGW_HAS(tunnel, VGW_A_TUNNEL_DF),
		  VGW_WORD(df, tunnel->df) },
		{ "inner-df", tunnel->inner_df != VGW_INNER_DF_HONOUR,
		  VGW_WORD(inner_df, tunnel->inner_df) },
		{ "ttl", tunnel->ttl != TTL_DEFAULT && VGW_HAS(tunnel, VGW_A_TUNNEL_TTL), ttl },
		{ "fwmark", tunnel->fwmark, marks[0] },
		{ "dev", tunnel->link, out_device(tunnel->link, dev) },
		{ "multicast", tunnel->multicast, "on" },
		{ "rx-mark", tunnel->rx_mark, marks[1] },
		{ "roam", tunnel->roam, "on" },
		{ "keepalive", tunnel->keepalive, keepalive },
		{ "demand", tunnel->demand, "on" },
	};
	const char *before = "    options: ";
	size_t i;

	snprintf(dscp, sizeof(dscp), "%u", tunnel->dscp);
	snprintf(ttl, sizeof(ttl), "%u", tunnel->ttl);
	snprintf(marks[0], sizeof(marks[0]), "0x%x", tunnel->fwmark);
	snprintf(marks[1], sizeof(marks[1]), "0x%x", tunnel->rx_mark);
	snprintf(keepalive, sizeof(keepalive), "%us", tunnel->keepalive);

	for (i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (!options[i].show)
			continue;
		fprintf(out->to, "%s%s %s", before, options[i].name, options[i].value);
		before = ", ";
	}
	if (*before == ',')
		fputc('\n', out->to);
}

static void show_probe(const struct out *out, const struct vgw_probe *probe)
{
	char target[ADDR_TEXT_MAX], source[ADDR_TEXT_MAX];

	if (addr_is_zero(&probe->target))
		return;
	fprintf(out->to, "    probe: %s", addr_text(&probe->target, target));
	if (!addr_is_zero(&probe->source))
		fprintf(out->to, " from %s", addr_text(&probe->source, source));
	fprintf(out->to, " every %u ms, %u misses: %s; ", probe->interval,
		probe->misses, VGW_WORD(probe_action, probe->action));
	out_paint(out, probe->state != VGW_PROBE_STATE_DEAD,
		  VGW_WORD(probe_state, probe->state));
	if (VGW_HAS(probe, VGW_A_PROBE_RTT))
		fprintf(out->to, ", rtt %.3f ms", probe->rtt / 1000.0);
	fprintf(out->to, ", %" PRIu64 " of %" PRIu64 " lost\n",
		vgw_probe_lost(probe), probe->sent);
}

static void show_traffic(const struct out *out, const struct vgw_tunnel *tunnel)
{
	char rx[OUT_TEXT_MAX], tx[OUT_TEXT_MAX], time[OUT_TEXT_MAX];

	fprintf(out->to, "    traffic: %s received, %s sent (%" PRIu64 " and %" PRIu64 " packets)\n",
		out_bytes(tunnel->rx_bytes, rx), out_bytes(tunnel->tx_bytes, tx),
		tunnel->rx_packets, tunnel->tx_packets);
	if (VGW_HAS(tunnel, VGW_A_TUNNEL_LAST_RX))
		fprintf(out->to, "    last received: %s ago\n",
			out_duration(tunnel->last_rx, time));
}

static uint64_t left(uint64_t limit, uint64_t used)
{
	return limit > used ? limit - used : 0;
}

/* ", left: 54m 3s, 1.21 GiB": of the limits that it has. */
static void show_life(const struct out *out, const struct vgw_sa *sa)
{
	const char *before = ", left: ";
	char text[OUT_TEXT_MAX];

	if (sa->life_time) {
		fprintf(out->to, "%s%s", before,
			out_duration(left(sa->life_time * UINT64_C(1000), sa->age), text));
		before = ", ";
	}
	if (sa->life_bytes) {
		fprintf(out->to, "%s%s", before,
			out_bytes(left(sa->life_bytes, sa->bytes), text));
		before = ", ";
	}
	if (sa->life_packets)
		fprintf(out->to, "%s%" PRIu64 " packets", before,
			left(sa->life_packets, sa->packets));
}

static void show_use(const struct out *out, const struct vgw_sa *sa)
{
	if (sa->current) {
		fputs(", ", out->to);
		out_paint(out, true, "current");
	}
	if (sa->pending_on)
		fprintf(out->to, ", pending on 0x%08x", sa->pending_on);
	if (VGW_HAS(sa, VGW_A_SA_LINGER))
		fprintf(out->to, ", deleted, lingers %us", sa->linger);
	if (VGW_HAS(sa, VGW_A_SA_EXPIRY)) {
		fputs(", ", out->to);
		out_paint(out, false, VGW_WORD(expiry, sa->expiry));
		fputs(" limit reached", out->to);
	}
}

static void show_sa(const struct out *out, const struct vgw_sa *sa)
{
	char bytes[OUT_TEXT_MAX], time[OUT_TEXT_MAX];

	fprintf(out->to, "    sa %-3s 0x%08x %s%s", VGW_WORD(direction, sa->direction),
		sa->spi, VGW_WORD(suite, sa->suite), sa->esn ? " esn" : "");
	if (VGW_HAS(sa, VGW_A_SA_REPLAY_WINDOW))
		fprintf(out->to, " window %u", sa->replay_window);
	fprintf(out->to, ", seq %" PRIu64 ", %s in %" PRIu64 " packets, age %s",
		sa->seq, out_bytes(sa->bytes, bytes), sa->packets,
		out_duration(sa->age, time));
	show_use(out, sa);
	show_life(out, sa);
	fputc('\n', out->to);
}

static void show_tunnel(const struct out *out, const struct snap *snap,
			const struct snap_tunnel *of, const struct status_tunnel *known)
{
	const struct vgw_tunnel *tunnel = &of->tunnel;
	const struct snap_sa *sa;
	size_t count;

	show_state(out, tunnel, known);
	show_endpoints(out, tunnel);
	show_inside(out, tunnel);
	show_options(out, tunnel);
	show_probe(out, &tunnel->probe);
	if (known)
		show_ike(out, known);
	show_traffic(out, tunnel);
	show_drops(out, "    drops: ", &tunnel->drops);

	sa = snap_sas(snap, of, &count);
	for (; count; sa++, count--)
		show_sa(out, &sa->sa);
}

static void show_lacking(const struct out *out, const struct status_tunnel *known)
{
	fputs("\n  tunnel ", out->to);
	out_bold(out, known->name);
	fputs(": ", out->to);
	out_paint(out, false, view_state(false, known));
	fputs(" (the interface has no such tunnel)\n", out->to);
	show_ike(out, known);
}

/* Of an interface: the module's, then those that it lacks. @connection may be NULL. */
static void show_tunnels(const struct out *out, const struct view *view, uint32_t ifindex,
			 const struct status_connection *connection)
{
	const struct status_tunnel *lacking;
	const struct snap_tunnel *tunnel;
	size_t i, count;

	tunnel = snap_tunnels(view->snap, ifindex, &count);
	for (; count; tunnel++, count--)
		if (view_wants(view, tunnel))
			show_tunnel(out, view->snap, tunnel, status_tunnel(connection, tunnel->tunnel.name));
	for (i = 0; connection && i < connection->n_tunnels; i++) {
		lacking = view_lacking_tunnel(view, ifindex, connection, i);
		if (lacking)
			show_lacking(out, lacking);
	}
}

static void show_lacking_ifaces(const struct out *out, const struct view *view, const char *before)
{
	const struct status_connection *lacking;
	size_t i;

	for (i = 0; view->status && i < view->status->n_connections; i++) {
		lacking = view_lacking_iface(view, i);
		if (!lacking)
			continue;
		fprintf(out->to, "%sinterface ", before);
		out_bold(out, lacking->ifname);
		fprintf(out->to, ": not there, connection %s\n", lacking->name);
		show_tunnels(out, view, 0, lacking);
		before = "\n";
	}
}

void show_text(const struct out *out, const struct view *view)
{
	const struct snap *snap = view->snap;
	const struct status_connection *connection;
	size_t i;

	for (i = 0; i < snap->n_ifaces; i++) {
		if (i)
			fputc('\n', out->to);
		connection = status_of_iface(view->status, snap->ifaces[i].name);
		show_iface(out, &snap->ifaces[i], connection);
		show_tunnels(out, view, snap->ifaces[i].ifindex, connection);
	}
	show_lacking_ifaces(out, view, snap->n_ifaces ? "\n" : "");

	if (snap->sas_hidden)
		fputs("\n(SAs are not shown: reading them takes CAP_NET_ADMIN)\n",
		      out->to);
	if (view->helper_note)
		fprintf(out->to, "\n(connections are not shown: %s)\n", view->helper_note);
	if (view->module_note)
		fprintf(out->to, "\n(%s)\n", view->module_note);
}
