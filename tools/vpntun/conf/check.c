// SPDX-License-Identifier: GPL-2.0
#include "conf/conf.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "conf/file.h"
#include "conf/inside.h"
#include "conf/keys.h"
#include "conf/report.h"
#include "util/prefix.h"

/* What AWS lets its side be set to (VpnTunnelOptionsSpecification). */
enum {
	AWS_IKE_LIFETIME_MIN = 900, AWS_IKE_LIFETIME_MAX = 28800,
	AWS_LIFETIME_MIN = 900, AWS_LIFETIME_MAX = 3600,
	AWS_WINDOW_MAX = 2048,
	AWS_DPD_TIMEOUT_MIN = 30,
};

struct checker {
	const struct conf *conf;
	const struct conf_tunnel *tunnel;
	struct conf_report *report;
};

/* Of a key in the file; where it is not, of its section's head. */
static unsigned int line_of(const struct checker *checker, const char *key)
{
	unsigned int line = keys_line(keys_tunnel, checker->tunnel->lines, key);

	return line ? line : checker->tunnel->line;
}

static bool given(const struct checker *checker, const char *key)
{
	return keys_line(keys_tunnel, checker->tunnel->lines, key);
}

#define FAULT(checker, key, ...) \
	report_fault((checker)->report, (checker)->conf->path, line_of(checker, key), __VA_ARGS__)
#define WARN(checker, key, ...) \
	report_warning((checker)->report, (checker)->conf->path, line_of(checker, key), __VA_ARGS__)

/* ---- one tunnel ---- */

static void check_endpoints(const struct checker *checker)
{
	const struct conf_tunnel *tunnel = checker->tunnel;

	if (!tunnel->remote_any && !tunnel->remote.len && !tunnel->remote_name[0])
		FAULT(checker, "Remote", "[Tunnel %s] has no Remote: write the peer's address or host name, or 'any'",
		      tunnel->name);
	if (tunnel->remote_name[0] && tunnel->start_action == CONF_START_TRAP)
		FAULT(checker, "StartAction", "StartAction: 'trap' needs the peer's address as Remote, not its host name");
	if (tunnel->remote.len && tunnel->local.len && tunnel->remote.len != tunnel->local.len)
		FAULT(checker, "Remote", "Local and Remote are not of one family (IPv4, IPv6)");
	else if (tunnel->remote.len && addr_equal(&tunnel->remote, &tunnel->local))
		FAULT(checker, "Remote", "Local and Remote are the same address");
	if (tunnel->remote_any && tunnel->start_action != CONF_START_ADD)
		FAULT(checker, "StartAction", "StartAction: with 'Remote = any' there is nobody to begin with: only 'add' goes");
	if (tunnel->remote_any && tunnel->dpd_action == CONF_DPD_RESTART)
		FAULT(checker, "DPDAction", "DPDAction: with 'Remote = any' there is nobody to begin again with: 'clear' or 'none'");
}

/* Answers to a peer that nobody knows yet are told apart by our own address alone, and so is the way that they take. */
static void check_way(const struct checker *checker)
{
	const struct conf_tunnel *tunnel = checker->tunnel;
	const unsigned int mark = keys_line(keys_interface, checker->conf->lines, "FWMark");

	if (!tunnel->remote_any || tunnel->local.len)
		return;
	if (tunnel->device[0])
		FAULT(checker, "Device", "Device: with 'Remote = any' it needs Local, too: the address that peers begin at says by which device they are answered");
	if (checker->conf->fwmark)
		report_fault(checker->report, checker->conf->path, mark,
			     "FWMark: with 'Remote = any' [Tunnel %s] needs Local, too: the address that peers begin at says by which mark they are answered",
			     tunnel->name);
}

/* ---- how it authenticates ---- */

static void check_path(const struct checker *checker, const char *key, const char *path)
{
	const size_t prefix = sizeof(FILE_CREDENTIAL) - 1;

	if (!strncmp(path, FILE_CREDENTIAL, prefix) && (!path[prefix] || strchr(path + prefix, '/')))
		FAULT(checker, key, "%s: 'credential:' is followed by the credential's name, without a path", key);
}

