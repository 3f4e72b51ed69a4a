// SPDX-License-Identifier: GPL-2.0
#include "train.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "inner.h"

enum {
	LINEAR_MAX = 128,	/* bytes of a packet that are not worth a piece of a page */
	/* What is shorter, and holds a page of many times its size, is charged as if it were so much longer. */
	SHORT_BYTES = 1024,
	SHORT_CHARGE = 2048,
	BYTES_MAX = 65535,	/* of an IP packet */
	PACKETS_MAX = 64,	/* in one: as many as a word has bits, and as the kernel joins of datagrams */
	TCP_FLAGS_AT = 12,	/* offset of header length and flags */
	TCP_FLAGS = 0x0fff,	/* of those 16 bits the flags, reserved ones too */
	TCP_ACK = 0x0010,
	TCP_PSH = 0x0008,
};

/* ---- headers ---- */

static unsigned int ip_len_of(const u8 *data)
{
	return data[0] >> 4 == 4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

static u16 id_of(const u8 *data)
{
	return ntohs(((const struct iphdr *)data)->id);
}

/* Header length and flags, but for PSH, which says nothing of the bytes. */
static __be16 flags_of(const struct tcphdr *th)
{
	__be16 flags;

	memcpy(&flags, (const u8 *)th + TCP_FLAGS_AT, sizeof(flags));
	return flags & ~htons(TCP_PSH);
}

/* IPv4 without options, not a piece of a packet; or IPv6; and TCP right behind. */
static bool is_plain_tcp(const u8 *data, unsigned int len)
{
	const struct iphdr *iph = (const struct iphdr *)data;
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)data;

	if (len < sizeof(*iph) + sizeof(struct tcphdr))
		return false;
	if (iph->version == 4)
		return iph->ihl == sizeof(*iph) / 4 && iph->protocol == IPPROTO_TCP && ntohs(iph->tot_len) == len &&
		       !(iph->frag_off & htons(~IP_DF)) && !ip_fast_csum(iph, sizeof(*iph) / 4);
	return iph->version == 6 && len >= sizeof(*ip6h) + sizeof(struct tcphdr) && ip6h->nexthdr == IPPROTO_TCP &&
	       ntohs(ip6h->payload_len) == len - sizeof(*ip6h);
}

/*
 * All that stands in every header of a flow is compared. The rest of IPv4's has to add up, or a packet that any router
 * drops (RFC 1812 section 5.2.2) would get through, as the train has a header of its own.
 */
static bool same_ip(const struct vgw_train *train, const u8 *data, unsigned int len)
{
	const struct iphdr *one = (const struct iphdr *)train->first, *other = (const struct iphdr *)data;
	const struct ipv6hdr *one6 = (const struct ipv6hdr *)train->first, *other6 = (const struct ipv6hdr *)data;

	if (one->version != 4)
		return !memcmp(one6, other6, offsetof(struct ipv6hdr, payload_len)) &&
		       ntohs(other6->payload_len) == len - sizeof(*other6) &&
		       !memcmp(&one6->nexthdr, &other6->nexthdr,
			       sizeof(*one6) - offsetof(struct ipv6hdr, nexthdr));
	return !memcmp(one, other, offsetof(struct iphdr, tot_len)) && ntohs(other->tot_len) == len &&
	       one->frag_off == other->frag_off && one->ttl == other->ttl && one->protocol == other->protocol &&
	       one->saddr == other->saddr && one->daddr == other->daddr &&
	       !ip_fast_csum(other, sizeof(*other) / 4);
}

/* RFC 6864: with DF the identification may be anything; it counts up or stays, and is made again like that. */
static bool fits_id(struct vgw_train *train, const u8 *data)
{
	u16 distance;

	if (data[0] >> 4 != 4)
		return true;
	distance = id_of(data) - id_of(train->first);
	if (train->packets == 1) {
		train->id_step = distance;
		return distance == 1 || (!distance && ((const struct iphdr *)data)->frag_off & htons(IP_DF));
	}
	return distance == (u16)(train->id_step * train->packets);
}

