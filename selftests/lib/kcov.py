# SPDX-License-Identifier: GPL-2.0
"""What code the system calls of this thread go through, where the kernel tells (make check-debug KERNEL=kcov).

Of vgw.ko only, as nothing else is compiled for it, and not of what it leaves to softirqs, timers and workers.
"""

import ctypes
import fcntl
import mmap
import os
import subprocess

FILE = "/sys/kernel/debug/kcov"
# <linux/kcov.h>: _IOR('c', 1, unsigned long), _IO('c', 100)
INIT_TRACE, ENABLE, TRACE_PC = 0x80086301, 0x6364, 0
WORDS = 1 << 17     # of the area, the first for the number of those used; what finds no room in it is lost


def is_there():
    return os.path.exists(FILE)


def map_words(file):
    """The area. Not by mmap.mmap(), which asks for the size of the file, and that is 0."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long)
    area = libc.mmap(None, WORDS * 8, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, file, 0)
    if area == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap of " + FILE)
    return memoryview((ctypes.c_uint64 * WORDS).from_address(area)).cast("B").cast("Q")


class Kcov:
    def __init__(self):
        self.file = os.open(FILE, os.O_RDWR)
        fcntl.ioctl(self.file, INIT_TRACE, WORDS)
        self.words = map_words(self.file)
        fcntl.ioctl(self.file, ENABLE, TRACE_PC)

    def begin(self):
        self.words[0] = 0

    def places(self):
        """Addresses of the basic blocks gone through since begin(), in order."""
        return self.words[1:1 + self.words[0]].tolist()


class Cover:
    """What has been gone through so far."""

    def __init__(self):
        self.places, self.edges = set(), set()

    def add(self, places):
        """Is there anything new in it: a place, or a way from one to another?"""
        edges = set(zip([0] + places, places)) - self.edges
        self.places.update(places)
        self.edges |= edges
        return bool(edges)

    def __str__(self):
        return f"{len(self.places)} places, {len(self.edges)} ways from one to the next"


def places_of(module):
    """How many there are in a module's file."""
    table = subprocess.run(("readelf", "-rW", module), check=True, capture_output=True, text=True).stdout
    return table.count("__sanitizer_cov_trace_pc")
