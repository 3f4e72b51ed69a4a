// SPDX-License-Identifier: GPL-2.0
#include "ike/msg.h"

#include <errno.h>
#include <string.h>

enum {
	PLD_CRITICAL = 0x80,		/* section 3.2 */
	PROPOSAL_HDR_SIZE = 8,		/* section 3.3.1 */
	PROPOSAL_MORE = 2,
	TRANSFORM_HDR_SIZE = 8,		/* section 3.3.2 */
	TRANSFORM_MORE = 3,
	TS_HDR_SIZE = 8,		/* section 3.13.1 */
};

/* Says in one place what every payload can suffer from: it is shorter or longer than its parts. */
static int wrong_length(const char *what, struct why *why)
{
	return why_set(why, "malformed %s: the lengths in it do not agree", what);
}

int msg_header(struct span datagram, struct ike_hdr *out, struct why *why)
{
	struct rd rd = rd_init(datagram);

	out->spi_i = rd_u64(&rd);
	out->spi_r = rd_u64(&rd);
	out->next = rd_u8(&rd);
	out->version = rd_u8(&rd);
	out->exchange = rd_u8(&rd);
	out->flags = rd_u8(&rd);
	out->id = rd_u32(&rd);
	out->length = rd_u32(&rd);
	if (rd.bad)
		return why_set(why, "%zu bytes are too short for an IKE header", datagram.len);
	if (datagram.len > IKE_DATAGRAM_MAX)
		return why_set(why, "a message of %zu bytes is too long, %d is the most", datagram.len,
			       IKE_DATAGRAM_MAX);
	if (out->length != datagram.len)
		return why_set(why, "%zu bytes came, but the IKE header says %u", datagram.len, out->length);
	return 0;
}

/*
 * One attribute of a transform, section 3.3.5. What we do not know makes the transform one that nobody has configured
 * (section 3.3.6: it is passed over, the others of its type may do).
 */
static void read_attribute(struct rd *rd, struct ike_transform *transform)
{
	uint16_t type = rd_u16(rd), value = rd_u16(rd);

	if (!(type & 0x8000))
		rd_span(rd, value);
	if (type != (0x8000 | IKE_ATTR_KEY_LENGTH) || !value || transform->key_bits)
		transform->id = IKE_TRANSFORM_UNKNOWN;
	else
		transform->key_bits = value;
}

static int read_transform(struct rd *rd, struct ike_proposal *proposal, bool last, struct why *why)
{
	struct ike_transform transform = { 0 };
	uint8_t more = rd_u8(rd);
	uint16_t length;
	struct rd body;

	rd_u8(rd);
	length = rd_u16(rd);
	body = rd_sub(rd, length < TRANSFORM_HDR_SIZE ? SIZE_MAX : length - 4u);
	transform.type = rd_u8(&body);
	rd_u8(&body);
	transform.id = rd_u16(&body);
	while (!body.bad && body.left)
		read_attribute(&body, &transform);
	if (!rd_done(&body))
		return wrong_length("transform", why);
	if (more != (last ? 0 : TRANSFORM_MORE))
		return why_set(why, "malformed proposal: its number of transforms is wrong");
	prop_keep(proposal, &transform);
	return 0;
}

/* Is this a size for SPIs of the protocol? IKE's own stands in a proposal only when it is rekeyed. */
static bool spi_fits(uint8_t proto, uint8_t size)
{
	if (proto == IKE_PROTO_IKE)
		return size == 0 || size == 8;
	if (proto == IKE_PROTO_AH || proto == IKE_PROTO_ESP)
		return size == 4;
	return size <= 8;
}

static int read_proposal(struct rd *rd, struct ike_proposal *proposal, struct why *why)
{
	struct span spi;
	uint8_t i, count;

	proposal->number = rd_u8(rd);
	proposal->proto = rd_u8(rd);
	proposal->spi_len = rd_u8(rd);
	count = rd_u8(rd);
	proposal->count = 0;
	if (rd->bad)
		return wrong_length("proposal", why);
	if (!spi_fits(proposal->proto, proposal->spi_len))
		return why_set(why, "malformed proposal: an SPI of %u bytes", proposal->spi_len);
	if (!count)
		return why_set(why, "a proposal of 0 transforms");

	spi = rd_span(rd, proposal->spi_len);
	if (spi.len)
		memcpy(proposal->spi, spi.at, spi.len);
	for (i = 0; i < count; i++)
		if (read_transform(rd, proposal, i + 1 == count, why))
			return -EINVAL;
	return rd_done(rd) ? 0 : wrong_length("proposal", why);
}

