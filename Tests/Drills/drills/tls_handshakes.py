"""TLS handshakes that never go on: the oldest give way, and honest agents come in at once."""

import resource
import socket
import time

from support.attacks import refusals
from support.measures import milliseconds
from support.result import Checks

NAME = "tls-handshakes"
QUICK = False
LIMIT = 60
# As the service has it: handshakes of an address, of which one that is a second old gives way.
HANDSHAKES, PATIENCE = 512, 1
STALLED = 1500
SLOWEST = 1


def run(context):
    checks = Checks()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * STALLED)), hard))
    center = context.serve()
    honest = context.honest(center)
    honest.during(1)
    stalled = [
        context.closing(socket.create_connection(("127.0.0.1", center.port), timeout=5)) for _ in range(STALLED)]
    time.sleep(PATIENCE + 0.2)
    slowest = 0
    for _ in range(20):
        start = time.monotonic()
        try:
            stream = context.stream(center, "top-left")
            stream.send("handshakes", [_], [0.5] * context.workshop.width)
            stream.receipt()
        except Exception as error:
            checks.expect(False, f"an honest agent is kept out: {error}")
        slowest = max(slowest, time.monotonic() - start)
    checks.expect(slowest <= SLOWEST, f"an honest agent came in after {milliseconds(slowest)}")
    counted = refusals(center)["handshakes-per-peer"]
    checks.expect(counted >= STALLED - HANDSHAKES, f"counted {counted}")
    experience = honest.since_last()
    checks.expect(not experience.failures, f"honest agent: {experience.failures[:1]}")
    return checks.result(
        f"{len(stalled)} stalled handshakes, {counted} refused; an honest agent came in within {milliseconds(slowest)}")
