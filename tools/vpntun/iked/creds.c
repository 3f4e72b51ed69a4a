// SPDX-License-Identifier: GPL-2.0
#include "iked/creds.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf/cred.h"
#include "conf/keys.h"
#include "conf/report.h"
#include "ike/certid.h"
#include "ike/crypt.h"
#include "ike/sign.h"
#include "iked/log.h"
#include "iked/trust.h"
#include "util/when.h"
#include "util/wipe.h"

enum { NAME_TEXT = 100, NAMES_TEXT = 200 };

/* Everything that is read for one tunnel. */
struct reading {
	const struct conf *conf;
	const struct conf_tunnel *tunnel;
	struct conf_report *report;
	struct cred cred;
	struct creds *out;
};

static unsigned int line_of(const struct reading *reading, const char *key)
{
	unsigned int line = keys_line(keys_tunnel, reading->tunnel->lines, key);

	return line ? line : reading->tunnel->line;
}

#define FAULT(reading, key, fmt, ...) \
	report_fault((reading)->report, (reading)->conf->path, line_of(reading, key), "%s: " fmt, key, ##__VA_ARGS__)

/* ---- identities ---- */

static void judge_local_id(const struct reading *reading, struct ike_ident *id)
{
	const X509 *own = reading->cred.certs[0];
	char wanted[NAME_TEXT], names[NAMES_TEXT];

	if (id->type == IKE_ID_NONE && !certid_subject(own, id))
		FAULT(reading, "LocalID", "the subject of the certificate is no identity: say which of its names is ours: %s",
		      certid_text(own, names, sizeof(names)));
	else if (!certid_has(own, id))
		FAULT(reading, "LocalID", "'%s' is not in the certificate; it is for '%s'",
		      ident_text(id, wanted, sizeof(wanted)), certid_text(own, names, sizeof(names)));
}

static void judge_remote_id(const struct reading *reading, const struct ike_ident *id)
{
	if (id->type == IKE_ID_KEYID)
		FAULT(reading, "RemoteID", "a key-id is in no certificate: an address, a name, an e-mail address or a distinguished name is");
}

/* ---- for the key process ---- */

static void take_key(const struct reading *reading)
{
	struct imsg_private_key *key = &reading->out->key;
	int len = i2d_PrivateKey(reading->cred.key, NULL);
	unsigned char *at = key->bytes;

	if (len <= 0 || len > (int)sizeof(key->bytes)) {
		FAULT(reading, "PrivateKey", "a key of %d bytes is too long", len);
		return;
	}
	key->len = i2d_PrivateKey(reading->cred.key, &at);
}

/* ---- for the network process ---- */

static void take_chain(const struct reading *reading)
{
	struct ike_chain *chain = &reading->out->shown.own;
	unsigned char *at = chain->bytes;
	size_t used = 0, i;
	int len;

	_Static_assert((int)CRED_CERTS_MAX <= (int)IKE_CERTS_MAX, "a chain of the file may be too long");
	for (i = 0; i < reading->cred.n_certs; i++) {
		len = i2d_X509(reading->cred.certs[i], NULL);
		if (len <= 0 || used + len > sizeof(chain->bytes)) {
			FAULT(reading, "Certificate", "the certificates are too long together, %zu bytes are the most",
			      sizeof(chain->bytes));
			return;
		}
		i2d_X509(reading->cred.certs[i], &at);
		chain->sizes[i] = len;
		used += len;
	}
	chain->count = i;
}

/* RFC 7296 section 3.7. Those beyond the first ones are trusted, too, only not asked for. */
static void take_hints(const struct reading *reading)
{
	struct ike_credentials *shown = &reading->out->shown;
	unsigned char *der;
	size_t i;
	int len;

	for (i = 0; i < reading->cred.n_cas && shown->n_cas < IKE_CAS_MAX; i++) {
		der = NULL;
		len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(reading->cred.cas[i]), &der);
		if (len > 0 && !crypt_sha1(&(struct span){ der, len }, 1, shown->cas[shown->n_cas]))
			shown->n_cas++;
		OPENSSL_free(der);
	}
}

static int trust_size(const struct cred *cred)
{
	int size = 0, len;
	size_t i;

	for (i = 0; i < cred->n_cas; i++) {
		len = i2d_X509(cred->cas[i], NULL);
		if (len < 0)
			return -EINVAL;
		size += TRUST_HEAD + len;
	}
	for (i = 0; i < cred->n_crls; i++) {
		len = i2d_X509_CRL(cred->crls[i], NULL);
		if (len < 0)
			return -EINVAL;
		size += TRUST_HEAD + len;
	}
	return size <= TRUST_BYTES_MAX ? size : -EINVAL;
}

static void put_head(struct wr *wr, enum trust_part part, int len)
{
	wr_u8(wr, part);
	wr_u32(wr, len);
}

