# SPDX-License-Identifier: GPL-2.0
"""Numbered UDP streams between namespaces, for tests that may not lose, double or reorder a packet.

  traffic = streams.Traffic([Stream("a to b", "left-12", "right-34", "192.168.2.1", 5001, cpu=0), ...], rate=50)
  traffic.start()                    # returns when every receiver listens
  ...
  for result in traffic.stop():      # sent, errors, received, lost, doubled, reordered of every stream
      print(result)

Every stream has one sender, which stays on one CPU, so that the wire keeps the order; a namespace has one receiver. A
sender that fell behind does not catch up by a burst: no queue on the way is to be the cause of a loss.
"""

import dataclasses
import itertools
import os
import pickle
import select
import socket
import struct
import time

import genl

SO_RCVBUFFORCE = 33
RCVBUF = 16 << 20
BEHIND_S = 0.05
# However soon it is told to stop, a stream has that many packets: what happened must show in those after it.
LEAST = 25
# After the last packet was sent: how long there has to be silence until nothing can be under way any more.
QUIET_S = 1.0 * int(os.environ.get("TIME_SCALE", "1"))


@dataclasses.dataclass
class Stream:
    name: str
    source: str
    sink: str
    address: str
    port: int
    cpu: int
    size: int = 400


@dataclasses.dataclass
class Result:
    name: str
    sent: int = 0
    errors: int = 0
    received: int = 0
    doubled: int = 0
    reordered: int = 0
    seen: set = dataclasses.field(default_factory=set, repr=False)
    top: int = -1

    @property
    def lost(self):
        return self.sent - len(self.seen)

    @property
    def missing(self):
        """The first few that were lost."""
        return list(itertools.islice((number for number in range(self.sent) if number not in self.seen), 10))

    def take(self, number):
        self.received += 1
        if number in self.seen:
            self.doubled += 1
        elif number < self.top:
            self.reordered += 1
        self.seen.add(number)
        self.top = max(self.top, number)

    def faults(self):
        return {key: count for key in ("errors", "lost", "doubled", "reordered") if (count := getattr(self, key))}


def udp_socket(address):
    return socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)


class Child:
    """A process in a namespace. It writes one byte when it is ready, ends when told, and hands a result over."""

    def __init__(self, netns, work, *args):
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if not self.pid:
            status = 1
            try:
                ours.close()
                genl.setns(f"/run/netns/{netns}")
                answer = pickle.dumps(work(theirs, *args))
                theirs.sendall(answer)
                status = 0
            finally:
                os._exit(status)
        theirs.close()
        self.sock = ours

    def wait_ready(self):
        if self.sock.recv(1) != b"r":
            raise RuntimeError("a process of the streams did not start")

    def finish(self):
        self.sock.shutdown(socket.SHUT_WR)
        answer = b""
        while part := self.sock.recv(1 << 16):
            answer += part
        os.waitpid(self.pid, 0)
        return pickle.loads(answer)


def told_to_stop(control, timeout=0.0):
    return bool(select.select([control], [], [], timeout)[0])


def send(control, todo, rate):
    """Send on all streams of one CPU, in turn. Returns {port: (sent, errors)}."""
    os.sched_setaffinity(0, {todo[0].cpu % os.cpu_count()})
    socks = [udp_socket(stream.address) for stream in todo]
    sent, errors = {stream.port: 0 for stream in todo}, {stream.port: 0 for stream in todo}
    control.send(b"r")
    due = time.monotonic()
    while not told_to_stop(control, max(due - time.monotonic(), 0)) or min(sent.values()) < LEAST:
        time.sleep(max(due - time.monotonic(), 0))
        for stream, sock in zip(todo, socks):
            try:
                sock.sendto(struct.pack(">Q", sent[stream.port]).ljust(stream.size), (stream.address, stream.port))
            except OSError:
                errors[stream.port] += 1
            sent[stream.port] += 1
        due += 1 / rate
        if due < time.monotonic() - BEHIND_S:
            due = time.monotonic()
    return {port: (sent[port], errors[port]) for port in sent}


def receive(control, todo):
    """Take all streams that end in one namespace. Returns {port: Result}."""
    socks = {}
    for stream in todo:
        sock = udp_socket(stream.address)
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RCVBUF)
        sock.bind((stream.address, stream.port))
        socks[sock] = Result(stream.name)
    ports = {stream.port: result for stream, result in zip(todo, socks.values())}
    control.send(b"r")
    stopping = False
    while True:
        ready = select.select([*socks] + ([] if stopping else [control]), [], [], QUIET_S)[0]
        if control in ready:
            stopping = True
        elif stopping and not ready:
            return ports
        for sock in ready:
            if sock is not control:
                socks[sock].take(struct.unpack_from(">Q", sock.recv(2048))[0])


class Traffic:
    def __init__(self, streams, rate):
        self.streams, self.rate = streams, rate
        self.receivers, self.senders = [], []

    def start(self):
        for sink in sorted({stream.sink for stream in self.streams}):
            self.receivers.append(Child(sink, receive, [one for one in self.streams if one.sink == sink]))
        for child in self.receivers:
            child.wait_ready()
        for place in sorted({(stream.source, stream.cpu) for stream in self.streams}):
            todo = [one for one in self.streams if (one.source, one.cpu) == place]
            self.senders.append(Child(place[0], send, todo, self.rate))
        for child in self.senders:
            child.wait_ready()

    def stop(self):
        sent, results = {}, {}
        for child in self.senders:
            sent.update(child.finish())
        for child in self.receivers:
            results.update(child.finish())
        for port, result in results.items():
            result.sent, result.errors = sent[port]
        return [results[port] for port in sorted(results)]
