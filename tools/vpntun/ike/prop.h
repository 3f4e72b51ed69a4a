/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_PROP_H
#define IKE_PROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ike/wire.h"
#include "util/why.h"

/* The id of a transform with attributes that we do not know; nobody can have configured it. */
enum { IKE_TRANSFORM_UNKNOWN = 0xffff };

/* RFC 7296 section 3.3, on the wire and in a policy alike. Plain data: may be copied and sent to another process. */
struct ike_transform {
	uint8_t type;		/* enum ike_transform_type */
	uint16_t id;
	uint16_t key_bits;	/* 0: the transform has no key length attribute */
};

struct ike_proposal {
	uint8_t number;		/* from 1, as on the wire */
	uint8_t proto;		/* enum ike_proto */
	uint8_t spi_len;	/* 0, 4 (ESP) or 8 (IKE) */
	uint8_t spi[8];
	uint8_t count;
	struct ike_transform transforms[IKE_TRANSFORMS_MAX];
};

struct ike_proposals {
	uint8_t count;
	struct ike_proposal list[IKE_PROPOSALS_MAX];
};

/* One transform of each type: what both sides agreed on. 0 stands for none. */
struct ike_suite {
	uint8_t proto;
	uint16_t encr;
	uint16_t key_bits;	/* of the cipher; 0 where it has only one size */
	uint16_t prf;		/* IKE only */
	uint16_t integ;		/* 0 with AEADs */
	uint16_t group;
	bool esn;		/* ESP only */
};

/*
 * Reads one proposal in strongSwan's words ("aes256gcm16-prfsha384-ecp384", "aes256-aes128-sha256-modp2048") for @proto.
 * ESP without "esn"/"noesn" gets noesn (@esn: the words for none; true offers both, ESN first). 0 or -EINVAL.
 */
int prop_parse(const char *text, enum ike_proto proto, bool esn, struct ike_proposal *out, struct why *why);

/* Its first algorithm that is taken because it has been named, and should not be used without need; NULL: none. */
const char *prop_doubtful(const struct ike_proposals *list);

/*
 * Takes one from the wire into @to. What there is code for is kept always, once. Of the rest the first IKE_FOREIGN_MAX of
 * each type are: then the type is known to be there, and a log can say what it was. All types that have no meaning here
 * are one type in this (section 3.3.6: with one of them a proposal cannot be taken).
 */
void prop_keep(struct ike_proposal *to, const struct ike_transform *transform);

/* Its word; "group(99)" and the like for one without. */
const char *transform_text(const struct ike_transform *transform, char *text, size_t size);

/* Writes "aes256gcm16-prfsha384-ecp384", cut to @size; returns @text. */
const char *prop_text(const struct ike_proposal *proposal, char *text, size_t size);
const char *prop_list_text(const struct ike_proposals *list, char *text, size_t size);
const char *suite_text(const struct ike_suite *suite, char *text, size_t size);

/* Are they the same, in the same order? */
bool prop_same(const struct ike_proposals *a, const struct ike_proposals *b);

/* The same proposals without their groups: for the child of IKE_AUTH (section 1.2). */
void prop_without_groups(const struct ike_proposals *from, struct ike_proposals *to);

/*
 * Responder: picks the first of the configured proposals (ours, in our order) that the offer satisfies. @ke_group is
 * the group of the peer's KE payload: preferred where several would do; 0: none. On success @suite is what was chosen
 * and @answer the one proposal to send back (number, proto and SPI of the offer's; the caller sets its own SPI).
 * 0 or -EINVAL; then @why, unless it is NULL, says what is missing ("no common encryption: offered .., configured ..").
 */
int prop_choose(const struct ike_proposals *offered, const struct ike_proposals *configured, uint16_t ke_group,
		struct ike_suite *suite, struct ike_proposal *answer, struct why *why);

/* Initiator: is the one proposal of @answer a choice out of what we offered? 0 or -EINVAL. */
int prop_accept(const struct ike_proposals *offered, const struct ike_proposals *answer, struct ike_suite *suite,
		struct why *why);

/* Is the group in any of the proposals; the first group of them (0: none). */
bool prop_has_group(const struct ike_proposals *list, uint16_t group);
uint16_t prop_first_group(const struct ike_proposals *list);

#endif /* IKE_PROP_H */
