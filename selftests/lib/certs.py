#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""certs.py DIR: certificates for tests of IKE, in PEM.

ca, other: two CAs, and low, which ca vouches for. For the gateways left and right NAME.pem and NAME.key:

    left-rsa left-p256 left-ed right-rsa right-p256 right-ed    as they should be
    left-low right-low                                          by low; their files have low behind them
    right-other      by other
    right-revoked    on the list ca.crl
    right-expired right-early left-expired                      by their time
    left-soon        expires in three days and a half

and, by certs.py DIR large, those of a long way down from ca, all of RSA with 4096 bits, with many names:

    mid deep                  authorities: ca vouches for mid, that for deep
    left-large right-large    by deep; their files have deep and mid behind them. One key for both: it takes long to find

each for LEFT.example.com or RIGHT.example.com (in lower case) and the gateway's addresses. ca.crl is of ca.
"""

import datetime
import ipaddress
import os
import sys

sys.path += ["/usr/lib/python3/dist-packages"]
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.utcnow()
DAY = datetime.timedelta(days=1)
RSA_BITS = {"rsa": 2048, "large": 4096}
MANY_NAMES = [f"one-of-many-names-{number}.example.com" for number in range(60)]
ADDRESSES = {
    "left": ["203.0.113.1", "2001:db8:1::1"],
    "right": ["198.51.100.1", "2001:db8:2::1"],
}


def name_of(text):
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tests"), x509.NameAttribute(NameOID.COMMON_NAME, text)]
    )


def key_of(kind):
    if kind in RSA_BITS:
        return rsa.generate_private_key(65537, RSA_BITS[kind])
    if kind == "ed":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def digest_of(key):
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


class Holder:
    """Somebody with a certificate, given by @by or by itself, and with a new key of this kind, or a key there is."""

    def __init__(self, name, kind, by, begin=-DAY, end=365 * DAY, ca=False, more_names=()):
        self.key = key_of(kind) if isinstance(kind, str) else kind
        self.name = name_of(name)
        issuer = by or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issuer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + begin)
            .not_valid_after(NOW + end)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()),
                critical=False,
            )
            .add_extension(usage(ca), critical=True)
        )
        if not ca:
            side = name.split("-")[0]
            names = [x509.DNSName(name) for name in [side + ".example.com", *more_names]]
            names += [x509.IPAddress(ipaddress.ip_address(a)) for a in ADDRESSES[side]]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        self.cert = builder.sign(issuer.key, digest_of(issuer.key))

    def pem(self):
        return self.cert.public_bytes(serialization.Encoding.PEM)

    def key_pem(self):
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def usage(ca):
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def revocation_list(ca, revoked):
    entry = x509.RevokedCertificateBuilder().serial_number(revoked.cert.serial_number)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.name)
        .last_update(NOW - DAY)
        .next_update(NOW + 30 * DAY)
        .add_revoked_certificate(entry.revocation_date(NOW - DAY).build())
    )
    return builder.sign(ca.key, digest_of(ca.key)).public_bytes(serialization.Encoding.PEM)


def write(folder, name, data, mode=0o644):
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(data)


def write_large(folder, ca):
    mid = Holder("mid", "large", ca, ca=True)
    deep = Holder("deep", "large", mid, ca=True)
    key = key_of("large")
    for authority, name in ((mid, "mid"), (deep, "deep")):
        write(folder, name + ".pem", authority.pem())
    for side in ADDRESSES:
        holder = Holder(side + "-large", key, deep, more_names=MANY_NAMES)
        write(folder, side + "-large.pem", holder.pem() + deep.pem() + mid.pem())
        write(folder, side + "-large.key", holder.key_pem(), 0o600)


def main():
    folder = sys.argv[1]
    ca = Holder("ca", "p256", None, ca=True)
    if sys.argv[2:] == ["large"]:
        write(folder, "ca.pem", ca.pem())
        write_large(folder, ca)
        return
    other = Holder("other", "p256", None, ca=True)
    low = Holder("low", "p256", ca, ca=True)
    gateways = [(f"{side}-{kind}", kind, ca, {}) for side in ADDRESSES for kind in ("rsa", "p256", "ed")]
    gateways += [
        ("left-low", "rsa", low, {}),
        ("right-low", "rsa", low, {}),
        ("right-other", "p256", other, {}),
        ("right-revoked", "p256", ca, {}),
        ("right-expired", "p256", ca, {"begin": -9 * DAY, "end": -DAY}),
        ("right-early", "p256", ca, {"begin": DAY, "end": 9 * DAY}),
        ("left-soon", "p256", ca, {"end": 3 * DAY + DAY / 2}),
        ("left-expired", "p256", ca, {"begin": -9 * DAY, "end": -DAY}),
    ]
    for authority, name in ((ca, "ca"), (other, "other"), (low, "low")):
        write(folder, name + ".pem", authority.pem())
    for name, kind, by, times in gateways:
        holder = Holder(name, kind, by, **times)
        write(folder, name + ".pem", holder.pem() + (low.pem() if by is low else b""))
        write(folder, name + ".key", holder.key_pem(), 0o600)
        if name == "right-revoked":
            write(folder, "ca.crl", revocation_list(ca, holder))


main()
