// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/buf.c tools/vpntun/ike/chain.c tools/vpntun/ike/ident.c tools/vpntun/ike/dn.c tools/vpntun/ike/msg.c */
/* sources: tools/vpntun/ike/names.c tools/vpntun/ike/prop.c tools/vpntun/ike/propname.c tools/vpntun/ike/rules.c */
/* sources: tools/vpntun/ike/scheme.c */
/* sources: tools/vpntun/ike/ts.c tools/vpntun/util/addr.c tools/vpntun/util/hex.c tools/vpntun/util/nearest.c */
/* sources: tools/vpntun/util/num.c tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* libs: libcrypto */
/*
 * What the engine does with a datagram before it knows who sent it: header, payloads, the table of what may be there;
 * then all that is made of the parts. What stands in an SK payload is taken as if it were opened.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/dn.h"
#include "ike/rules.h"
#include "ike/scheme.h"

/* A decoder that is right keeps these; libFuzzer reports the trap. */
#define MUST(condition)			\
	do {				\
		if (!(condition))	\
			abort();	\
	} while (0)

static struct ike_proposals configured;

static void configure(uint8_t proto)
{
	static const char *const ike[] = { "aes256gcm16-prfsha384-ecp384", "aes256-aes128-sha256-sha1-modp2048-x25519" };
	static const char *const esp[] = { "aes256gcm16-ecp384-modpnone-esn-noesn", "aes256-sha256", "null-sha512-esn" };
	struct why why;
	unsigned int i;

	configured.count = proto == IKE_PROTO_IKE ? 2 : 3;
	for (i = 0; i < configured.count; i++)
		MUST(!prop_parse(proto == IKE_PROTO_IKE ? ike[i] : esp[i], proto, false, &configured.list[i], &why));
}

/* What we choose the one that offered it must be able to accept, on the wire, too. */
static void use_proposals(const struct ike_msg *msg)
{
	static struct ike_msg back;
	static uint8_t bytes[65536];
	struct ike_proposals answer = { .count = 1 };
	struct ike_suite suite, same;
	struct chain chain;
	struct why why;
	char text[200];

	prop_list_text(&msg->sa, text, sizeof(text));
	prop_without_groups(&msg->sa, &answer);
	prop_has_group(&answer, prop_first_group(&msg->sa));

	chain = chain_init(bytes, sizeof(bytes));
	chain_sa(&chain, &msg->sa);
	MUST(chain_ok(&chain) && !msg_decode(&back, chain.first, wr_done(&chain.wr), &why));
	MUST(back.sa.count == msg->sa.count);

	configure(msg->sa.list[0].proto);
	answer.count = 1;
	if (prop_choose(&msg->sa, &configured, msg->ke_group, &suite, &answer.list[0], &why))
		return;
	MUST(!prop_accept(&msg->sa, &answer, &same, &why));
	MUST(suite.encr == same.encr && suite.group == same.group && suite.esn == same.esn);
	suite_text(&suite, text, sizeof(text));
}

static void use_selectors(const struct ike_ts_list *list)
{
	static const struct ike_ts_list all = {
		.count = 2,
		.list = {
			{ { 4, { 0 } }, { 4, { 255, 255, 255, 255 } }, 0, 65535, 0 },
			{ { 16, { 0x20 } }, { 16, { 0x3f, 0xff } }, 0, 65535, 0 },
		},
	};
	struct ip_prefix prefixes[64];
	struct ike_ts_list narrowed;
	char text[300];

	ts_text(list, text, sizeof(text));
	ts_prefixes(list, prefixes, 64);
	if (ts_narrow(list, &all, &narrowed))
		MUST(ts_within(&narrowed, list) && ts_within(&narrowed, &all));
	MUST(!list->count || ts_within(list, list));
}

static void use_ident(const struct ike_ident *ident)
{
	char text[600];
	struct ike_ident back;
	struct why why;

	/* What is no name is nobody's. */
	if (ident->type != IKE_ID_DN || dn_valid((struct span){ ident->bytes, ident->len }))
		MUST(ident_equal(ident, ident));
	ident_text(ident, text, sizeof(text));
	ident_parse(text, &back, &why);
}

