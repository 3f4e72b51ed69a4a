// SPDX-License-Identifier: GPL-2.0
#include "ike/certid.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "ike/dn.h"
#include "util/text.h"

enum { NAMES_MAX = 256, NAMES_TOLD = 8 };	/* alternative names that are looked at, and told of */

static struct span span_of_name(const X509_NAME *name)
{
	const unsigned char *der = NULL;
	size_t len = 0;

	if (!X509_NAME_get0_der(name, &der, &len))
		len = 0;
	return (struct span){ der, len };
}

static struct span span_of_string(const ASN1_STRING *string)
{
	return (struct span){ ASN1_STRING_get0_data(string), ASN1_STRING_length(string) };
}

/* An alternative name as the identity that it is; IKE_ID_NONE: of a kind, or a length, that is none. */
static void ident_of_name(const GENERAL_NAME *name, struct ike_ident *out)
{
	struct span bytes = { NULL, 0 };

	memset(out, 0, sizeof(*out));
	switch (name->type) {
	case GEN_DNS:
		out->type = IKE_ID_FQDN;
		bytes = span_of_string(name->d.dNSName);
		break;
	case GEN_EMAIL:
		out->type = IKE_ID_EMAIL;
		bytes = span_of_string(name->d.rfc822Name);
		break;
	case GEN_IPADD:
		bytes = span_of_string(name->d.iPAddress);
		out->type = bytes.len == 4 ? IKE_ID_IPV4 : bytes.len == 16 ? IKE_ID_IPV6 : IKE_ID_NONE;
		break;
	}
	if (!bytes.len || bytes.len > sizeof(out->bytes)) {
		out->type = IKE_ID_NONE;
		return;
	}
	out->len = bytes.len;
	memcpy(out->bytes, bytes.at, bytes.len);
}

static bool fits(const struct ike_ident *name, const struct ike_ident *ident)
{
	/* What stands for many names is nobody's. */
	if (name->type == IKE_ID_FQDN && memchr(name->bytes, '*', name->len))
		return false;
	return name->type != IKE_ID_NONE && ident_equal(name, ident);
}

bool certid_has(const X509 *cert, const struct ike_ident *ident)
{
	GENERAL_NAMES *names;
	struct ike_ident name;
	bool has = false;
	int i;

	if (ident->type == IKE_ID_DN)
		return dn_equal(span_of_name(X509_get_subject_name(cert)), (struct span){ ident->bytes, ident->len });
	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (i = 0; i < sk_GENERAL_NAME_num(names) && i < NAMES_MAX && !has; i++) {
		ident_of_name(sk_GENERAL_NAME_value(names, i), &name);
		has = fits(&name, ident);
	}
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return has;
}

bool certid_subject(const X509 *cert, struct ike_ident *out)
{
	struct span name = span_of_name(X509_get_subject_name(cert));

	memset(out, 0, sizeof(*out));
	/* An empty one is a sequence of nothing: two bytes. */
	if (name.len <= 2 || name.len > sizeof(out->bytes))
		return false;
	out->type = IKE_ID_DN;
	out->len = name.len;
	memcpy(out->bytes, name.at, name.len);
	return true;
}

static const char *name_text(const X509_NAME *name, char *text, size_t size)
{
	text[0] = '\0';
	if (!dn_add_text(span_of_name(name), text, size))
		text_add(text, size, "(without a name)");
	return text;
}

const char *certid_subject_text(const X509 *cert, char *text, size_t size)
{
	return name_text(X509_get_subject_name(cert), text, size);
}

const char *certid_issuer_text(const X509 *cert, char *text, size_t size)
{
	return name_text(X509_get_issuer_name(cert), text, size);
}

const char *certid_text(const X509 *cert, char *text, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	struct ike_ident name;
	char word[IKE_ID_MAX];
	int i, told = 0;

	certid_subject_text(cert, text, size);
	for (i = 0; i < sk_GENERAL_NAME_num(names) && i < NAMES_MAX && told < NAMES_TOLD; i++) {
		ident_of_name(sk_GENERAL_NAME_value(names, i), &name);
		if (name.type == IKE_ID_NONE)
			continue;
		text_add(text, size, "; %s", ident_text(&name, word, sizeof(word)));
		told++;
	}
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return text;
}
