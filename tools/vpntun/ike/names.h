/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_NAMES_H
#define IKE_NAMES_H

#include <stdint.h>

/* Words for numbers of the wire, "notify 12345" and the like for those without a name (one static buffer a kind). */
const char *name_exchange(uint8_t exchange);
const char *name_payload(uint8_t type);
const char *name_notify(uint16_t type);
const char *name_group(uint16_t group);		/* "ecp384" */
const char *name_auth_method(uint8_t method);

/* Words for enum ike_fault and enum ike_phase. */
const char *name_fault(uint8_t fault);
const char *name_phase(uint8_t phase);

#endif /* IKE_NAMES_H */
