// SPDX-License-Identifier: GPL-2.0
#include "netdev.h"

#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/ip_tunnels.h>
#include <net/rtnetlink.h>

#include "cell.h"
#include "dev.h"
#include "esp.h"
#include "larval.h"
#include "limits.h"
#include "remote.h"
#include "setup.h"
#include "sock.h"
#include "spi.h"
#include "tunnel.h"
#include "tx.h"

unsigned int vgw_net_id;

static bool unprivileged;
module_param(unprivileged, bool, 0644);
MODULE_PARM_DESC(unprivileged, "let user namespaces other than the initial one create vgw devices");

/* ---- transmit ---- */

static netdev_tx_t vgw_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	vgw_tx(netdev_priv(netdev), skb);
	return NETDEV_TX_OK;
}

/* ---- MTU ---- */

/* Somebody who sets the MTU by hand keeps it. */
static int vgw_change_mtu(struct net_device *netdev, int mtu)
{
	struct vgw_dev *dev = netdev_priv(netdev);

	if (!dev->setting_mtu)
		dev->mtu_auto = false;
	netdev->mtu = mtu;
	return 0;
}

/**
 * vgw_netdev_follow_mtu() - set the device's MTU to what all tunnels can carry, whatever suite they negotiate
 * @dev: the interface
 *
 * May sleep; caller holds rtnl and the outer lock. Never below what IPv6 needs: a tunnel that has less cuts outside.
 */
void vgw_netdev_follow_mtu(struct vgw_dev *dev)
{
	unsigned int mtu;

	ASSERT_RTNL();
	lockdep_assert_held(&dev->outer->lock);
	if (!dev->mtu_auto || !dev->tunnel_count)
		return;
	mtu = max_t(unsigned int, vgw_setup_least_mtu(dev), VGW_MTU_MIN6);
	mtu = min(mtu, dev->netdev->max_mtu);
	if (mtu == dev->netdev->mtu)
		return;
	dev->setting_mtu = true;
	dev_set_mtu(dev->netdev, mtu);
	dev->setting_mtu = false;
}

/* Set the MTU by hand, or with 0 have it follow the tunnels. May sleep; caller holds rtnl and the outer lock. */
int vgw_netdev_set_mtu(struct vgw_dev *dev, unsigned int mtu)
{
	int err;

	if (mtu) {
		err = dev_set_mtu(dev->netdev, mtu);
		if (!err)
			dev->mtu_auto = false;
		return err;
	}
	dev->mtu_auto = true;
	vgw_netdev_follow_mtu(dev);
	return 0;
}

/* The links of an outer namespace have changed, and with them what its tunnels can carry. Caller holds rtnl. */
static void follow_links(struct vgw_net *vn)
{
	struct vgw_tunnel *tunnel;
	struct vgw_dev *dev;
	unsigned long id;

	mutex_lock(&vn->lock);
	list_for_each_entry(dev, &vn->devs, list) {
		xa_for_each(&dev->tunnels, id, tunnel)
			vgw_setup_mtu(tunnel, vgw_tx_mtu_worst(tunnel));
		vgw_netdev_follow_mtu(dev);
	}
	mutex_unlock(&vn->lock);
}

/* ---- life ---- */

/* May sleep; caller holds the outer lock. */
void vgw_netdev_remove_tunnel(struct vgw_tunnel *tunnel)
{
	struct vgw_sock *sock = tunnel->sock;

	vgw_setup_remove(tunnel);
	if (sock)
		vgw_sock_put(sock);
}

static int vgw_dev_init(struct net_device *netdev)
{
	struct vgw_dev *dev = netdev_priv(netdev);
	int err;

	netdev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!netdev->tstats)
		return -ENOMEM;
	err = vgw_cells_init(dev);
	if (err)
		free_percpu(netdev->tstats);
	return err;
}

static void vgw_dev_uninit(struct net_device *netdev)
{
	struct vgw_dev *dev = netdev_priv(netdev);
	struct vgw_tunnel *tunnel;
	unsigned long id;

	/* Also when registering fails half-way: vgw_newlink() looks at the list then. */
	list_del_init(&dev->list);
	mutex_lock(&dev->outer->lock);
	xa_for_each(&dev->tunnels, id, tunnel)
		vgw_netdev_remove_tunnel(tunnel);
	mutex_unlock(&dev->outer->lock);
}

/* Nobody refers to the device any more, so its tunnels and SAs are gone. */
static void vgw_dev_free(struct net_device *netdev)
{
	struct vgw_dev *dev = netdev_priv(netdev);

	vgw_cells_exit(dev);
	xa_destroy(&dev->tunnels);
	free_percpu(netdev->tstats);
}

static int vgw_get_iflink(const struct net_device *netdev)
{
	return 0;
}

