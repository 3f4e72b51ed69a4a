/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_BUF_H
#define IKE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that somebody else owns. */
struct span {
	const uint8_t *at;
	size_t len;
};

#define SPAN(object) ((struct span){(const uint8_t *)(object), sizeof(*(object))})

bool span_equal(struct span a, struct span b);		/* not for secrets */
bool span_equal_secret(struct span a, struct span b);	/* in constant time */

/*
 * A cursor over foreign bytes. What it cannot give is zero, and then @bad is set for good: a parser reads on and asks
 * once at the end.
 */
struct rd {
	const uint8_t *at;
	size_t left;
	bool bad;
};

struct rd rd_init(struct span bytes);
uint8_t rd_u8(struct rd *rd);
uint16_t rd_u16(struct rd *rd);		/* all in network byte order */
uint32_t rd_u32(struct rd *rd);
uint64_t rd_u64(struct rd *rd);
struct span rd_span(struct rd *rd, size_t len);
struct rd rd_sub(struct rd *rd, size_t len);	/* a bounded reader of the next @len bytes */
struct span rd_rest(struct rd *rd);
bool rd_done(const struct rd *rd);		/* nothing is left and nothing was bad */

/* Writes into a buffer of fixed size; what does not fit sets @bad for good. */
struct wr {
	uint8_t *at;
	size_t size;
	size_t len;		/* bytes written */
	bool bad;
};

struct wr wr_init(void *buffer, size_t size);
void wr_u8(struct wr *wr, uint8_t value);
void wr_u16(struct wr *wr, uint16_t value);
void wr_u32(struct wr *wr, uint32_t value);
void wr_u64(struct wr *wr, uint64_t value);
void wr_span(struct wr *wr, struct span bytes);
void wr_zero(struct wr *wr, size_t len);
uint8_t *wr_room(struct wr *wr, size_t len);	/* @len bytes to fill in; NULL: no room */
size_t wr_open16(struct wr *wr, size_t before);	/* a 16-bit length that counts from @before bytes earlier */
void wr_close16(struct wr *wr, size_t mark, size_t before);
struct span wr_done(const struct wr *wr);	/* what was written */

#endif /* IKE_BUF_H */
