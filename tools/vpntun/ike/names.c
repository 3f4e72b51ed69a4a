// SPDX-License-Identifier: GPL-2.0
#include "ike/names.h"

#include <stddef.h>
#include <stdio.h>

#include "ike/act.h"
#include "ike/prop.h"
#include "ike/wire.h"

enum { NAME_MAX_SIZE = 40 };

struct number_name {
	uint16_t number;
	const char *name;
};

static const struct number_name exchanges[] = {
	{ IKE_EXCH_SA_INIT, "IKE_SA_INIT" },
	{ IKE_EXCH_AUTH, "IKE_AUTH" },
	{ IKE_EXCH_CREATE_CHILD_SA, "CREATE_CHILD_SA" },
	{ IKE_EXCH_INFORMATIONAL, "INFORMATIONAL" },
	{ 38, "IKE_SESSION_RESUME" },
	{ 43, "IKE_INTERMEDIATE" },
	{ 44, "IKE_FOLLOWUP_KE" },
	{ 0 }
};

static const struct number_name payloads[] = {
	{ IKE_PLD_SA, "SA" },
	{ IKE_PLD_KE, "KE" },
	{ IKE_PLD_IDI, "IDi" },
	{ IKE_PLD_IDR, "IDr" },
	{ IKE_PLD_CERT, "CERT" },
	{ IKE_PLD_CERTREQ, "CERTREQ" },
	{ IKE_PLD_AUTH, "AUTH" },
	{ IKE_PLD_NONCE, "nonce" },
	{ IKE_PLD_NOTIFY, "notify" },
	{ IKE_PLD_DELETE, "delete" },
	{ IKE_PLD_VENDOR, "vendor" },
	{ IKE_PLD_TSI, "TSi" },
	{ IKE_PLD_TSR, "TSr" },
	{ IKE_PLD_SK, "SK" },
	{ IKE_PLD_CP, "CP" },
	{ IKE_PLD_EAP, "EAP" },
	{ IKE_PLD_SKF, "SKF" },
	{ 0 }
};

static const struct number_name notifies[] = {
	{ IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD, "UNSUPPORTED_CRITICAL_PAYLOAD" },
	{ IKE_N_INVALID_IKE_SPI, "INVALID_IKE_SPI" },
	{ IKE_N_INVALID_MAJOR_VERSION, "INVALID_MAJOR_VERSION" },
	{ IKE_N_INVALID_SYNTAX, "INVALID_SYNTAX" },
	{ IKE_N_INVALID_MESSAGE_ID, "INVALID_MESSAGE_ID" },
	{ IKE_N_INVALID_SPI, "INVALID_SPI" },
	{ IKE_N_NO_PROPOSAL_CHOSEN, "NO_PROPOSAL_CHOSEN" },
	{ IKE_N_INVALID_KE_PAYLOAD, "INVALID_KE_PAYLOAD" },
	{ IKE_N_AUTHENTICATION_FAILED, "AUTHENTICATION_FAILED" },
	{ IKE_N_SINGLE_PAIR_REQUIRED, "SINGLE_PAIR_REQUIRED" },
	{ IKE_N_NO_ADDITIONAL_SAS, "NO_ADDITIONAL_SAS" },
	{ IKE_N_INTERNAL_ADDRESS_FAILURE, "INTERNAL_ADDRESS_FAILURE" },
	{ IKE_N_FAILED_CP_REQUIRED, "FAILED_CP_REQUIRED" },
	{ IKE_N_TS_UNACCEPTABLE, "TS_UNACCEPTABLE" },
	{ IKE_N_INVALID_SELECTORS, "INVALID_SELECTORS" },
	{ IKE_N_UNACCEPTABLE_ADDRESSES, "UNACCEPTABLE_ADDRESSES" },
	{ IKE_N_UNEXPECTED_NAT_DETECTED, "UNEXPECTED_NAT_DETECTED" },
	{ IKE_N_TEMPORARY_FAILURE, "TEMPORARY_FAILURE" },
	{ IKE_N_CHILD_SA_NOT_FOUND, "CHILD_SA_NOT_FOUND" },
	{ IKE_N_INITIAL_CONTACT, "INITIAL_CONTACT" },
	{ IKE_N_SET_WINDOW_SIZE, "SET_WINDOW_SIZE" },
	{ IKE_N_ADDITIONAL_TS_POSSIBLE, "ADDITIONAL_TS_POSSIBLE" },
	{ IKE_N_IPCOMP_SUPPORTED, "IPCOMP_SUPPORTED" },
	{ IKE_N_NAT_DETECTION_SOURCE_IP, "NAT_DETECTION_SOURCE_IP" },
	{ IKE_N_NAT_DETECTION_DESTINATION_IP, "NAT_DETECTION_DESTINATION_IP" },
	{ IKE_N_COOKIE, "COOKIE" },
	{ IKE_N_USE_TRANSPORT_MODE, "USE_TRANSPORT_MODE" },
	{ IKE_N_HTTP_CERT_LOOKUP_SUPPORTED, "HTTP_CERT_LOOKUP_SUPPORTED" },
	{ IKE_N_REKEY_SA, "REKEY_SA" },
	{ IKE_N_ESP_TFC_PADDING_NOT_SUPPORTED, "ESP_TFC_PADDING_NOT_SUPPORTED" },
	{ IKE_N_NON_FIRST_FRAGMENTS_ALSO, "NON_FIRST_FRAGMENTS_ALSO" },
	{ IKE_N_MOBIKE_SUPPORTED, "MOBIKE_SUPPORTED" },
	{ IKE_N_ADDITIONAL_IP4_ADDRESS, "ADDITIONAL_IP4_ADDRESS" },
	{ IKE_N_ADDITIONAL_IP6_ADDRESS, "ADDITIONAL_IP6_ADDRESS" },
	{ IKE_N_NO_ADDITIONAL_ADDRESSES, "NO_ADDITIONAL_ADDRESSES" },
	{ IKE_N_UPDATE_SA_ADDRESSES, "UPDATE_SA_ADDRESSES" },
	{ IKE_N_COOKIE2, "COOKIE2" },
	{ IKE_N_NO_NATS_ALLOWED, "NO_NATS_ALLOWED" },
	{ IKE_N_AUTH_LIFETIME, "AUTH_LIFETIME" },
	{ IKE_N_CHILDLESS_IKEV2_SUPPORTED, "CHILDLESS_IKEV2_SUPPORTED" },
	{ IKE_N_FRAGMENTATION_SUPPORTED, "FRAGMENTATION_SUPPORTED" },
	{ IKE_N_SIGNATURE_HASH_ALGORITHMS, "SIGNATURE_HASH_ALGORITHMS" },
	{ 0 }
};