static const struct net_device_ops netdev_ops = {
	.ndo_init = vgw_dev_init,
	.ndo_uninit = vgw_dev_uninit,
	.ndo_start_xmit = vgw_xmit,
	.ndo_change_mtu = vgw_change_mtu,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_get_iflink = vgw_get_iflink,
};

static const struct device_type device_type = {
	.name = KBUILD_MODNAME,
};

static void vgw_setup(struct net_device *netdev)
{
	/* UDP is not among GSO_SOFTWARE on kernels of 2020. */
	const netdev_features_t features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA | NETIF_F_HW_CSUM |
					   NETIF_F_RXCSUM | NETIF_F_GSO | NETIF_F_GSO_SOFTWARE | NETIF_F_GSO_UDP_L4;

	netdev->netdev_ops = &netdev_ops;
	netdev->header_ops = &ip_tunnel_header_ops;
	netdev->type = ARPHRD_NONE;
	netdev->flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	netdev->hard_header_len = 0;
	netdev->addr_len = 0;
	/* Of headroom as much as packets turn out to need. */
	netdev->needed_tailroom = VGW_ESP_IV_MAX + VGW_ESP_TRAILER_LEN + VGW_ESP_ICV_MAX;
	netdev->priv_flags |= IFF_NO_QUEUE;
	netdev->priv_flags &= ~IFF_TX_SKB_SHARING;
	netdev_set_lltx(netdev);
	/*
	 * Of no use, as nothing but IP goes by a tunnel; and a VLAN device's MTU would follow this one's while the
	 * lock is held that follow_links() takes for it.
	 */
	netdev->features |= NETIF_F_VLAN_CHALLENGED;
	netdev->features |= features;
	netdev->hw_features |= features;
	netdev->hw_enc_features |= features;
	/* The route says which gateway, and so which tunnel, the packet is for. */
	netif_keep_dst(netdev);
	netdev->min_mtu = VGW_MTU_MIN4;
	netdev->max_mtu = IP_MAX_MTU - VGW_OUTER_ROOM - VGW_ESP_HDR_LEN - VGW_ESP_IV_MAX - VGW_ESP_IV_MAX -
			  VGW_ESP_TRAILER_LEN - VGW_ESP_ICV_MAX;
	netdev->mtu = VGW_MTU_MIN6;
	netdev->needs_free_netdev = true;
	netdev->priv_destructor = vgw_dev_free;
	SET_NETDEV_DEVTYPE(netdev, &device_type);
}

/* User namespaces other than the initial one are let in only if the administrator says so. */
bool vgw_netdev_allowed(const struct net *net)
{
	return net->user_ns == &init_user_ns || unprivileged;
}

static int vgw_newlink(struct net_device *netdev, struct rtnl_newlink_params *params, struct netlink_ext_ack *extack)
{
	struct net *outer = rtnl_newlink_link_net(params);
	struct vgw_dev *dev = netdev_priv(netdev);
	struct vgw_net *vn = vgw_net(outer);
	int err;

	if (!vgw_netdev_allowed(outer)) {
		NL_SET_ERR_MSG_MOD(extack, "not in a user namespace (module parameter unprivileged allows it)");
		return -EPERM;
	}
	dev->netdev = netdev;
	dev->outer = vn;
	dev->mtu_auto = !params->tb[IFLA_MTU];
	xa_init_flags(&dev->tunnels, XA_FLAGS_ALLOC1);
	hash_init(dev->by_name);
	dev->mtus = RB_ROOT_CACHED;
	INIT_HLIST_HEAD(&dev->multicast);
	dev->mss_clamp = VGW_MSS_AUTO;
	list_add(&dev->list, &vn->devs);
	/* Without a tunnel that is up there is nowhere to send to. */
	netif_carrier_off(netdev);
	err = register_netdevice(netdev);
	if (err && netdev->reg_state == NETREG_UNINITIALIZED && !list_empty(&dev->list))
		list_del_init(&dev->list);
	return err;
}

static struct net *vgw_get_link_net(const struct net_device *netdev)
{
	const struct vgw_dev *dev = netdev_priv(netdev);

	return dev->outer->net;
}

static struct rtnl_link_ops link_ops = {
	.kind = KBUILD_MODNAME,
	.priv_size = sizeof(struct vgw_dev),
	.setup = vgw_setup,
	.newlink = vgw_newlink,
	.get_link_net = vgw_get_link_net,
};

bool vgw_netdev_is(const struct net_device *netdev)
{
	return netdev->rtnl_link_ops == &link_ops;
}

/* ---- what the stack is told about every new device, in each namespace it comes to ---- */