static int read_sa(struct rd *rd, struct ike_proposals *out, struct why *why)
{
	uint8_t more = PROPOSAL_MORE;
	uint16_t length;
	struct rd body;

	while (more) {
		more = rd_u8(rd);
		rd_u8(rd);
		length = rd_u16(rd);
		body = rd_sub(rd, length < PROPOSAL_HDR_SIZE ? SIZE_MAX : length - 4u);
		if (rd->bad || (more && more != PROPOSAL_MORE))
			return wrong_length("SA payload", why);
		if (out->count == IKE_PROPOSALS_MAX)
			return why_set(why, "more than %d proposals", IKE_PROPOSALS_MAX);
		if (read_proposal(&body, &out->list[out->count++], why))
			return -EINVAL;
	}
	return rd_done(rd) ? 0 : wrong_length("SA payload", why);
}

static int read_ke(struct rd *rd, struct ike_msg *out, struct why *why)
{
	out->ke_group = rd_u16(rd);
	rd_u16(rd);
	out->ke = rd_rest(rd);
	if (!out->ke.len || out->ke.len > IKE_KE_MAX)
		return why_set(why, "malformed KE payload: a public value of %zu bytes", out->ke.len);
	return 0;
}

static int read_nonce(struct rd *rd, struct span *out, struct why *why)
{
	*out = rd_rest(rd);
	if (out->len < IKE_NONCE_MIN || out->len > IKE_NONCE_MAX)
		return why_set(why, "a nonce of %zu bytes, %d to %d are allowed", out->len, IKE_NONCE_MIN,
			       IKE_NONCE_MAX);
	return 0;
}

static int read_ident(struct rd *rd, struct ike_ident *out, struct span *body, struct why *why)
{
	struct rd parts;
	struct span bytes;
	bool fits;

	*body = rd_rest(rd);
	parts = rd_init(*body);
	out->type = rd_u8(&parts);
	rd_span(&parts, 3);
	bytes = rd_rest(&parts);

	fits = bytes.len > 0 && bytes.len <= IKE_ID_MAX && out->type != IKE_ID_NONE;
	if (out->type == IKE_ID_IPV4)
		fits = bytes.len == 4;
	else if (out->type == IKE_ID_IPV6)
		fits = bytes.len == 16;
	if (!fits)
		return why_set(why, "an identity of type %u with %zu bytes", out->type, bytes.len);

	out->len = bytes.len;
	memcpy(out->bytes, bytes.at, bytes.len);
	return 0;
}

static int read_auth(struct rd *rd, struct ike_msg *out, struct why *why)
{
	out->auth_method = rd_u8(rd);
	rd_span(rd, 3);
	out->auth = rd_rest(rd);
	return out->auth.len ? 0 : wrong_length("AUTH payload", why);
}

/* Section 3.6 */
static int read_cert(struct rd *rd, struct ike_msg *out, struct why *why)
{
	uint8_t encoding = rd_u8(rd);
	struct span bytes = rd_rest(rd);

	if (!bytes.len)
		return wrong_length("CERT payload", why);
	if (encoding != IKE_CERT_X509)
		return 0;
	if (out->n_certs == IKE_CERTS_MAX)
		return why_set(why, "more than %d certificates", IKE_CERTS_MAX);
	out->certs[out->n_certs++] = bytes;
	return 0;
}

/* Section 3.7 */
static int read_certreq(struct rd *rd, struct ike_msg *out, struct why *why)
{
	uint8_t encoding = rd_u8(rd);
	struct span bytes = rd_rest(rd);

	if (rd->bad)
		return wrong_length("CERTREQ payload", why);
	if (encoding != IKE_CERT_X509)
		return 0;
	if (bytes.len % IKE_CA_HASH)
		return wrong_length("CERTREQ payload", why);
	if (!out->cas.len)
		out->cas = bytes;
	return 0;
}

static void copy_addr(struct ip_addr *out, struct span bytes)
{
	if (!bytes.len)
		return;
	out->len = bytes.len;
	memcpy(out->bytes, bytes.at, bytes.len);
}

/*
 * One selector; those of a type that we do not know are left out of the list: then nothing of them is agreed on. Nor is of
 * what a full list has no room for: as responder we take less than is offered (section 2.9). Of an answer that would be
 * less than the peer has, so @cut is for who made the offer.
 */
