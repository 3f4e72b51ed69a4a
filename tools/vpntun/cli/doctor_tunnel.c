// SPDX-License-Identifier: GPL-2.0
#include "cli/doctor.h"

#include <inttypes.h>
#include <string.h>

#include "cli/doctor_offer.h"
#include "cli/path_probe.h"

enum { ABOUT_MAX = 96, RX_SILENT_MS = 60000, ENDED_OFTEN = 3, ASYMMETRIC = 20 /* packets */, LASTS_MS = 3600000 };

static bool is_up(const struct roster_tunnel *tunnel)
{
	return tunnel->of && tunnel->of->tunnel.state == VGW_STATE_UP;
}

/* ---- where the negotiation stops ---- */

/* By the word that the helper has for the failure; the far end's words are those of AWS's log where it has some. */
static const struct diagnosis {
	const char *failure;
	const char *here, *there;
	const char *fix;	/* %R: the peer's address, %C: the connection */
} diagnoses[] = {
	{ "no-answer", "our first messages are not answered",
	  "its log shows nothing, if they do not reach it; or it drops what has no tunnel for our address",
	  "tcpdump -ni any 'host %R and (udp port 500 or udp port 4500)'    (do packets leave, do answers come?)" },
	{ "dead-peer", "it was up, and the peer has gone silent",
	  "it says that we do not answer ('Peer is not responsive - Declaring peer dead')",
	  "ping %R    (then: vpntun log %C)" },
	{ "no-proposal", "both sides have no algorithms in common",
	  "'No Proposal Match Found', or NO_PROPOSAL_CHOSEN",
	  "agree with the far end on IKEProposals and ESPProposals, then: vpntun reload %C" },
	{ "authentication", "one side does not believe who the other one is",
	  "'AWS tunnel detected a pre-shared key mismatch', or AUTHENTICATION_FAILED",
	  "compare PSKFile, LocalID and RemoteID with the far end's, then: vpntun reload %C" },
	{ "identity", "the peer calls itself otherwise than RemoteID has it",
	  "it sees us refuse its IKE_AUTH", "set RemoteID to what it says it is, then: vpntun reload %C" },
	{ "selectors", "both sides want different networks in the tunnel", "TS_UNACCEPTABLE",
	  "set LocalTS and RemoteTS to the mirror image of the far end's, then: vpntun reload %C" },
	{ "refused", "the peer refuses, by a reason of its own", "its log has the reason",
	  "vpntun log %C" },
	{ "bad-message", "the peer's message does not hold what it must", "it waits for our answer", "vpntun log %C" },
	{ "ended", "the peer has ended it", "its log says why", "vpntun log %C" },
	{ "expired", "its lifetime was over before it was rekeyed", "it may have refused to rekey",
	  "vpntun rekey %C    (and: vpntun log %C)" },
	{ "no-address", "the peer's name has no address", "nothing has reached it", "getent ahosts %R" },
	{ "credentials", "our own key or certificate is of no use", "nothing has reached it", "vpntun check %C" },
	{ "local", "this host itself does not follow", "it waits for our answer", "vpntun log %C    (and: dmesg)" },
};

static const struct diagnosis *find_diagnosis(const char *failure)
{
	size_t i;

	for (i = 0; failure && i < sizeof(diagnoses) / sizeof(*diagnoses); i++)
		if (!strcmp(diagnoses[i].failure, failure))
			return &diagnoses[i];
	return NULL;
}

static const char *remote_of(const struct roster_tunnel *tunnel, char text[ADDR_TEXT_MAX])
{
	if (tunnel->conf && *tunnel->conf->remote_name)
		return tunnel->conf->remote_name;
	if (tunnel->conf && tunnel->conf->remote.len)
		return addr_text(&tunnel->conf->remote, text);
	return tunnel->of && !addr_is_zero(&tunnel->of->tunnel.remote) ? addr_text(&tunnel->of->tunnel.remote, text) : "PEER";
}

/* %R and %C in @from become names. */
static const char *fill_in(const char *from, const struct roster_tunnel *tunnel, char text[FINDING_TEXT_MAX])
{
	char remote[ADDR_TEXT_MAX];
	size_t used = 0;

	for (; *from && used < FINDING_TEXT_MAX - 1; from++) {
		const char *name = *from != '%' ? NULL : from[1] == 'R' ? remote_of(tunnel, remote) : tunnel->connection;
		int wrote = name ? snprintf(text + used, FINDING_TEXT_MAX - used, "%s", name) : 1;

		if (!name)
			text[used] = *from;
		used += wrote;
		from += name ? 1 : 0;
	}
	text[used < FINDING_TEXT_MAX ? used : FINDING_TEXT_MAX - 1] = '\0';
	return text;
}

