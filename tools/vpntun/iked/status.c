// SPDX-License-Identifier: GPL-2.0
#include "iked/status.h"

#include <inttypes.h>
#include <stdio.h>

#include "ike/ident.h"
#include "ike/names.h"
#include "ike/prop.h"
#include "util/addr.h"

enum { TEXT_MAX = 320 };

static json_t *hex64(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%016" PRIx64, value);
	return json_string(text);
}

static json_t *spi(uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", value);
	return value ? json_string(text) : json_null();
}

static json_t *endpoint(const struct ip_addr *addr, uint16_t port)
{
	char text[ADDR_TEXT_MAX];

	return addr->len ? json_string(addr_port_text(addr, port, text)) : json_null();
}

static json_t *suite(const struct ike_suite *from)
{
	char text[TEXT_MAX];

	return from->proto ? json_string(suite_text(from, text, sizeof(text))) : json_null();
}

static json_t *identity(const struct ike_ident *ident)
{
	char text[TEXT_MAX];

	return ident->type ? json_string(ident_text(ident, text, sizeof(text))) : json_null();
}

/* Seconds since or until a time of the engine's clock; null if there is none. */
static json_t *since(uint64_t now, uint64_t then)
{
	return then ? json_integer(now > then ? (now - then) / 1000 : 0) : json_null();
}

static json_t *until(uint64_t now, uint64_t then)
{
	return then && then != UINT64_MAX ? json_integer(then > now ? (then - now) / 1000 : 0) : json_null();
}

json_t *status_ike(const struct imsg_status *from)
{
	const struct ike_status *status = &from->status;
	uint64_t now = from->now;

	if (!from->known || !status->ike_sas)
		return json_null();
	return json_pack("{sb so so so so so so so so so so si si sb sb so so so si si}",
			 "initiator", status->initiator,
			 "local", endpoint(&status->path.local, status->path.local_port),
			 "remote", endpoint(&status->path.remote, status->path.remote_port),
			 "spi_i", hex64(status->spi_i), "spi_r", hex64(status->spi_r),
			 "suite", suite(&status->ike), "esp", suite(&status->esp),
			 "age", since(now, status->ike_since), "child_age", since(now, status->child_since),
			 "rekey_in", until(now, status->ike_rekey_due),
			 "child_rekey_in", until(now, status->child_rekey_due),
			 "rekeys", (int)status->ike_rekeys, "child_rekeys", (int)status->child_rekeys,
			 "natted", status->natted, "peer_natted", status->peer_natted,
			 "remote_id", identity(&status->remote_id),
			 "spi_in", spi(status->spi_in), "spi_out", spi(status->spi_out),
			 "ike_sas", (int)status->ike_sas, "child_sas", (int)status->child_sas);
}

void status_counts(json_t *tunnel, const struct imsg_status *from)
{
	const struct ike_status *status = &from->status;
	json_t *failures = json_object();
	uint8_t kind;

	for (kind = IKE_FAULT_NONE + 1; kind < IKE_FAULTS; kind++)
		json_object_set_new(failures, name_fault(kind), json_integer(status->faults[kind]));
	json_object_set_new(tunnel, "failures", failures);
	json_object_set_new(tunnel, "failure", json_string(status->fault ? name_fault(status->fault) : ""));
	json_object_set_new(tunnel, "attempts", json_integer(status->attempts));
	json_object_set_new(tunnel, "handshakes", json_integer(status->handshakes));
	json_object_set_new(tunnel, "rekeys", json_integer(status->ike_rekeys));
	json_object_set_new(tunnel, "child_rekeys", json_integer(status->child_rekeys));
}

const char *status_state(const struct imsg_status *from)
{
	static const char *const names[] = {
		[IKE_STATE_DOWN] = "down", [IKE_STATE_CONNECTING] = "connecting", [IKE_STATE_UP] = "up",
	};

	return from->known ? names[from->status.state] : "down";
}
