// SPDX-License-Identifier: GPL-2.0
#include "machine.h"

#include <linux/notifier.h>
#include <linux/random.h>
#include <linux/suspend.h>

#include "dev.h"
#include "keying.h"
#include "netdev.h"
#include "tunnel.h"

/*
 * Two machines with the same memory, or one that is set back in time, would send different packets with the same
 * sequence number, and so nonce, under the same key (RFC 4106 section 2). Inbound SAs stay: their packets are the
 * peers'.
 */
static void end_out(struct vgw_dev *dev)
{
	struct vgw_tunnel *tunnel;
	unsigned long id;

	xa_for_each(&dev->tunnels, id, tunnel)
		vgw_keying_end_out(tunnel);
}

static int notice_fork(struct notifier_block *nb, unsigned long event, void *ptr)
{
	vgw_netdev_for_all(end_out);
	return NOTIFY_DONE;
}

/*
 * Programs run on until they are frozen, and the machine sends while the image is written: an outbound SA made
 * meanwhile would be in the image and in use, so there is none.
 */
static int notice_sleep(struct notifier_block *nb, unsigned long event, void *ptr)
{
	if (event != PM_HIBERNATION_PREPARE && event != PM_POST_HIBERNATION)
		return NOTIFY_DONE;
	if (event == PM_HIBERNATION_PREPARE)
		vgw_keying_hold_out(true);
	vgw_netdev_for_all(end_out);
	if (event == PM_POST_HIBERNATION)
		vgw_keying_hold_out(false);
	return NOTIFY_DONE;
}

static struct notifier_block fork_notifier = {
	.notifier_call = notice_fork,
};

static struct notifier_block sleep_notifier = {
	.notifier_call = notice_sleep,
};

int vgw_machine_init(void)
{
	int err;

	err = register_random_vmfork_notifier(&fork_notifier);
	if (err)
		return err;
	err = register_pm_notifier(&sleep_notifier);
	if (err)
		unregister_random_vmfork_notifier(&fork_notifier);
	return err;
}

void vgw_machine_exit(void)
{
	unregister_pm_notifier(&sleep_notifier);
	unregister_random_vmfork_notifier(&fork_notifier);
}
