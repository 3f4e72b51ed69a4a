// SPDX-License-Identifier: GPL-2.0
#include "ike/dn.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#include "util/hex.h"
#include "util/text.h"

enum { TEXT_MAX = 512 };

/* NULL unless it is a name and nothing more. */
static X509_NAME *decode(struct span dn)
{
	const unsigned char *at = dn.at;
	X509_NAME *name = dn.len ? d2i_X509_NAME(NULL, &at, dn.len) : NULL;

	ERR_clear_error();
	if (!name || at == dn.at + dn.len)
		return name;
	X509_NAME_free(name);
	return NULL;
}

/* One character, RFC 4514 section 2.4: "\\," is a comma, "\\C3" a byte; returns what follows. */
static const char *take_char(const char *text, char *out)
{
	*out = *text++;
	if (*out != '\\' || !*text)
		return text;
	if (text[1] && hex_decode(text, 2, (uint8_t *)out, 1, &(struct why){ "" }) == 1)
		return text + 2;
	*out = *text;
	return text + 1;
}

/* The next part up to a comma that no backslash stands before: NULL if it is too long. */
static const char *next_part(const char *text, char part[TEXT_MAX])
{
	size_t used = 0;

	text += strspn(text, " ");
	while (*text && *text != ',') {
		if (used == TEXT_MAX - 1)
			return NULL;
		text = take_char(text, &part[used++]);
	}
	while (used && part[used - 1] == ' ')
		used--;
	part[used] = '\0';
	return *text ? text + 1 : text;
}

static int add_part(X509_NAME *name, char *part, struct why *why)
{
	char *value = strchr(part, '=');
	const char *type = part;

	if (!value)
		return why_set(why, "'%s' in a distinguished name is not TYPE=VALUE", part);
	*value++ = '\0';
	if (!*value)
		return why_set(why, "'%s' in a distinguished name has no value", type);
	if (!strcmp(type, "E"))
		type = "emailAddress";
	if (X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8, (unsigned char *)value, -1, -1, 0))
		return 0;
	ERR_clear_error();
	return why_set(why, "'%s=%s' cannot be in a distinguished name: C, ST, L, O, OU, CN, DC, UID, E are types",
		       part, value);
}

static int add_parts(X509_NAME *name, const char *text, struct why *why)
{
	char part[TEXT_MAX];

	do {
		text = next_part(text, part);
		if (!text)
			return why_set(why, "a part of a distinguished name is too long");
		if (add_part(name, part, why))
			return -1;
	} while (*text);
	return 0;
}

int dn_parse(const char *text, uint8_t *out, size_t size, struct why *why)
{
	X509_NAME *name = X509_NAME_new();
	int len = -1;

	if (!name)
		return why_set(why, "out of memory");
	if (!add_parts(name, text, why)) {
		len = i2d_X509_NAME(name, NULL);
		if (len < 0 || (size_t)len > size)
			len = why_set(why, "a distinguished name of %d bytes is too long, %zu are the most", len, size);
		else
			i2d_X509_NAME(name, &out);
	}
	X509_NAME_free(name);
	return len < 0 ? -EINVAL : len;
}

bool dn_valid(struct span dn)
{
	X509_NAME *name = decode(dn);

	bool valid = name;

	X509_NAME_free(name);
	return valid;
}

bool dn_equal(struct span a, struct span b)
{
	X509_NAME *one = decode(a), *other = decode(b);
	bool equal = one && other && !X509_NAME_cmp(one, other);

	X509_NAME_free(one);
	X509_NAME_free(other);
	return equal;
}

static void add_printable(const char *from, size_t len, char *text, size_t size)
{
	size_t i;

	for (i = 0; i < len; i++)
		text_add(text, size, "%c", from[i] >= ' ' && from[i] <= '~' ? from[i] : '?');
}

bool dn_add_text(struct span dn, char *text, size_t size)
{
	const unsigned long flags = ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_ESC_MSB |
				    ASN1_STRFLGS_UTF8_CONVERT | XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN;
	X509_NAME *name = decode(dn);
	BIO *bio = name ? BIO_new(BIO_s_mem()) : NULL;
	char *made = NULL;
	long len = 0;

	if (bio && X509_NAME_print_ex(bio, name, 0, flags) > 0)
		len = BIO_get_mem_data(bio, &made);
	add_printable(made, len, text, size);
	BIO_free(bio);
	X509_NAME_free(name);
	ERR_clear_error();
	return len > 0;
}
