// SPDX-License-Identifier: GPL-2.0
#include "import/aws_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "conf/report.h"
#include "import/aws_xml.h"
#include "import/take.h"
#include "util/text.h"
#include "util/wiped.h"

struct reader {
	struct import_connection *conn;
	char name[ADDR_TEXT_MAX];	/* of the tunnel whose options are read, its outside address */
	struct conf_report *report;
};

#define FAULT(reader, ...) report_fault((reader)->report, (reader)->conn->path, 0, __VA_ARGS__)
#define WARN(reader, ...) report_warning((reader)->report, (reader)->conn->path, 0, __VA_ARGS__)

/* Of a tunnel's options. */
#define TUNNEL_FAULT(reader, fmt, ...) FAULT(reader, "the tunnel to %s: " fmt, (reader)->name, ##__VA_ARGS__)
#define TUNNEL_WARN(reader, fmt, ...) WARN(reader, "the tunnel to %s: " fmt, (reader)->name, ##__VA_ARGS__)

/* A member that is a string, or NULL. */
static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* ---- which connection ---- */

static bool is_gone(const json_t *connection)
{
	const char *state = text_of(connection, "State");

	return state && (!strcmp(state, "deleted") || !strcmp(state, "deleting"));
}

/* The one of a list that still exists. */
static const json_t *choose(struct reader *reader, const json_t *list)
{
	const json_t *connection, *chosen = NULL;
	size_t i, count = 0;

	json_array_foreach(list, i, connection) {
		if (is_gone(connection))
			continue;
		chosen = connection;
		count++;
	}
	if (count == 1)
		return chosen;
	if (count)
		FAULT(reader, "it has %zu connections; describe one: aws ec2 describe-vpn-connections --vpn-connection-ids ID",
		      count);
	else
		FAULT(reader, "there is no connection in it%s", json_array_size(list) ? " but deleted ones" : "");
	return NULL;
}

static const json_t *find_connection(struct reader *reader, const json_t *root)
{
	const json_t *inner = json_object_get(root, "VpnConnections");

	if (json_is_array(root) || json_is_array(inner))
		return choose(reader, json_is_array(root) ? root : inner);
	inner = json_object_get(root, "VpnConnection");
	return json_is_object(inner) ? inner : root;
}

/* ---- tunnel options ---- */

enum kind { CIPHERS, HASHES, GROUPS };

