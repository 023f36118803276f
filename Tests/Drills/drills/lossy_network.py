"""Agents behind bad lines: every round ends by its deadline, and what was acknowledged is in the journal."""

import threading
import time

from support.journal import Journal
from support.ledger import ledger, lost
from support.line import Line
from support.load import delivered
from support.measures import milliseconds
from support.processes import eventually
from support.result import Checks

NAME = "lossy-network"
QUICK = False
LIMIT = 400
DEADLINE = 1.5
TOLERANCE = 0.1

# What is wrong with the line, each way, and how long it is dark once rounds are open.
LINES = {
    "25 ms, 3 %": (dict(delay=0.025, loss=0.03), 0),
    "100 ms, 10 %": (dict(delay=0.1, loss=0.1), 0),
    "5 s blackhole": (dict(delay=0.005), 5),
    "1 Mbit/s": (dict(delay=0.005, rate=1e6), 0),
}


def try_line(context, name, shape, dark, checks):
    """One line, one session: an agent on this machine opens every round, the others speak over the line."""
    workshop = context.workshop
    nearby, *far = workshop.agents
    session = name.replace(" ", "").replace("%", "percent")
    path = context.folder / f"journal-{len(checks.lines)}.sqlite"
    line = Line(**shape)
    try:
        center = context.serve(
            journal=path, host=line.near, deadline=f"{int(1000 * DEADLINE)}ms")
        local = context.client(center, f"agent-{nearby}").contribute(nearby, workshop.model)
        watch = context.client(center, "client-drill").watch(session)
        next(watch)
        closed = {}

        def look():
            try:
                for response in watch:
                    now = time.monotonic()
                    for verdict in response.verdicts:
                        closed[verdict.sample] = (now, sum(agent.contributed for agent in verdict.agents))
            except Exception:
                pass

        threading.Thread(target=look, daemon=True).start()
        ledgers = {agent: context.folder / f"ledger-{len(checks.lines)}-{agent}" for agent in far}
        programs = [
            context.agent(
                agent, center, "--session", session, "--ledger", ledgers[agent], "--server-name", "localhost",
                "--backoff-base", "100ms", "--backoff-max", "1s", namespace=line.namespace)
            for agent in far
        ]
        for program in programs:
            program.log.containing("joined", timeout=30)
        if dark:
            line.dark(dark)
        opened = {}
        for first in range(0, workshop.rows, 50):
            samples = range(first, first + 50)
            local.send(session, samples, [0.5] * workshop.width * 50)
            # The round's clock starts at the latest when this block has its receipt.
            local.statuses(50)
            opened |= dict.fromkeys(samples, time.monotonic())
        eventually(lambda: len(closed) >= workshop.rows, timeout=DEADLINE + 5)
        late = [closed[sample][0] - opened[sample] - DEADLINE for sample in opened if sample in closed]
        checks.expect(len(late) == workshop.rows, f"{name}: {len(late)} of {workshop.rows} rounds ended")
        checks.expect(
            late and max(late) <= TOLERANCE, f"{name}: a round ended {milliseconds(max(late))} after its deadline")
        for program in programs:
            code = program.wait(60)
            checks.expect(delivered(program, code), f"{name}: {program.name} ended with {code}")
        center.terminate()
        journal = Journal(path)
        checks.expect(journal.is_sound(), f"{name}: integrity_check")
        missing = lost(journal, ledgers)
        checks.expect(not missing, f"{name}: {len(missing)} acknowledged blocks lost, such as {missing[:1]}")
        receipts = sum(len(ledger(path)) for path in ledgers.values())
        whole = sum(count == len(workshop.agents) for _, count in closed.values())
        checks.lines.append(f"{name}: {milliseconds(max(late))} late, {whole} whole, {receipts} receipts")
    finally:
        line.close()


def run(context):
    checks = Checks()
    checks.lines = []
    for name, (shape, dark) in LINES.items():
        try_line(context, name, shape, dark, checks)
    return checks.result("; ".join(checks.lines))
