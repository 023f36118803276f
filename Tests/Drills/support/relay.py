"""A line between this network namespace and another: two TUN devices, and packets that are delayed, dropped or queued.

    relay.py --namespace NAME --near ADDRESS --far ADDRESS --device PREFIX [--delay S] [--loss P] [--rate BITS] [--seed N]

Prints "up" once the line is there. "dark SECONDS" on standard input drops everything for a while. Ends with its standard
input. The kernel's netem is not needed, so neither is a kernel that has it.
"""

import argparse
import fcntl
import heapq
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


class Direction:
    """One way of the line."""

    def __init__(self, out, options, seed):
        self.out = out
        self.delay, self.loss, self.rate = options.delay, options.loss, options.rate
        self.random = random.Random(seed)
        self.waiting = []
        self.count = 0
        self.dark_until = 0.0
        # When the last packet that was taken will have left the sender.
        self.free_at = 0.0

    def take(self, packet, now):
        if now < self.dark_until or self.random.random() < self.loss:
            return
        leaves = now
        if self.rate:
            if (self.free_at - now) * self.rate / 8 > QUEUE:
                return
            leaves = self.free_at = max(now, self.free_at) + 8 * len(packet) / self.rate
        self.count += 1
        heapq.heappush(self.waiting, (leaves + self.delay, self.count, packet))

    def give(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            try:
                os.write(self.out, heapq.heappop(self.waiting)[2])
            except OSError:
                pass  # A full queue on the other side: a lost packet.


def main():
    parser = argparse.ArgumentParser()
    for name in ("namespace", "near", "far", "device"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    near, far = device(f"{options.device}0"), device(f"{options.device}1")
    ip("link", "set", f"{options.device}1", "netns", options.namespace)
    ip("addr", "add", options.near, "peer", options.far, "dev", f"{options.device}0")
    ip("link", "set", f"{options.device}0", "up")
    inside = ["-n", options.namespace]
    ip(*inside, "addr", "add", options.far, "peer", options.near, "dev", f"{options.device}1")
    ip(*inside, "link", "set", f"{options.device}1", "up")
    ip(*inside, "link", "set", "lo", "up")
    print("up", flush=True)

    ways = {near: Direction(far, options, options.seed), far: Direction(near, options, options.seed + 1)}
    while True:
        now = time.monotonic()
        due = min((way.waiting[0][0] for way in ways.values() if way.waiting), default=now + 1)
        readable, _, _ = select.select([near, far, sys.stdin], [], [], max(0, due - now))
        now = time.monotonic()
        for file in readable:
            if file is sys.stdin:
                words = sys.stdin.readline().split()
                if not words:
                    return
                for way in ways.values():
                    way.dark_until = now + float(words[1])
                continue
            while True:
                try:
                    packet = os.read(file, 65536)
                except OSError:
                    break
                ways[file].take(packet, now)
        for way in ways.values():
            way.give(time.monotonic())


if __name__ == "__main__":
    main()
