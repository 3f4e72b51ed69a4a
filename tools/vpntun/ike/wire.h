/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_WIRE_H
#define IKE_WIRE_H

/* Numbers of IKEv2 as IANA has them; RFC 7296 unless said otherwise. */

enum { IKE_HDR_SIZE = 28, IKE_PLD_HDR_SIZE = 4, IKE_SKF_HDR_SIZE = 8, IKE_VERSION = 0x20, IKE_PORT = 500, IKE_NATT_PORT = 4500 };

enum ike_exchange {			/* section 3.1 */
	IKE_EXCH_SA_INIT = 34,
	IKE_EXCH_AUTH = 35,
	IKE_EXCH_CREATE_CHILD_SA = 36,
	IKE_EXCH_INFORMATIONAL = 37,
};

enum ike_flag {				/* section 3.1 */
	IKE_FLAG_INITIATOR = 0x08,
	IKE_FLAG_VERSION = 0x10,
	IKE_FLAG_RESPONSE = 0x20,
};

enum ike_pld_type {			/* section 3.2 */
	IKE_PLD_NONE = 0,
	IKE_PLD_SA = 33,
	IKE_PLD_KE = 34,
	IKE_PLD_IDI = 35,
	IKE_PLD_IDR = 36,
	IKE_PLD_CERT = 37,
	IKE_PLD_CERTREQ = 38,
	IKE_PLD_AUTH = 39,
	IKE_PLD_NONCE = 40,
	IKE_PLD_NOTIFY = 41,
	IKE_PLD_DELETE = 42,
	IKE_PLD_VENDOR = 43,
	IKE_PLD_TSI = 44,
	IKE_PLD_TSR = 45,
	IKE_PLD_SK = 46,
	IKE_PLD_CP = 47,
	IKE_PLD_EAP = 48,
	IKE_PLD_SKF = 53,		/* RFC 7383 */
};

enum ike_proto { IKE_PROTO_NONE = 0, IKE_PROTO_IKE = 1, IKE_PROTO_AH = 2, IKE_PROTO_ESP = 3 };

enum ike_transform_type {		/* section 3.3.2 */
	IKE_T_ENCR = 1,
	IKE_T_PRF = 2,
	IKE_T_INTEG = 3,
	IKE_T_GROUP = 4,
	IKE_T_ESN = 5,
};

enum { IKE_ATTR_KEY_LENGTH = 14 };	/* section 3.3.5, with the format bit apart */

enum ike_encr {
	IKE_ENCR_NULL = 11,
	IKE_ENCR_AES_CBC = 12,
	IKE_ENCR_AES_GCM_8 = 18,	/* RFC 4106 */
	IKE_ENCR_AES_GCM_12 = 19,
	IKE_ENCR_AES_GCM_16 = 20,
	IKE_ENCR_AES_GMAC = 21,		/* RFC 4543 */
	IKE_ENCR_CHACHA20_POLY1305 = 28,	/* RFC 7634 */
};

enum ike_prf {
	IKE_PRF_HMAC_SHA1 = 2,
	IKE_PRF_HMAC_SHA2_256 = 5,	/* RFC 4868 */
	IKE_PRF_HMAC_SHA2_384 = 6,
	IKE_PRF_HMAC_SHA2_512 = 7,
};

enum ike_integ {
	IKE_INTEG_NONE = 0,
	IKE_INTEG_HMAC_SHA1_96 = 2,
	IKE_INTEG_HMAC_SHA2_256_128 = 12,	/* RFC 4868 */
	IKE_INTEG_HMAC_SHA2_384_192 = 13,
	IKE_INTEG_HMAC_SHA2_512_256 = 14,
};

