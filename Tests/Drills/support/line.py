"""A bad line to a network namespace of its own."""

import os
import pathlib
import shutil
import subprocess
import sys

from .result import Skipped


class Line:
    """A namespace that is reached over a relay; `near` and `far` are the addresses of its two ends."""

    near, far = "10.213.7.1", "10.213.7.2"

    def __init__(self, delay=0.0, loss=0.0, rate=0.0):
        """
        delay -- seconds, each way
        loss -- the probability that a packet is lost, each way
        rate -- bits a second, each way; 0: as fast as it goes
        """
        if os.geteuid() != 0:
            raise Skipped("network namespaces need root")
        if shutil.which("ip") is None:
            raise Skipped("ip (iproute2) is not installed")
        if not os.path.exists("/dev/net/tun"):
            raise Skipped("this kernel has no /dev/net/tun")
        self.namespace = f"copur-drill-{os.getpid()}"
        done = subprocess.run(["ip", "netns", "add", self.namespace], capture_output=True, text=True)
        if done.returncode:
            raise Skipped(f"no network namespace: {done.stderr.strip()}")
        arguments = [
            sys.executable, pathlib.Path(__file__).with_name("relay.py"), "--device", f"cpd{os.getpid() % 100000}", "--end",
            f"={self.near}", "--end", f"{self.namespace}={self.far}", "--delay", delay, "--loss", loss, "--rate", rate,
        ]
        self.relay = subprocess.Popen(
            [str(argument) for argument in arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.relay.stdout.readline() != "up\n":
            self.close()
            raise Skipped("no TUN relay between namespaces")

    def dark(self, seconds):
        """Drops everything for a while, from now on."""
        self.relay.stdin.write(f"dark {seconds}\n")
        self.relay.stdin.flush()

    def close(self):
        self.relay.stdin.close()
        try:
            self.relay.wait(5)
        except subprocess.TimeoutExpired:
            self.relay.kill()
        subprocess.run(["ip", "netns", "delete", self.namespace], check=False)