static bool same_tcp(const struct vgw_train *train, const struct tcphdr *th)
{
	const struct tcphdr *one = (const struct tcphdr *)(train->first + ip_len_of(train->first));

	return one->source == th->source && one->dest == th->dest && ntohl(th->seq) == train->next_seq &&
	       one->ack_seq == th->ack_seq && flags_of(one) == flags_of(th) && one->window == th->window &&
	       !memcmp(one + 1, th + 1, one->doff * 4 - sizeof(*one));
}

/* ---- memory ---- */

/* Can the next packet's headers lie over the end of the last payload, so that its own payload follows on? */
static bool follows(const struct vgw_train *train, unsigned int len)
{
	const struct skb_shared_info *shinfo;

	if (!train->skb || train->over || train->page != train->room.page)
		return false;
	shinfo = skb_shinfo(train->skb);
	return skb_frag_size(&shinfo->frags[shinfo->nr_frags - 1]) > train->head_len &&
	       train->end - train->head_len + len <= train->room.data + train->room.len;
}

/* Is there a place for the next packet? Bottom halves are off. */
bool vgw_train_has_place(const struct vgw_train *train, unsigned int len)
{
	struct vgw_room room;

	return follows(train, len) || vgw_pages_find(VGW_PAGES_IN, len, &room);
}

/**
 * vgw_train_place() - where to put the next packet
 * @train: so far, perhaps nothing
 * @len: bytes that may be written there
 *
 * Bottom halves are off from here to the end of the train. Returns NULL without memory. Whatever comes of the packet:
 * the next call is for vgw_train_join(), vgw_train_keep(), vgw_train_yield() or vgw_train_undo().
 */
u8 *vgw_train_place(struct vgw_train *train, unsigned int len)
{
	train->to = NULL;
	if (follows(train, len)) {
		train->to = train->end - train->head_len;
		vgw_inner_copy_head(train->saved, train->to, train->head_len);
		return train->to;
	}
	return vgw_pages_find(VGW_PAGES_IN, len, &train->room) ? train->room.data : NULL;
}

/* Put back what the packet's headers were put over. */
void vgw_train_undo(struct vgw_train *train)
{
	if (train->to)
		vgw_inner_copy_head(train->to, train->saved, train->head_len);
	train->to = NULL;
}

static void use_until(struct vgw_train *train, const u8 *end)
{
	vgw_pages_use(VGW_PAGES_IN, &train->room, end - train->room.data);
}

static unsigned int offset_of(struct page *page, const u8 *data)
{
	return data - (u8 *)page_address(page);
}

static void grow(struct sk_buff *skb, unsigned int len)
{
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
}

/* A piece of a page at the end of a packet. */
static void add_piece(struct sk_buff *skb, struct page *page, const u8 *data, unsigned int len)
{
	skb_fill_page_desc(skb, skb_shinfo(skb)->nr_frags, page, offset_of(page, data), len);
	grow(skb, len);
}

static void add_payload(struct vgw_train *train, const u8 *payload, unsigned int len)
{
	struct skb_shared_info *shinfo = skb_shinfo(train->skb);

	if (train->to) {
		skb_frag_size_add(&shinfo->frags[shinfo->nr_frags - 1], len);
		grow(train->skb, len);
	} else {
		get_page(train->room.page);
		add_piece(train->skb, train->room.page, payload, len);
	}
	train->page = train->room.page;
	train->end = (u8 *)payload + len;
	use_until(train, train->end);
}

/**
 * vgw_train_join() - make a packet part of the train if it goes on where that ends
 * @train: so far, perhaps nothing
 * @data: the packet, where it was placed
 * @len: its bytes
 *
 * Returns false when it does not.
 */
