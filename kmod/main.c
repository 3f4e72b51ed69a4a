// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <net/rtnetlink.h>

#include "esp_crypt.h"
#include "fraglist.h"
#include "inner.h"
#include "lane.h"
#include "larval.h"
#include "machine.h"
#include "netdev.h"
#include "nl_find.h"
#include "pages.h"
#include "sa.h"
#include "sock.h"
#include "wire.h"

static int __init vgw_init(void)
{
	int err;

	vgw_fraglist_init();
	vgw_inner_init();
	err = vgw_lanes_init();
	if (err)
		return err;
	err = vgw_sa_init();
	if (err)
		goto err_lanes;
	err = vgw_larval_init(vgw_wire_open);
	if (err)
		goto err_sa;
	err = vgw_netdev_init();
	if (err)
		goto err_larval;
	err = vgw_sock_init();
	if (err)
		goto err_netdev;
	err = vgw_machine_init();
	if (err)
		goto err_sock;
	err = vgw_nl_init();
	if (err)
		goto err_machine;
	return 0;

err_machine:
	vgw_machine_exit();
err_sock:
	vgw_sock_exit();
err_netdev:
	vgw_netdev_exit();
err_larval:
	vgw_larval_exit();
err_sa:
	vgw_sa_exit();
err_lanes:
	vgw_lanes_exit();
	vgw_esp_crypt_exit();
	vgw_pages_exit();
	return err;
}

static void __exit vgw_exit(void)
{
	vgw_nl_exit();
	vgw_machine_exit();
	vgw_sock_exit();
	vgw_netdev_exit();
	vgw_larval_exit();
	vgw_sa_exit();
	vgw_lanes_exit();
	vgw_esp_crypt_exit();
	vgw_pages_exit();
}

module_init(vgw_init);
module_exit(vgw_exit);
MODULE_DESCRIPTION("Site-to-site VPN gateway: ESP tunnel interfaces");
MODULE_LICENSE("GPL");
MODULE_ALIAS_RTNL_LINK(KBUILD_MODNAME);