static void check_negotiation(const struct doctor *doctor, const struct roster_tunnel *tunnel, const char *about)
{
	const struct diagnosis *diagnosis = find_diagnosis(tunnel->known->failure);
	char text[FINDING_TEXT_MAX], error[STATUS_TEXT_MAX] = "?";

	if (tunnel->known->state == STATUS_UP)
		return;
	if (!diagnosis) {
		/* One that waits for the peer, or for a packet, has done nothing wrong. */
		if (tunnel->known->state == STATUS_CONNECTING)
			finding_add(doctor->findings, FINDING_NOTE, "negotiation", about, "it is being negotiated");
		else
			finding_add(doctor->findings, FINDING_NOTE, "negotiation", about,
				    "it waits for the %s, as its StartAction says",
				    strcmp(tunnel->known->start, "trap") ? "peer" : "first packet");
		return;
	}
	if (tunnel->known->last_error)
		status_text(tunnel->known->last_error, error);
	finding_add(doctor->findings, FINDING_ERROR, "negotiation", about,
		    "%s: %s. At the far end: %s. Attempts failed: %" PRIu64, diagnosis->here, error, diagnosis->there,
		    tunnel->known->attempts);
	if (!doctor_offer(error, tunnel->connection, text))
		fill_in(diagnosis->fix, tunnel, text);
	finding_fix(doctor->findings, "%s", text);
}

/* ---- what the module has against it ---- */

static void check_state(const struct doctor *doctor, const struct roster_tunnel *tunnel, const char *about)
{
	const struct vgw_tunnel *of = &tunnel->of->tunnel;
	char remote[ADDR_TEXT_MAX];

	if (is_up(tunnel))
		return;
	switch (of->reason) {
	case VGW_REASON_NO_ROUTE:
		finding_add(doctor->findings, FINDING_ERROR, "route", about, "this host has no way to the peer");
		finding_fix(doctor->findings, "ip route get %s", remote_of(tunnel, remote));
		break;
	case VGW_REASON_LOOP:
		finding_add(doctor->findings, FINDING_ERROR, "route", about,
			    "the way to the peer leads into a vgw interface, so into itself");
		finding_fix(doctor->findings, "ip route add %s via GATEWAY dev UPLINK", remote_of(tunnel, remote));
		break;
	case VGW_REASON_PROBE:
		finding_add(doctor->findings, FINDING_ERROR, "probe", about,
			    "it is negotiated, but nobody answers the probes inside: ESP is lost on the way, or the far end's "
			    "inside address answers no ping");
		finding_fix(doctor->findings, "tcpdump -ni any 'host %s and (esp or udp port 4500)'",
			    remote_of(tunnel, remote));
		break;
	case VGW_REASON_ADMIN:
		finding_add(doctor->findings, FINDING_WARNING, "state", about, "somebody has set it down");
		finding_fix(doctor->findings, "vpntun tunnel set %s %s state up", tunnel->ifname, tunnel->name);
		break;
	}
}

/* What drops say of the two ends. */
static const struct {
	uint8_t cause;
	enum finding_severity severity;
	const char *text;
	const char *fix;	/* may be NULL */
} telling_drops[] = {
	{ VGW_DROP_AUTH_FAILED, FINDING_WARNING, "packets that are not authentic: damaged, forged, or by another key",
	  NULL },
	{ VGW_DROP_TOO_OLD, FINDING_WARNING, "packets older than the replay window: the way reorders much",
	  "set ReplayWindow to 4096 in the file, then: vpntun reload" },
	{ VGW_DROP_SELECTOR, FINDING_WARNING,
	  "packets outside the negotiated selectors: one side sends what the other one does not take",
	  "compare LocalTS and RemoteTS with what is routed into the tunnel: ip route" },
	{ VGW_DROP_SOURCE, FINDING_WARNING, "packets from the peer whose source belongs to no tunnel of its group",
	  "add the network to Routes or Prefixes, then: vpntun reload" },
	{ VGW_DROP_TOO_BIG, FINDING_NOTE, "packets that were too big; their senders were told", NULL },
	{ VGW_DROP_ENCAP_MISMATCH, FINDING_WARNING, "packets that come natively where UDP was agreed, or the other way round",
	  "set Encap = auto in the file, then: vpntun restart" },
};