static int read_selector(struct rd *rd, struct ike_ts_list *out, bool *cut, struct why *why)
{
	struct ike_ts ts = { 0 };
	uint8_t type = rd_u8(rd);
	uint16_t length;
	struct rd body;
	size_t size;

	ts.protocol = rd_u8(rd);
	length = rd_u16(rd);
	body = rd_sub(rd, length < TS_HDR_SIZE ? SIZE_MAX : length - 4u);
	if (type != IKE_TS_IPV4 && type != IKE_TS_IPV6)
		return body.bad ? wrong_length("traffic selector", why) : 0;

	size = type == IKE_TS_IPV4 ? 4 : 16;
	ts.port_from = rd_u16(&body);
	ts.port_to = rd_u16(&body);
	copy_addr(&ts.from, rd_span(&body, size));
	copy_addr(&ts.to, rd_span(&body, size));
	if (!rd_done(&body))
		return wrong_length("traffic selector", why);
	if (memcmp(ts.from.bytes, ts.to.bytes, size) > 0)
		return why_set(why, "malformed traffic selector: it ends before it begins");
	/* 65535 to 0 is "opaque" */
	if (ts.port_from > ts.port_to && (ts.port_from != UINT16_MAX || ts.port_to))
		return why_set(why, "malformed traffic selector: ports %u to %u", ts.port_from, ts.port_to);
	if (out->count < IKE_TS_MAX)
		out->list[out->count++] = ts;
	else
		*cut = true;
	return 0;
}

static int read_ts(struct rd *rd, struct ike_ts_list *out, bool *cut, struct why *why)
{
	unsigned int i, count = rd_u8(rd);

	rd_span(rd, 3);
	if (rd->bad || !count)
		return wrong_length("TS payload", why);
	for (i = 0; i < count; i++)
		if (read_selector(rd, out, cut, why))
			return -EINVAL;
	return rd_done(rd) ? 0 : wrong_length("TS payload", why);
}

/* The last one kept of a type that one before it has, too; n_notifies: there is none. */
static unsigned int last_repeated(const struct ike_msg *msg)
{
	unsigned int i = msg->n_notifies;

	while (i--)
		if (msg_notify(msg, msg->notifies[i].type) != &msg->notifies[i])
			return i;
	return msg->n_notifies;
}

/*
 * The first one of each type has its place, in the order in which they came; of those that are sent often, such as a
 * host's addresses (RFC 4555), as many as there is room for. Nothing is lost that anybody asks for by its type.
 */
static int keep_notify(struct ike_msg *out, const struct ike_notify_pld *notify, struct why *why)
{
	unsigned int i;

	if (out->n_notifies == IKE_NOTIFIES_MAX) {
		if (msg_notify(out, notify->type))
			return 0;
		i = last_repeated(out);
		if (i == out->n_notifies)
			return why_set(why, "notifies of more than %d types", IKE_NOTIFIES_MAX);
		out->n_notifies--;
		memmove(&out->notifies[i], &out->notifies[i + 1], (out->n_notifies - i) * sizeof(*notify));
	}
	out->notifies[out->n_notifies++] = *notify;
	return 0;
}

static int read_notify(struct rd *rd, struct ike_msg *out, struct why *why)
{
	struct ike_notify_pld notify;
	uint8_t size;

	notify.proto = rd_u8(rd);
	size = rd_u8(rd);
	notify.type = rd_u16(rd);
	notify.spi = rd_span(rd, size);
	notify.data = rd_rest(rd);
	if (rd->bad)
		return wrong_length("notify", why);
	if (size != 0 && size != 4 && size != 8)
		return why_set(why, "malformed notify %u: an SPI of %u bytes", notify.type, size);
	return keep_notify(out, &notify, why);
}

static int read_delete(struct rd *rd, struct ike_msg *out, struct why *why)
{
	struct ike_delete_pld *delete;
	size_t size;

	if (out->n_deletes == IKE_DELETES_MAX)
		return why_set(why, "more than %d delete payloads", IKE_DELETES_MAX);

	delete = &out->deletes[out->n_deletes++];
	delete->proto = rd_u8(rd);
	delete->spi_size = rd_u8(rd);
	delete->count = rd_u16(rd);
	delete->spis = rd_rest(rd);
	size = delete->proto == IKE_PROTO_IKE ? 0 : 4;
	if (rd->bad || delete->spi_size != size || delete->spis.len != size * delete->count)
		return wrong_length("delete payload", why);
	return 0;
}

