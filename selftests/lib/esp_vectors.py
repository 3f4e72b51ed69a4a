# SPDX-License-Identifier: GPL-2.0
"""Is esp.py right? Against the packets and ICVs that the RFCs give as examples; ends with 0 if it is."""

import sys

import esp

ABC = "6162636465666768696a6b6c6d6e6f7071727374"    # what Windows pings with
PING = "45000030da3a00008001df3bc0a80005c0a800010800c6cd02000700" + ABC
DNS = ("45000048699a000080114db7c0a80102c0a801010a9bf15638d3010000010000"
       "00000000045f736970045f756470037369700963796265726369747902646b00" "00210001")
RFC7634_PING = ("45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec10"
                "0007362708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223"
                "2425262728292a2b2c2d2e2f3031323334353637")
RFC3602_PING = ("08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f1011121314151617"
                "18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637")

# Name, suite, key, SPI, sequence number, ESN, IV, text with padding and trailer, what is sent behind the IV.
AEADS = (
    ("draft-mcgrew-gcm-test-01, GCM with ESN", "aes128gcm16", "4c80cdefbb5d10da906ac73c3613a6342e443b68",
     0x4321, 0x8765432100000000, True, "4956ed7e3b244cfe", DNS + "01020201",
     "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34"
     "cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1884f5ff6247aeabb786b93bce"
     "61bc17d768fd9732" "459018148f6cbe722fd04796562dfdb4"),
    ("draft-mcgrew-gcm-test-01, GMAC", "aes128gmac", "4c80cdefbb5d10da906ac73c3613a63422433c64",
     0x4321, 7, False, "0000000000000000", PING + "01020201",
     PING + "01020201" "f2a9a836e155106aa8dcd618e4099aaa"),
    ("RFC 7634, appendix A", "chacha20poly1305", bytes(range(0x80, 0xa4)).hex(),
     0x01020304, 5, False, "1011121314151617", RFC7634_PING + "01020204",
     "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c6"
     "14ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3"
     "cbec163fac469b502773f6fb94e664da9165b82829f641e0" "76aaa8266b7fb0f7b11b369907e1ad43"),
)

# The data is all of a packet that has no payload. RFC 2202 and RFC 4868 section 2.7.2, their first cases.
HMACS = (
    ("sha1", 20, "b617318655057264e28bc0b6"),
    ("sha256", 32, "198a607eb44bfbc69903a0f1cf2bbdc5"),
    ("sha384", 48, "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973"),
    ("sha512", 64, "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8"),
)

faults = 0


def same(what, got, want):
    global faults
    if got != want:
        faults += 1
        print("%s: %s is not %s" % (what, got.hex(), want.hex()))


for name, suite, key, spi, seq, esn, iv, text, sealed in AEADS:
    iv, text, sealed = bytes.fromhex(iv), bytes.fromhex(text), bytes.fromhex(sealed)
    sa = esp.Sa(suite, spi, bytes.fromhex(key), b"", esn)
    low, high = sa.halves(seq)
    same(name + ", sealed", sa.seal_text(seq, text, iv)[esp.HEADER + len(iv):], sealed)
    same(name + ", opened", sa.suite.open(sa.spi, low, high, iv, sealed), text)

for digest, size, icv in HMACS:
    suite = esp.Hmac(b"", b"\x0b" * size, digest)
    same("HMAC-" + digest, suite.icv(b"Hi T", b"here", b"", b""), bytes.fromhex(icv))
    same("HMAC-" + digest + " with ESN", suite.icv(b"Hi ", b"The", b"re", b""), bytes.fromhex(icv))

# RFC 3602 section 4, case 5: without authentication.
text = RFC3602_PING + bytes(range(1, 15)).hex() + "0e01"
sa = esp.Sa("aes128-sha1", 0x4321, bytes.fromhex("90d382b410eeba7ad938c46cec1a82bf"), b"", False)
same("RFC 3602 case 5", sa.seal_text(1, bytes.fromhex(text), bytes.fromhex("e96e8c08ab465763fd098d45dd3ff893"))[:-12],
     bytes.fromhex("0000432100000001e96e8c08ab465763fd098d45dd3ff893"
                   "f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856"
                   "a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874a"
                   "a269add047ad2d5913ac19b7cfbad4a6"))
sys.exit(faults > 0)