static void check_drops(const struct doctor *doctor, const struct roster_tunnel *tunnel, const char *about)
{
	size_t i;

	for (i = 0; i < sizeof(telling_drops) / sizeof(*telling_drops); i++) {
		const uint64_t count = tunnel->of->tunnel.drops.count[telling_drops[i].cause];

		if (!count)
			continue;
		finding_add(doctor->findings, telling_drops[i].severity, "drops", about, "%" PRIu64 " dropped as %s: %s", count,
			    VGW_WORD(drop, telling_drops[i].cause), telling_drops[i].text);
		if (telling_drops[i].fix)
			finding_fix(doctor->findings, "%s", telling_drops[i].fix);
	}
}

/* The helper puts back what the file has. */
static void fix_mtu(const struct doctor *doctor, const struct roster_tunnel *tunnel, uint32_t mtu)
{
	if (*tunnel->connection)
		finding_fix(doctor->findings, "set MTU = %u under [Interface] in the file, then: vpntun reload %s", mtu,
			    tunnel->connection);
	else
		finding_fix(doctor->findings, "vpntun set %s mtu %u", tunnel->ifname, mtu);
}

/* The interface's MTU is from the configuration, the tunnel's from what was negotiated, and what the path has told. */
static void check_mtu(const struct doctor *doctor, const struct roster_tunnel *tunnel, const char *about)
{
	const struct snap *snap = doctor->view->snap;
	const uint32_t mtu = tunnel->of->tunnel.mtu;
	size_t i;

	for (i = 0; mtu && i < snap->n_ifaces; i++) {
		if (snap->ifaces[i].ifindex != tunnel->of->ifindex || snap->ifaces[i].iface.mtu <= mtu)
			continue;
		finding_add(doctor->findings, FINDING_WARNING, "mtu", about,
			    "the interface takes packets of %u bytes, the way to the peer only %u: larger ones are fragmented or refused",
			    snap->ifaces[i].iface.mtu, mtu);
		fix_mtu(doctor, tunnel, mtu);
	}
}

/* Packets that are too long for the way, and nobody says so. */
static void check_path(const struct doctor *doctor, const struct roster_tunnel *tunnel, const char *about)
{
	const struct vgw_tunnel *of = &tunnel->of->tunnel;
	const struct snap *snap = doctor->view->snap;
	uint32_t length, most = of->mtu;
	size_t i;

	if (!is_up(tunnel) || addr_is_zero(&of->peer) || !of->mtu)
		return;
	/* The device sends nothing longer than its own. */
	for (i = 0; i < snap->n_ifaces; i++)
		if (snap->ifaces[i].ifindex == tunnel->of->ifindex && snap->ifaces[i].iface.mtu < most)
			most = snap->ifaces[i].iface.mtu;
	length = path_probe(tunnel->ifname, &of->peer, most);
	/* A far end that answers no pings tells nothing. */
	if (!length || length >= most)
		return;
	finding_add(doctor->findings, FINDING_ERROR, "mtu", about,
		    "packets of up to %u bytes come through, of %u bytes they vanish without a word", length, most);
	fix_mtu(doctor, tunnel, length);
}

/* ---- NAT, and what comes back ---- */

static void check_nat(const struct doctor *doctor, const struct roster_tunnel *tunnel, const char *about)
{
	bool ours, theirs;

	if (!tunnel->known || !tunnel->known->ike)
		return;
	ours = status_ike_flag(tunnel->known, "natted");
	theirs = status_ike_flag(tunnel->known, "peer_natted");
	if (!ours && !theirs)
		return;
	if (ours && tunnel->conf && !tunnel->conf->keepalive) {
		finding_add(doctor->findings, FINDING_WARNING, "nat", about,
			    "we are behind NAT, and without Keepalive it forgets an idle tunnel");
		finding_fix(doctor->findings, "set Keepalive = 20 in the file, then: vpntun reload %s", tunnel->connection);
		return;
	}
	finding_add(doctor->findings, FINDING_NOTE, "nat", about, "NAT is on the way, %s: ESP goes in UDP",
		    ours && theirs ? "at both ends" : ours ? "at our end" : "at the peer's end");
}