static void check_paths(const struct checker *checker)
{
	const struct conf_tunnel *tunnel = checker->tunnel;
	size_t i;

	check_path(checker, "PSKFile", tunnel->psk_file);
	check_path(checker, "Certificate", tunnel->certificate);
	check_path(checker, "PrivateKey", tunnel->private_key);
	for (i = 0; i < tunnel->ca.count; i++)
		check_path(checker, "CA", tunnel->ca.list[i]);
	for (i = 0; i < tunnel->crl.count; i++)
		check_path(checker, "CRL", tunnel->crl.list[i]);
}

static void check_certificate(const struct checker *checker)
{
	const struct conf_tunnel *tunnel = checker->tunnel;

	if (!tunnel->certificate[0])
		FAULT(checker, "Certificate", "[Tunnel %s] has no Certificate, the file of ours", tunnel->name);
	if (!tunnel->private_key[0])
		FAULT(checker, "Certificate", "[Tunnel %s] has no PrivateKey, the file of its Certificate's key",
		      tunnel->name);
	if (!tunnel->ca.count)
		FAULT(checker, "Certificate", "[Tunnel %s] has no CA, the file of the authorities that vouch for the peer",
		      tunnel->name);
	if (tunnel->remote_any && !tunnel->remote_id[0])
		FAULT(checker, "RemoteID", "[Tunnel %s]: with 'Remote = any' and a Certificate RemoteID has to say who the peer is",
		      tunnel->name);
	if (tunnel->auth_method == CONF_AUTH_RSA_SHA1)
		WARN(checker, "AuthMethod", "AuthMethod: signatures with SHA-1 are weak; is there nothing else that the peer takes?");
}

static bool by_certificate(const struct conf_tunnel *tunnel)
{
	return tunnel->certificate[0] || tunnel->private_key[0] || tunnel->ca.count || tunnel->crl.count;
}

static void check_authentication(const struct checker *checker)
{
	const struct conf_tunnel *tunnel = checker->tunnel;
	bool by_psk = tunnel->auth_method == CONF_AUTH_PSK;

	check_paths(checker);
	if (tunnel->psk_file[0] && by_certificate(tunnel))
		FAULT(checker, "PSKFile", "PSKFile does not go with Certificate, PrivateKey, CA and CRL: [Tunnel %s] authenticates by one or the other",
		      tunnel->name);
	else if (tunnel->psk_file[0] && !by_psk && tunnel->auth_method != CONF_AUTH_AUTO)
		FAULT(checker, "AuthMethod", "AuthMethod: a pre-shared key (PSKFile) makes no signatures: only 'psk' goes with it");
	else if (by_certificate(tunnel) && by_psk)
		FAULT(checker, "AuthMethod", "AuthMethod: 'psk' does not go with a Certificate");
	else if (by_certificate(tunnel) || (!by_psk && tunnel->auth_method != CONF_AUTH_AUTO))
		check_certificate(checker);
	else if (!tunnel->psk_file[0])
		FAULT(checker, "PSKFile", "[Tunnel %s] has no PSKFile, the file of its pre-shared key, and no Certificate",
		      tunnel->name);
}

/* ---- what is inside ---- */

static void check_inside(const struct checker *checker)
{
	const struct conf_tunnel *tunnel = checker->tunnel;
	bool same_family = false;
	size_t i;

	for (i = 0; i < tunnel->inside.count; i++) {
		same_family |= tunnel->inside.list[i].addr.len == tunnel->peer.len;
		if (tunnel->peer.len && addr_equal(&tunnel->inside.list[i].addr, &tunnel->peer))
			FAULT(checker, "Peer", "Peer is our own Inside address");
	}
	if (!tunnel->probe_interval)
		return;
	if (!tunnel->peer.len)
		FAULT(checker, "ProbeInterval", "ProbeInterval: whom to ask? write the Peer, the far end's inside address");
	else if (!same_family)
		FAULT(checker, "ProbeInterval", "ProbeInterval: a probe needs an Inside address of the Peer's family to come from");
}

