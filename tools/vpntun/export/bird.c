// SPDX-License-Identifier: GPL-2.0
/* In the words of BIRD 2: a whole configuration. */
#include "export/bgp.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct writer {
	const struct bgp *bgp;
	struct export_text *to;
};

static unsigned int number_of(uint8_t len)
{
	return len == 4 ? 4 : 6;
}

/* A name between apostrophes may have letters, digits, '_', '-', '.' and ':'. */
static const char *symbol(const char *name, char text[BGP_NAME_SIZE])
{
	size_t i;

	for (i = 0; i < BGP_NAME_SIZE - 1 && name[i]; i++)
		text[i] = isalnum((unsigned char)name[i]) || strchr("_-.:", name[i]) ? name[i] : '.';
	text[i] = '\0';
	return text;
}

/* ---- sets of prefixes ---- */

/* "[ 10.0.0.0/8+, .. ]" of one family. False: there are none, and nothing was written. */
static bool write_set(const struct writer *writer, const char *before, const struct ip_prefixes *prefixes, uint8_t len)
{
	const char *begin = "[ ";
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < prefixes->count; i++) {
		const struct ip_prefix *prefix = &prefixes->list[i];

		if (prefix->addr.len != len)
			continue;
		if (*begin == '[')
			export_add(writer->to, "%s", before);
		export_add(writer->to, "%s%s+", begin, prefix_text(prefix, text));
		begin = ", ";
	}
	if (*begin == '[')
		return false;
	export_add(writer->to, " ]");
	return true;
}

/* ---- what this side has ---- */

static void write_own(const struct writer *writer, uint8_t len)
{
	const struct bgp *bgp = writer->bgp;
	char text[ADDR_TEXT_MAX];
	size_t i;

	export_add(writer->to, "\n# Announced; never a route of the kernel's.\nprotocol static vpntun_announce%u {\n\tipv%u;\n",
		number_of(len), number_of(len));
	for (i = 0; i < bgp->announce.count; i++)
		if (bgp->announce.list[i].addr.len == len)
			export_add(writer->to, "\troute %s unreachable;\n", prefix_text(&bgp->announce.list[i], text));
	export_add(writer->to, "}\n");
}

static void write_statics(const struct writer *writer, uint8_t len)
{
	const struct bgp *bgp = writer->bgp;
	char text[ADDR_TEXT_MAX];
	size_t i, j;

	if (!bgp_has_static(bgp, len))
		return;
	export_add(writer->to, "\n# Announced while their interface has carrier; never a route of the kernel's.\n");
	export_add(writer->to, "protocol static vpntun_static%u {\n\tipv%u;\n\tcheck link;\n", number_of(len), number_of(len));
	for (i = 0; i < bgp->n_confs; i++) {
		const struct conf *conf = &bgp->confs[i];

		for (j = 0; !bgp_conf_has(bgp, conf) && j < conf->routes.count; j++)
			if (conf->routes.list[j].addr.len == len)
				export_add(writer->to, "\troute %s via \"%s\";\n", prefix_text(&conf->routes.list[j], text), conf->ifname);
	}
	export_add(writer->to, "}\n");
}

/* ---- the kernel ---- */

static void write_kernel(const struct writer *writer, uint8_t len)
{
	const struct bgp *bgp = writer->bgp;
	char text[ADDR_TEXT_MAX];
	size_t i;

	export_add(writer->to, "\nprotocol kernel vpntun_kernel%u {\n", number_of(len));
	if (bgp->wish->ecmp)
		export_add(writer->to, "\tmerge paths on;\n");
	export_add(writer->to, "\tipv%u {\n\t\timport none;\n\t\texport filter {\n", number_of(len));
	export_add(writer->to, "\t\t\tif source != RTS_BGP then reject;\n");
	for (i = 0; i < bgp->n_confs; i++) {
		const struct conf *conf = &bgp->confs[i];
		const struct ip_addr *source = &conf->source[len == 16];

		if (source->len && bgp_conf_has(bgp, conf))
			export_add(writer->to, "\t\t\tif ifname = \"%s\" then krt_prefsrc = %s;\n", conf->ifname,
				addr_text(source, text));
	}
	export_add(writer->to, "\t\t\taccept;\n\t\t};\n\t};\n}\n");
}

/* ---- a neighbor ---- */

/* The next hop is the address of its tunnel: with IPv6 it would be the link's otherwise, which all tunnels share. */
static void write_import(const struct writer *writer, const struct bgp_neighbor *neighbor, uint8_t len)
{
	char text[ADDR_TEXT_MAX];

	export_add(writer->to, "\t\timport filter {\n\t\t\tif net ~ vpntun_never%u then reject;\n", number_of(len));
	if (bgp_has_summary(writer->bgp, len)) {
		export_add(writer->to, "\t\t\tif net ~ vpntun_summary%u", number_of(len));
		write_set(writer, " && net !~ ", &neighbor->sites, len);
		export_add(writer->to, " then reject;\n");
	}
	if (!writer->bgp->wish->has_accept)
		export_add(writer->to, "\t\t\tif net.len = 0 then reject;\n");
	if (write_set(writer, "\t\t\tif net !~ ", &neighbor->accept, len))
		export_add(writer->to, " then reject;\n");
	else
		export_add(writer->to, "\t\t\treject;\n");
	if (neighbor->tunnel->peer.len == 16)
		export_add(writer->to, "\t\t\tgw = %s;\n", addr_text(&neighbor->tunnel->peer, text));
	if (neighbor->rank != BGP_EQUAL)
		export_add(writer->to, "\t\t\tbgp_local_pref = %u;\n", neighbor->rank == BGP_PRIMARY ? BGP_PRIMARY_LOCAL_PREF :
			BGP_SECONDARY_LOCAL_PREF);
	export_add(writer->to, "\t\t\taccept;\n\t\t};\n");
}

