// SPDX-License-Identifier: GPL-2.0
/* sources: kmod/train.c kmod/pages.c kmod/reader.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/tcp.h>

#include "pages.h"
#include "reader.h"
#include "scatter.h"
#include "train.h"

enum {
	STEPS = 60000,
	PACKET_MAX = 1600,
	BEHIND = 40,		/* bytes of trailer and ICV behind a packet, at most */
	GROUP_MAX = 64,		/* packets of a train */
	KEPT_MAX = 50,		/* what sockets have not read yet */
};

/* ---- packets ---- */

/* What TCP connections send: IPv4 and IPv6, with and without options. */
struct flow {
	bool ip4;
	u16 id;
	u16 id_step;
	u32 seq;
	unsigned int options;
	unsigned int mss;
};

struct packet {
	unsigned int len;
	unsigned int head;
	bool wrong;		/* its IP checksum */
	u8 bytes[PACKET_MAX];
};

static unsigned int ip_len(const struct flow *flow)
{
	return flow->ip4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

static struct flow new_flow(void)
{
	return (struct flow){
		.ip4 = dice(2),
		.id = dice(0x10000),
		.id_step = dice(3) > 0,
		.seq = dice(0x7fffffff) * 2,
		.options = 4 * dice(11),
		.mss = 1 + dice(dice(3) ? 1400 : 150),
	};
}

static void put_ip(const struct flow *flow, struct packet *packet)
{
	struct iphdr ip4 = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP, .saddr = 1, .daddr = 2,
		.tot_len = htons(packet->len), .id = htons(flow->id), .frag_off = htons(IP_DF),
	};
	struct ipv6hdr ip6 = {
		.version = 6, .nexthdr = IPPROTO_TCP, .hop_limit = 64,
		.payload_len = htons(packet->len - sizeof(ip6)),
	};

	ip4.check = ip_fast_csum(&ip4, 5);
	/* Some are damaged: what the stack drops must not get in by way of others. */
	packet->wrong = flow->ip4 && !dice(50);
	if (packet->wrong)
		ip4.check ^= 1 << dice(16);
	memcpy(packet->bytes, flow->ip4 ? (void *)&ip4 : (void *)&ip6, ip_len(flow));
}

/* The next of a flow: mostly one that goes on where the last one ended, as long as that, with nothing but ACK. */
static struct packet next_packet(struct flow *flow)
{
	unsigned int payload = dice(20) ? flow->mss : dice(flow->mss + 1);
	struct tcphdr th = {
		.source = 3, .dest = 4, .seq = htonl(flow->seq), .ack_seq = htonl(77), .window = 9, .ack = 1,
		.psh = !dice(15), .fin = !dice(60), .doff = (sizeof(th) + flow->options) / 4,
	};
	struct packet packet = { .head = ip_len(flow) + sizeof(th) + flow->options };
	unsigned int i;

	packet.len = packet.head + payload;
	put_ip(flow, &packet);
	memcpy(packet.bytes + ip_len(flow), &th, sizeof(th));
	for (i = 0; i < flow->options; i++)
		packet.bytes[ip_len(flow) + sizeof(th) + i] = i;
	for (i = packet.head; i < packet.len; i++)
		packet.bytes[i] = dice(256);
	flow->seq += payload;
	flow->id += flow->id_step;
	if (!dice(40))
		flow->seq += 1;
	return packet;
}

/* ---- what has to come out ---- */

/* Packets that went into one, or one by itself. */
struct group {
	struct sk_buff *skb;
	unsigned int count;
	struct packet packets[GROUP_MAX];
};

/* Packets on their way up: their pages are to stay as they are. */
static struct group *kept[KEPT_MAX];
static unsigned int joined;

static void copy_out(const struct sk_buff *skb, u8 *to)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int i;

	memcpy(to, skb->data, skb_headlen(skb));
	to += skb_headlen(skb);
	for (i = 0; i < shinfo->nr_frags; i++) {
		memcpy(to, skb_frag_address(&shinfo->frags[i]), skb_frag_size(&shinfo->frags[i]));
		to += skb_frag_size(&shinfo->frags[i]);
	}
}

