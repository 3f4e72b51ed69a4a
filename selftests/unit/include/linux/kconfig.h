/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _UNIT_LINUX_KCONFIG_H
#define _UNIT_LINUX_KCONFIG_H

/* No option is on. */
#define IS_ENABLED(option)	0

#endif /* _UNIT_LINUX_KCONFIG_H */
