"""What a drill is given."""

import dataclasses
import json
import pathlib
import shutil
import sys
import time

from .clients import Client
from .measures import percentile
from .processes import Center, Program
from .sockets import RawConnection, tls_socket


class Context:
    """Starts programs for one drill in a folder of its own, and ends them with it."""

    def __init__(self, workshop, name, quick=False):
        """
        quick -- whether it is the tests that wait for the drill: fewer attempts do
        """
        self.workshop = workshop
        self.quick = quick
        self.folder = workshop.folder / f"drill-{name}"
        self.folder.mkdir()
        self._open = []
        self._programs = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for thing in reversed(self._open):
            try:
                thing.close()
            except Exception as error:
                print(f"closing: {error}", file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)

    def closing(self, thing):
        """Has `close()` called on something when the drill is over."""
        self._open.append(thing)
        return thing

    def forget(self, program):
        """Ends a program before the drill is over."""
        program.close()
        self._open.remove(program)
        self._programs.remove(program)

    def note(self, text):
        """Progress, on standard error."""
        print(f"  {text}", file=sys.stderr, flush=True)

    def show_logs(self, lines=15):
        """The last lines that each program logged."""
        for program in self._programs:
            for line in program.log.all[-lines:]:
                print(f"  [{program.name}] {line}", file=sys.stderr)

    def start(self, name, arguments, environment=None, namespace=None, kind=Program):
        """Starts a program."""
        program = kind(name, arguments, environment, namespace)
        self._programs.append(program)
        return self.closing(program)

    def serve(
        self, *options, bundle=None, port=0, host="127.0.0.1", deadline="250ms", journal=None, tls=True, pair=None,
        wrapper=(), environment=None, namespace=None, wait=True, alone=True,
    ):
        """Starts `copur serve`, and waits until it listens.

        options -- further options
        journal -- the journal's file
        pair -- its certificate and key, if not those of `copur certs`
        wrapper -- a program that starts it, such as strace
        alone -- whether one agent opens a session and decides, and rounds wait for all others, as drills need that have
          an agent or two; if not, the service has its own rules
        """
        arguments = [
            *wrapper, self.workshop.copur, "serve", bundle or self.workshop.bundle, "--grpc", f"{host}:{port}",
            "--deadline", deadline]
        if alone and self.workshop.has_option("serve", "--session-wait"):
            arguments += ["--quorum", "1", "--session-wait", "0s", "--reconnect-grace", "1440m", "--catch-up", "0s"]
        if journal is not None:
            arguments += ["--journal", journal]
        arguments += self.workshop.tls("server", pair) if tls else ["--insecure"]
        center = self.start("serve", [*arguments, *options], environment, namespace, Center)
        return center.ready() if wait else center

    def plane(self):
        """The options of `copur serve` for an HTTP plane on a free port; none where this copur has no such plane."""
        return ["--http", "127.0.0.1:0"] if self.workshop.has_option("serve", "--http") else []

    def agent(self, name, center, *options, bundle=None, tls=True, environment=None, namespace=None, address=None):
        """Starts `copur agent`.

        center -- where it connects, unless `address` says so
        """
        arguments = [
            self.workshop.copur, "agent", bundle or self.workshop.bundle, "--agent", name, "--connect",
            f"http{'s' if tls else ''}://{address or center.address}"]
        arguments += self.workshop.tls(f"agent-{name}") if tls else ["--insecure"]
        return self.start(f"agent {name}", [*arguments, *options], environment, namespace)

    def client(self, center, name=None, pair=None, tls=True, options=()):
        """A grpcio client with a connection of its own.

        name -- whose certificate, such as agent-top-left or client-c; none: `pair`, or no certificate
        """
        if name is not None:
            pair = self.workshop.pair(name)
        roots = self.workshop.certificates / "ca.pem" if tls else None
        return self.closing(Client(self.workshop.stubs, center.address, roots, pair, options))

    def stream(self, center, agent, model=None):
        """A Contribute stream in an agent's name, on a connection of its own."""
        return self.client(center, f"agent-{agent}").contribute(agent, model or self.workshop.model)

    def tls_socket(self, center, name="client-attacker", pair=None, **options):
        """A TLS connection with a certificate; `name` None and no `pair`: without one."""
        if name is not None and pair is None:
            pair = self.workshop.pair(name)
        return self.closing(
            tls_socket(center.address, self.workshop.certificates / "ca.pem", pair, **options))

    def raw(self, center, name="client-attacker", **options):
        """An HTTP/2 connection, a frame at a time."""
        return self.closing(RawConnection(self.tls_socket(center, name), **options))

    def honest(self, center, agent="bottom-right", rate=50, session="honest", tls=True):
        """An honest agent on another connection, in a process of its own, that measures its latency from now on."""
        script = pathlib.Path(__file__).with_name("honest.py")
        arguments = [
            sys.executable, script, "--stubs", self.workshop.stubs.path, "--address", center.address, "--agent", agent,
            "--model", self.workshop.model, "--session", session, "--width", self.workshop.width, "--rate", rate]
        if tls:
            arguments += [
                "--roots", self.workshop.certificates / "ca.pem", "--pair", *self.workshop.pair(f"agent-{agent}")]
        program = self.start(f"honest {agent}", arguments)
        program.output.containing("latencies")
        return Honest(program)


@dataclasses.dataclass
class Experience:
    """What an honest agent met in a span of time: latencies in seconds, and failures."""

    latencies: list
    failures: list

    @property
    def p99(self):
        return percentile(self.latencies, 0.99)


class Honest:
    """An honest agent's experience, a span at a time."""

    def __init__(self, program):
        self.program = program
        self._seen = 0

    def since_last(self):
        """What it met since it was asked before."""
        lines = self.program.output.all
        spans = [json.loads(line) for line in lines[self._seen:]]
        self._seen = len(lines)
        return Experience(
            [latency for span in spans for latency in span["latencies"]],
            [failure for span in spans for failure in span["failures"]])

    def during(self, seconds):
        """What it meets in the seconds to come."""
        self.since_last()
        time.sleep(seconds)
        return self.since_last()
