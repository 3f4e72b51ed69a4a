# SPDX-License-Identifier: GPL-2.0
"""The anti-replay window on the wire: window.py NAMESPACE VPNTUN; see net/window.sh.

With extended sequence numbers a receiver knows the lower halves alone. It takes a number for one in its window or to
the right of it (RFC 4303 appendix A2.2): one left of it is taken for a number to come, and its ICV is wrong then.
"""

import functools
import random
import sys

import arena

BORDER = 1 << 32


class Window:
    def __init__(self, scene, size, suite, esn, spi):
        words = ("esn", "on") if esn else ()
        self.scene, self.size, self.esn = scene, size, esn
        self.sa = scene.new_sa("office", suite, spi, "replay-window", str(size), *words)
        self.spi = spi
        self.name = "%d, %s%s: " % (size, suite, " with ESN" if esn else "")
        self.left_of_it = "auth-failed" if esn else "too-old"

    @functools.cache
    def packet(self, seq):
        """The same again when it is asked for again: to be replayed."""
        inner = arena.ipv4(b"%d %d" % (self.spi, seq))
        return self.sa.seal(seq, inner), inner

    def expect(self, what, fate, *seqs):
        self.scene.expect(self.name + what, [self.packet(seq) for seq in seqs], fate)

    def judge(self, what, *fates):
        """Numbers and their fates, in turn, one after the other."""
        pairs = zip(fates[::2], fates[1::2])
        self.scene.judge(self.name + what, [(*self.packet(seq), fate) for seq, fate in pairs])

    def forged(self, what, *seqs):
        packets = [self.packet(seq)[0] for seq in seqs]
        self.scene.expect(self.name + what, [packet[:-1] + bytes((packet[-1] ^ 1,)) for packet in packets],
                          "auth-failed")

    def beginning(self):
        size = self.size
        self.expect("zero is no number", "too-old", 0)
        self.judge("the first packet, and once more", 1, "delivered", 1, "replayed")
        self.judge("the window is full", size, "delivered", 1, "replayed", 2, "delivered")
        self.judge("one to the right", size + 1, "delivered", 1, self.left_of_it, 2, "replayed")
        self.expect("all between are free", "delivered", 3, size // 2, size - 1)
        self.expect("and taken then", "replayed", 3, size // 2, size - 1, size, size + 1)

    def leap(self, what, top):
        """The right edge moves to a number so far away that nothing in the window was seen."""
        size = self.size
        self.judge(what, top, "delivered", top, "replayed")
        self.judge(what + ": the left edge, and what is left of it", top - size, self.left_of_it,
                   top - size + 1, "delivered", top - size + 1, "replayed", top - size, self.left_of_it)
        self.expect(what + ": beside both edges", "delivered", top - size + 2, top - 1)

    def forgeries(self, top):
        self.forged("forged, far to the right and in the window", top + 100000, top - 5)
        self.expect("they moved and took nothing", "delivered", top - 5, top - self.size + 5)

    def whole(self, top):
        """Every number of a window, the last one first, then in any order; a part of a wide one."""
        numbers = random.sample(range(top + 1, top + self.size), min(self.size - 1, 150))
        numbers.insert(0, top + self.size)
        self.expect("in disorder", "delivered", *numbers)
        random.shuffle(numbers)
        self.expect("all again", "replayed", *numbers)

    def end(self):
        self.leap("the last number there is", BORDER - 1)
        self.expect("nothing comes behind it", "too-old", 0, 1, 2)

    def borders(self):
        """The lower half starts anew, twice; every step is one that the receiver can infer."""
        size = self.size
        self.expect("to the border", "delivered", BORDER // 2, BORDER - 4)
        self.judge("zero in the lower half is a number there", BORDER, "delivered", BORDER, "replayed")
        self.expect("the window spans the border", "delivered", BORDER - 1, BORDER - 2, BORDER + 2, BORDER + 1)
        self.expect("both its sides remember", "replayed", BORDER - 1, BORDER - 4, BORDER + 2, BORDER)
        self.judge("its left edge, and left of that", BORDER + 2 - size + 1, "delivered",
                   BORDER + 2 - size, "auth-failed")
        self.judge("the window leaves the border", BORDER + size - 1, "delivered", BORDER, "replayed",
                   BORDER - 1, "auth-failed")
        self.leap("the longest leap that can be inferred", 2 * BORDER - 1)
        self.expect("one more is taken for the left edge", "replayed", 2 * BORDER - 1 + BORDER - size + 1)
        self.leap("over the border by a leap", 3 * BORDER - 1 - size)
        self.leap("another", 3 * BORDER + size // 2)

    def shown(self, top):
        sa = next(sa for sa in self.scene.show()["tunnels"][0]["sas"] if int(sa["spi"], 16) == self.spi)
        verdict = "ok %s%s" if sa["seq"] == top else "fail %s%s # it is %d, not %d"
        what = (self.name, "the right edge is shown")
        print(verdict % (what if sa["seq"] == top else what + (sa["seq"], top)))

    def all(self):
        top = 100 * self.size + 7
        self.beginning()
        self.leap("by the width of the window", 2 * self.size + 1)
        self.leap("far away", top)
        self.forgeries(top)
        self.whole(top)
        if self.esn:
            self.borders()
            self.shown(3 * BORDER + self.size // 2)
        else:
            self.end()
            self.shown(BORDER - 1)


def main():
    scene = arena.Arena(*sys.argv[1:])
    spi = 0x1000
    for size in 64, 128, 1024, 8192:
        for suite, esn in ("aes128gcm16", False), ("aes128gcm16", True), ("aes256-sha256", True):
            spi += 1
            Window(scene, size, suite, esn, spi).all()
    print("end")


main()
