// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <string.h>

#include "ike/crypt.h"
#include "ike/sk.h"

enum { CBC_BLOCK = 16, PAD_LENGTH_SIZE = 1, ICV_MAX = 32 };

/* Where the parts of a message are that ends with an SK or SKF payload. */
struct layout {
	size_t head;	/* before the IV: what AEADs authenticate besides (RFC 5282 section 5.1, RFC 7383 2.5) */
	size_t iv;
	size_t text;	/* encrypted: payloads, padding, its length */
	size_t icv;
};

/* What goes from the original initiator, or what goes to it. */
static struct sk_cipher cipher_of(const struct ike_keys *keys, bool from_initiator)
{
	return (struct sk_cipher){
		.encr = keys->suite.encr,
		.key_bits = keys->suite.key_bits,
		.integ = keys->suite.integ,
		.key = key_span(from_initiator ? &keys->ei : &keys->er),
		.auth_key = key_span(from_initiator ? &keys->ai : &keys->ar),
	};
}

static size_t icv_size(const struct sk_cipher *cipher)
{
	return encr_is_aead(cipher->encr) ? encr_icv_size(cipher->encr) : integ_size(cipher->integ);
}

/* With the least padding: none for AEADs (RFC 5282 section 3), up to the block for CBC. */
static struct layout layout_of(const struct sk_cipher *cipher, size_t payload_hdr, size_t payloads)
{
	struct layout layout = {
		.head = IKE_HDR_SIZE + payload_hdr,
		.iv = encr_iv_size(cipher->encr),
		.text = payloads + PAD_LENGTH_SIZE,
		.icv = icv_size(cipher),
	};

	if (!encr_is_aead(cipher->encr))
		layout.text = (layout.text + CBC_BLOCK - 1) / CBC_BLOCK * CBC_BLOCK;
	return layout;
}

static size_t total(const struct layout *layout)
{
	return layout->head + layout->iv + layout->text + layout->icv;
}

/* @at: the whole message, in clear and without ICV; becomes what is sent. */
static int seal(const struct sk_cipher *cipher, const struct layout *layout, uint8_t *at)
{
	struct span iv = {at + layout->head, layout->iv};
	uint8_t *text = at + layout->head + layout->iv;
	uint8_t *icv = text + layout->text;
	struct span covered = {at, (size_t)(icv - at)};
	int err;

	err = crypt_seal(cipher, iv, (struct span){at, layout->head}, text, layout->text, icv);
	if (err || encr_is_aead(cipher->encr))
		return err;
	return crypt_integ(cipher, &covered, 1, icv);
}

/* All before the IV. A part that is the whole has the number 0, and an SK payload. */
static void put_head(const struct ike_hdr *hdr, const struct sk_part *part, size_t length, struct wr *out)
{
	struct ike_hdr header = *hdr;

	header.next = part->number ? IKE_PLD_SKF : IKE_PLD_SK;
	header.length = (uint32_t)length;
	msg_put_header(&header, out);
	wr_u8(out, part->first);
	wr_u8(out, 0);
	wr_u16(out, (uint16_t)(length - IKE_HDR_SIZE));
	if (!part->number)
		return;
	wr_u16(out, part->number);
	wr_u16(out, part->total);
}

int sk_seal_part(const struct sk_side *side, struct span iv, const struct ike_hdr *hdr, const struct sk_part *part,
		 struct wr *out)
{
	struct sk_cipher cipher = cipher_of(side->keys, side->initiator);
	struct layout layout = layout_of(&cipher, part->number ? IKE_SKF_HDR_SIZE : IKE_PLD_HDR_SIZE, part->bytes.len);
	size_t start = out->len, padding = layout.text - part->bytes.len - PAD_LENGTH_SIZE;
	int err = -EMSGSIZE;

	if (iv.len != layout.iv)
		return -EINVAL;
	if (!layout.icv)
		return -EOPNOTSUPP;
	if (total(&layout) > IKE_DATAGRAM_MAX)
		return -EMSGSIZE;

	put_head(hdr, part, total(&layout), out);
	wr_span(out, iv);
	wr_span(out, part->bytes);
	wr_zero(out, padding);
	wr_u8(out, (uint8_t)padding);
	wr_zero(out, layout.icv);
	if (!out->bad)
		err = seal(&cipher, &layout, out->at + start);
	if (err) {
		/* Nothing in clear may be sent by mistake. */
		explicit_bzero(out->at + start, out->len - start);
		out->len = start;
		out->bad = true;
	}
	return err;
}