bool vgw_train_join(struct vgw_train *train, u8 *data, unsigned int len)
{
	unsigned int payload = len - train->head_len;
	const struct tcphdr *th;

	if (!train->skb || train->over || len <= train->head_len || payload > train->mss ||
	    train->packets == PACKETS_MAX)
		return false;
	if (train->skb->len + payload > BYTES_MAX)
		return false;
	if (!train->to && skb_shinfo(train->skb)->nr_frags == MAX_SKB_FRAGS)
		return false;
	th = (const struct tcphdr *)(data + ip_len_of(train->first));
	if (!same_ip(train, data, len) || !same_tcp(train, th) || !fits_id(train, data))
		return false;
	if (th->psh)
		tcp_hdr(train->skb)->psh = 1;
	train->over = th->psh || payload < train->mss;
	train->next_seq += payload;
	train->packets++;
	add_payload(train, data + train->head_len, payload);
	vgw_train_undo(train);
	return true;
}

/**
 * vgw_train_keep() - have memory for a packet that goes by itself
 * @train: so far; its memory is as it should be afterwards
 * @data: the packet, where it was placed
 * @len: its bytes
 *
 * Returns where it is now, in the train's room, or NULL without memory.
 */
u8 *vgw_train_keep(struct vgw_train *train, u8 *data, unsigned int len)
{
	struct vgw_room room;

	/* What is to be put back may reach further than the packet. */
	use_until(train, train->to ? max(data + len, train->to + train->head_len) : data + len);
	if (!train->to)
		return data;
	if (!vgw_pages_find(VGW_PAGES_IN, len, &room)) {
		vgw_train_undo(train);
		return NULL;
	}
	memcpy(room.data, data, len);
	vgw_train_undo(train);
	train->room = room;
	use_until(train, room.data + len);
	return room.data;
}

/**
 * vgw_train_yield() - leave the place of a packet that is being opened still
 * @train: so far; its last bytes are moved if they lie there
 * @end: behind that place
 *
 * Returns false without memory: the train can only be thrown away then.
 */
bool vgw_train_yield(struct vgw_train *train, const u8 *end)
{
	struct skb_shared_info *shinfo;
	struct vgw_room room;

	use_until(train, end);
	if (!train->to)
		return true;
	train->to = NULL;
	train->over = true;
	shinfo = skb_shinfo(train->skb);
	if (shinfo->nr_frags == MAX_SKB_FRAGS || !vgw_pages_find(VGW_PAGES_IN, train->head_len, &room))
		return false;
	memcpy(room.data, train->saved, train->head_len);
	vgw_pages_use(VGW_PAGES_IN, &room, train->head_len);
	skb_frag_size_sub(&shinfo->frags[shinfo->nr_frags - 1], train->head_len);
	get_page(room.page);
	skb_fill_page_desc(train->skb, shinfo->nr_frags, room.page, offset_of(room.page, room.data), train->head_len);
	return true;
}

/* ---- packets ---- */

/* Bytes that have to be linear: of TCP the headers and no more, so that its payloads can follow on. */
static unsigned int linear_len(const u8 *data, unsigned int len)
{
	const struct tcphdr *th;
	unsigned int head;

	if (len <= LINEAR_MAX)
		return len;
	if (!is_plain_tcp(data, len))
		return LINEAR_MAX;
	th = (const struct tcphdr *)(data + ip_len_of(data));
	head = ip_len_of(data) + th->doff * 4;
	return th->doff * 4 >= sizeof(*th) && head < len ? head : LINEAR_MAX;
}

/**
 * vgw_train_packet() - make a packet of what was opened
 * @page: where it lies, with no reference for the packet yet
 * @data: its first byte
 * @len: its bytes
 *
 * Atomic. Returns NULL without memory.
 */
struct sk_buff *vgw_train_packet(struct page *page, const u8 *data, unsigned int len)
{
	unsigned int linear = linear_len(data, len);
	struct sk_buff *skb;

