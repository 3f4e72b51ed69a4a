// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/sasite.c tools/vpntun/iked/suite.c tools/vpntun/util/why.c */
/* libs: libnl-3.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "iked/site_own.h"
#include "iked/want.h"

/* In which order a pair of SAs comes to the module, and what is left when it refuses one. The module is a list here. */

enum { SAS_MAX = 8, SPI_IN = 0x1001, SPI_OUT = 0x2002 };

static struct vgw_sa there[SAS_MAX];
static size_t n_there;
static char done[512];			/* what was asked of it, in words */
static int refused;			/* the number of the request that it refuses, from 1; 0: none */
static int asked;

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *fmt, ...)
{
	size_t len = strlen(done);
	va_list args;

	va_start(args, fmt);
	vsnprintf(done + len, sizeof(done) - len, fmt, args);
	va_end(args);
}

static struct vgw_sa *find(uint8_t direction, uint32_t spi)
{
	for (size_t i = 0; i < n_there; i++)
		if (there[i].direction == direction && there[i].spi == spi)
			return &there[i];
	return NULL;
}

int vgw_sa_change(struct knl *knl, uint8_t cmd, const struct vgw_sa_place *place, const struct vgw_sa *sa,
		  const struct vgw_keys *keys)
{
	const char *way = sa->direction == VGW_DIRECTION_IN ? "in" : "out";
	struct vgw_sa *found = find(sa->direction, sa->spi);

	(void)knl;
	assert_string_equal(place->tunnel, "a");
	if (cmd == VGW_CMD_SA_DEL) {
		note("-%s ", way);
		if (!found)
			return -ENOENT;
		*found = there[--n_there];
		return 0;
	}
	assert_int_equal(cmd, VGW_CMD_SA_NEW);
	/* Each has the keys of its own direction. */
	assert_int_equal(keys->key[0], sa->direction == VGW_DIRECTION_IN ? 'i' : 'o');
	assert_int_equal(keys->key_len, 36);
	if (++asked == refused) {
		note("!%s ", way);
		return -ENOSPC;
	}
	assert_null(found);
	/* As the module has it. */
	if (sa->has & ATTR_BIT(VGW_A_SA_PENDING_ON) && !find(VGW_DIRECTION_IN, sa->pending_on))
		return -ENOENT;
	note("%s%s ", way, sa->has & ATTR_BIT(VGW_A_SA_PENDING_ON) ? "?" : "");
	there[n_there++] = *sa;
	return 0;
}

int site_tell(struct site *site, uint8_t cmd, const struct vgw_tunnel *tunnel, struct why *why)
{
	(void)site;
	(void)tunnel;
	(void)why;
	note(cmd == VGW_CMD_TUNNEL_NEW ? "tunnel " : cmd == VGW_CMD_TUNNEL_DEL ? "-tunnel " : "set ");
	return 0;
}

int site_fail(struct why *why, const struct knl *knl, int err, const char *fmt, ...)
{
	(void)knl;
	why_set(why, "%s", fmt);
	return err;
}

int ways_move(struct ways *ways, struct knl *rt, struct ip_addr *held, uint32_t link, const struct ip_addr *remote,
	      struct why *why)
{
	(void)ways;
	(void)rt;
	(void)held;
	(void)link;
	(void)remote;
	(void)why;
	return 0;
}

void ways_release(struct ways *ways, struct knl *rt, const struct ip_addr *remote, uint32_t link)
{
	(void)ways;
	(void)rt;
	(void)remote;
	(void)link;
}

/* What the tunnel is told is another test's affair. */
void want_options(const struct conf *conf, const struct conf_tunnel *tunnel, uint32_t link, struct vgw_tunnel *out)
{
	(void)conf;
	(void)tunnel;
	(void)link;
	memset(out, 0, sizeof(*out));
}

int want_negotiated(const struct conf_tunnel *tunnel, const struct ike_act_install *install, struct vgw_tunnel *out,
		    struct why *why)
{
	(void)tunnel;
	(void)install;
	(void)out;
	(void)why;
	return 0;
}

void want_moved(const struct conf_tunnel *tunnel, const struct ike_act_move *move, struct vgw_tunnel *out)
{
	(void)tunnel;
	(void)move;
	(void)out;
}

bool want_same(const struct vgw_tunnel *a, const struct vgw_tunnel *b)
{
	(void)a;
	(void)b;
	return true;
}

void vgw_tunnel_free(struct vgw_tunnel *tunnel)
{
	(void)tunnel;
}

void vgw_message_free(struct vgw_message *message)
{
	(void)message;
}

int vgw_decode(const struct nlmsghdr *nlh, struct vgw_message *out)
{
	(void)nlh;
	(void)out;
	return -ENOMEM;
}

int vgw_get(struct knl *knl, const struct vgw_query *query, knl_fn *fn, void *arg)
{
	(void)knl;
	(void)query;
	(void)fn;
	(void)arg;
	return -ENODEV;
}

/* Installs a pair; the @refuse-th SA that is asked for is refused. Returns what was done. */
static const char *install(bool made, bool pending, int refuse, int result)
{
	struct conf_tunnel conf = { .name = "a" };
	struct site_tunnel tunnel = { .made = made };
	struct sites sites = { .first = NULL };
	struct site site = { .sites = &sites, .tunnels = &tunnel };
	struct ike_act_install pair = {
		.spi_in = SPI_IN, .spi_out = SPI_OUT, .pending = pending,
		.suite = { .proto = IKE_PROTO_ESP, .encr = IKE_ENCR_AES_GCM_16, .key_bits = 256 },
	};
	struct why why = { "" };

	site.conf.tunnels = &conf;
	site.conf.n_tunnels = 1;
	pair.in.encr.len = pair.out.encr.len = 36;
	memset(pair.in.encr.bytes, 'i', 36);
	memset(pair.out.encr.bytes, 'o', 36);
	n_there = 0;
	asked = 0;
	refused = refuse;
	done[0] = '\0';
	assert_int_equal(site_install(&site, 0, &pair, &why), result);
	assert_int_equal(n_there, result ? 0 : 2);
	assert_int_equal(tunnel.made, made || !result);
	assert_true(!result == !why.text[0]);
	return done;
}

/* What the module has kept for the way in is answered as soon as that is there. */
static void the_way_out_comes_first(void **state)
{
	(void)state;
	assert_string_equal(install(true, false, 0, 0), "out in ");
}

static void a_pending_one_comes_after_what_it_waits_for(void **state)
{
	(void)state;
	assert_string_equal(install(true, true, 0, 0), "in out? ");
}

/* For a tunnel that the module does not have nothing was reserved. */
static void without_a_reservation_the_way_in_comes_first(void **state)
{
	(void)state;
	assert_string_equal(install(false, false, 0, 0), "tunnel in out ");
}

static void nothing_stays_half_installed(void **state)
{
	(void)state;
	assert_string_equal(install(true, false, 1, -ENOSPC), "!out ");
	assert_string_equal(install(true, false, 2, -ENOSPC), "out !in -out ");
	assert_string_equal(install(true, true, 1, -ENOSPC), "!in ");
	assert_string_equal(install(true, true, 2, -ENOSPC), "in !out -in ");
	assert_string_equal(install(false, false, 2, -ENOSPC), "tunnel in !out -in -tunnel ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_way_out_comes_first),
		cmocka_unit_test(a_pending_one_comes_after_what_it_waits_for),
		cmocka_unit_test(without_a_reservation_the_way_in_comes_first),
		cmocka_unit_test(nothing_stays_half_installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
