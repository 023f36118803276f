"""A journal in PostgreSQL: the database, or the fusion center, is killed at random moments under load; no receipt is lost."""

import random
import time

from support.clients import outcome
from support.database import Database, DatabaseJournal
from support.ledger import ledger, lost
from support.load import Load
from support.processes import eventually
from support.result import Checks

NAME = "kill-database"
QUICK = False
LIMIT = 400
READY = 8.0


def run(context):
    workshop = context.workshop
    kills = 4 if context.quick else 20
    checks, random_ = Checks(), random.Random(6)
    database = context.closing(Database())
    journal = DatabaseJournal(database, workshop.copur)
    center = context.serve(journal=database.url)
    port = center.port
    load = Load(context, center)
    first = workshop.agents[0]
    before, slowest, acknowledged = {}, 0.0, 0
    for kill in range(kills):
        load.keep_up()
        # Not before there is load: a moment between the first new receipt and half a second after it.
        eventually(lambda: load.keep_up() or len(ledger(load.path(first))) > acknowledged, timeout=20)
        time.sleep(random_.uniform(0, 0.5))
        if kill % 2 == 0:
            victim = "database"
            database.kill()
            # What has a receipt was stored before; none comes while there is no database.
            time.sleep(0.3)
            told = len(ledger(load.path(first)))
            time.sleep(1)
            checks.expect(len(ledger(load.path(first))) == told, f"kill {kill}: receipts without a database")
            ledgers = load.copies()
            database.start()
        else:
            victim = "fusion center"
            center.kill()
            ledgers = load.copies()
        start = time.monotonic()
        acknowledged = len(ledger(load.path(first)))
        missing = lost(journal, ledgers)
        checks.expect(not missing, f"kill {kill} of the {victim}: {len(missing)} acknowledged blocks lost, {missing[:1]}")
        checks.expect(journal.is_sound(), f"kill {kill} of the {victim}: copur journal verify")
        verdicts = journal.verdicts()
        changed = [key for key, message in before.items() if verdicts.get(key) != message]
        checks.expect(not changed, f"kill {kill} of the {victim}: {len(changed)} verdicts changed, {changed[:1]}")
        before = verdicts
        if victim == "fusion center":
            start = time.monotonic()
            center = context.serve(journal=database.url, port=port)
        client = context.client(center, f"agent-{first}")
        answer = eventually(lambda: ready(client, workshop, first), timeout=READY) and "OK"
        took = time.monotonic() - start
        slowest = max(slowest, took)
        checks.expect(answer == "OK", f"kill {kill} of the {victim}: not ready after {took:.1f} s")
        client.close()
    load.finish()
    checks.expect(not load.failures, f"agents failed: {load.failures[:1]}")
    code = center.terminate()
    checks.expect(code == 0, f"the service ended with {code}")
    checks.expect(not lost(journal, load.ledgers) and journal.is_sound(), "the journal at the end")
    rounds = {(session, sample) for session, sample, _ in journal.blocks()}
    verdicts = set(journal.verdicts())
    checks.expect(not rounds - verdicts - journal.aborted(), "rounds neither decided nor aborted")
    checks.expect(not journal.aborted() & verdicts, "rounds aborted and decided")
    receipts = sum(len(ledger(load.path(agent))) for agent in workshop.agents)
    checks.expect(receipts >= kills, f"{receipts} receipts in {kills} kills are no load")
    return checks.result(
        f"{kills} kills, {receipts} receipts, all in the journal; ready again within {slowest:.2f} s")


def ready(client, workshop, agent):
    return outcome(lambda: client.join(agent, workshop.width, workshop.model))[0] == "OK"
