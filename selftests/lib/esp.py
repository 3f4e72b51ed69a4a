# SPDX-License-Identifier: GPL-2.0
"""ESP (RFC 4303) in tunnel mode, written from the RFCs on python3-cryptography alone: every suite of vgw, with ESN."""

import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

HEADER = 8                  # SPI, low half of the sequence number
HMAC_ICV = {"sha1": 12, "sha256": 16, "sha384": 24, "sha512": 32}  # RFC 2404, RFC 4868


class Fault(Exception):
    """A packet that must not be accepted, or is not as an RFC wants it."""


def gcm(key, nonce, aad, text, icv_len):
    cipher = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(aad)
    sealed = cipher.update(text) + cipher.finalize()
    return sealed + cipher.tag[:icv_len]


class Gcm:
    """RFC 4106; the salt is behind the key."""
    iv_len, block = 8, 4

    def __init__(self, key, auth_key, icv_len):
        self.key, self.salt, self.icv_len = key[:-4], key[-4:], icv_len

    def seal(self, spi, seq, high, iv, text):
        return gcm(self.key, self.salt + iv, spi + high + seq, text, self.icv_len)

    def open(self, spi, seq, high, iv, sealed):
        # Counter mode: encrypting the ciphertext once more gives the text, sealing that has to give the ICV.
        body = sealed[:-self.icv_len]
        text = gcm(self.key, self.salt + iv, b"", body, 0)
        return check(text, sealed, self.seal(spi, seq, high, iv, text))


class Gmac:
    """RFC 4543: GCM of nothing, with everything authenticated, the IV too."""
    iv_len, block, icv_len = 8, 4, 16

    def __init__(self, key, auth_key):
        self.key, self.salt = key[:-4], key[-4:]

    def seal(self, spi, seq, high, iv, text):
        return text + gcm(self.key, self.salt + iv, spi + high + seq + iv + text, b"", self.icv_len)

    def open(self, spi, seq, high, iv, sealed):
        text = sealed[:-self.icv_len]
        return check(text, sealed, self.seal(spi, seq, high, iv, text))


class ChaCha:
    """RFC 7634."""
    iv_len, block, icv_len = 8, 4, 16

    def __init__(self, key, auth_key):
        self.cipher, self.salt = ChaCha20Poly1305(key[:-4]), key[-4:]

    def seal(self, spi, seq, high, iv, text):
        return self.cipher.encrypt(self.salt + iv, text, spi + high + seq)

    def open(self, spi, seq, high, iv, sealed):
        return self.cipher.decrypt(self.salt + iv, sealed, spi + high + seq)


class Hmac:
    """RFC 2404 and RFC 4868, with CBC (RFC 3602) or without a cipher (RFC 2410)."""

    def __init__(self, key, auth_key, digest):
        self.key, self.auth_key, self.digest = key, auth_key, digest
        self.iv_len = 16 if key else 0
        self.block = 16 if key else 4
        self.icv_len = HMAC_ICV[digest]

    def cipher(self, iv):
        return Cipher(algorithms.AES(self.key), modes.CBC(iv))

    def icv(self, spi, seq, high, body):
        # The upper half of an ESN is authenticated behind everything and not sent (RFC 4303 section 2.2.1).
        return hmac.new(self.auth_key, spi + seq + body + high, self.digest).digest()[:self.icv_len]

    def seal(self, spi, seq, high, iv, text):
        if self.key:
            text = self.cipher(iv).encryptor().update(text)
        return text + self.icv(spi, seq, high, iv + text)

    def open(self, spi, seq, high, iv, sealed):
        body = sealed[:-self.icv_len]
        check(b"", sealed[-self.icv_len:], self.icv(spi, seq, high, iv + body))
        return self.cipher(iv).decryptor().update(body) if self.key else body


def check(text, got, want):
    if got != want:
        raise Fault("the ICV is wrong")
    return text


def suite_of(name, key, auth_key):
    if "gcm" in name:
        return Gcm(key, auth_key, int(name.split("gcm")[1]))
    if "gmac" in name:
        return Gmac(key, auth_key)
    if name == "chacha20poly1305":
        return ChaCha(key, auth_key)
    return Hmac(key, auth_key, name.split("-")[1])


def key_sizes(name):
    """Bytes of cipher key, with its salt, and of HMAC key."""
    key = int(name[3:6]) // 8 if name.startswith("aes") else 32 if name.startswith("chacha") else 0
    if "-" in name:
        return key, {"sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}[name.split("-")[1]]
    return key + 4, 0


class Sa:
    """One direction. Sequence numbers are whole, 64 bits, everywhere."""

    def __init__(self, suite, spi, key, auth_key, esn):
        self.suite = suite_of(suite, key, auth_key)
        self.spi, self.esn = struct.pack("!I", spi), esn

    def halves(self, seq):
        low, high = struct.pack("!I", seq & 0xffffffff), struct.pack("!I", seq >> 32)
        return low, high if self.esn else b""

    def seal_text(self, seq, text, iv=None):
        """Whatever stands for inner packet, padding and trailer, in a packet that is authentic."""
        iv = os.urandom(self.suite.iv_len) if iv is None else iv
        low, high = self.halves(seq)
        return self.spi + low + iv + self.suite.seal(self.spi, low, high, iv, text)

    def seal(self, seq, inner, iv=None):
        pad = -(len(inner) + 2) % self.suite.block
        next_header = 4 if inner[0] >> 4 == 4 else 41
        return self.seal_text(seq, inner + bytes(range(1, pad + 1)) + bytes((pad, next_header)), iv)

    def iv_of(self, packet):
        return packet[HEADER:HEADER + self.suite.iv_len]

    def open(self, packet, seq):
        """The inner packet. A sender shall have done all as the RFCs say, and padded no more than needed."""
        low, high = self.halves(seq)
        if packet[:HEADER] != self.spi + low:
            raise Fault("SPI or sequence number is not as expected: " + packet[:HEADER].hex())
        iv = self.iv_of(packet)
        text = self.suite.open(self.spi, low, high, iv, packet[HEADER + len(iv):])
        pad, next_header = text[-2:]
        inner = text[:-2 - pad]
        if text[len(inner):-2] != bytes(range(1, pad + 1)):
            raise Fault("the padding is not 1, 2, 3, ...: " + text[len(inner):].hex())
        if pad >= self.suite.block or len(text) % self.suite.block:
            raise Fault("padding of %d bytes" % pad)
        if next_header != (4 if inner[0] >> 4 == 4 else 41):
            raise Fault("next header %d" % next_header)
        return inner