bool msg_known(uint8_t type)
{
	return (type >= IKE_PLD_SA && type <= IKE_PLD_EAP) || type == IKE_PLD_SKF;
}

/* Of a payload that may stand once only the first is taken; that there were more is in @counts. */
static int read_single(struct rd *rd, uint8_t type, struct ike_msg *out, struct why *why)
{
	if (out->counts[type] > 1)
		return 0;

	switch (type) {
	case IKE_PLD_SA:
		return read_sa(rd, &out->sa, why);
	case IKE_PLD_KE:
		return read_ke(rd, out, why);
	case IKE_PLD_IDI:
		return read_ident(rd, &out->idi, &out->idi_body, why);
	case IKE_PLD_IDR:
		return read_ident(rd, &out->idr, &out->idr_body, why);
	case IKE_PLD_AUTH:
		return read_auth(rd, out, why);
	case IKE_PLD_NONCE:
		return read_nonce(rd, &out->nonce, why);
	case IKE_PLD_TSI:
		return read_ts(rd, &out->tsi, &out->ts_cut, why);
	case IKE_PLD_TSR:
		return read_ts(rd, &out->tsr, &out->ts_cut, why);
	default:
		return 0;	/* what is in it we have no use for */
	}
}

static int read_payload(struct rd *rd, uint8_t type, struct ike_msg *out, struct why *why)
{
	switch (type) {
	case IKE_PLD_NOTIFY:
		return read_notify(rd, out, why);
	case IKE_PLD_DELETE:
		return read_delete(rd, out, why);
	case IKE_PLD_CERT:
		return read_cert(rd, out, why);
	case IKE_PLD_CERTREQ:
		return read_certreq(rd, out, why);
	default:
		return read_single(rd, type, out, why);
	}
}

/* SK or SKF, the last one of its message: its "next" is the first payload inside (section 3.14). */
static int read_sealed(struct rd *rd, uint8_t type, uint8_t next, struct ike_msg *out, struct why *why)
{
	if (type == IKE_PLD_SKF) {
		out->number = rd_u16(rd);
		out->total = rd_u16(rd);
		if (rd->bad || !out->number || out->number > out->total)
			return why_set(why, "malformed fragment: it is number %u of %u", out->number, out->total);
	}
	out->sealed = true;
	out->sk_next = next;
	out->sk = rd_rest(rd);
	return 0;
}

int msg_decode(struct ike_msg *out, uint8_t first, struct span payloads, struct why *why)
{
	struct rd rd = rd_init(payloads), body;
	unsigned int count = 0, unknown = 0;
	uint8_t type, next, flags;
	uint16_t length;

	memset(out, 0, sizeof(*out));
	for (type = first; type != IKE_PLD_NONE; type = next) {
		next = rd_u8(&rd);
		flags = rd_u8(&rd);
		length = rd_u16(&rd);
		body = rd_sub(&rd, length < IKE_PLD_HDR_SIZE ? SIZE_MAX : (size_t)length - IKE_PLD_HDR_SIZE);
		if (rd.bad)
			return why_set(why, "malformed message: payload %u (type %u) is not whole", count + 1, type);
		if (++count > IKE_PLD_MAX)
			return why_set(why, "more than %d payloads", IKE_PLD_MAX);
		out->counts[type]++;

		if (type == IKE_PLD_SK || type == IKE_PLD_SKF) {
			if (read_sealed(&body, type, next, out, why))
				return -EINVAL;
			break;
		}
		if (!msg_known(type)) {
			if (++unknown > IKE_UNKNOWN_MAX)
				return why_set(why, "more than %d payloads of unknown types", IKE_UNKNOWN_MAX);
			if ((flags & PLD_CRITICAL) && !out->critical)
				out->critical = type;
		}
		if (read_payload(&body, type, out, why))
			return -EINVAL;
	}
	return rd_done(&rd) ? 0 : why_set(why, "malformed message: %zu bytes after its last payload", rd.left);
}

const struct ike_notify_pld *msg_notify(const struct ike_msg *msg, uint16_t type)
{
	unsigned int i;

	for (i = 0; i < msg->n_notifies; i++)
		if (msg->notifies[i].type == type)
			return &msg->notifies[i];
	return NULL;
}

const struct ike_notify_pld *msg_error(const struct ike_msg *msg)
{
	unsigned int i;

	for (i = 0; i < msg->n_notifies; i++)
		if (msg->notifies[i].type <= IKE_N_LAST_ERROR)
			return &msg->notifies[i];
	return NULL;
}