/* Is @part within @whole? */
static bool within(struct span part, struct span whole)
{
	return part.at >= whole.at && part.at + part.len <= whole.at + whole.len;
}

/* What is taken for a signature can be written again, and is read as the same. */
static void use_auth(const struct ike_msg *msg)
{
	static uint8_t bytes[65536 + 256];
	struct wr wr = wr_init(bytes, sizeof(bytes));
	enum ike_scheme scheme, same;
	struct span raw, again;
	struct why why;

	if (scheme_parse(msg->auth_method, msg->auth, &scheme, &raw, &why)) {
		MUST(scheme == IKE_SCHEME_NONE && *why.text);
		return;
	}
	MUST(raw.len && within(raw, msg->auth) && scheme_method(scheme) == msg->auth_method);
	scheme_put(scheme, raw, &wr);
	MUST(!wr.bad && !scheme_parse(msg->auth_method, wr_done(&wr), &same, &again, &why));
	MUST(same == scheme && span_equal(raw, again));
}

static void use_certs(const struct ike_msg *msg)
{
	unsigned int i;

	MUST(msg->n_certs <= IKE_CERTS_MAX && msg->n_certs <= msg->counts[IKE_PLD_CERT]);
	for (i = 0; i < msg->n_certs; i++)
		MUST(msg->certs[i].len);
	MUST(msg->cas.len % IKE_CA_HASH == 0);
}

static void use(const struct ike_msg *msg)
{
	unsigned int i;

	use_certs(msg);
	if (msg->counts[IKE_PLD_AUTH])
		use_auth(msg);
	for (i = 0; i < msg->n_notifies; i++)
		if (msg->notifies[i].type == IKE_N_SIGNATURE_HASH_ALGORITHMS)
			MUST(!(scheme_read_hashes(msg->notifies[i].data) & ~SCHEME_HASHES));
	MUST(msg->n_notifies <= IKE_NOTIFIES_MAX && msg->n_deletes <= IKE_DELETES_MAX);
	for (i = 0; i < msg->n_notifies; i++)
		MUST(msg_notify(msg, msg->notifies[i].type));
	msg_error(msg);
	if (msg->sa.count)
		use_proposals(msg);
	if (msg->counts[IKE_PLD_TSI])
		use_selectors(&msg->tsi);
	if (msg->counts[IKE_PLD_TSR])
		use_selectors(&msg->tsr);
	if (msg->counts[IKE_PLD_IDI])
		use_ident(&msg->idi);
	if (msg->counts[IKE_PLD_IDR])
		use_ident(&msg->idr);
}

/* Every payload that the table demands must then be there. */
static void judge(const struct ike_msg *msg, const struct ike_hdr *hdr, bool sealed)
{
	bool response = hdr->flags & IKE_FLAG_RESPONSE;
	struct why why;

	if (rules_check(msg, hdr->exchange, response, sealed, &why))
		MUST(*why.text);
	else if (hdr->exchange == IKE_EXCH_SA_INIT && !response)
		MUST(msg->sa.count && msg->ke.len && msg->nonce.len >= IKE_NONCE_MIN && !sealed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ike_msg outer, inner;
	struct ike_hdr hdr;
	struct why why;

	/* A length that does not fit ends most of it, but not here: the payloads are what is looked for. */
	msg_header((struct span){ data, size }, &hdr, &why);
	if (size < IKE_HDR_SIZE)
		return 0;
	if (msg_decode(&outer, hdr.next, (struct span){ data + IKE_HDR_SIZE, size - IKE_HDR_SIZE }, &why))
		return 0;
	judge(&outer, &hdr, false);
	use(&outer);
	if (!outer.sealed || msg_decode(&inner, outer.sk_next, outer.sk, &why))
		return 0;
	judge(&inner, &hdr, true);
	use(&inner);
	return 0;
}
