// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/buf.c tools/vpntun/ike/chain.c tools/vpntun/ike/prop.c tools/vpntun/ike/propname.c */
/* sources: tools/vpntun/ike/ts.c tools/vpntun/util/nearest.c tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* sources: tools/vpntun/util/addr.c tools/vpntun/util/num.c tools/vpntun/ike/scheme.c */
/* libs: libcrypto */
/* One message of each kind; what would be encrypted is not. */

#include "ike/msg.h"
#include "ike/scheme.h"
#include "seed.h"

static const char *folder;
static uint8_t buffer[4096];
static const uint8_t bytes[64] = { 1, 2, 3 };

static struct span some(size_t len)
{
	return (struct span){ bytes, len };
}

static struct ike_proposals proposals(enum ike_proto proto, uint8_t spi_len, const char *const *texts)
{
	struct ike_proposals made = { 0 };
	struct why why;

	for (; *texts; texts++) {
		if (prop_parse(*texts, proto, true, &made.list[made.count], &why)) {
			fprintf(stderr, "%s: %s\n", *texts, why.text);
			exit(1);
		}
		made.list[made.count].spi_len = spi_len;
		made.list[made.count].number = made.count + 1;
		made.count++;
	}
	return made;
}

static struct chain begin(void)
{
	return chain_init(buffer, sizeof(buffer));
}

/* Writes the message as the file @name; exchanges after the first have their chain in an SK payload. */
static void end(const struct chain *chain, const char *name, uint8_t exchange, uint8_t flags)
{
	static uint8_t whole[5000];
	struct ike_hdr hdr = { 0x1122334455667788, 0, chain->first, IKE_VERSION, exchange, flags, 1, 0 };
	size_t sk = exchange == IKE_EXCH_SA_INIT ? 0 : IKE_PLD_HDR_SIZE;
	struct wr wr = wr_init(whole, sizeof(whole));

	hdr.length = IKE_HDR_SIZE + sk + chain->wr.len;
	if (sk)
		hdr.next = IKE_PLD_SK;
	msg_put_header(&hdr, &wr);
	if (sk) {
		wr_u16(&wr, chain->first << 8);
		wr_u16(&wr, sk + chain->wr.len);
	}
	wr_span(&wr, wr_done(&chain->wr));
	if (!chain_ok(chain) || wr.bad)
		exit(1);
	seed_write(folder, name, whole, wr.len);
}

static void sa_init(void)
{
	static const char *const offer[] = { "aes256gcm16-chacha20poly1305-prfsha384-ecp384-x25519",
					     "aes256-aes128-sha256-sha1-modp2048-ecp256", NULL };
	struct ike_proposals list = proposals(IKE_PROTO_IKE, 0, offer);
	struct chain chain = begin();

	chain_notify(&chain, IKE_N_COOKIE, some(20));
	chain_sa(&chain, &list);
	chain_ke(&chain, IKE_GROUP_X25519, some(32));
	chain_nonce(&chain, some(32));
	chain_notify(&chain, IKE_N_NAT_DETECTION_SOURCE_IP, some(20));
	chain_notify(&chain, IKE_N_NAT_DETECTION_DESTINATION_IP, some(20));
	end(&chain, "init-request", IKE_EXCH_SA_INIT, IKE_FLAG_INITIATOR);

	list = proposals(IKE_PROTO_IKE, 0, (const char *const[]){ "aes256gcm16-prfsha384-x25519", NULL });
	chain = begin();
	chain_sa(&chain, &list);
	chain_ke(&chain, IKE_GROUP_X25519, some(32));
	chain_nonce(&chain, some(16));
	chain_notify(&chain, IKE_N_SIGNATURE_HASH_ALGORITHMS,
		     (struct span){ (const uint8_t *)"\0\2\0\3\0\4\0\5", 8 });
	end(&chain, "init-response", IKE_EXCH_SA_INIT, IKE_FLAG_RESPONSE);

	chain = begin();
	chain_notify(&chain, IKE_N_INVALID_KE_PAYLOAD, some(2));
	end(&chain, "init-invalid-ke", IKE_EXCH_SA_INIT, IKE_FLAG_RESPONSE);
}

static struct ike_ts_list selectors(const char *const *texts)
{
	struct ike_ts_list made = { 0 };
	struct ip_prefix prefix;
	struct why why;

	for (; *texts; texts++)
		if (!prefix_parse(*texts, &prefix, &why))
			made.list[made.count++] = ts_of_prefix(&prefix);
	return made;
}

static void add_child(struct chain *chain, const char *const *offer)
{
	struct ike_proposals list = proposals(IKE_PROTO_ESP, 4, offer);
	struct ike_ts_list tsi = selectors((const char *const[]){ "10.1.2.3", "10.0.0.0/8", "2001:db8::/32", NULL });
	struct ike_ts_list tsr = selectors((const char *const[]){ "0.0.0.0/0", NULL });

	tsi.list[0].protocol = 6;
	tsi.list[0].port_from = tsi.list[0].port_to = 443;
	chain_sa(chain, &list);
	chain_ts(chain, IKE_PLD_TSI, &tsi);
	chain_ts(chain, IKE_PLD_TSR, &tsr);
}

