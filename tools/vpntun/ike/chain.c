// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "ike/msg.h"

#define NO_PAYLOAD ((size_t)-1)

enum { LENGTH_AT = 2 };		/* of the length in the headers of payloads, proposals and transforms */

struct chain chain_init(void *buffer, size_t size)
{
	return (struct chain){ .wr = wr_init(buffer, size), .first = IKE_PLD_NONE, .next_at = NO_PAYLOAD };
}

bool chain_ok(const struct chain *chain)
{
	return !chain->wr.bad;
}

/* Begins a payload; the result is for end_payload(). */
static size_t begin_payload(struct chain *chain, uint8_t type)
{
	struct wr *wr = &chain->wr;

	if (chain->next_at == NO_PAYLOAD)
		chain->first = type;
	else
		wr->at[chain->next_at] = type;

	/* A header that did not fit has no "next" to fill in; wr->bad says that all is lost. */
	if (wr->len < wr->size)
		chain->next_at = wr->len;
	wr_u8(wr, IKE_PLD_NONE);
	wr_u8(wr, 0);		/* not critical: every payload of ours is in RFC 7296 (section 2.5) */
	return wr_open16(wr, LENGTH_AT);
}

static void end_payload(struct chain *chain, size_t mark)
{
	wr_close16(&chain->wr, mark, LENGTH_AT);
}

/* Section 3.3.2 */
static void put_transform(struct wr *wr, const struct ike_transform *transform, bool last)
{
	size_t mark;

	wr_u8(wr, last ? 0 : 3);
	wr_u8(wr, 0);
	mark = wr_open16(wr, LENGTH_AT);
	wr_u8(wr, transform->type);
	wr_u8(wr, 0);
	wr_u16(wr, transform->id);
	if (transform->key_bits) {
		wr_u16(wr, 0x8000 | IKE_ATTR_KEY_LENGTH);
		wr_u16(wr, transform->key_bits);
	}
	wr_close16(wr, mark, LENGTH_AT);
}

/* Section 3.3.1 */
static void put_proposal(struct wr *wr, const struct ike_proposal *proposal, bool last)
{
	size_t mark;
	unsigned int i;

	if (proposal->spi_len > sizeof(proposal->spi) || proposal->count > IKE_TRANSFORMS_MAX) {
		wr->bad = true;
		return;
	}
	wr_u8(wr, last ? 0 : 2);
	wr_u8(wr, 0);
	mark = wr_open16(wr, LENGTH_AT);
	wr_u8(wr, proposal->number);
	wr_u8(wr, proposal->proto);
	wr_u8(wr, proposal->spi_len);
	wr_u8(wr, proposal->count);
	wr_span(wr, (struct span){ proposal->spi, proposal->spi_len });
	for (i = 0; i < proposal->count; i++)
		put_transform(wr, &proposal->transforms[i], i + 1 == proposal->count);
	wr_close16(wr, mark, LENGTH_AT);
}

void chain_sa(struct chain *chain, const struct ike_proposals *proposals)
{
	size_t mark = begin_payload(chain, IKE_PLD_SA);
	unsigned int i;

	if (!proposals->count || proposals->count > IKE_PROPOSALS_MAX)
		chain->wr.bad = true;
	for (i = 0; i < proposals->count && !chain->wr.bad; i++)
		put_proposal(&chain->wr, &proposals->list[i], i + 1 == proposals->count);
	end_payload(chain, mark);
}

void chain_ke(struct chain *chain, uint16_t group, struct span value)
{
	size_t mark = begin_payload(chain, IKE_PLD_KE);

	wr_u16(&chain->wr, group);
	wr_u16(&chain->wr, 0);
	wr_span(&chain->wr, value);
	end_payload(chain, mark);
}

void chain_nonce(struct chain *chain, struct span nonce)
{
	size_t mark = begin_payload(chain, IKE_PLD_NONCE);

	wr_span(&chain->wr, nonce);
	end_payload(chain, mark);
}

void msg_ident_body(const struct ike_ident *ident, struct wr *wr)
{
	if (ident->len > sizeof(ident->bytes)) {
		wr->bad = true;
		return;
	}
	wr_u8(wr, ident->type);
	wr_zero(wr, 3);
	wr_span(wr, (struct span){ ident->bytes, ident->len });
}

void chain_ident(struct chain *chain, enum ike_pld_type type, const struct ike_ident *ident)
{
	size_t mark = begin_payload(chain, type);

	msg_ident_body(ident, &chain->wr);
	end_payload(chain, mark);
}

