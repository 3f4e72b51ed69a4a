// SPDX-License-Identifier: GPL-2.0
#include "cli/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "util/clock.h"

enum {
	PERIOD_MS = 1000,
	RATE_MS = 500,		/* over less than this a rate says little */
	LINE_MAX_SIZE = 512,
};

/* Another screen, without a cursor; and back. */
static const char screen_begin[] = "\033[?1049h\033[?25l", screen_end[] = "\033[?25h\033[?1049l";

/* Of a tunnel, from picture to picture. */
struct watched {
	char ifname[IFACE_NAME_SIZE];
	char name[TUNNEL_NAME_SIZE];
	struct watch_counts counts;	/* at @at */
	struct watch_counts rates;
	bool has_rates;
	uint64_t at;			/* ms, CLOCK_MONOTONIC */
};

struct watch {
	bool terminal;
	struct watched *list;		/* in the order of the roster that was shown last */
	size_t count;
	uint64_t due;			/* of the next picture */
	struct sigaction former[2];	/* SIGINT, SIGTERM */
};

static volatile sig_atomic_t ended, resized;

static void on_end(int number)
{
	(void)number;
	ended = 1;
}

static void on_resize(int number)
{
	(void)number;
	resized = 1;
}

/* ---- numbers ---- */

static uint64_t rate(uint64_t before, uint64_t now, uint64_t ms)
{
	if (!ms)
		return 0;
	/* Rounded; bytes of half a millennium at 400 Gbit/s times 1000 are too many, nothing less is. */
	return ((now >= before ? now - before : now) * 1000 + ms / 2) / ms;
}

void watch_rates(const struct watch_counts *before, const struct watch_counts *now, uint64_t ms,
		 struct watch_counts *rates)
{
	*rates = (struct watch_counts){
		.rx_bytes = rate(before->rx_bytes, now->rx_bytes, ms),
		.tx_bytes = rate(before->tx_bytes, now->tx_bytes, ms),
		.rx_packets = rate(before->rx_packets, now->rx_packets, ms),
		.tx_packets = rate(before->tx_packets, now->tx_packets, ms),
		.drops = rate(before->drops, now->drops, ms),
	};
}

static struct watch_counts counts_of(const struct roster_tunnel *tunnel)
{
	const struct vgw_tunnel *of = tunnel->of ? &tunnel->of->tunnel : NULL;
	struct watch_counts counts = { 0 };
	unsigned int cause;

	if (!of)
		return counts;
	counts = (struct watch_counts){ of->rx_bytes, of->tx_bytes, of->rx_packets, of->tx_packets, 0 };
	for (cause = 0; cause <= VGW_DROP_MAX; cause++)
		counts.drops += of->drops.count[cause];
	return counts;
}

/* What was seen of it last; both lists are sorted alike, and @from is where to go on. */
static const struct watched *find(const struct watch *watch, const struct roster_tunnel *tunnel, size_t *from)
{
	for (; *from < watch->count; (*from)++) {
		const struct watched *was = &watch->list[*from];
		int order = strverscmp(was->ifname, tunnel->ifname);

		if (!order)
			order = strverscmp(was->name, tunnel->name);
		if (!order)
			return was;
		if (order > 0)
			return NULL;
	}
	return NULL;
}

static void measure(const struct watched *was, const struct roster_tunnel *tunnel, uint64_t now, struct watched *is)
{
	struct watch_counts counts = counts_of(tunnel);

	/* After a resize too little time has gone by: the former figures stay. */
	if (was && now - was->at < RATE_MS) {
		*is = *was;
		return;
	}
	*is = (struct watched){ .counts = counts, .at = now, .has_rates = was };
	snprintf(is->ifname, sizeof(is->ifname), "%s", tunnel->ifname);
	snprintf(is->name, sizeof(is->name), "%s", tunnel->name);
	if (was)
		watch_rates(&was->counts, &counts, now - was->at, &is->rates);
}

static int measure_all(struct watch *watch, const struct roster *roster)
{
	struct watched *list = calloc(roster->count + 1, sizeof(*list));
	uint64_t now = clock_ms(CLOCK_MONOTONIC);
	size_t i, from = 0;

	if (!list)
		return -ENOMEM;
	for (i = 0; i < roster->count; i++)
		measure(find(watch, &roster->list[i], &from), &roster->list[i], now, &list[i]);
	free(watch->list);
	watch->list = list;
	watch->count = roster->count;
	return 0;
}

/* ---- words ---- */

static bool is_up(const struct roster_tunnel *tunnel)
{
	return tunnel->of && tunnel->of->tunnel.state == VGW_STATE_UP;
}

static const char *state_word(const struct roster_tunnel *tunnel)
{
	return tunnel->of || tunnel->known ? view_state(is_up(tunnel), tunnel->known) : "inactive";
}

static bool is_wanted(const struct view *view, const struct roster_tunnel *tunnel)
{
	return (!view->ifname || !strcmp(view->ifname, tunnel->ifname)) &&
	       (!view->tunnel || !strcmp(view->tunnel, tunnel->name));
}

/* Why it is not up. */
static const char *fault_text(const struct roster_tunnel *tunnel, char text[STATUS_TEXT_MAX])
{
	if (is_up(tunnel))
		return "";
	if (tunnel->known && tunnel->known->last_error)
		return status_text(tunnel->known->last_error, text);
	return tunnel->of ? out_reason(tunnel->of->tunnel.reason) : "";
}

