// SPDX-License-Identifier: GPL-2.0
#include "ike/buf.h"

#include <openssl/crypto.h>
#include <string.h>

bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.at, b.at, a.len));
}

bool span_equal_secret(struct span a, struct span b)
{
	return a.len == b.len && (!a.len || !CRYPTO_memcmp(a.at, b.at, a.len));
}

struct rd rd_init(struct span bytes)
{
	return (struct rd){ .at = bytes.at, .left = bytes.len };
}

struct span rd_span(struct rd *rd, size_t len)
{
	struct span taken = { rd->at, len };

	if (rd->bad || len > rd->left) {
		rd->bad = true;
		return (struct span){ NULL, 0 };
	}
	if (len)
		rd->at += len;
	rd->left -= len;
	return taken;
}

static uint64_t read_number(struct rd *rd, size_t len)
{
	struct span bytes = rd_span(rd, len);
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < bytes.len; i++)
		value = value << 8 | bytes.at[i];
	return value;
}

uint8_t rd_u8(struct rd *rd)
{
	return read_number(rd, 1);
}

uint16_t rd_u16(struct rd *rd)
{
	return read_number(rd, 2);
}

uint32_t rd_u32(struct rd *rd)
{
	return read_number(rd, 4);
}

uint64_t rd_u64(struct rd *rd)
{
	return read_number(rd, 8);
}

struct rd rd_sub(struct rd *rd, size_t len)
{
	struct rd sub = rd_init(rd_span(rd, len));

	/* Also the part is bad: who reads only that one learns of it, too. */
	sub.bad = rd->bad;
	return sub;
}

struct span rd_rest(struct rd *rd)
{
	return rd_span(rd, rd->left);
}

bool rd_done(const struct rd *rd)
{
	return !rd->bad && !rd->left;
}

struct wr wr_init(void *buffer, size_t size)
{
	return (struct wr){ .at = buffer, .size = size };
}

uint8_t *wr_room(struct wr *wr, size_t len)
{
	uint8_t *room;

	if (wr->bad || len > wr->size - wr->len) {
		wr->bad = true;
		return NULL;
	}
	room = wr->at + wr->len;
	wr->len += len;
	return room;
}

static void write_number(struct wr *wr, uint64_t value, size_t len)
{
	uint8_t *room = wr_room(wr, len);

	for (; room && len; value >>= 8)
		room[--len] = value;
}

void wr_u8(struct wr *wr, uint8_t value)
{
	write_number(wr, value, 1);
}

void wr_u16(struct wr *wr, uint16_t value)
{
	write_number(wr, value, 2);
}

void wr_u32(struct wr *wr, uint32_t value)
{
	write_number(wr, value, 4);
}

void wr_u64(struct wr *wr, uint64_t value)
{
	write_number(wr, value, 8);
}

void wr_span(struct wr *wr, struct span bytes)
{
	uint8_t *room = wr_room(wr, bytes.len);

	if (room && bytes.len)
		memcpy(room, bytes.at, bytes.len);
}

void wr_zero(struct wr *wr, size_t len)
{
	uint8_t *room = wr_room(wr, len);

	if (room && len)
		memset(room, 0, len);
}

size_t wr_open16(struct wr *wr, size_t before)
{
	size_t mark = wr->len;

	/* The length can count only what this writer wrote. */
	if (before > mark)
		wr->bad = true;
	wr_u16(wr, 0);
	return mark;
}

void wr_close16(struct wr *wr, size_t mark, size_t before)
{
	size_t len;

	if (wr->bad)
		return;
	len = wr->len - (mark - before);
	if (len > UINT16_MAX) {
		wr->bad = true;
		return;
	}
	wr->at[mark] = len >> 8;
	wr->at[mark + 1] = len;
}

struct span wr_done(const struct wr *wr)
{
	return (struct span){ wr->at, wr->len };
}
