"""A receipt is written to the socket only after the write-ahead log's fdatasync has returned."""

import re

from support.result import Checks
from support.trace import calls, strace

NAME = "fsync-order"
QUICK = True
LIMIT = 300


def run(context):
    workshop = context.workshop
    rounds = 100 if context.quick else 1000
    checks = Checks()
    trace = context.folder / "trace"
    # Without TLS, so that the trace shows which receipt goes out; with a session a block, whose name is in both.
    center = context.serve(
        journal=context.folder / "journal.sqlite", tls=False, deadline="30s",
        wrapper=strace(
            trace, "pwrite64,pwritev,fdatasync,fsync,write,writev,sendto,sendmsg", length=4200))
    stream = context.client(center, tls=False).contribute(workshop.agents[0], workshop.model)
    names = [f"order-{number:06}-end" for number in range(rounds)]
    for name in names:
        stream.send(name, [0], [0.5] * workshop.width)
        stream.receipt()
    stream.cancel()
    center.kill()
    # The tracer ends a moment after the program.
    center.log.end()

    stored, durable, early = {}, set(), {}
    for position, (_, call) in enumerate(calls(trace)):
        found = set(re.findall(r"order-\d{6}-end", call))
        if call.startswith("pwrite"):
            for name in found:
                stored.setdefault(name, position)
        elif call.startswith(("fdatasync", "fsync")):
            if call.rstrip().endswith("= 0"):
                durable |= set(stored)
        else:
            for name in found - durable:
                early[name] = call[:60]
    for name in names:
        checks.expect(
            name in durable and name not in early,
            f"{name}: {'its receipt went out first' if name in early else 'never synchronized'}")
    return checks.result(f"fdatasync before the receipt, {checks.passed} of {rounds}")
