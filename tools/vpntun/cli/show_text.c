// SPDX-License-Identifier: GPL-2.0
#include "cli/show_text.h"

#include <inttypes.h>
#include <stdio.h>

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

static void show_iface(const struct out *out, const struct snap_iface *of)
{
	const struct vgw_iface *iface = &of->iface;

	fputs("interface ", out->to);
	out_bold(out, of->name);
	fputs(": carrier ", out->to);
	out_paint(out, iface->carrier, iface->carrier ? "on" : "off");
	fprintf(out->to, ", mtu %u%s\n", iface->mtu,
		iface->mtu_auto ? " (auto)" : "");
	show_drops(out, "  drops: ", &iface->drops);
	show_drops(out, "  host drops: ", &iface->host_drops);
}

static void show_state(const struct out *out, const struct vgw_tunnel *tunnel)
{
	bool up = tunnel->state == VGW_STATE_UP;
	char time[OUT_TEXT_MAX];

	fputs("\n  tunnel ", out->to);
	out_bold(out, tunnel->name);
	fputs(": ", out->to);
	out_paint(out, up, VGW_WORD(state, tunnel->state));
	if (!up && tunnel->reason != VGW_REASON_NONE)
		fprintf(out->to, " (%s)", VGW_WORD(reason, tunnel->reason));
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

static void show_inside(const struct out *out, const struct vgw_tunnel *tunnel)
{
	char text[ADDR_TEXT_MAX];
	size_t i;

	fputs("    prefixes: ", out->to);
	for (i = 0; i < tunnel->prefixes.count; i++)
		fprintf(out->to, "%s%s", i ? ", " : "",
			prefix_text(&tunnel->prefixes.list[i], text));
	fputs(i ? "\n" : "none\n", out->to);

	if (!addr_is_zero(&tunnel->peer))
		fprintf(out->to, "    peer: %s\n", addr_text(&tunnel->peer, text));
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
	if (sa->current) {
		fputs(", ", out->to);
		out_paint(out, true, "current");
	}
	if (VGW_HAS(sa, VGW_A_SA_EXPIRY)) {
		fputs(", ", out->to);
		out_paint(out, false, VGW_WORD(expiry, sa->expiry));
		fputs(" limit reached", out->to);
	}
	fputc('\n', out->to);
}

static void show_tunnel(const struct out *out, const struct snap *snap,
			const struct snap_tunnel *of)
{
	const struct vgw_tunnel *tunnel = &of->tunnel;
	const struct snap_sa *sa;
	size_t count;

	show_state(out, tunnel);
	show_endpoints(out, tunnel);
	show_inside(out, tunnel);
	show_traffic(out, tunnel);
	show_drops(out, "    drops: ", &tunnel->drops);

	sa = snap_sas(snap, of, &count);
	for (; count; sa++, count--)
		show_sa(out, &sa->sa);
}

void show_text(const struct out *out, const struct snap *snap)
{
	const struct snap_tunnel *tunnel;
	size_t i, count;

	for (i = 0; i < snap->n_ifaces; i++) {
		if (i)
			fputc('\n', out->to);
		show_iface(out, &snap->ifaces[i]);

		tunnel = snap_tunnels(snap, snap->ifaces[i].ifindex, &count);
		for (; count; tunnel++, count--)
			show_tunnel(out, snap, tunnel);
	}
	if (snap->sas_hidden)
		fputs("\n(SAs are not shown: reading them takes CAP_NET_ADMIN)\n",
		      out->to);
}