/* What the headers of a whole say that is not as in the first packet. */
static void check_whole(const struct group *group, const u8 *bytes)
{
	const struct packet *first = &group->packets[0];
	const struct skb_shared_info *shinfo = skb_shinfo(group->skb);
	unsigned int len = group->skb->len, ip = first->bytes[0] >> 4 == 4 ? 20 : 40;
	const struct iphdr *ip4 = (const struct iphdr *)bytes;
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)bytes;

	assert_int_equal(shinfo->gso_segs, group->count);
	assert_int_equal(shinfo->gso_size, first->len - first->head);
	assert_int_equal(group->skb->ip_summed, CHECKSUM_PARTIAL);
	if (ip == 20) {
		assert_int_equal(ntohs(ip4->tot_len), len);
		assert_int_equal(ip_fast_csum(ip4, 5), 0);
		assert_int_equal(shinfo->gso_type & SKB_GSO_TCPV4, SKB_GSO_TCPV4);
	} else {
		assert_int_equal(ntohs(ip6->payload_len), len - 40);
		assert_int_equal(shinfo->gso_type, SKB_GSO_TCPV6);
	}
	/* Ports and numbers, then the options. */
	assert_memory_equal(bytes + ip, first->bytes + ip, 12);
	assert_memory_equal(bytes + ip + 20, first->bytes + ip + 20, first->head - ip - 20);
}

static void check_group(const struct group *group)
{
	u8 *bytes = malloc(group->skb->len), *at;
	const struct packet *first = &group->packets[0];
	unsigned int i, whole = first->head;

	copy_out(group->skb, bytes);
	for (i = 0; i < group->count; i++)
		whole += group->packets[i].len - first->head;
	if (group->count == 1) {
		assert_int_equal(group->skb->len, first->len);
		assert_memory_equal(bytes, first->bytes, first->len);
	} else {
		assert_int_equal(group->skb->len, whole);
		check_whole(group, bytes);
		for (i = 0, at = bytes + first->head; i < group->count; i++) {
			const struct packet *packet = &group->packets[i];

			assert_false(packet->wrong);
			assert_memory_equal(at, packet->bytes + first->head, packet->len - first->head);
			at += packet->len - first->head;
		}
	}
	free(bytes);
}

static void release(struct group *group)
{
	if (!group)
		return;
	check_group(group);
	kfree_skb(group->skb);
	free(group);
}

/* It goes up, and is looked at when it is read: now, or much later. */
static void pass(struct group *group, struct sk_buff *skb)
{
	unsigned int place = dice(KEPT_MAX);

	if (!skb) {
		free(group);
		return;
	}
	group->skb = skb;
	joined += group->count > 1;
	release(kept[place]);
	kept[place] = group;
}

/* ---- what is still being opened ---- */

struct late {
	struct page *page;
	u8 *text;
	u8 bytes[PACKET_MAX];
	unsigned int len;
};

static struct late late[KEPT_MAX];

/* Somebody else writes there when it is time: nothing of ours may lie there. */
static void finish_late(struct late *one)
{
	if (!one->page)
		return;
	assert_memory_equal(one->text, one->bytes, one->len);
	memset(one->text, 0xee, one->len);
	put_page(one->page);
	one->page = NULL;
}

static void leave(struct vgw_train *train, struct group **group, u8 *to, unsigned int len)
{
	struct late *one = &late[dice(KEPT_MAX)];

	finish_late(one);
	get_page(train->room.page);
	*one = (struct late){ .page = train->room.page, .text = to, .len = len };
	memcpy(one->bytes, to, len);
	if (vgw_train_yield(train, to + len))
		return;
	kfree_skb(vgw_train_end(train));
	free(*group);
	*group = NULL;
}

/* ---- the train, used as burst.c does ---- */

static void end_train(struct vgw_train *train, struct group **group)
{
	struct sk_buff *skb = vgw_train_end(train);

	assert_int_equal(!skb, !*group);
	if (*group)
		pass(*group, skb);
	*group = NULL;
}

static void begin(struct vgw_train *train, struct group **group, u8 *data, const struct packet *packet)
{
	struct sk_buff *skb = NULL;
	struct group *alone;

	data = vgw_train_keep(train, data, packet->len);
	end_train(train, group);
	if (data)
		skb = vgw_train_packet(train->room.page, data, packet->len);
	if (!skb)
		return;
	alone = calloc(1, sizeof(*alone));
	alone->count = 1;
	alone->packets[0] = *packet;
	if (vgw_train_begin(train, skb, data, packet->len))
		*group = alone;
	else
		pass(alone, skb);
}