static void write_export(const struct writer *writer, const struct bgp_neighbor *neighbor, uint8_t len)
{
	const struct bgp *bgp = writer->bgp;

	export_add(writer->to, "\t\texport filter {\n\t\t\tif proto != \"vpntun_announce%u\"", number_of(len));
	if (bgp_has_static(bgp, len))
		export_add(writer->to, " && proto != \"vpntun_static%u\"", number_of(len));
	if (bgp->wish->transit)
		export_add(writer->to, " && source != RTS_BGP");
	export_add(writer->to, " then reject;\n");
	if (neighbor->rank != BGP_EQUAL)
		export_add(writer->to, "\t\t\tbgp_med = %u;\n", neighbor->rank == BGP_PRIMARY ? BGP_PRIMARY_MED : BGP_SECONDARY_MED);
	export_add(writer->to, "\t\t\taccept;\n\t\t};\n\t\tnext hop self;\n");
}

static void write_neighbor(const struct writer *writer, const struct bgp_neighbor *neighbor)
{
	const struct conf_tunnel *tunnel = neighbor->tunnel;
	char name[BGP_NAME_SIZE], text[ADDR_TEXT_MAX];
	size_t i;

	export_add(writer->to, "\nprotocol bgp '%s' {\n", symbol(neighbor->name, name));
	export_add(writer->to, "\tlocal %s as %u;\n", addr_text(&neighbor->own, text), tunnel->local_asn);
	export_add(writer->to, "\tneighbor %s as %u;\n\tdirect;\n", addr_text(&tunnel->peer, text), tunnel->remote_asn);
	export_add(writer->to, "\thold time %u;\n\tkeepalive time %u;\n", tunnel->bgp_hold, tunnel->bgp_hold / 3);
	export_add(writer->to, "\tconnect delay time 1;\n\tconnect retry time %u;\n\terror wait time %u, %u;\n", BGP_RETRY, BGP_RETRY / 2,
		3 * BGP_RETRY);
	if (writer->bgp->wish->bfd)
		export_add(writer->to, "\tbfd;\n");
	for (i = 0; i < BGP_FAMILIES; i++) {
		if (!bgp_neighbor_has(neighbor, bgp_families[i]))
			continue;
		export_add(writer->to, "\tipv%u {\n", number_of(bgp_families[i]));
		write_import(writer, neighbor, bgp_families[i]);
		write_export(writer, neighbor, bgp_families[i]);
		if (bgp_families[i] == 4 && tunnel->peer.len == 16)
			export_add(writer->to, "\t\textended next hop;\n");
		export_add(writer->to, "\t};\n");
	}
	export_add(writer->to, "}\n");
}

static void write_bfd(const struct writer *writer)
{
	export_add(writer->to, "\nprotocol bfd vpntun_bfd {\n\taccept direct;\n\tinterface \"*\" {\n");
	export_add(writer->to, "\t\tinterval %u ms;\n\t\tmultiplier %u;\n\t};\n}\n", BGP_BFD_INTERVAL, BGP_BFD_MISSES);
}

/* ---- all of it ---- */

static void write_head(const struct writer *writer)
{
	char text[ADDR_TEXT_MAX];

	bgp_tell_names(writer->bgp, "#", writer->to);
	export_add(writer->to, " for BIRD 2, by vpntun export bird: all of /etc/bird/bird.conf.\n");
	bgp_tell_sourceless(writer->bgp, "#", writer->to);
	export_add(writer->to, "log syslog all;\nrouter id %s;\n\nprotocol device { }\n",
		   addr_text(&writer->bgp->router_id, text));
}

static void write_family(const struct writer *writer, uint8_t len)
{
	char before[128];

	snprintf(before, sizeof(before), "\n# No neighbor has these.\ndefine vpntun_never%u = ", number_of(len));
	if (write_set(writer, before, &writer->bgp->never, len))
		export_add(writer->to, ";\n");
	snprintf(before, sizeof(before), "\n# A neighbor has its own parts of these, and nothing else of them.\ndefine vpntun_summary%u = ",
		 number_of(len));
	if (write_set(writer, before, &writer->bgp->summaries, len))
		export_add(writer->to, ";\n");
	write_own(writer, len);
	write_statics(writer, len);
	write_kernel(writer, len);
}

int export_bird(const struct bgp *bgp, struct export_text *to, struct why *why)
{
	const struct writer writer = { .bgp = bgp, .to = to };
	size_t i;

	(void)why;
	write_head(&writer);
	for (i = 0; i < BGP_FAMILIES; i++)
		if (bgp_has_family(bgp, bgp_families[i]))
			write_family(&writer, bgp_families[i]);
	if (bgp->wish->bfd)
		write_bfd(&writer);
	for (i = 0; i < bgp->n_neighbors; i++)
		write_neighbor(&writer, &bgp->neighbors[i]);
	return 0;
}