static void set_defaults(struct net_device *netdev)
{
	struct in_device *in_dev = __in_dev_get_rtnl(netdev);
	struct inet6_dev *in6_dev = __in6_dev_get(netdev);
	struct vgw_dev *dev = netdev_priv(netdev);

	/* A route whose tunnels are all down is no route. */
	if (in_dev) {
		IN_DEV_CONF_SET(in_dev, IGNORE_ROUTES_WITH_LINKDOWN, 1);
		/* Nobody on a tunnel has a better way than it. */
		IN_DEV_CONF_SET(in_dev, SEND_REDIRECTS, 0);
		IN_DEV_CONF_SET(in_dev, ACCEPT_REDIRECTS, 0);
	}
	if (in6_dev) {
		in6_dev->cnf.ignore_routes_with_linkdown = 1;
		in6_dev->cnf.accept_redirects = 0;
	}
	mutex_lock(&dev->outer->lock);
	dev->linkdown_eased = false;
	vgw_tunnel_follow_carrier(dev);
	mutex_unlock(&dev->outer->lock);
}

static int vgw_notice(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *netdev = netdev_notifier_info_to_dev(ptr);

	if (event == NETDEV_REGISTER && vgw_netdev_is(netdev))
		set_defaults(netdev);
	if (event == NETDEV_CHANGEMTU && !vgw_netdev_is(netdev))
		follow_links(vgw_net(dev_net(netdev)));
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = vgw_notice,
};

/* ---- namespaces ---- */

static int __net_init vgw_net_init(struct net *net)
{
	struct vgw_net *vn = vgw_net(net);
	int err;

	vn->net = net;
	mutex_init(&vn->lock);
	INIT_LIST_HEAD(&vn->devs);
	INIT_LIST_HEAD(&vn->socks);
	err = vgw_spi_net_init(vn);
	if (err)
		return err;
	err = vgw_larval_net_init(vn);
	if (err)
		goto err_spi;
	err = vgw_remote_net_init(vn);
	if (err)
		goto err_larval;
	return 0;

err_larval:
	vgw_larval_net_exit(vn);
err_spi:
	vgw_spi_net_exit(vn);
	return err;
}

/* Any device of the namespace may bring ESP, ours or not: the last of them is gone before this. */
static void __net_exit vgw_net_exit(struct net *net)
{
	vgw_remote_net_exit(vgw_net(net));
	vgw_larval_net_exit(vgw_net(net));
	vgw_spi_net_exit(vgw_net(net));
}

static struct pernet_operations net_ops = {
	.init = vgw_net_init,
	.exit = vgw_net_exit,
	.id = &vgw_net_id,
	.size = sizeof(struct vgw_net),
};

/* Devices whose outer ends are here go with the namespace, wherever they are. */
static void __net_exit vgw_devs_exit_batch(struct list_head *nets)
{
	struct vgw_dev *dev;
	struct net *net;
	LIST_HEAD(doomed);

	rtnl_lock();
	list_for_each_entry(net, nets, exit_list)
		list_for_each_entry(dev, &vgw_net(net)->devs, list)
			unregister_netdevice_queue(dev->netdev, &doomed);
	unregister_netdevice_many(&doomed);
	rtnl_unlock();
}

static struct pernet_operations devs_ops = {
	.exit_batch = vgw_devs_exit_batch,
};

/* Do something to every interface there is, with its outer lock held. May sleep. */
void vgw_netdev_for_all(void (*act)(struct vgw_dev *dev))
{
	struct vgw_dev *dev;
	struct net *net;

	rtnl_lock();
	down_read(&net_rwsem);
	for_each_net(net) {
		struct vgw_net *vn = vgw_net(net);

		mutex_lock(&vn->lock);
		list_for_each_entry(dev, &vn->devs, list)
			act(dev);
		mutex_unlock(&vn->lock);
	}
	up_read(&net_rwsem);
	rtnl_unlock();
}

int vgw_netdev_init(void)
{
	int err;

	err = register_pernet_subsys(&net_ops);
	if (err)
		return err;
	err = register_pernet_device(&devs_ops);
	if (err)
		goto err_net;
	err = register_netdevice_notifier(&notifier);
	if (err)
		goto err_devs;
	err = rtnl_link_register(&link_ops);
	if (err)
		goto err_notifier;
	return 0;

err_notifier:
	unregister_netdevice_notifier(&notifier);
err_devs:
	unregister_pernet_device(&devs_ops);
err_net:
	unregister_pernet_subsys(&net_ops);
	return err;
}

/* Removes all devices, and returns when nobody refers to one any more. */
void vgw_netdev_exit(void)
{
	rtnl_link_unregister(&link_ops);
	unregister_netdevice_notifier(&notifier);
	unregister_pernet_device(&devs_ops);
	unregister_pernet_subsys(&net_ops);
}
