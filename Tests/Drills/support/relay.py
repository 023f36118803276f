"""A line between network namespaces: a TUN device at each end, and packets that are delayed, dropped or queued.

    relay.py --device PREFIX --end NAMESPACE=ADDRESS… [--delay S] [--loss P] [--rate BITS] [--seed N]

Each end is a namespace (ip netns), or this one where NAMESPACE is empty, and reaches the others' IPv4 addresses over the
line. Prints "up" once it is there. On standard input, "dark SECONDS [ADDRESS]" drops everything for a while, or what comes
from that end and goes to it. Ends with its standard input. The kernel's netem is not needed, so neither is a kernel that
has it.
"""

import argparse
import fcntl
import heapq
import ipaddress
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
# As much as an interface's queue takes before it drops, in bytes.
QUEUE = 256 << 10


def device(name):
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return tun


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, stdout=subprocess.DEVNULL)


class End:
    """A place on the line, and the packets on their way from it."""

    def __init__(self, text, name, options, seed):
        self.namespace, _, self.address = text.rpartition("=")
        self.name = name
        self.tun = device(name)
        self.delay, self.loss, self.rate = options.delay, options.loss, options.rate
        self.random = random.Random(seed)
        self.waiting = []
        self.count = 0
        self.dark_until = 0.0
        # When the last packet that was taken will have left the sender.
        self.free_at = 0.0

    @property
    def key(self):
        """The address as packets have it."""
        return ipaddress.IPv4Address(self.address).packed

    def connect(self, others):
        """Gives the device its namespace, its address and the ways to the others."""
        inside = []
        if self.namespace:
            ip("link", "set", self.name, "netns", self.namespace)
            inside = ["-n", self.namespace]
            ip(*inside, "link", "set", "lo", "up")
        ip(*inside, "addr", "add", self.address, "dev", self.name)
        ip(*inside, "link", "set", self.name, "up")
        for other in others:
            ip(*inside, "route", "add", other.address, "dev", self.name, "src", self.address)

    def take(self, packet, destination, now):
        if now < max(self.dark_until, destination.dark_until) or self.random.random() < self.loss:
            return
        leaves = now
        if self.rate:
            if (self.free_at - now) * self.rate / 8 > QUEUE:
                return
            leaves = self.free_at = max(now, self.free_at) + 8 * len(packet) / self.rate
        self.count += 1
        heapq.heappush(self.waiting, (leaves + self.delay, self.count, destination.tun, packet))

    def give(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            _, _, tun, packet = heapq.heappop(self.waiting)
            try:
                os.write(tun, packet)
            except OSError:
                pass  # A full queue on the other side: a lost packet.


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", required=True)
    parser.add_argument("--end", action="append", required=True)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    ends = [
        End(text, f"{options.device}{number}", options, options.seed + number)
        for number, text in enumerate(options.end)]
    for end in ends:
        end.connect([other for other in ends if other is not end])
    by_tun = {end.tun: end for end in ends}
    by_address = {end.key: end for end in ends}
    print("up", flush=True)

    while True:
        now = time.monotonic()
        due = min((end.waiting[0][0] for end in ends if end.waiting), default=now + 1)
        readable, _, _ = select.select([*by_tun, sys.stdin], [], [], max(0, due - now))
        now = time.monotonic()
        for file in readable:
            if file is sys.stdin:
                words = sys.stdin.readline().split()
                if not words:
                    return
                for end in ends:
                    if len(words) < 3 or end.address == words[2]:
                        end.dark_until = now + float(words[1])
                continue
            while True:
                try:
                    packet = os.read(file, 65536)
                except OSError:
                    break
                # The destination of an IPv4 header (RFC 791 section 3.1); nothing else has a way here.
                destination = by_address.get(packet[16:20]) if packet[0] >> 4 == 4 else None
                if destination is not None:
                    by_tun[file].take(packet, destination, now)
        for end in ends:
            end.give(time.monotonic())


if __name__ == "__main__":
    main()