static void auth(void)
{
	static const struct ike_ident fqdn = { IKE_ID_FQDN, 8, "gw.local" }, addr = { IKE_ID_IPV4, 4, { 192, 0, 2, 1 } };
	struct chain chain = begin();

	chain_ident(&chain, IKE_PLD_IDI, &fqdn);
	chain_notify(&chain, IKE_N_INITIAL_CONTACT, some(0));
	chain_ident(&chain, IKE_PLD_IDR, &addr);
	chain_auth(&chain, IKE_AUTH_PSK, some(48));
	add_child(&chain, (const char *const[]){ "aes256gcm16", "aes256-sha256", NULL });
	end(&chain, "auth-request", IKE_EXCH_AUTH, IKE_FLAG_INITIATOR);

	chain = begin();
	chain_ident(&chain, IKE_PLD_IDR, &addr);
	chain_auth(&chain, IKE_AUTH_PSK, some(48));
	chain_notify(&chain, IKE_N_TS_UNACCEPTABLE, some(0));
	end(&chain, "auth-response-no-child", IKE_EXCH_AUTH, IKE_FLAG_RESPONSE);
}

static void put_signature(struct chain *chain, enum ike_scheme scheme)
{
	uint8_t auth[200];
	struct wr wr = wr_init(auth, sizeof(auth));

	scheme_put(scheme, some(64), &wr);
	chain_auth(chain, scheme_method(scheme), wr_done(&wr));
}

/* A request with everything about certificates, and answers with each form of signature. */
static void auth_by_certificate(void)
{
	static const struct ike_ident dn = { IKE_ID_DN, 13, "\x30\x0b\x31\x09\x30\x07\x06\x03\x55\x04\x03\x0c" };
	static const enum ike_scheme schemes[] = { IKE_SCHEME_PKCS1_SHA256, IKE_SCHEME_ECDSA_384, IKE_SCHEME_ECDSA_SHA384,
						   IKE_SCHEME_ED25519 };
	static const uint8_t cas[3][IKE_CA_HASH] = { { 1 }, { 2 }, { 3 } };
	struct chain chain = begin();
	char name[40];
	unsigned int i;

	chain_ident(&chain, IKE_PLD_IDI, &dn);
	chain_cert(&chain, some(60));
	chain_cert(&chain, some(50));
	chain_certreq(&chain, cas, 3);
	put_signature(&chain, IKE_SCHEME_PSS_SHA256);
	end(&chain, "auth-childless", IKE_EXCH_AUTH, IKE_FLAG_INITIATOR);

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		chain = begin();
		chain_ident(&chain, IKE_PLD_IDR, &dn);
		chain_cert(&chain, some(60));
		put_signature(&chain, schemes[i]);
		add_child(&chain, (const char *const[]){ "aes256gcm16", NULL });
		snprintf(name, sizeof(name), "auth-signature-%u", i);
		end(&chain, name, IKE_EXCH_AUTH, IKE_FLAG_RESPONSE);
	}
}

static void create_child_sa(void)
{
	struct ike_proposals list = proposals(IKE_PROTO_IKE, 8, (const char *const[]){ "aes128-sha256-modp2048", NULL });
	struct chain chain = begin();

	chain_notify_spi(&chain, IKE_N_REKEY_SA, IKE_PROTO_ESP, some(4), some(0));
	add_child(&chain, (const char *const[]){ "aes256gcm16-ecp384", "null-sha512", NULL });
	chain_nonce(&chain, some(32));
	chain_ke(&chain, IKE_GROUP_ECP384, some(64));
	end(&chain, "rekey-child", IKE_EXCH_CREATE_CHILD_SA, IKE_FLAG_INITIATOR);

	chain = begin();
	chain_sa(&chain, &list);
	chain_nonce(&chain, some(32));
	chain_ke(&chain, IKE_GROUP_MODP2048, some(64));
	end(&chain, "rekey-ike", IKE_EXCH_CREATE_CHILD_SA, IKE_FLAG_RESPONSE);
}

static void informational(void)
{
	struct chain chain = begin();

	end(&chain, "liveness", IKE_EXCH_INFORMATIONAL, IKE_FLAG_INITIATOR);
	chain_delete_esp(&chain, (const uint32_t[]){ 0xc0000001, 0xc0000002 }, 2);
	chain_delete_ike(&chain);
	end(&chain, "delete", IKE_EXCH_INFORMATIONAL, 0);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	folder = argv[1];
	sa_init();
	auth();
	auth_by_certificate();
	create_child_sa();
	informational();
	return 0;
}