/* A file without a name, of which nothing can be changed any more: whoever maps it is safe. */
static int seal(const uint8_t *bytes, size_t len)
{
	int fd = memfd_create("trust", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;
	ssize_t put;

	while (fd >= 0 && done < len) {
		put = write(fd, bytes + done, len - done);
		if (put < 0 && errno != EINTR)
			break;
		if (put > 0)
			done += put;
	}
	if (fd >= 0 && done == len &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return fd;
	if (fd >= 0)
		close(fd);
	return -EIO;
}

static void take_trust(const struct reading *reading)
{
	const struct cred *cred = &reading->cred;
	int size = trust_size(cred), len;
	uint8_t *bytes = size < 0 ? NULL : malloc(size);
	struct wr wr = wr_init(bytes, bytes ? size : 0);
	unsigned char *at;
	size_t i;

	if (!bytes) {
		FAULT(reading, "CA", "there is no room for all CAs and revocation lists");
		return;
	}
	for (i = 0; i < cred->n_cas; i++) {
		len = i2d_X509(cred->cas[i], NULL);
		put_head(&wr, TRUST_CA, len);
		at = wr_room(&wr, len);
		if (at)
			i2d_X509(cred->cas[i], &at);
	}
	for (i = 0; i < cred->n_crls; i++) {
		len = i2d_X509_CRL(cred->crls[i], NULL);
		put_head(&wr, TRUST_CRL, len);
		at = wr_room(&wr, len);
		if (at)
			i2d_X509_CRL(cred->crls[i], &at);
	}
	reading->out->trust_fd = seal(bytes, wr.len);
	if (reading->out->trust_fd < 0)
		FAULT(reading, "CA", "it cannot be kept for handing over: %s", strerror(errno));
	else
		reading->out->trust_len = wr.len;
	free(bytes);
}

/* ---- both ways to authenticate ---- */

static void load_certificate(struct reading *reading, const struct ike_policy *policy)
{
	struct creds *out = reading->out;

	out->by_certificate = true;
	if (cred_load(reading->conf, reading->tunnel, time(NULL), &reading->cred, reading->report))
		return;
	out->shown.policy = out->key.policy = policy->id;
	out->not_after = reading->cred.not_after;
	out->shown.key = sign_key_kind(reading->cred.key);
	if (out->shown.key == IKE_KEY_NONE)
		FAULT(reading, "PrivateKey", "this key cannot be used for signatures of IKE");
	judge_local_id(reading, &out->local_id);
	judge_remote_id(reading, &policy->remote_id);
	take_key(reading);
	take_chain(reading);
	take_hints(reading);
	take_trust(reading);
	cred_free(&reading->cred);
}

static void load_psk(const struct reading *reading, uint32_t policy)
{
	struct imsg_psk *psk = &reading->out->psk;
	struct why why = { "" };
	int len = conf_psk(reading->conf, reading->tunnel, psk->bytes, sizeof(psk->bytes), &why);

	if (len < 0) {
		FAULT(reading, "PSKFile", "%s", why.text);
		return;
	}
	psk->policy = policy;
	psk->len = len;
}

int creds_load(const struct conf *conf, const struct conf_tunnel *tunnel, const struct ike_policy *policy,
	       struct creds *out, struct conf_report *report)
{
	struct reading reading = { .conf = conf, .tunnel = tunnel, .report = report, .out = out };
	unsigned int before = report->faults;

	memset(out, 0, sizeof(*out));
	/* What stands in the policy may be the subject of the certificate before this one. */
	if (tunnel->local_id[0] || policy->auth == IKE_BY_PSK)
		out->local_id = policy->local_id;
	if (policy->auth == IKE_BY_PSK)
		load_psk(&reading, policy->id);
	else
		load_certificate(&reading, policy);
	if (report->faults == before)
		return 0;
	creds_free(out);
	return -EINVAL;
}

void creds_free(struct creds *creds)
{
	if (creds->trust_len)
		close(creds->trust_fd);
	wipe(creds);
}

static void tell_network(const struct creds *creds, struct procs *procs)
{
	const struct imsg_trust body = { .policy = creds->shown.policy, .size = creds->trust_len };

	procs_send(procs, PROC_NETWORK, IMSG_CREDENTIALS, &creds->shown, -1);
	procs_send(procs, PROC_NETWORK, IMSG_TRUST, &body, creds->trust_fd);
}

void creds_tell(const struct creds *creds, struct procs *procs, enum proc_kind kind)
{
	if (kind == PROC_NETWORK && creds->by_certificate)
		tell_network(creds, procs);
	else if (kind == PROC_KEY && creds->by_certificate)
		procs_send(procs, PROC_KEY, IMSG_PRIVATE_KEY, &creds->key, -1);
	else if (kind == PROC_KEY)
		procs_send(procs, PROC_KEY, IMSG_PSK, &creds->psk, -1);
}

enum creds_age creds_age(time_t not_after, time_t now)
{
	if (now > not_after)
		return CREDS_EXPIRED;
	if (not_after - now <= WHEN_DAY)
		return CREDS_DAY;
	if (not_after - now <= 7 * WHEN_DAY)
		return CREDS_WEEK;
	return not_after - now <= CRED_WARN_DAYS * WHEN_DAY ? CREDS_MONTH : CREDS_FRESH;
}

void creds_warn(const char *name, time_t not_after)
{
	long days = (not_after - time(NULL)) / WHEN_DAY;
	char text[WHEN_TEXT_MAX];

	if (creds_age(not_after, time(NULL)) == CREDS_EXPIRED)
		ilog(IKE_LOG_ERROR, name, "its certificate expired on %s", when_text(not_after, text));
	else
		ilog(IKE_LOG_WARNING, name, "its certificate expires in %ld day%s, on %s", days, days == 1 ? "" : "s",
		     when_text(not_after, text));
}
