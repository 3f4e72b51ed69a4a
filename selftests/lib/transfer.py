# SPDX-License-Identifier: GPL-2.0
"""Carries a file, or numbered datagrams, and says what arrived.

transfer.py receive ADDRESS PORT            one TCP connection; writes the SHA-256 of what came
transfer.py send ADDRESS PORT FILE HOW      by write, sendfile, splice or zerocopy
transfer.py count ADDRESS PORT NUMBER       UDP; writes "in order", or what is wrong with the datagrams
transfer.py number ADDRESS PORT NUMBER SIZE [SEGMENTS]
                                            numbered datagrams, so many in one packet of segmentation offload
"""

import hashlib
import mmap
import os
import socket
import struct
import sys
import time

TIMEOUT = 30 * int(os.environ.get("TIME_SCALE", "1"))
UDP_SEGMENT, SO_RCVBUFFORCE = 103, 33
MSG_ZEROCOPY, SO_ZEROCOPY = 0x4000000, 60
CHUNK = 1 << 16


def make(kind, address):
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    sock.settimeout(TIMEOUT)
    return sock


def receive(address, port):
    listener = make(socket.SOCK_STREAM, address)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen()
    sock = listener.accept()[0]
    sock.settimeout(TIMEOUT)
    digest = hashlib.sha256()
    while data := sock.recv(CHUNK):
        digest.update(data)
    print(digest.hexdigest())


def by_splice(sock, file):
    reader, writer = os.pipe()
    while count := os.splice(file.fileno(), writer, CHUNK):
        while count:
            count -= os.splice(reader, sock.fileno(), count)


def by_zerocopy(sock, file):
    sock.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
    with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as whole, memoryview(whole) as data:
        for at in range(0, len(data), CHUNK):
            sent = at
            while sent < min(at + CHUNK, len(data)):
                sent += sock.send(data[sent:at + CHUNK], MSG_ZEROCOPY)
        finish(sock)


def finish(sock):
    """Not before the other side has everything: pages are referred to until then."""
    sock.shutdown(socket.SHUT_WR)
    sock.recv(1)


def send(address, port, name, how):
    sock = make(socket.SOCK_STREAM, address)
    sock.connect((address, port))
    sock.setblocking(True)
    with open(name, "rb") as file:
        if how == "sendfile":
            while os.sendfile(sock.fileno(), file.fileno(), None, CHUNK):
                pass
        elif how == "splice":
            by_splice(sock, file)
        elif how == "zerocopy":
            return by_zerocopy(sock, file)
        else:
            sock.sendall(file.read())
    finish(sock)


def datagram(number, size):
    """Its content follows from its number."""
    word = struct.pack("!I", number)
    return (word + hashlib.sha256(word).digest() * (size // 32 + 1))[:size]


def count(address, port, total):
    sock = make(socket.SOCK_DGRAM, address)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    sock.bind((address, port))
    got, torn = [], 0
    while len(got) < total:
        try:
            data = sock.recv(CHUNK)
        except socket.timeout:
            break
        got.append(struct.unpack("!I", data[:4])[0])
        torn += data != datagram(got[-1], len(data))
    if got == list(range(total)) and not torn:
        print("in order")
    else:
        late = sum(a > b for a, b in zip(got, got[1:]))
        print("%d of %d, %d late, %d torn, %d doubled" % (len(got), total, late, torn, len(got) - len(set(got))))


def number(address, port, total, size, segments=1):
    """No faster than the socket's memory allows, so that nothing has to be lost."""
    os.sched_setaffinity(0, {0})
    sock = make(socket.SOCK_DGRAM, address)
    if segments > 1:
        sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
    sock.connect((address, port))
    for at in range(0, total, segments):
        sock.send(b"".join(datagram(n, size) for n in range(at, min(at + segments, total))))
        if not at // segments % 16:
            time.sleep(0.01)


def main():
    what, address, port, *rest = sys.argv[1:]
    words = [int(word) if word.isdigit() else word for word in rest]
    {"receive": receive, "send": send, "count": count, "number": number}[what](address, int(port), *words)


main()
