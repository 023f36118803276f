"""The fusion center is killed at random moments under load: no receipt in an agent's ledger is missing from the journal."""

import random
import time

from support.clients import outcome
from support.journal import Journal
from support.ledger import ledger, lost
from support.load import Load, delivered
from support.processes import eventually
from support.result import Checks

NAME = "kill-center"
QUICK = True
LIMIT = 400
READY = 3.0


def run(context):
    workshop = context.workshop
    kills = 3 if context.quick else 20
    checks, random_ = Checks(), random.Random(5)
    path = context.folder / "journal.sqlite"
    journal = Journal(path)
    center = context.serve(journal=path)
    port = center.port
    load = Load(context, center)
    first = workshop.agents[0]
    before, slowest, acknowledged = {}, 0.0, 0
    for kill in range(kills):
        load.keep_up()
        # Not before there is load: a moment between the first new receipt and half a second after it.
        eventually(lambda: load.keep_up() or len(ledger(load.path(first))) > acknowledged, timeout=20)
        time.sleep(random_.uniform(0, 0.5))
        center.kill()
        acknowledged = len(ledger(load.path(first)))
        verdicts = journal.verdicts()
        missing = lost(journal, load.ledgers)
        checks.expect(not missing, f"kill {kill}: {len(missing)} acknowledged blocks lost, such as {missing[:1]}")
        checks.expect(journal.is_sound(), f"kill {kill}: integrity_check")
        changed = [key for key, message in before.items() if verdicts.get(key) != message]
        checks.expect(not changed, f"kill {kill}: {len(changed)} verdicts changed, such as {changed[:1]}")
        before = verdicts
        start = time.monotonic()
        center = context.serve(journal=path, port=port)
        client = context.client(center, f"agent-{first}")
        answer = outcome(lambda: client.join(first, workshop.width, workshop.model))
        took = time.monotonic() - start
        slowest = max(slowest, took)
        checks.expect(answer[0] == "OK" and took <= READY, f"kill {kill}: {answer} after {took:.1f} s")
        client.close()
    load.finish()
    checks.expect(not load.failures, f"agents failed: {load.failures[:1]}")

    # Once more everything, without the ledger: no verdict may change, and no block be there twice.
    time.sleep(0.5)
    settled = journal.verdicts()
    again = [
        context.agent(agent, center, "--session", f"load-{load.session}", "--log-level", "warning")
        for agent in workshop.agents
    ]
    for program in again:
        code = program.wait(60)
        checks.expect(delivered(program, code), f"{program.name} again: {code}")
    code = center.terminate()
    checks.expect(code == 0, f"the service ended with {code}")
    verdicts = journal.verdicts()
    changed = [key for key, message in settled.items() if verdicts.get(key) != message]
    checks.expect(not changed, f"duplicates changed {len(changed)} verdicts")
    rounds = {(session, sample) for session, sample, _ in journal.blocks()}
    open_ = rounds - set(verdicts) - journal.aborted()
    checks.expect(not open_, f"{len(open_)} rounds neither decided nor aborted")
    both = journal.aborted() & set(verdicts)
    checks.expect(not both, f"{len(both)} rounds aborted and decided")
    receipts = sum(len(ledger(load.path(agent))) for agent in workshop.agents)
    checks.expect(receipts >= kills, f"{receipts} receipts in {kills} kills are no load")
    return checks.result(
        f"{kills} kills, {receipts} receipts, all in the journal; ready again within {slowest:.2f} s")