/* Some far ends, AWS among them, end a tunnel that carries nothing. */
static void check_idle(const struct doctor *doctor, const struct roster_tunnel *tunnel, const char *about)
{
	const json_int_t ended = json_integer_value(json_object_get(tunnel->known->failures, "ended"));

	if (ended < ENDED_OFTEN || !tunnel->conf || tunnel->conf->probe_interval || !tunnel->conf->inside.count)
		return;
	/* The count is never forgotten. Whoever ends what is idle does so within minutes, not hours. */
	if (is_up(tunnel) && tunnel->of->tunnel.last_change >= LASTS_MS)
		return;
	finding_add(doctor->findings, FINDING_WARNING, "idle", about,
		    "the peer has ended it %" JSON_INTEGER_FORMAT " times; nothing goes through while the sites are silent, for which some far ends do that",
		    ended);
	finding_fix(doctor->findings, "set ProbeInterval = 1 for the tunnel in the file, then: vpntun reload %s",
		    tunnel->connection);
}

/* Packets that went one way, and not the other. Probes go both, and do not count so. */
static int64_t surplus(uint64_t more, uint64_t less)
{
	return (int64_t)(more - less);
}

/* Does it get what the other one sends for? Answers are about as many as questions. */
static bool returns_for(const struct vgw_tunnel *sister, const struct vgw_tunnel *of)
{
	const int64_t asked = surplus(of->tx_packets, of->rx_packets);
	const int64_t answered = surplus(sister->rx_packets, sister->tx_packets);

	if (!of->rx_packets)
		return sister->rx_packets;
	return asked >= ASYMMETRIC && answered >= asked / 4 && answered / 4 <= asked;
}

static const struct roster_tunnel *returning_sister(const struct doctor *doctor, const struct roster_tunnel *tunnel)
{
	size_t i;

	for (i = 0; i < doctor->roster->count; i++) {
		const struct roster_tunnel *sister = &doctor->roster->list[i];

		if (sister != tunnel && sister->of && sister->of->ifindex == tunnel->of->ifindex &&
		    sister->of->tunnel.group == tunnel->of->tunnel.group &&
		    returns_for(&sister->of->tunnel, &tunnel->of->tunnel))
			return sister;
	}
	return NULL;
}

static void check_return(const struct doctor *doctor, const struct roster_tunnel *tunnel, const char *about)
{
	const struct vgw_tunnel *of = &tunnel->of->tunnel;
	const struct roster_tunnel *sister;
	char remote[ADDR_TEXT_MAX];

	if (!is_up(tunnel) || !of->tx_packets)
		return;
	sister = returning_sister(doctor, tunnel);
	if (sister) {
		finding_add(doctor->findings, FINDING_NOTE, "return", about,
			    "what it sends is answered by tunnel %s: the far end prefers that one, which does no harm here",
			    sister->name);
		return;
	}
	/* Only where something must come all the time is silence a sign. */
	if (of->rx_packets && (of->last_rx < RX_SILENT_MS || addr_is_zero(&of->probe.target)))
		return;
	finding_add(doctor->findings, FINDING_WARNING, "return", about,
		    "%" PRIu64 " packets went to the peer, and nothing comes back", of->tx_packets);
	finding_fix(doctor->findings, "tcpdump -ni any 'host %s and (esp or udp port 4500)'    (and the far end's way back)",
		    remote_of(tunnel, remote));
}

static void check_tunnel(const struct doctor *doctor, const struct roster_tunnel *tunnel)
{
	char about[ABOUT_MAX];

	snprintf(about, sizeof(about), "%s/%s", *tunnel->connection ? tunnel->connection : tunnel->ifname, tunnel->name);
	if (!tunnel->known && !tunnel->of) {
		finding_add(doctor->findings, FINDING_WARNING, "state", about, "it is configured, and not brought up");
		finding_fix(doctor->findings, "vpntun up %s", tunnel->connection);
		return;
	}
	if (tunnel->known) {
		check_negotiation(doctor, tunnel, about);
		check_idle(doctor, tunnel, about);
	}
	check_nat(doctor, tunnel, about);
	if (!tunnel->of)
		return;
	check_state(doctor, tunnel, about);
	check_drops(doctor, tunnel, about);
	check_mtu(doctor, tunnel, about);
	check_path(doctor, tunnel, about);
	check_return(doctor, tunnel, about);
}

void doctor_tunnels(const struct doctor *doctor)
{
	size_t i;

	for (i = 0; i < doctor->roster->count; i++)
		if (doctor_wants(doctor, doctor->roster->list[i].connection, doctor->roster->list[i].ifname))
			check_tunnel(doctor, &doctor->roster->list[i]);
}
