"""Attacks on HTTP/2: raw frames at `copur serve`, the same at nghttpd as a control, an honest agent beside them."""

import collections
import dataclasses
import json
import os
import select
import shutil
import socket
import ssl
import threading
import time
import typing

import hpack
from hyperframe.frame import HeadersFrame, SettingsFrame

from .measures import Memory, megabytes, milliseconds, percentile
from .processes import Program, eventually
from .result import Checks
from .sockets import PREFACE

# Until when an attacker has to be closed, in seconds.
LIMIT = 2.0
# How much the server's memory may grow.
GROWTH = 16 << 20
# On two cores that the attacker shares, less than this is noise and not a p99 that has doubled.
NOISE = 0.010
# A method that every role may call, with an empty request.
HEALTH = "/grpc.health.v1.Health/Check"
EMPTY_MESSAGE = bytes(5)


@dataclasses.dataclass
class Attack:
    """What is sent until the other side closes.

    pieces -- given nothing, an iterator over bytes; a number among them is a pause in seconds, None is "only wait now"
    rule -- the counter that has to rise; several if it depends on timing which limit comes first
    settings -- the client's first SETTINGS; none: not even the preface is sent
    reads -- whether the attacker reads what it is sent
    tls -- whether the connection has TLS; without, `pieces` has the bytes of TCP
    """

    name: str
    rule: str | tuple[str, ...]
    pieces: typing.Callable
    settings: dict | None = dataclasses.field(default_factory=dict)
    reads: bool = True
    tls: bool = True

    @property
    def rules(self):
        return (self.rule,) if isinstance(self.rule, str) else self.rule


def frame(kind, flags, stream, payload=b""):
    """A frame by hand, valid or not (RFC 9113 section 4.1)."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def block(*extra, path=HEALTH, method="POST"):
    """A request's header block that leaves the dynamic table as it is, so that it can be sent again and again."""
    fields = [
        (":method", method), (":scheme", "https"), (":path", path), (":authority", "localhost"), ("te", "trailers"),
        ("content-type", "application/grpc"), *extra]
    return hpack.Encoder().encode([hpack.NeverIndexedHeaderTuple(name, value) for name, value in fields])


def headers(stream, data, *flags):
    return HeadersFrame(stream, data=data, flags=list(flags)).serialize()


def streams(make, batch=20, first=1):
    """An endless flood: what `make` gives for each stream number, several in a piece."""
    while True:
        yield b"".join(make(first + 2 * index) for index in range(batch))
        first += 2 * batch


def flood(piece, size=16 << 10):
    """The same bytes without end."""
    many = piece * max(1, size // len(piece))
    while True:
        yield many


def drive(sock, attack, limit, look):
    """Attacks until the connection is closed or the time is over; after how many seconds it was closed, or None.

    look -- called now and then
    """
    sock.setblocking(False)
    pieces = iter(attack.pieces())
    if attack.settings is not None:
        waiting = PREFACE + SettingsFrame(0, settings=attack.settings).serialize()
    else:
        waiting = b""
    start = time.monotonic()
    pause, looked, is_over = start, start, False
    poll = select.poll()
    poll.register(sock, select.POLLIN | select.POLLHUP | select.POLLRDHUP | select.POLLERR)
    while (now := time.monotonic()) - start < limit:
        if now - looked > 0.05:
            looked = now
            look()
        try:
            if attack.reads:
                while True:
                    if not sock.recv(1 << 16):
                        return time.monotonic() - start
            elif any(mask & (select.POLLHUP | select.POLLRDHUP | select.POLLERR) for _, mask in poll.poll(0)):
                return time.monotonic() - start
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            return time.monotonic() - start
        if not waiting and not is_over and now >= pause:
            piece = next(pieces, None)
            if piece is None:
                is_over = True
            elif isinstance(piece, bytes):
                waiting = piece
            else:
                pause = now + piece
        if not waiting:
            time.sleep(0.001)
            continue
        try:
            waiting = waiting[sock.send(waiting):]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            time.sleep(0.001)
        except OSError:
            return time.monotonic() - start
    return None


def from_afar(body):
    """Runs something in a thread that leaves the processor to others, as an attacker has one of its own."""
    results = []

    def run():
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
        results.append(body())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0]


