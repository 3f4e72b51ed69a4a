// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/buf.c tools/vpntun/ike/frag.c tools/vpntun/ike/ident.c tools/vpntun/ike/dn.c tools/vpntun/ike/msg.c */
/* sources: tools/vpntun/ike/names.c tools/vpntun/ike/prop.c tools/vpntun/ike/propname.c tools/vpntun/ike/rules.c */
/* sources: tools/vpntun/ike/ts.c tools/vpntun/util/addr.c tools/vpntun/util/hex.c tools/vpntun/util/nearest.c */
/* sources: tools/vpntun/util/num.c tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* libs: libcrypto */
/*
 * Datagrams, each behind its length of two bytes, from a peer whose fragments are authentic: what stands in an SKF
 * payload is taken as if it were opened. A message that is whole must be what its parts are, by a simpler way to keep
 * them, and is decoded and judged.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/frag.h"
#include "ike/rules.h"

/* A decoder that is right keeps these; libFuzzer reports the trap. */
#define MUST(condition)			\
	do {				\
		if (!(condition))	\
			abort();	\
	} while (0)

/* The message in the making, in spans of the input. */
static struct {
	uint32_t id;
	uint16_t total;
	uint8_t exchange, first;
	struct span parts[IKE_FRAGMENTS_MAX];
} model;

static struct span model_join(void)
{
	static uint8_t bytes[IKE_DATAGRAM_MAX];
	struct wr wr = wr_init(bytes, sizeof(bytes));

	for (unsigned int i = 0; i < model.total; i++) {
		MUST(model.parts[i].at);
		wr_span(&wr, model.parts[i]);
	}
	MUST(!wr.bad);
	return wr_done(&wr);
}

static void model_take(const struct frag_piece *piece)
{
	if (model.id != piece->id || model.exchange != piece->exchange || model.total != piece->total)
		memset(&model, 0, sizeof(model));
	MUST(!model.parts[piece->number - 1].at);
	model.id = piece->id;
	model.exchange = piece->exchange;
	model.total = piece->total;
	model.parts[piece->number - 1] = piece->bytes;
	if (piece->number == 1)
		model.first = piece->first;
}

static void use(const struct frag *frag, const struct ike_hdr *hdr)
{
	static uint8_t bytes[IKE_DATAGRAM_MAX];
	static struct ike_msg msg;
	struct wr out = wr_init(bytes, sizeof(bytes));
	uint8_t first = frag_join(frag, &out);
	struct why why;

	MUST(!out.bad && first == model.first && span_equal(wr_done(&out), model_join()));
	if (!msg_decode(&msg, first, wr_done(&out), &why))
		rules_check(&msg, hdr->exchange, hdr->flags & IKE_FLAG_RESPONSE, true, &why);
}

static void datagram(struct frag **frag, struct span bytes)
{
	static struct ike_msg msg;
	struct frag_piece piece;
	struct ike_hdr hdr;
	struct why why;

	msg_header(bytes, &hdr, &why);
	if (bytes.len < IKE_HDR_SIZE ||
	    msg_decode(&msg, hdr.next, (struct span){bytes.at + IKE_HDR_SIZE, bytes.len - IKE_HDR_SIZE}, &why) ||
	    !msg.number)
		return;
	MUST(msg.sealed && msg.number <= msg.total);
	piece = (struct frag_piece){hdr.id, hdr.exchange, msg.sk_next, msg.number, msg.total, msg.sk};
	switch (frag_add(frag, &piece)) {
	case FRAG_TAKEN:
		model_take(&piece);
		break;
	case FRAG_WHOLE:
		model_take(&piece);
		use(*frag, &hdr);
		frag_free(frag);
		memset(&model, 0, sizeof(model));
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd rd = rd_init((struct span){data, size});
	struct frag *frag = NULL;

	memset(&model, 0, sizeof(model));
	while (rd.left) {
		struct span bytes = rd_span(&rd, rd_u16(&rd));

		if (rd.bad)
			break;
		datagram(&frag, bytes);
	}
	frag_free(&frag);
	return 0;
}
