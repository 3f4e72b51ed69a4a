// SPDX-License-Identifier: GPL-2.0
#include "nl/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/net_namespace.h>
#include <linux/nsfs.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Before somebody has bound the namespace to it, the file of a name is an empty one. */
static bool is_netns(int fd)
{
	return ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
}

int netns_open(const char *name, struct why *why)
{
	char path[PATH_MAX];
	int fd, err;

	snprintf(path, sizeof(path), "%s%s", *name == '/' ? "" : "/run/netns/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && is_netns(fd))
		return fd;
	err = fd >= 0 ? EINVAL : errno;
	if (fd >= 0)
		close(fd);
	if (err == ENOENT || err == EINVAL)
		why_set(why, "there is no network namespace %s", name);
	else
		why_set(why, "network namespace %s: %s", name, strerror(err));
	return -err;
}

int netns_enter(int netns)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), err;

	if (home < 0)
		return -errno;
	if (!setns(netns, CLONE_NEWNET))
		return home;
	err = -errno;
	close(home);
	return err;
}

void netns_leave(int home)
{
	/* Whatever came next would happen in the wrong place. */
	if (setns(home, CLONE_NEWNET))
		_exit(EXIT_FAILURE);
	close(home);
}

static int take_number(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWNSID)
		return 0;
	attr = nlmsg_find_attr((void *)nlh, sizeof(struct rtgenmsg), NETNSA_NSID);
	if (attr && nla_len(attr) == sizeof(int32_t))
		*(int32_t *)arg = nla_get_s32(attr);
	return 0;
}

static int ask_number(struct knl *rt, uint16_t type, int netns, int32_t *number)
{
	const struct rtgenmsg head = { .rtgen_family = AF_UNSPEC };
	struct nl_msg *msg = knl_request_route(rt, type, 0, &head, sizeof(head));

	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, NETNSA_FD, netns) || nla_put_s32(msg, NETNSA_NSID, *number))
		return knl_call_filled(rt, msg, false);
	return knl_call(rt, msg, take_number, number);
}

int netns_number(struct knl *rt, int netns, int32_t *number)
{
	int err;

	*number = NETNSA_NSID_NOT_ASSIGNED;
	err = ask_number(rt, RTM_NEWNSID, netns, number);
	if (err && err != -EEXIST)
		return err;
	err = ask_number(rt, RTM_GETNSID, netns, number);
	if (!err && *number < 0) {
		why_set(&rt->why, "the network namespace has no number here");
		err = -ENOENT;
	}
	return err;
}

int netns_open_route(int netns, struct knl *knl)
{
	int home = netns_enter(netns), err;

	if (home < 0) {
		memset(knl, 0, sizeof(*knl));
		why_set(&knl->why, "cannot enter the network namespace: %s", strerror(-home));
		return home;
	}
	err = knl_open_route(knl);
	netns_leave(home);
	return err;
}
