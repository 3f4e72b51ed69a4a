// SPDX-License-Identifier: GPL-2.0
/* sources: kmod/segment.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "scatter.h"
#include "segment.h"

#include <net/tcp.h>

enum { PACKETS = 3000, BYTES_MAX = 65000, FIN = 1, PSH = 8, ACK = 16, CWR = 128 };

/* A packet of segmentation offload, as dice make it, and its bytes in one piece. */
struct whole {
	bool ip4;
	bool tcp;
	bool fixed_id;
	bool acc_ecn;
	unsigned int ip_len;
	unsigned int head;
	unsigned int len;
	unsigned int size;
	u8 bytes[BYTES_MAX];
};

static void put_headers(struct whole *whole)
{
	struct iphdr ip4 = {
		.version = 4, .ihl = 5, .ttl = 64, .saddr = htonl(dice(1 << 30)), .daddr = 2, .id = dice(0x10000),
		.protocol = whole->tcp ? IPPROTO_TCP : IPPROTO_UDP, .frag_off = htons(IP_DF),
	};
	struct ipv6hdr ip6 = { .version = 6, .hop_limit = 64, .nexthdr = ip4.protocol };
	struct tcphdr tcp = { .source = dice(0x10000), .seq = htonl(0xfffff000), .window = 9 };
	u8 *at = whole->bytes + whole->ip_len;

	ip6.saddr.s6_addr[dice(16)] = dice(256);
	memcpy(whole->bytes, whole->ip4 ? (void *)&ip4 : (void *)&ip6, whole->ip_len);
	tcp.doff = (whole->head - whole->ip_len) / 4;
	/* A UDP header has nothing but ports that stays. */
	memcpy(at, &tcp, whole->tcp ? sizeof(tcp) : 4);
	if (whole->tcp)
		at[13] = ACK | (dice(2) ? FIN : 0) | (dice(2) ? PSH : 0) | (dice(2) ? CWR : 0);
}

static void make(struct whole *whole)
{
	unsigned int i;

	whole->ip4 = dice(2);
	whole->tcp = dice(2);
	whole->fixed_id = whole->ip4 && whole->tcp && !dice(4);
	whole->acc_ecn = whole->tcp && !dice(4);
	whole->ip_len = whole->ip4 ? 20 : 40;
	whole->head = whole->ip_len + (whole->tcp ? 20 + 4 * dice(11) : 8);
	whole->size = 1 + dice(dice(4) ? 1400 : 20);
	whole->len = whole->head + whole->size + 1 + dice(whole->size * 40);
	for (i = 0; i < whole->len; i++)
		whole->bytes[i] = dice(4) ? dice(256) : 0xff;
	put_headers(whole);
}

static struct sk_buff *packet_of(const struct whole *whole)
{
	struct sk_buff *skb = scatter(whole->bytes, whole->len, whole->head, dice(2));

	/* As the stack has it: the length of all, wherever it lies. */
	skb->data_len += whole->len - skb->len;
	skb->len = whole->len;
	skb->protocol = htons(whole->ip4 ? 0x0800 : 0x86dd);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = whole->ip_len;
	skb->csum_offset = whole->tcp ? 16 : 6;
	skb_shinfo(skb)->gso_size = whole->size;
	skb_shinfo(skb)->gso_type = !whole->tcp ? SKB_GSO_UDP_L4 : whole->ip4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
	if (whole->fixed_id)
		skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_FIXEDID;
	if (whole->acc_ecn)
		skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_ACCECN;
	return skb;
}

/* By RFC 9293 and RFC 768: pseudo header and all behind the IP header add up to nothing. */
static void check_sums(const struct whole *whole, const u8 *segment, unsigned int len)
{
	unsigned int rest = len - whole->ip_len;
	u32 sum = rest + (whole->tcp ? IPPROTO_TCP : IPPROTO_UDP);

	if (whole->ip4) {
		assert_int_equal(unit_fold(unit_sum(0, segment, 20)), 0);
		sum = unit_sum(sum, segment + 12, 8);
	} else {
		sum = unit_sum(sum, segment + 8, 32);
	}
	assert_int_equal(unit_fold(unit_sum(sum, segment + whole->ip_len, rest)), 0);
}

static u16 be16(const u8 *at)
{
	return at[0] << 8 | at[1];
}

static void check_tcp(const struct whole *whole, const u8 *segment, unsigned int at, bool last)
{
	const u8 *th = segment + whole->ip_len, *from = whole->bytes + whole->ip_len;
	u8 flags = from[13];

	if (at && !whole->acc_ecn)
		flags &= ~CWR;
	if (!last)
		flags &= ~(FIN | PSH);
	assert_int_equal(th[13], flags);
	assert_int_equal((u32)be16(th + 4) << 16 | be16(th + 6), (u32)(0xfffff000 + at));
	assert_memory_equal(th + 20, from + 20, whole->head - whole->ip_len - 20);
}

/* The segment whose payload begins at byte @at of all payload. */
static void check(const struct whole *whole, const u8 *segment, unsigned int len, unsigned int at)
{
	unsigned int payload = len - whole->head, left = whole->len - whole->head - at;

	assert_int_equal(payload, left < whole->size ? left : whole->size);
	assert_memory_equal(segment + whole->head, whole->bytes + whole->head + at, payload);
	check_sums(whole, segment, len);
	if (whole->ip4) {
		assert_int_equal(be16(segment + 2), len);
		assert_int_equal(be16(segment + 4),
				 (u16)(be16(whole->bytes + 4) + (whole->fixed_id ? 0 : at / whole->size)));
	} else {
		assert_int_equal(be16(segment + 4), len - 40);
	}
	if (whole->tcp)
		check_tcp(whole, segment, at, payload == left);
	else
		assert_int_equal(be16(segment + whole->ip_len + 4), len - whole->ip_len);
}

static void segments_are_what_the_packet_stands_for(void **state)
{
	static struct whole whole;
	struct vgw_segments segments;
	unsigned int n, at, len;
	struct sk_buff *skb;
	u8 *segment;

	(void)state;
	for (n = 0; n < PACKETS; n++) {
		make(&whole);
		skb = packet_of(&whole);
		assert_true(vgw_segments_begin(&segments, skb));
		assert_int_equal(segments.count, (whole.len - whole.head + whole.size - 1) / whole.size);
		for (at = 0; segments.left; at += len - whole.head) {
			/* Not a byte more than it says. */
			len = vgw_segments_next(&segments);
			segment = malloc(len);
			assert_int_equal(vgw_segments_put(&segments, segment), len);
			check(&whole, segment, len, at);
			free(segment);
		}
		assert_int_equal(at, whole.len - whole.head);
		vgw_segments_end(&segments);
		free_scattered(skb);
	}
	assert_int_equal(unit_slab_objects, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_what_the_packet_stands_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