int sk_seal(const struct sk_side *side, struct span iv, const struct ike_hdr *hdr, const struct chain *chain,
	    struct wr *out)
{
	const struct sk_part whole = {.first = chain->first, .bytes = wr_done(&chain->wr)};

	return chain_ok(chain) ? sk_seal_part(side, iv, hdr, &whole, out) : -EMSGSIZE;
}

static struct sk_cipher sizes_of(const struct ike_suite *suite)
{
	return (struct sk_cipher){.encr = suite->encr, .key_bits = suite->key_bits, .integ = suite->integ};
}

size_t sk_size(const struct ike_suite *suite, size_t payloads)
{
	const struct sk_cipher cipher = sizes_of(suite);
	const struct layout layout = layout_of(&cipher, IKE_PLD_HDR_SIZE, payloads);

	return total(&layout);
}

size_t sk_part_room(const struct ike_suite *suite, size_t size)
{
	const struct sk_cipher cipher = sizes_of(suite);
	const struct layout none = layout_of(&cipher, IKE_SKF_HDR_SIZE, 0);
	size_t fixed = none.head + none.iv + none.icv, text;

	if (size <= fixed)
		return 0;
	text = size - fixed;
	if (!encr_is_aead(suite->encr))
		text -= text % CBC_BLOCK;
	return text ? text - PAD_LENGTH_SIZE : 0;
}

/* Lengths alone, which nobody needs keys to see. */
static int find_parts(const struct sk_cipher *cipher, struct span datagram, struct span sk, struct layout *out)
{
	size_t iv = encr_iv_size(cipher->encr), icv = icv_size(cipher);

	if (!icv)
		return -EOPNOTSUPP;
	if (sk.len < iv + PAD_LENGTH_SIZE + icv || sk.len > datagram.len ||
	    sk.at != datagram.at + (datagram.len - sk.len))
		return -EINVAL;
	*out = (struct layout){datagram.len - sk.len, iv, sk.len - iv - icv, icv};
	return !encr_is_aead(cipher->encr) && out->text % CBC_BLOCK ? -EINVAL : 0;
}

/* CBC: before anything is decrypted. */
static int check_icv(const struct sk_cipher *cipher, struct span covered, struct span icv)
{
	uint8_t expected[ICV_MAX];
	int err;

	err = crypt_integ(cipher, &covered, 1, expected);
	if (err)
		return err;
	err = span_equal_secret((struct span){expected, icv.len}, icv) ? 0 : -EBADMSG;
	explicit_bzero(expected, sizeof(expected));
	return err;
}

/* @text has a copy of what is encrypted in @datagram. */
static int open_text(const struct sk_cipher *cipher, const struct layout *layout, struct span datagram, uint8_t *text)
{
	struct span iv = {datagram.at + layout->head, layout->iv};
	struct span icv = {datagram.at + datagram.len - layout->icv, layout->icv};
	struct span aad = {datagram.at, layout->head};
	int err;

	if (encr_is_aead(cipher->encr))
		return crypt_open(cipher, iv, aad, text, layout->text, icv);
	err = check_icv(cipher, (struct span){datagram.at, datagram.len - layout->icv}, icv);
	return err ? err : crypt_open(cipher, iv, aad, text, layout->text, (struct span){NULL, 0});
}

int sk_open(const struct sk_side *side, struct span datagram, const struct ike_msg *outer, struct wr *out,
	    struct span *text)
{
	struct sk_cipher cipher = cipher_of(side->keys, !side->initiator);
	struct layout layout;
	size_t start = out->len, padding;
	uint8_t *room;
	int err;

	*text = (struct span){NULL, 0};
	if (!outer->sealed)
		return -EINVAL;
	err = find_parts(&cipher, datagram, outer->sk, &layout);
	if (err)
		return err;
	room = wr_room(out, layout.text);
	if (!room)
		return -EMSGSIZE;
	memcpy(room, outer->sk.at + layout.iv, layout.text);
	err = open_text(&cipher, &layout, datagram, room);
	if (!err) {
		/* Authentic from here on; what padding holds does not matter (section 3.14). */
		padding = room[layout.text - 1];
		if (padding + PAD_LENGTH_SIZE <= layout.text) {
			*text = (struct span){room, layout.text - PAD_LENGTH_SIZE - padding};
			return 0;
		}
		err = -EINVAL;
	}
	explicit_bzero(room, layout.text);
	out->len = start;
	return err;
}