static void open_one(struct vgw_train *train, struct group **group, const struct packet *packet)
{
	unsigned int len = packet->len + dice(BEHIND);
	u8 *to = vgw_train_place(train, len);

	if (!to)
		return;
	/* All of the place is written, whatever comes of it. */
	memset(to, 0xdd, len);
	memcpy(to, packet->bytes, packet->len);
	if (!dice(25)) {
		vgw_train_undo(train);
	} else if (!dice(40)) {
		leave(train, group, to, len);
	} else if (*group && (*group)->count < GROUP_MAX && vgw_train_join(train, to, packet->len)) {
		(*group)->packets[(*group)->count++] = *packet;
	} else {
		begin(train, group, to, packet);
	}
}

static void run(bool short_of_memory)
{
	struct flow flows[2] = { new_flow(), new_flow() };
	struct vgw_train train = {};
	struct group *group = NULL;
	struct packet packet;
	unsigned int i;

	for (i = 0; i < STEPS; i++) {
		if (!dice(300))
			flows[dice(2)] = new_flow();
		/* No memory for a while, then some. */
		if (short_of_memory && !dice(10))
			unit_slab_left = dice(20) - 1;
		packet = next_packet(&flows[!dice(30)]);
		open_one(&train, &group, &packet);
		/* A burst ends, and its train with it. */
		if (!dice(60)) {
			end_train(&train, &group);
			train = (struct vgw_train){};
		}
	}
	unit_slab_left = -1;
	end_train(&train, &group);
	for (i = 0; i < KEPT_MAX; i++) {
		release(kept[i]);
		kept[i] = NULL;
		finish_late(&late[i]);
	}
	vgw_pages_exit();
	assert_int_equal(unit_slab_objects, 0);
}

static void what_goes_in_comes_out(void **state)
{
	(void)state;
	joined = 0;
	run(false);
	assert_true(joined > STEPS / 100);
}

static void without_memory_nothing_breaks(void **state)
{
	(void)state;
	joined = 0;
	run(true);
	assert_true(joined > 0);
}

/* ---- the reader ---- */

static void read_all(struct sk_buff *skb, const u8 *bytes, unsigned int len)
{
	struct vgw_reader reader;
	struct page *page;
	unsigned int part;
	u8 *data;

	vgw_reader_begin(&reader, skb);
	for (; len; len -= part, bytes += part) {
		part = 1 + dice(600);
		part = part < len ? part : len;
		data = vgw_reader_next(&reader, part, dice(2));
		assert_non_null(data);
		assert_memory_equal(data, bytes, part);
		page = dice(3) ? NULL : vgw_reader_keep(&reader, part);
		if (page)
			put_page(page);
	}
	assert_null(vgw_reader_next(&reader, 1, dice(2)));
}

static void every_byte_is_read_once(void **state)
{
	static u8 bytes[3000];
	struct sk_buff *skb;
	unsigned int i, n;

	(void)state;
	for (n = 0; n < 3000; n++) {
		unsigned int len = 1 + dice(sizeof(bytes));

		for (i = 0; i < len; i++)
			bytes[i] = dice(256);
		skb = scatter(bytes, len, 0, dice(2));
		read_all(skb, bytes, len);
		free_scattered(skb);
	}
	vgw_pages_exit();
	assert_int_equal(unit_slab_objects, 0);
}

/* A page of 32768 bytes may be kept by one packet, which is charged for a part of it, however short it is. */
static void what_is_kept_is_charged(void **state)
{
	u8 payload[1500] = {0x45};
	struct sk_buff *skb;
	struct page *page;

	(void)state;
	page = alloc_pages(GFP_ATOMIC, 3);
	for (unsigned int len = 40; len <= sizeof(payload); len += 10) {
		memcpy(page_address(page), payload, len);
		skb = vgw_train_packet(page, page_address(page), len);
		assert_non_null(skb);
		if (page_ref_count(page) > 1)
			assert_true(skb->truesize >= 32768 / 40);
		kfree_skb(skb);
	}
	put_page(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(without_memory_nothing_breaks),
		cmocka_unit_test(every_byte_is_read_once),
		cmocka_unit_test(what_is_kept_is_charged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