	skb = alloc_skb(NET_SKB_PAD + LINEAR_MAX, GFP_ATOMIC);
	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD);
	skb_put_data(skb, data, linear);
	if (len > linear) {
		get_page(page);
		add_piece(skb, page, data + linear, len - linear);
		/* A socket that does not read would keep much more memory than it is charged for. */
		if (len < SHORT_BYTES)
			skb->truesize += SHORT_CHARGE;
	}
	return skb;
}

/* Of the flags ACK alone, and no urgent pointer: such a packet of a flow may be followed by others like it. */
static bool is_carriage(const struct tcphdr *th)
{
	return (flags_of(th) & htons(TCP_FLAGS)) == htons(TCP_ACK) && !th->urg_ptr;
}

/* Is it one that a train could begin with, had it been opened to where one can? */
bool vgw_train_could_begin(const u8 *data, unsigned int len)
{
	return is_plain_tcp(data, len) && is_carriage((const struct tcphdr *)(data + ip_len_of(data)));
}

/**
 * vgw_train_begin() - begin a train with a packet that more may follow
 * @train: there is none
 * @skb: the packet, made by vgw_train_packet()
 * @data: the same as it came, in the train's room
 * @len: its bytes
 *
 * Returns false when none can follow. Otherwise the train owns it.
 */
bool vgw_train_begin(struct vgw_train *train, struct sk_buff *skb, const u8 *data, unsigned int len)
{
	const struct tcphdr *th;
	unsigned int ip_len;

	if (!skb->data_len || !is_plain_tcp(data, len))
		return false;
	ip_len = ip_len_of(data);
	th = (const struct tcphdr *)(data + ip_len);
	/* And all of the payload in one piece. */
	if (!is_carriage(th) || th->psh || skb_headlen(skb) != ip_len + th->doff * 4)
		return false;
	train->skb = skb;
	train->first = data;
	train->packets = 1;
	train->head_len = skb_headlen(skb);
	train->mss = skb->data_len;
	train->next_seq = ntohl(th->seq) + train->mss;
	train->over = false;
	train->page = train->room.page;
	train->end = (u8 *)data + len;
	skb_set_transport_header(skb, ip_len);
	return true;
}

/* As GRO leaves an aggregate: lengths of the whole, and a checksum that is still to be made. */
static void make_whole(const struct vgw_train *train)
{
	struct sk_buff *skb = train->skb;
	unsigned int ip_len = ip_len_of(skb->data), tcp_len = skb->len - ip_len;
	struct iphdr *iph = (struct iphdr *)skb->data;
	struct ipv6hdr *ip6h = (struct ipv6hdr *)skb->data;
	struct tcphdr *th = tcp_hdr(skb);

	if (iph->version == 4) {
		iph->tot_len = htons(skb->len);
		iph->check = 0;
		iph->check = ip_fast_csum(iph, iph->ihl);
		th->check = ~tcp_v4_check(tcp_len, iph->saddr, iph->daddr, 0);
		skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4 | (train->id_step ? 0 : SKB_GSO_TCP_FIXEDID);
	} else {
		ip6h->payload_len = htons(tcp_len);
		th->check = ~tcp_v6_check(tcp_len, &ip6h->saddr, &ip6h->daddr, 0);
		skb_shinfo(skb)->gso_type = SKB_GSO_TCPV6;
	}
	skb_shinfo(skb)->gso_size = train->mss;
	skb_shinfo(skb)->gso_segs = train->packets;
	skb->csum_start = (u8 *)th - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb->ip_summed = CHECKSUM_PARTIAL;
}

/* Bottom halves are off. Returns what there is, one packet or several in one, or NULL; the train is no more. */
struct sk_buff *vgw_train_end(struct vgw_train *train)
{
	struct sk_buff *skb = train->skb;

	if (skb && train->packets > 1)
		make_whole(train);
	train->skb = NULL;
	return skb;
}
