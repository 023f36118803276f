"""More connections than an address may have: the rest is closed at once, those that are open go on."""

import socket

from support.processes import eventually
from support.attacks import refusals
from support.result import Checks

NAME = "http2-connections"
QUICK = False
LIMIT = 60


def run(context):
    checks = Checks()
    center = context.serve("--max-connections-per-peer", "20")
    honest = context.honest(center)
    before = honest.during(1)
    sockets = [context.closing(socket.create_connection(("127.0.0.1", center.port))) for _ in range(100)]

    def closed():
        count = 0
        for sock in sockets:
            sock.setblocking(False)
            try:
                count += sock.recv(1) == b""
            except BlockingIOError:
                pass
            except OSError:
                count += 1
        return count

    # The honest agent has one of the twenty.
    checks.expect(eventually(lambda: closed() >= 81, 2), f"closed {closed()} of 100, 81 are over the limit")
    counted = refusals(center)["connections-per-peer"]
    checks.expect(counted == 81, f"counted {counted}")
    after = honest.during(1)
    checks.expect(not before.failures + after.failures, f"honest agent: {(before.failures + after.failures)[:1]}")
    return checks.result(f"81 of 100 closed, {len(after.latencies)} honest calls beside them")
