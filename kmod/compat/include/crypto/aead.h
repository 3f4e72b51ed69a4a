/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_CRYPTO_AEAD_H
#define _VGW_COMPAT_CRYPTO_AEAD_H

#include_next <crypto/aead.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
/*
 * Who is told of the end of a request was given a request, in which the data is, instead of the data. What is told
 * like that is here, and has a place behind what the request's transform keeps for itself.
 */
struct compat_completion {
	void (*done)(void *data, int err);
	void *data;
};

static inline unsigned int compat_aead_completion_at(struct crypto_aead *tfm)
{
	return ALIGN(crypto_aead_reqsize(tfm), __alignof__(struct compat_completion));
}

static inline unsigned int compat_aead_reqsize(struct crypto_aead *tfm)
{
	return compat_aead_completion_at(tfm) + sizeof(struct compat_completion);
}

static inline void compat_aead_done(struct crypto_async_request *base, int err)
{
	struct compat_completion *completion = base->data;

	completion->done(completion->data, err);
}

/* The request's transform is known already. */
static inline void compat_aead_set_callback(struct aead_request *req, u32 flags, void (*done)(void *data, int err),
					    void *data)
{
	struct compat_completion *completion = (void *)req->__ctx +
					       compat_aead_completion_at(crypto_aead_reqtfm(req));

	completion->done = done;
	completion->data = data;
	aead_request_set_callback(req, flags, compat_aead_done, completion);
}

typedef void (*compat_completion_t)(void *data, int err);

#define crypto_completion_t		compat_completion_t
#define crypto_aead_reqsize		compat_aead_reqsize
#define aead_request_set_callback	compat_aead_set_callback
#endif

#endif /* _VGW_COMPAT_CRYPTO_AEAD_H */