/* The bit of a {"Value": ..}; 0: unknown, which is told. */
static uint32_t bit_of(struct reader *reader, const char *key, enum kind kind, const json_t *value)
{
	const char *text = json_string_value(value);
	char shown[64] = "something without a Value";
	struct why why = { "" };
	uint8_t number = 0;
	int err = -EINVAL;

	if (kind == GROUPS && json_is_integer(value) && json_integer_value(value) > 0 && json_integer_value(value) < 32)
		return UINT32_C(1) << json_integer_value(value);
	if (kind == CIPHERS && text)
		err = take_cipher(text, &number, &why);
	else if (kind == HASHES && text)
		err = take_hash(text, &number, &why);
	if (!err)
		return UINT32_C(1) << number;
	if (text || json_is_integer(value))
		shown[0] = '\0';
	if (text)
		text_add_escaped(shown, sizeof(shown), text, strlen(text));
	else if (json_is_integer(value))
		text_add(shown, sizeof(shown), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	TUNNEL_WARN(reader, "%s: '%s' is not known, and passed over", key, shown);
	return 0;
}

static void take_list(struct reader *reader, const json_t *options, const char *key, enum kind kind, uint32_t *out)
{
	const json_t *list = json_object_get(options, key), *entry;
	size_t i;

	json_array_foreach(list, i, entry) {
		*out |= bit_of(reader, key, kind, json_object_get(entry, "Value"));
	}
	if (json_array_size(list) && !*out)
		TUNNEL_FAULT(reader, "%s: nothing in it is known", key);
}

static void take_u32(struct reader *reader, const json_t *options, const char *key, uint32_t *out)
{
	const json_t *value = json_object_get(options, key);

	if (!value || json_is_null(value))
		return;
	if (json_is_integer(value) && json_integer_value(value) > 0 && json_integer_value(value) <= UINT32_MAX)
		*out = json_integer_value(value);
	else
		TUNNEL_FAULT(reader, "%s is no number that fits", key);
}

static void take_versions(struct reader *reader, const json_t *options, struct import_tunnel *tunnel)
{
	const json_t *list = json_object_get(options, "IkeVersions"), *entry;
	struct why why = { "" };
	const char *text;
	size_t i;

	json_array_foreach(list, i, entry) {
		text = text_of(entry, "Value");
		if (text && take_field(tunnel, FIELD_VERSION, text, &why))
			TUNNEL_WARN(reader, "IkeVersions: %s", why.text);
	}
}

/* The XML has a key unless Secrets Manager keeps it; here it is as it was set last. */
static void take_psk_of(struct reader *reader, const json_t *options, struct import_tunnel *tunnel)
{
	const char *text = text_of(options, "PreSharedKey");
	char before[sizeof(tunnel->psk)];
	struct why why = { "" };

	if (!text || !*text)
		return;
	memcpy(before, tunnel->psk, sizeof(before));
	if (take_field(tunnel, FIELD_PSK, text, &why))
		TUNNEL_FAULT(reader, "PreSharedKey: %s", why.text);
	else if (*before && strcmp(before, tunnel->psk))
		TUNNEL_WARN(reader, "PreSharedKey is not the one in CustomerGatewayConfiguration; it is the one taken");
	explicit_bzero(before, sizeof(before));
}

static struct import_tunnel *find_tunnel(struct reader *reader, const json_t *options)
{
	const char *text = text_of(options, "OutsideIpAddress");
	struct import_connection *conn = reader->conn;
	struct import_tunnel named = { 0 };
	struct why why = { "" };
	size_t i;

	if (!text || take_field(&named, FIELD_REMOTE, text, &why) || !named.remote.len) {
		FAULT(reader, "OutsideIpAddress: %s", *why.text ? why.text : "it is missing");
		return NULL;
	}
	for (i = 0; i < conn->n_tunnels; i++)
		if (addr_equal(&conn->tunnels[i].remote, &named.remote))
			return &conn->tunnels[i];
	FAULT(reader, "CustomerGatewayConfiguration has no tunnel to %s", text);
	return NULL;
}

/* Not StartupAction nor what AWS does on DPD timeouts: these are its own side's. */
static void take_options(struct reader *reader, const json_t *options)
{
	struct import_tunnel *tunnel = find_tunnel(reader, options);

	if (!tunnel)
		return;
	addr_text(&tunnel->remote, reader->name);
	take_list(reader, options, "Phase1EncryptionAlgorithms", CIPHERS, &tunnel->ike.ciphers);
	take_list(reader, options, "Phase1IntegrityAlgorithms", HASHES, &tunnel->ike.hashes);
	take_list(reader, options, "Phase1DHGroupNumbers", GROUPS, &tunnel->ike.groups);
	take_list(reader, options, "Phase2EncryptionAlgorithms", CIPHERS, &tunnel->esp.ciphers);
	take_list(reader, options, "Phase2IntegrityAlgorithms", HASHES, &tunnel->esp.hashes);
	take_list(reader, options, "Phase2DHGroupNumbers", GROUPS, &tunnel->esp.groups);
	take_u32(reader, options, "Phase1LifetimeSeconds", &tunnel->ike.lifetime);
	take_u32(reader, options, "Phase2LifetimeSeconds", &tunnel->esp.lifetime);
	take_u32(reader, options, "ReplayWindowSize", &tunnel->replay_window);
	take_versions(reader, options, tunnel);
	take_psk_of(reader, options, tunnel);
}

/* The certificate of AWS's own end, where it has one. */
static void take_telemetry(struct reader *reader, const json_t *telemetry)
{
	const char *arn = text_of(telemetry, "CertificateArn");
	struct import_tunnel *tunnel;

	if (!arn || !*arn)
		return;
	tunnel = find_tunnel(reader, telemetry);
	if (tunnel)
		tunnel->by_certificate = true;
}

/* ---- the connection ---- */

static void take_network(struct reader *reader, const json_t *options, const char *key, struct ip_prefix *out)
{
	const char *text = text_of(options, key);
	struct why why = { "" };

	if (text && *text && take_prefix(text, out, &why))
		FAULT(reader, "%s: %s", key, why.text);
}

static void take_connection_options(struct reader *reader, const json_t *options)
{
	struct import_connection *conn = reader->conn;
	const char *version = text_of(options, "TunnelInsideIpVersion");
	bool ipv6 = version && !strcmp(version, "ipv6");
	const json_t *list = json_object_get(options, "TunnelOptions"), *entry;
	size_t i;

	conn->accelerated = json_is_true(json_object_get(options, "EnableAcceleration"));
	/* "Local" is the customer's side, in AWS's words too. */
	take_network(reader, options, ipv6 ? "LocalIpv6NetworkCidr" : "LocalIpv4NetworkCidr", &conn->local_ts);
	take_network(reader, options, ipv6 ? "RemoteIpv6NetworkCidr" : "RemoteIpv4NetworkCidr", &conn->remote_ts);
	json_array_foreach(list, i, entry) {
		take_options(reader, entry);
	}
	conn->has_options = json_array_size(list);
}

static void take_connection(struct reader *reader, const json_t *connection)
{
	const json_t *telemetry = json_object_get(connection, "VgwTelemetry"), *entry;
	const json_t *xml = json_object_get(connection, "CustomerGatewayConfiguration");
	const char *id = text_of(connection, "VpnConnectionId");
	size_t i;

	if (!json_string_length(xml)) {
		FAULT(reader, "CustomerGatewayConfiguration is %s: the connection is being deleted, or who asked may not read it",
		      xml ? "empty" : "missing");
		return;
	}
	reader->conn->embedded = true;
	if (aws_xml_read(json_string_value(xml), json_string_length(xml), reader->conn, reader->report))
		return;
	if (id)
		snprintf(reader->conn->id, sizeof(reader->conn->id), "%s", id);
	take_connection_options(reader, json_object_get(connection, "Options"));
	json_array_foreach(telemetry, i, entry) {
		take_telemetry(reader, entry);
	}
}

static void read_text(struct reader *reader, const char *text, size_t len)
{
	const json_t *connection;
	json_error_t error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	if (!root) {
		report_fault(reader->report, reader->conn->path, error.line > 0 ? error.line : 0,
			     "no JSON: it breaks off or goes wrong here");
		return;
	}
	connection = find_connection(reader, root);
	if (connection)
		take_connection(reader, connection);
	json_decref(root);
}

int aws_json_read(const char *text, size_t len, struct import_connection *conn, struct conf_report *report)
{
	struct reader reader = { .conn = conn, .report = report };
	unsigned int before = report->faults;
	json_malloc_t usual_malloc;
	json_free_t usual_free;

	/* The keys are in it. */
	json_get_alloc_funcs(&usual_malloc, &usual_free);
	json_set_alloc_funcs(wiped_malloc, wiped_free);
	read_text(&reader, text, len);
	json_set_alloc_funcs(usual_malloc, usual_free);
	return report->faults == before ? 0 : -EINVAL;
}
