// SPDX-License-Identifier: GPL-2.0
#include "cli/path_probe.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/clock.h"

enum {
	ANSWER_MS = 1000,
	TRIES = 2,
	SMALL = 100,		/* bytes that any tunnel takes */
	STEP = 4,		/* bytes; finer is not worth the time */
	PACKET_MAX = 65535,
};

/* ICMP and ICMPv6 have the same head of an echo. */
struct echo {
	uint8_t type, code;
	uint16_t checksum;
	uint16_t id, seq;
};

struct probe {
	int fd;
	const struct ip_addr *target;
	uint16_t id, seq;
	uint8_t *packet;	/* PACKET_MAX bytes */
};

static bool is_v4(const struct probe *probe)
{
	return probe->target->len == 4;
}

static int set_number(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int probe_open(struct probe *probe, const char *device)
{
	probe->fd = socket(is_v4(probe) ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC,
			   is_v4(probe) ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6);
	if (probe->fd < 0)
		return -1;
	/* Never in parts, and whatever is known of the way. */
	if (!setsockopt(probe->fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device)) &&
	    !(is_v4(probe) ? set_number(probe->fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE) :
			     set_number(probe->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE)))
		return 0;
	close(probe->fd);
	return -1;
}

/* RFC 1071; the kernel makes that of ICMPv6. */
static uint16_t checksum(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < size; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static bool send_echo(struct probe *probe, uint32_t length)
{
	size_t size = length - (is_v4(probe) ? sizeof(struct iphdr) : sizeof(struct ip6_hdr));
	struct echo echo = { .type = is_v4(probe) ? ICMP_ECHO : ICMP6_ECHO_REQUEST, .id = probe->id, .seq = ++probe->seq };
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };

	memset(probe->packet, 0, size);
	memcpy(probe->packet, &echo, sizeof(echo));
	if (is_v4(probe)) {
		echo.checksum = checksum(probe->packet, size);
		memcpy(probe->packet, &echo, sizeof(echo));
		memcpy(&to4.sin_addr, probe->target->bytes, sizeof(to4.sin_addr));
		return sendto(probe->fd, probe->packet, size, 0, (void *)&to4, sizeof(to4)) == (ssize_t)size;
	}
	memcpy(&to6.sin6_addr, probe->target->bytes, sizeof(to6.sin6_addr));
	return sendto(probe->fd, probe->packet, size, 0, (void *)&to6, sizeof(to6)) == (ssize_t)size;
}

/* Is what has come the answer to our last one? Of IPv4 the header is in front. */
static bool is_answer(const struct probe *probe, size_t got)
{
	size_t head = is_v4(probe) && got ? (probe->packet[0] & 15) * 4 : 0;
	struct echo echo;

	if (got < head + sizeof(echo))
		return false;
	memcpy(&echo, probe->packet + head, sizeof(echo));
	return echo.type == (is_v4(probe) ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) && echo.id == probe->id &&
	       echo.seq == probe->seq;
}

static bool wait_answer(struct probe *probe)
{
	const uint64_t end = clock_ms(CLOCK_MONOTONIC) + ANSWER_MS;
	struct pollfd ready = { .fd = probe->fd, .events = POLLIN };
	uint64_t now = clock_ms(CLOCK_MONOTONIC);
	ssize_t got;

	for (; now < end; now = clock_ms(CLOCK_MONOTONIC)) {
		if (poll(&ready, 1, end - now) <= 0)
			continue;
		got = recv(probe->fd, probe->packet, PACKET_MAX, MSG_DONTWAIT);
		if (got > 0 && is_answer(probe, got))
			return true;
	}
	return false;
}

static bool comes_through(struct probe *probe, uint32_t length)
{
	int i;

	for (i = 0; i < TRIES; i++)
		if (send_echo(probe, length) && wait_answer(probe))
			return true;
	return false;
}

/* By halving: @low comes through, @high does not. */
static uint32_t longest(struct probe *probe, uint32_t low, uint32_t high)
{
	while (high - low > STEP) {
		uint32_t middle = low + (high - low) / 2;

		if (comes_through(probe, middle))
			low = middle;
		else
			high = middle;
	}
	return low;
}

uint32_t path_probe(const char *device, const struct ip_addr *target, uint32_t most)
{
	struct probe probe = { .target = target, .id = getpid(), .packet = malloc(PACKET_MAX) };
	uint32_t length = 0;

	if (!probe.packet || most <= SMALL || most > PACKET_MAX || probe_open(&probe, device)) {
		free(probe.packet);
		return 0;
	}
	if (comes_through(&probe, most))
		length = most;
	else if (comes_through(&probe, SMALL))
		length = longest(&probe, SMALL, most);
	close(probe.fd);
	free(probe.packet);
	return length;
}