static void show_rates(FILE *to, const struct watched *is)
{
	char rx[OUT_TEXT_MAX], tx[OUT_TEXT_MAX];

	if (!is->has_rates) {
		fprintf(to, " %11s %11s %9s %9s %7s", "-", "-", "-", "-", "-");
		return;
	}
	fprintf(to, " %11s %11s %9" PRIu64 " %9" PRIu64 " %7" PRIu64, out_bytes(is->rates.rx_bytes, rx),
		out_bytes(is->rates.tx_bytes, tx), is->rates.rx_packets, is->rates.tx_packets, is->rates.drops);
}

static void show_tunnel(const struct out *out, const struct roster_tunnel *tunnel, const struct watched *is)
{
	char since[OUT_TEXT_MAX] = "-", rtt[OUT_TEXT_MAX] = "-", fault[STATUS_TEXT_MAX];
	const struct vgw_tunnel *of = tunnel->of ? &tunnel->of->tunnel : NULL;
	const char *state = state_word(tunnel);

	if (of && VGW_HAS(of, VGW_A_TUNNEL_LAST_CHANGE))
		out_duration(of->last_change, since);
	if (of && VGW_HAS(&of->probe, VGW_A_PROBE_RTT))
		snprintf(rtt, sizeof(rtt), "%.1f ms", of->probe.rtt / 1e3);
	fprintf(out->to, "%-16s %-16s ", *tunnel->connection ? tunnel->connection : tunnel->ifname, tunnel->name);
	out_paint(out, is_up(tunnel), state);
	fprintf(out->to, "%*s %8s", (int)(10 - strlen(state)), "", since);
	show_rates(out->to, is);
	fprintf(out->to, " %9s  %s\n", rtt, fault_text(tunnel, fault));
}

static void show_head(const struct out *out, const struct view *view, const struct roster *roster)
{
	size_t i, count = 0, up = 0;
	char time[OUT_TEXT_MAX];

	for (i = 0; i < roster->count; i++) {
		count += is_wanted(view, &roster->list[i]);
		up += is_wanted(view, &roster->list[i]) && is_up(&roster->list[i]);
	}
	fprintf(out->to, "%.19s  %zu of %zu tunnels up%s%s\n", out_time(time), up, count,
		view->helper_note ? ", " : view->status ? "" : ", the IKE helper does not run",
		view->helper_note ? view->helper_note : "");
	if (view->module_note)
		fprintf(out->to, "%s\n", view->module_note);
	fprintf(out->to, "%-16s %-16s %-10s %8s %11s %11s %9s %9s %7s %9s\n", "CONNECTION", "TUNNEL", "STATE", "SINCE",
		"IN/s", "OUT/s", "PKTS IN", "PKTS OUT", "DROPS", "RTT");
}

/* On the heap; NULL: no memory. */
static char *picture(const struct watch *watch, const struct view *view, const struct roster *roster)
{
	struct out out = { .colour = out_wants_colour() };
	char *text = NULL;
	size_t i, size;

	out.to = open_memstream(&text, &size);
	if (!out.to)
		return NULL;
	show_head(&out, view, roster);
	for (i = 0; i < roster->count; i++)
		if (is_wanted(view, &roster->list[i]))
			show_tunnel(&out, &roster->list[i], &watch->list[i]);
	if (!fclose(out.to))
		return text;
	free(text);
	return NULL;
}

/* ---- the terminal ---- */

void watch_clip(FILE *to, const char *text, unsigned int rows, unsigned int columns)
{
	unsigned int row = 0, column = 0;
	bool escape = false;

	for (; *text && (!rows || row < rows); text++) {
		escape |= *text == '\033';
		if (*text == '\n') {
			/* No newline behind the last row: it would scroll. */
			if (!rows || ++row < rows)
				fputc('\n', to);
			column = 0;
		} else if (escape || !columns || column++ < columns) {
			fputc(*text, to);
		}
		if (escape && *text == 'm')
			escape = false;
	}
}

static void draw(const struct watch *watch, const char *text)
{
	struct winsize size = { 0 };

	if (!watch->terminal) {
		printf("%s\n", text);
		return;
	}
	/* One that does not know its size shows all. */
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		size = (struct winsize){ 0 };
	fputs("\033[H\033[J", stdout);
	watch_clip(stdout, text, size.ws_row, size.ws_col);
}

int watch_show(struct watch *watch, const struct view *view, const struct roster *roster)
{
	char *text = measure_all(watch, roster) ? NULL : picture(watch, view, roster);

	if (!text)
		return -ENOMEM;
	draw(watch, text);
	free(text);
	return 0;
}

bool watch_wait(struct watch *watch)
{
	uint64_t now = clock_ms(CLOCK_MONOTONIC);

	if (watch->due < now)
		watch->due = now + PERIOD_MS;
	resized = 0;
	while (!ended && !resized && now < watch->due) {
		poll(NULL, 0, watch->due - now);
		now = clock_ms(CLOCK_MONOTONIC);
	}
	if (!resized)
		watch->due += PERIOD_MS;
	return !ended;
}

struct watch *watch_begin(bool pictures)
{
	const struct sigaction end = { .sa_handler = on_end }, resize = { .sa_handler = on_resize };
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->terminal = pictures && isatty(STDOUT_FILENO);
	watch->due = clock_ms(CLOCK_MONOTONIC) + PERIOD_MS;
	sigaction(SIGINT, &end, &watch->former[0]);
	sigaction(SIGTERM, &end, &watch->former[1]);
	sigaction(SIGWINCH, &resize, NULL);
	if (watch->terminal)
		fputs(screen_begin, stdout);
	return watch;
}

void watch_end(struct watch *watch)
{
	if (watch->terminal)
		fputs(screen_end, stdout);
	sigaction(SIGINT, &watch->former[0], NULL);
	sigaction(SIGTERM, &watch->former[1], NULL);
	free(watch->list);
	free(watch);
}
