/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NL_ATTR_H
#define NL_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nl_msg;
struct nlattr;
struct nlmsghdr;

/* How the value of an attribute lies in a plain struct. */
enum attr_kind {
	ATTR_UINT,	/* unsigned, as wide as the member */
	ATTR_NAME,	/* string, cut to what the member holds */
	ATTR_ADDR,	/* struct ip_addr: 4 or 16 bytes */
};

/* One attribute and the struct member that holds its value. */
struct attr_field {
	uint16_t attr;
	uint16_t offset;
	uint16_t size;
	enum attr_kind kind;
};

#define ATTR_FIELD(number, type, member, how) {		\
	.attr = (number),				\
	.offset = offsetof(struct type, member),	\
	.size = sizeof(((struct type *)0)->member),	\
	.kind = (how),					\
}

/*
 * What is known of an attribute set. The arrays @names and @nests are indexed
 * by attribute and have @max + 1 entries; @nests may be NULL.
 */
struct attr_set {
	const char *const *names;
	const struct attr_set *const *nests;
	const struct attr_field *fields;	/* the plain ones, @count of them */
	size_t count;
	unsigned int max;
};

/*
 * A struct filled through fields begins with a mask of the attributes that it
 * holds: bit n stands for attribute n of its set.
 */
#define ATTR_BIT(number) (UINT64_C(1) << (number))

/* Appends the fields that the mask at the head of @object names. 0 or -EMSGSIZE. */
int attr_put_fields(struct nl_msg *msg, const struct attr_set *set,
		    const void *object);

/*
 * Stores one attribute and sets its bit; true if it is a field of @set. An
 * attribute of unexpected length is left out as if it had not been sent.
 */
bool attr_get_field(const struct nlattr *attr, const struct attr_set *set,
		    void *object);

enum { ATTR_PATH_SIZE = 96 };

/* Where in a message something is: in goes the root set with an empty path. */
struct attr_place {
	const struct attr_set *set;	/* out: of the attributes inside, or NULL */
	char path[ATTR_PATH_SIZE];	/* out: "sa.spi" */
};

/*
 * Finds the attribute that holds the byte at @offset from the head of
 * @request, a generic netlink message.
 */
bool attr_locate(struct attr_place *place, const struct nlmsghdr *request,
		 size_t offset);

/* Appends ".name" of attribute @type of the set that the place has arrived at. */
bool attr_append(struct attr_place *place, unsigned int type);

#endif /* NL_ATTR_H */