enum ike_group {
	IKE_GROUP_NONE = 0,
	IKE_GROUP_MODP1024 = 2,		/* too weak but for peers that have nothing else */
	IKE_GROUP_MODP1536 = 5,		/* the same; RFC 3526 */
	IKE_GROUP_MODP2048 = 14,	/* RFC 3526 */
	IKE_GROUP_MODP3072 = 15,
	IKE_GROUP_MODP4096 = 16,
	IKE_GROUP_MODP6144 = 17,
	IKE_GROUP_MODP8192 = 18,
	IKE_GROUP_ECP256 = 19,		/* RFC 5903 */
	IKE_GROUP_ECP384 = 20,
	IKE_GROUP_ECP521 = 21,
	IKE_GROUP_X25519 = 31,		/* RFC 8031 */
	IKE_GROUP_X448 = 32,
};

enum ike_id_type {			/* section 3.5 */
	IKE_ID_NONE = 0,		/* not on the wire: not configured */
	IKE_ID_IPV4 = 1,
	IKE_ID_FQDN = 2,
	IKE_ID_EMAIL = 3,
	IKE_ID_IPV6 = 5,
	IKE_ID_DN = 9,
	IKE_ID_KEYID = 11,
};

enum ike_auth_method {			/* section 3.8 */
	IKE_AUTH_RSA = 1,
	IKE_AUTH_PSK = 2,
	IKE_AUTH_ECDSA_256 = 9,		/* RFC 4754 */
	IKE_AUTH_ECDSA_384 = 10,
	IKE_AUTH_ECDSA_521 = 11,
	IKE_AUTH_SIGNATURE = 14,	/* RFC 7427 */
};

/*
 * How an AUTH payload is made: what its method says and, with method 14, its AlgorithmIdentifier.
 */
enum ike_scheme {
	IKE_SCHEME_NONE,
	IKE_SCHEME_PSK,
	IKE_SCHEME_RSA_SHA1,		/* method 1 */
	IKE_SCHEME_ECDSA_256,		/* methods 9 to 11: signature as r and s, with the hash of that size */
	IKE_SCHEME_ECDSA_384,
	IKE_SCHEME_ECDSA_521,
	IKE_SCHEME_PKCS1_SHA256,	/* method 14 from here on */
	IKE_SCHEME_PKCS1_SHA384,
	IKE_SCHEME_PKCS1_SHA512,
	IKE_SCHEME_PSS_SHA256,		/* salt as long as the hash */
	IKE_SCHEME_PSS_SHA384,
	IKE_SCHEME_PSS_SHA512,
	IKE_SCHEME_ECDSA_SHA256,	/* signature in DER; the curve is the key's */
	IKE_SCHEME_ECDSA_SHA384,
	IKE_SCHEME_ECDSA_SHA512,
	IKE_SCHEME_ED25519,
	IKE_SCHEMES,
};

enum ike_hash {				/* RFC 7427 section 4, RFC 8420 */
	IKE_HASH_SHA1 = 1,
	IKE_HASH_SHA2_256 = 2,
	IKE_HASH_SHA2_384 = 3,
	IKE_HASH_SHA2_512 = 4,
	IKE_HASH_IDENTITY = 5,
};

enum ike_cert_encoding { IKE_CERT_X509 = 4 };	/* RFC 7296 section 3.6 */

