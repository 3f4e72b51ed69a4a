// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/buf.c tools/vpntun/ike/chain.c tools/vpntun/ike/frag.c */
/* libs: libcrypto */
/* Writes the seeds of fuzz_frag.c: a message in parts that come in order, backwards, twice, cut anew, and too large a one. */

#include "ike/frag.h"
#include "ike/msg.h"
#include "seed.h"

static uint8_t payloads[IKE_DATAGRAM_MAX + 512], file_bytes[IKE_DATAGRAM_MAX + 8192];
static struct chain chain;
static struct wr out;

/* Part @number of message @id as a datagram, what would be encrypted in clear. */
static void put(uint32_t id, const struct frag_cut *cut, uint16_t number)
{
	const struct span part = frag_part(cut, wr_done(&chain.wr), number);
	const struct ike_hdr hdr = {
		1, 2, IKE_PLD_SKF, IKE_VERSION, IKE_EXCH_INFORMATIONAL, IKE_FLAG_INITIATOR, id,
		(uint32_t)(IKE_HDR_SIZE + IKE_SKF_HDR_SIZE + part.len),
	};

	wr_u16(&out, (uint16_t)hdr.length);
	msg_put_header(&hdr, &out);
	wr_u8(&out, number == 1 ? chain.first : IKE_PLD_NONE);
	wr_u8(&out, 0);
	wr_u16(&out, (uint16_t)(IKE_SKF_HDR_SIZE + part.len));
	wr_u16(&out, number);
	wr_u16(&out, cut->total);
	wr_span(&out, part);
}

static void begin(void)
{
	out = wr_init(file_bytes, sizeof(file_bytes));
}

static void end(const char *folder, const char *name)
{
	if (!chain_ok(&chain) || out.bad)
		exit(1);
	seed_write(folder, name, out.at, out.len);
}

int main(int argc, char **argv)
{
	static const uint32_t spis[] = {0xc0000001, 0xc0000002, 0xc0000003, 0xc0000004};
	static const uint8_t zeros[IKE_DATAGRAM_MAX];
	struct frag_cut three, many;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	chain = chain_init(payloads, sizeof(payloads));
	chain_delete_esp(&chain, spis, 4);
	chain_notify(&chain, IKE_N_ADDITIONAL_TS_POSSIBLE, SPAN(&spis));
	chain_delete_ike(&chain);
	three = frag_cut(chain.wr.len, (chain.wr.len + 2) / 3);
	many = frag_cut(chain.wr.len, 5);

	begin();
	for (uint16_t number = 1; number <= three.total; number++)
		put(1, &three, number);
	end(argv[1], "in-order");

	begin();
	for (uint16_t number = many.total; number; number--)
		put(1, &many, number);
	put(2, &three, 1);
	end(argv[1], "backwards");

	begin();
	for (uint16_t number = 1; number <= 2 * three.total; number++)
		put(1, &three, (number + 1) / 2);
	end(argv[1], "twice");

	begin();
	put(1, &three, 2);
	for (uint16_t number = 1; number <= many.total; number++) {
		put(1, &many, number);
		put(1, &three, 1);
	}
	put(2, &three, 3);
	put(3, &three, 3);
	end(argv[1], "cut-anew");

	chain_notify(&chain, IKE_N_ADDITIONAL_TS_POSSIBLE, SPAN(&zeros));
	three = frag_cut(chain.wr.len, (chain.wr.len + 2) / 3);
	begin();
	for (uint16_t number = 1; number <= three.total; number++)
		put(1, &three, number);
	end(argv[1], "too-large");
	return 0;
}