class Control:
    """nghttpd, which has nghttp2's own limits and no others."""

    def __init__(self, context):
        self.program = None
        path = shutil.which("nghttpd", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if path is None:
            return
        root = context.folder / "control"
        root.mkdir()
        (root / "index.html").write_bytes(bytes(1 << 20))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.program = context.start("nghttpd", [path, "--no-tls", "-d", root, str(self.port)])
        eventually(self._listens)

    def _listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def figure(self, attack):
        """What the attack does to it, in words."""
        if self.program is None:
            return "no nghttpd"
        if attack.rules[0].startswith("handshake"):
            return "nghttpd: without TLS here"
        memory = Memory(self.program)
        with socket.create_connection(("127.0.0.1", self.port)) as sock:
            closed = from_afar(lambda: drive(sock, attack, LIMIT, memory.look))
            memory.look()
        ending = "open" if closed is None else f"closed after {milliseconds(closed)}"
        return f"nghttpd: {ending}, +{megabytes(memory.growth)}"


def refusals(center):
    """How often the server has logged for each rule that it closed a connection."""
    return collections.Counter(json.loads(line)["rule"] for line in center.log.matching("http2 guard: closed"))


def drill(context, attacks, options=(), limit=LIMIT, rounds=5):
    """Runs attacks, each several times beside an honest agent, and once at the control."""
    checks = Checks()
    center = context.serve(*options)
    honest = context.honest(center)
    control = Control(context)
    # What a first connection costs is no growth.
    context.raw(center).is_closed(0.2)
    calm = honest.during(2)
    checks.expect(not calm.failures, f"honest agent before: {calm.failures[:1]}")
    attacked, grown, slowest_of_all = [], 0, 0
    for attack in attacks:
        honest.since_last()
        memory = Memory(center)
        before = refusals(center)
        slowest = 0
        start = time.monotonic()
        for _ in range(rounds):
            if attack.tls:
                sock = context.tls_socket(center)
            else:
                sock = context.closing(socket.create_connection(("127.0.0.1", center.port)))
            closed = from_afar(lambda: drive(sock, attack, limit, memory.look))
            sock.close()
            if not checks.expect(closed is not None, f"{attack.name}: open after {limit} s"):
                break
            slowest = max(slowest, closed)
            if time.monotonic() - start > limit:
                break
        memory.look()
        time.sleep(0.2)
        experience = honest.since_last()
        counted = eventually(lambda: any((refusals(center) - before)[rule] for rule in attack.rules), 2)
        risen = ", ".join(sorted(refusals(center) - before)) or "none"
        checks.expect(counted, f"{attack.name}: counters that rose: {risen}, and not {' or '.join(attack.rules)}")
        checks.expect(memory.growth <= GROWTH, f"{attack.name}: memory +{megabytes(memory.growth)}")
        checks.expect(not experience.failures, f"{attack.name}: honest agent {experience.failures[:1]}")
        attacked += experience.latencies
        grown, slowest_of_all = max(grown, memory.growth), max(slowest_of_all, slowest)
        context.note(
            f"{attack.name}: closed in {milliseconds(slowest)} ({risen}), +{megabytes(memory.growth)}, "
            f"honest at most {milliseconds(max(experience.latencies, default=0))}; "
            f"{control.figure(attack)}")
    # Before and after, because other programs come and go.
    calm = percentile(calm.latencies + honest.during(2).latencies, 0.99)
    p99 = percentile(attacked, 0.99)
    # Beside other tests a latency says nothing.
    checks.expect(
        context.quick or p99 <= max(2 * calm, calm + NOISE), f"honest p99 {milliseconds(p99)}, without attacks {milliseconds(calm)}")
    return checks.result(
        f"{len(attacks)} attacks closed within {milliseconds(slowest_of_all)}, memory +{megabytes(grown)}, "
        f"honest p99 {milliseconds(p99)} of {len(attacked)} (without attacks {milliseconds(calm)})")