enum ike_notify {			/* section 3.10.1; up to 16383 they are errors */
	IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD = 1,
	IKE_N_INVALID_IKE_SPI = 4,
	IKE_N_INVALID_MAJOR_VERSION = 5,
	IKE_N_INVALID_SYNTAX = 7,
	IKE_N_INVALID_MESSAGE_ID = 9,
	IKE_N_INVALID_SPI = 11,
	IKE_N_NO_PROPOSAL_CHOSEN = 14,
	IKE_N_INVALID_KE_PAYLOAD = 17,
	IKE_N_AUTHENTICATION_FAILED = 24,
	IKE_N_SINGLE_PAIR_REQUIRED = 34,
	IKE_N_NO_ADDITIONAL_SAS = 35,
	IKE_N_INTERNAL_ADDRESS_FAILURE = 36,
	IKE_N_FAILED_CP_REQUIRED = 37,
	IKE_N_TS_UNACCEPTABLE = 38,
	IKE_N_INVALID_SELECTORS = 39,
	IKE_N_TEMPORARY_FAILURE = 43,
	IKE_N_CHILD_SA_NOT_FOUND = 44,
	IKE_N_UNACCEPTABLE_ADDRESSES = 40,	/* RFC 4555 */
	IKE_N_UNEXPECTED_NAT_DETECTED = 41,
	IKE_N_LAST_ERROR = 16383,
	IKE_N_INITIAL_CONTACT = 16384,
	IKE_N_SET_WINDOW_SIZE = 16385,
	IKE_N_ADDITIONAL_TS_POSSIBLE = 16386,
	IKE_N_IPCOMP_SUPPORTED = 16387,
	IKE_N_NAT_DETECTION_SOURCE_IP = 16388,
	IKE_N_NAT_DETECTION_DESTINATION_IP = 16389,
	IKE_N_COOKIE = 16390,
	IKE_N_USE_TRANSPORT_MODE = 16391,
	IKE_N_HTTP_CERT_LOOKUP_SUPPORTED = 16392,
	IKE_N_REKEY_SA = 16393,
	IKE_N_ESP_TFC_PADDING_NOT_SUPPORTED = 16394,
	IKE_N_NON_FIRST_FRAGMENTS_ALSO = 16395,
	IKE_N_MOBIKE_SUPPORTED = 16396,	/* RFC 4555 */
	IKE_N_ADDITIONAL_IP4_ADDRESS = 16397,
	IKE_N_ADDITIONAL_IP6_ADDRESS = 16398,
	IKE_N_NO_ADDITIONAL_ADDRESSES = 16399,
	IKE_N_UPDATE_SA_ADDRESSES = 16400,
	IKE_N_COOKIE2 = 16401,
	IKE_N_NO_NATS_ALLOWED = 16402,
	IKE_N_AUTH_LIFETIME = 16403,	/* RFC 4478 */
	IKE_N_CHILDLESS_IKEV2_SUPPORTED = 16418,	/* RFC 6023 */
	IKE_N_FRAGMENTATION_SUPPORTED = 16430,	/* RFC 7383 */
	IKE_N_SIGNATURE_HASH_ALGORITHMS = 16431,	/* RFC 7427 */
};

enum { IKE_TS_IPV4 = 7, IKE_TS_IPV6 = 8 };	/* section 3.13.1 */

/* What no peer may exceed. */
enum ike_limit {
	IKE_DATAGRAM_MAX = 16384,	/* bytes of a message, whole or reassembled */
	IKE_FRAGMENTS_MAX = 64,		/* of a message */
	IKE_PLD_MAX = 200,		/* payloads of a message: a host may name each of its addresses */
	IKE_UNKNOWN_MAX = 8,		/* payloads of a type that we do not know */
	IKE_PROPOSALS_MAX = 16,
	IKE_TRANSFORMS_MAX = 50,	/* of a proposal, that are kept: all that we have and some that we have not */
	IKE_FOREIGN_MAX = 2,		/* of those, that are not ours: of a type */
	IKE_TS_MAX = 16,		/* selectors of a side, that are kept */
	IKE_NOTIFIES_MAX = 24,		/* that are kept */
	IKE_DELETES_MAX = 8,
	IKE_DELETE_SPIS_MAX = 16,	/* of a delete payload, that are looked at */
	IKE_NONCE_MIN = 16,
	IKE_NONCE_MAX = 256,
	IKE_NONCE_SIZE = 32,		/* ours */
	IKE_ID_MAX = 256,		/* bytes of an identity */
	IKE_KE_MAX = 1024,		/* bytes of the largest public value: modp8192 */
	IKE_COOKIE_MAX = 64,
	IKE_KEY_MAX = 64,		/* bytes of any key */
	IKE_NAT_HASH = 20,		/* of NAT detection: SHA-1 */
	IKE_COOKIE2_MIN = 8,		/* RFC 4555 section 4.2.5 */
};

#endif /* IKE_WIRE_H */
