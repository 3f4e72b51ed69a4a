// SPDX-License-Identifier: GPL-2.0
#include "nl/attr.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "util/addr.h"
#include "util/name.h"

static int put_field(struct nl_msg *msg, const struct attr_field *field,
		     const void *value)
{
	const struct ip_addr *addr = value;

	switch (field->kind) {
	case ATTR_UINT:
		return nla_put(msg, field->attr, field->size, value);
	case ATTR_NAME:
		return nla_put_string(msg, field->attr, value);
	case ATTR_ADDR:
		return nla_put(msg, field->attr, addr->len, addr->bytes);
	}
	return -EINVAL;
}

int attr_put_fields(struct nl_msg *msg, const struct attr_set *set,
		    const void *object)
{
	uint64_t has = *(const uint64_t *)object;
	size_t i;

	for (i = 0; i < set->count; i++) {
		const struct attr_field *field = &set->fields[i];

		if (has & ATTR_BIT(field->attr) &&
		    put_field(msg, field, (const char *)object + field->offset))
			return -EMSGSIZE;
	}
	return 0;
}

static bool get_value(const struct nlattr *attr, const struct attr_field *field,
		      void *value)
{
	size_t len = nla_len(attr);
	struct ip_addr *addr = value;

	switch (field->kind) {
	case ATTR_UINT:
		if (len != field->size)
			return false;
		memcpy(value, nla_data(attr), len);
		return true;
	case ATTR_NAME:
		name_copy(value, field->size, nla_data(attr), len);
		return true;
	case ATTR_ADDR:
		if (len != 4 && len != 16)
			return false;
		addr->len = len;
		memcpy(addr->bytes, nla_data(attr), len);
		return true;
	}
	return false;
}

bool attr_get_field(const struct nlattr *attr, const struct attr_set *set,
		    void *object)
{
	uint64_t *has = object;
	size_t i;

	for (i = 0; i < set->count; i++) {
		const struct attr_field *field = &set->fields[i];

		if (field->attr != nla_type(attr))
			continue;
		if (get_value(attr, field, (char *)object + field->offset))
			*has |= ATTR_BIT(field->attr);
		return true;
	}
	return false;
}

bool attr_append(struct attr_place *place, unsigned int type)
{
	const struct attr_set *set = place->set;
	size_t used = strlen(place->path);

	if (!set || type > set->max || !set->names[type])
		return false;

	snprintf(place->path + used, sizeof(place->path) - used, "%s%s",
		 used ? "." : "", set->names[type]);
	place->set = set->nests ? set->nests[type] : NULL;
	return true;
}

/* The attribute among those at @attr that covers @target, or NULL. */
static const struct nlattr *covering(const struct nlattr *attr, int left,
				     const char *target)
{
	for (; nla_ok(attr, left); attr = nla_next(attr, &left)) {
		const char *start = (const char *)attr;

		if (target >= start && target < start + nla_total_size(nla_len(attr)))
			return attr;
	}
	return NULL;
}

bool attr_locate(struct attr_place *place, const struct nlmsghdr *request,
		 size_t offset)
{
	const struct genlmsghdr *genl = nlmsg_data(request);
	const char *target = (const char *)request + offset;
	const struct nlattr *attr;

	if (offset >= request->nlmsg_len ||
	    request->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return false;

	attr = covering(genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0),
			target);
	if (!attr || !attr_append(place, nla_type(attr)))
		return false;

	/* Each round enters one nest, so the depth of the sets is the bound. */
	while (place->set && target != (const char *)attr) {
		attr = covering(nla_data(attr), nla_len(attr), target);
		if (!attr || !attr_append(place, nla_type(attr)))
			return false;
	}
	return true;
}