/* A routing daemon needs both numbers, and somebody to speak to. */
static void check_bgp(const struct checker *checker)
{
	const struct conf_tunnel *tunnel = checker->tunnel;

	if (!tunnel->local_asn != !tunnel->remote_asn)
		FAULT(checker, tunnel->local_asn ? "LocalASN" : "RemoteASN", "%s goes with %s: BGP has a number at each end",
		      tunnel->local_asn ? "LocalASN" : "RemoteASN", tunnel->local_asn ? "RemoteASN" : "LocalASN");
	else if (tunnel->local_asn && !tunnel->peer.len)
		FAULT(checker, "LocalASN", "LocalASN: who is the neighbor? write the Peer, the far end's inside address");
	if (!tunnel->local_asn && !tunnel->remote_asn && given(checker, "BGPHoldTime"))
		WARN(checker, "BGPHoldTime", "BGPHoldTime does nothing without LocalASN and RemoteASN");
}

/* A key that only works with another one. */
static void check_idle_keys(const struct checker *checker)
{
	const struct conf_tunnel *tunnel = checker->tunnel;

	if (!tunnel->probe_interval && given(checker, "ProbeMisses"))
		WARN(checker, "ProbeMisses", "ProbeMisses does nothing without a ProbeInterval");
	if (!tunnel->probe_interval && given(checker, "ProbeAction"))
		WARN(checker, "ProbeAction", "ProbeAction does nothing without a ProbeInterval");
	if (tunnel->encap == CONF_ENCAP_NONE && given(checker, "Keepalive"))
		WARN(checker, "Keepalive", "Keepalive does nothing with 'Encap = none'");
	if (tunnel->dpd_interval && tunnel->dpd_timeout < tunnel->dpd_interval)
		WARN(checker, "DPDTimeout", "DPDTimeout (%u s) is shorter than DPDInterval (%u s)", tunnel->dpd_timeout,
		     tunnel->dpd_interval);
}

static void check_times(const struct checker *checker)
{
	const struct conf_tunnel *tunnel = checker->tunnel;

	if (tunnel->ike_lifetime < tunnel->lifetime)
		WARN(checker, "IKELifetime", "IKELifetime (%u s) is shorter than Lifetime (%u s)",
		     tunnel->ike_lifetime, tunnel->lifetime);
	if (tunnel->ike_lifetime < AWS_IKE_LIFETIME_MIN || tunnel->ike_lifetime > AWS_IKE_LIFETIME_MAX)
		WARN(checker, "IKELifetime", "IKELifetime: AWS takes %d to %d seconds", AWS_IKE_LIFETIME_MIN,
		     AWS_IKE_LIFETIME_MAX);
	if (tunnel->lifetime < AWS_LIFETIME_MIN || tunnel->lifetime > AWS_LIFETIME_MAX)
		WARN(checker, "Lifetime", "Lifetime: AWS takes %d to %d seconds", AWS_LIFETIME_MIN, AWS_LIFETIME_MAX);
	if (tunnel->replay_window > AWS_WINDOW_MAX)
		WARN(checker, "ReplayWindow", "ReplayWindow: AWS takes 64 to %d packets", AWS_WINDOW_MAX);
	if (tunnel->dpd_interval && tunnel->dpd_timeout < AWS_DPD_TIMEOUT_MIN)
		WARN(checker, "DPDTimeout", "DPDTimeout: AWS takes %d seconds or more", AWS_DPD_TIMEOUT_MIN);
}

/* ---- two tunnels ---- */

static void check_same_inside(const struct checker *checker, const struct conf_tunnel *other)
{
	const struct conf_insides *ours = &checker->tunnel->inside;
	char text[ADDR_TEXT_MAX];
	size_t at, with;

	if (insides_clash(ours, &other->inside, &at, &with))
		FAULT(checker, "Inside", "Inside: %s/%u lies in the same block as that of [Tunnel %s] in line %u",
		      addr_text(&ours->list[at].addr, text), ours->list[at].length, other->name, other->line);
}

bool conf_same_peer(const struct conf_tunnel *one, const struct conf_tunnel *other)
{
	return one->remote_any == other->remote_any && addr_equal(&one->remote, &other->remote) &&
	       addr_equal(&one->local, &other->local) && !strcasecmp(one->remote_id, other->remote_id) &&
	       !strcasecmp(one->remote_name, other->remote_name) &&
	       (one->remote_any || one->remote.len || one->remote_name[0]);
}