static const struct number_name auth_methods[] = {
	{ IKE_AUTH_RSA, "RSA signature" },
	{ IKE_AUTH_PSK, "pre-shared key" },
	{ 3, "DSS signature" },
	{ IKE_AUTH_ECDSA_256, "ECDSA signature (P-256)" },
	{ IKE_AUTH_ECDSA_384, "ECDSA signature (P-384)" },
	{ IKE_AUTH_ECDSA_521, "ECDSA signature (P-521)" },
	{ 12, "password (GSPM)" },
	{ 13, "null authentication" },
	{ IKE_AUTH_SIGNATURE, "digital signature" },
	{ 0 }
};

static const char *find(const struct number_name *names, uint16_t number, const char *kind, char *unnamed)
{
	for (; names->name; names++)
		if (names->number == number)
			return names->name;
	snprintf(unnamed, NAME_MAX_SIZE, "%s %u", kind, number);
	return unnamed;
}

const char *name_exchange(uint8_t exchange)
{
	static char unnamed[NAME_MAX_SIZE];

	return find(exchanges, exchange, "exchange", unnamed);
}

const char *name_payload(uint8_t type)
{
	static char unnamed[NAME_MAX_SIZE];

	return find(payloads, type, "payload", unnamed);
}

const char *name_notify(uint16_t type)
{
	static char unnamed[NAME_MAX_SIZE];

	return find(notifies, type, "notify", unnamed);
}

const char *name_auth_method(uint8_t method)
{
	static char unnamed[NAME_MAX_SIZE];

	return find(auth_methods, method, "authentication method", unnamed);
}

const char *name_group(uint16_t group)
{
	static char name[NAME_MAX_SIZE];

	return transform_text(&(struct ike_transform){ .type = IKE_T_GROUP, .id = group }, name, sizeof(name));
}

const char *name_fault(uint8_t fault)
{
	static const char *const words[IKE_FAULTS] = {
		[IKE_FAULT_NONE] = "none",
		[IKE_FAULT_NO_ANSWER] = "no-answer",
		[IKE_FAULT_DEAD_PEER] = "dead-peer",
		[IKE_FAULT_NO_PROPOSAL] = "no-proposal",
		[IKE_FAULT_AUTHENTICATION] = "authentication",
		[IKE_FAULT_IDENTITY] = "identity",
		[IKE_FAULT_SELECTORS] = "selectors",
		[IKE_FAULT_REFUSED] = "refused",
		[IKE_FAULT_BAD_MESSAGE] = "bad-message",
		[IKE_FAULT_ENDED] = "ended",
		[IKE_FAULT_EXPIRED] = "expired",
		[IKE_FAULT_NO_ADDRESS] = "no-address",
		[IKE_FAULT_CREDENTIALS] = "credentials",
		[IKE_FAULT_LOCAL] = "local",
	};

	return fault < IKE_FAULTS ? words[fault] : "unknown";
}

const char *name_phase(uint8_t phase)
{
	static const char *const words[IKE_PHASES] = {
		[IKE_PHASE_DOWN] = "down",
		[IKE_PHASE_NEGOTIATING] = "negotiating",
		[IKE_PHASE_ESTABLISHED] = "established",
		[IKE_PHASE_REKEYING] = "rekeying",
	};

	return phase < IKE_PHASES ? words[phase] : "unknown";
}
