"""Programs under test, as processes."""

import os
import pathlib
import signal
import subprocess
import threading
import time


class Lines:
    """The lines that a program has printed, for drills that wait for one of them."""

    def __init__(self, stream):
        self._lines = []
        self._over = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        for line in stream:
            with self._changed:
                self._lines.append(line.decode(errors="replace").rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()

    @property
    def all(self):
        with self._changed:
            return list(self._lines)

    def containing(self, text, timeout=10, count=1):
        """Waits until `count` lines contain a text; returns the last of them."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = [line for line in self._lines if text in line]
                if len(found) >= count:
                    return found[count - 1]
                wait = deadline - time.monotonic()
                if self._over or wait <= 0:
                    reason = "before its end" if self._over else f"in {timeout} s"
                    raise TimeoutError(f'no line {count} with "{text}" {reason}; last: {self._lines[-3:]}')
                self._changed.wait(wait)

    def end(self, timeout=10):
        """Waits until nobody can write any more: the program and whoever traces it have ended."""
        self._thread.join(timeout)

    def matching(self, text):
        """The lines so far that contain a text."""
        return [line for line in self.all if text in line]


class Program:
    """A process, its output as lines, and what the kernel says of it."""

    def __init__(self, name, arguments, environment=None, namespace=None):
        """
        environment -- variables added to this process's
        namespace -- the network namespace (ip netns) in which it runs
        """
        self.name = name
        self.arguments = [str(argument) for argument in arguments]
        prefix = ["ip", "netns", "exec", namespace] if namespace else []
        # Data and cache of whoever runs the drills would change results.
        variables = {key: value for key, value in os.environ.items() if key != "COPUR_DATA"}
        variables["XDG_CACHE_HOME"] = "/dev/null"
        self._process = subprocess.Popen(
            [*prefix, *self.arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=variables | (environment or {}), start_new_session=True)
        self.output = Lines(self._process.stdout)
        self.log = Lines(self._process.stderr)

    @property
    def pid(self):
        return self._process.pid

    @property
    def is_running(self):
        return self._process.poll() is None

    def kill(self):
        """kill −9, and waits for the end."""
        self.send(signal.SIGKILL)
        self.wait(10)

    def terminate(self, timeout=20):
        """SIGTERM; returns the exit code."""
        self.send(signal.SIGTERM)
        return self.wait(timeout)

    def send(self, number):
        if self.is_running:
            self._process.send_signal(number)

    def wait(self, timeout=20):
        """The exit code; negative: the signal that ended it."""
        return self._process.wait(timeout)

    def memory(self):
        """Resident memory in bytes."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise ProcessLookupError(f"{self.name} has ended")

    def open_files(self):
        """How many file descriptors are open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def processor_seconds(self):
        """User and system time so far."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        """Ends it, whatever it is doing."""
        if self.is_running:
            self._process.kill()
        self._process.wait(10)
        for lines, stream in ((self.output, self._process.stdout), (self.log, self._process.stderr)):
            lines.end()
            stream.close()


class Center(Program):
    """`copur serve`, once it listens."""

    host = port = None

    def ready(self, timeout=20):
        """Waits until it listens."""
        line = self.output.containing("copur: listening on", timeout)
        self.host, _, port = line.split()[3].rpartition(":")
        self.port = int(port)
        return self

    @property
    def address(self):
        return f"{self.host}:{self.port}"


def eventually(holds, timeout=10, every=0.02):
    """Looks again and again until something holds; whether it did in time."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(every)
    return bool(holds())