static void check_same_peer(const struct checker *checker, const struct conf_tunnel *other)
{
	const struct conf_tunnel *tunnel = checker->tunnel;
	char text[ADDR_TEXT_MAX];

	if (tunnel->peer.len && addr_equal(&tunnel->peer, &other->peer))
		FAULT(checker, "Peer", "Peer: %s is that of [Tunnel %s] in line %u, too",
		      addr_text(&tunnel->peer, text), other->name, other->line);

	if (conf_same_peer(tunnel, other))
		FAULT(checker, "Remote", "Remote, Local and RemoteID are those of [Tunnel %s] in line %u, too: the peers could not be told apart",
		      other->name, other->line);
}

/* ---- the file ---- */

static bool routes_beyond(const struct conf *conf)
{
	size_t i;

	if (conf->routes.count)
		return true;
	for (i = 0; i < conf->n_tunnels; i++)
		if (conf->tunnels[i].inside.count || conf->tunnels[i].peer.len)
			return true;
	return false;
}

/* Might a tunnel carry some of it? What the peer admits of that is not known yet. */
static bool is_carried(const struct conf *conf, const struct ip_prefix *route)
{
	size_t i, j;

	for (i = 0; i < conf->n_tunnels; i++) {
		const struct conf_tunnel *tunnel = &conf->tunnels[i];
		const struct ip_prefixes *list = tunnel->has_prefixes ? &tunnel->prefixes : &tunnel->remote_ts;

		for (j = 0; j < list->count; j++)
			if (prefix_overlap(&list->list[j], route))
				return true;
	}
	return false;
}

static void check_routes(const struct conf *conf, struct conf_report *report)
{
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < conf->routes.count; i++)
		if (!is_carried(conf, &conf->routes.list[i]))
			report_warning(report, conf->path, keys_line(keys_interface, conf->lines, "Routes"),
				       "Routes: %s is in no tunnel's RemoteTS or Prefixes, so packets for there are refused",
				       prefix_text(&conf->routes.list[i], text));
}

static void check_interface(const struct conf *conf, struct conf_report *report)
{
	unsigned int vrf = keys_line(keys_interface, conf->lines, "VRF");

	if (vrf && !strcmp(conf->vrf, conf->ifname))
		report_fault(report, conf->path, vrf, "VRF: '%s' is the interface's own name", conf->vrf);
	if (*conf->netns != '/' && strchr(conf->netns, '/'))
		report_fault(report, conf->path, keys_line(keys_interface, conf->lines, "Namespace"),
			     "Namespace: '%s' is neither a name nor a path that begins with /", conf->netns);
	if (!conf->routes.count && keys_line(keys_interface, conf->lines, "Metric"))
		report_warning(report, conf->path, keys_line(keys_interface, conf->lines, "Metric"),
			       "Metric does nothing without Routes");
	if (!conf->routes.count && keys_line(keys_interface, conf->lines, "Table"))
		report_warning(report, conf->path, keys_line(keys_interface, conf->lines, "Table"),
			       "Table does nothing without Routes");
	if (!routes_beyond(conf))
		report_warning(report, conf->path, conf->line,
			       "neither Routes nor Inside: nothing leads into the interface until somebody makes a route");
}

int conf_check(const struct conf *conf, struct conf_report *report)
{
	unsigned int before = report->faults;
	size_t i, j;

	check_interface(conf, report);
	check_routes(conf, report);
	for (i = 0; i < conf->n_tunnels; i++) {
		const struct checker checker = { .conf = conf, .tunnel = &conf->tunnels[i], .report = report };

		check_endpoints(&checker);
		check_way(&checker);
		check_authentication(&checker);
		check_inside(&checker);
		check_bgp(&checker);
		check_idle_keys(&checker);
		check_times(&checker);
		for (j = 0; j < i; j++) {
			check_same_inside(&checker, &conf->tunnels[j]);
			check_same_peer(&checker, &conf->tunnels[j]);
		}
	}
	return report->faults == before ? 0 : -EINVAL;
}