void chain_auth(struct chain *chain, enum ike_auth_method method, struct span auth)
{
	size_t mark = begin_payload(chain, IKE_PLD_AUTH);

	wr_u8(&chain->wr, method);
	wr_zero(&chain->wr, 3);
	wr_span(&chain->wr, auth);
	end_payload(chain, mark);
}

void chain_cert(struct chain *chain, struct span der)
{
	size_t mark = begin_payload(chain, IKE_PLD_CERT);

	wr_u8(&chain->wr, IKE_CERT_X509);
	wr_span(&chain->wr, der);
	end_payload(chain, mark);
}

void chain_certreq(struct chain *chain, const uint8_t (*cas)[IKE_CA_HASH], size_t count)
{
	size_t mark = begin_payload(chain, IKE_PLD_CERTREQ);

	wr_u8(&chain->wr, IKE_CERT_X509);
	wr_span(&chain->wr, (struct span){ *cas, count * sizeof(*cas) });
	end_payload(chain, mark);
}

/* Section 3.13.1 */
static void put_ts(struct wr *wr, const struct ike_ts *ts)
{
	size_t mark;

	if (ts->from.len != ts->to.len || (ts->from.len != 4 && ts->from.len != 16)) {
		wr->bad = true;
		return;
	}
	wr_u8(wr, ts->from.len == 4 ? IKE_TS_IPV4 : IKE_TS_IPV6);
	wr_u8(wr, ts->protocol);
	mark = wr_open16(wr, LENGTH_AT);
	wr_u16(wr, ts->port_from);
	wr_u16(wr, ts->port_to);
	wr_span(wr, (struct span){ ts->from.bytes, ts->from.len });
	wr_span(wr, (struct span){ ts->to.bytes, ts->to.len });
	wr_close16(wr, mark, LENGTH_AT);
}

void chain_ts(struct chain *chain, enum ike_pld_type type, const struct ike_ts_list *list)
{
	size_t mark = begin_payload(chain, type);
	unsigned int i;

	if (!list->count || list->count > IKE_TS_MAX)
		chain->wr.bad = true;
	wr_u8(&chain->wr, list->count);
	wr_zero(&chain->wr, 3);
	for (i = 0; i < list->count && !chain->wr.bad; i++)
		put_ts(&chain->wr, &list->list[i]);
	end_payload(chain, mark);
}

void chain_notify_spi(struct chain *chain, uint16_t type, uint8_t proto, struct span spi, struct span data)
{
	size_t mark = begin_payload(chain, IKE_PLD_NOTIFY);

	if (spi.len > UINT8_MAX)
		chain->wr.bad = true;
	wr_u8(&chain->wr, proto);
	wr_u8(&chain->wr, spi.len);
	wr_u16(&chain->wr, type);
	wr_span(&chain->wr, spi);
	wr_span(&chain->wr, data);
	end_payload(chain, mark);
}

void chain_notify(struct chain *chain, uint16_t type, struct span data)
{
	chain_notify_spi(chain, type, IKE_PROTO_NONE, (struct span){ NULL, 0 }, data);
}

void chain_delete_ike(struct chain *chain)
{
	size_t mark = begin_payload(chain, IKE_PLD_DELETE);

	wr_u8(&chain->wr, IKE_PROTO_IKE);
	wr_u8(&chain->wr, 0);
	wr_u16(&chain->wr, 0);
	end_payload(chain, mark);
}

void chain_delete_esp(struct chain *chain, const uint32_t *spis, size_t count)
{
	size_t mark = begin_payload(chain, IKE_PLD_DELETE);
	size_t i;

	if (count > UINT16_MAX)
		chain->wr.bad = true;
	wr_u8(&chain->wr, IKE_PROTO_ESP);
	wr_u8(&chain->wr, sizeof(*spis));
	wr_u16(&chain->wr, count);
	for (i = 0; i < count && !chain->wr.bad; i++)
		wr_u32(&chain->wr, spis[i]);
	end_payload(chain, mark);
}

void msg_put_header(const struct ike_hdr *hdr, struct wr *out)
{
	wr_u64(out, hdr->spi_i);
	wr_u64(out, hdr->spi_r);
	wr_u8(out, hdr->next);
	wr_u8(out, hdr->version);
	wr_u8(out, hdr->exchange);
	wr_u8(out, hdr->flags);
	wr_u32(out, hdr->id);
	wr_u32(out, hdr->length);
}

int msg_plain(const struct ike_hdr *hdr, const struct chain *chain, struct wr *out)
{
	struct ike_hdr filled = *hdr;

	filled.next = chain->first;
	filled.length = IKE_HDR_SIZE + chain->wr.len;
	msg_put_header(&filled, out);
	wr_span(out, wr_done(&chain->wr));
	return out->bad || chain->wr.bad ? -EMSGSIZE : 0;
}
