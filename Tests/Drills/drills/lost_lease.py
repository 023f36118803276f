"""Two fusion centers on one database: one is killed or stopped under load, the other goes on with its sessions; nothing is lost."""

import random
import signal
import time

from support.clients import outcome
from support.database import Database, DatabaseJournal
from support.front import Front
from support.ledger import ledger, lost
from support.load import Load
from support.processes import eventually
from support.result import Checks

NAME = "lost-lease"
QUICK = False
LIMIT = 600
LEASE = 2.0
# The lease, a renewal of the other center, and what it takes to connect again on a busy machine.
TAKEOVER = LEASE * 5 / 4 + 3.0


def run(context):
    workshop = context.workshop
    losses = 2 if context.quick else 10
    checks, random_ = Checks(), random.Random(7)
    database = context.closing(Database())
    journal = DatabaseJournal(database, workshop.copur)
    url = f"{database.url}&lease={LEASE:g}"

    def serve(port=0):
        return context.serve("--advertise", f"127.0.0.1:{port}", journal=url, port=port)

    centers = [serve(port) for port in free_ports(2)]
    fronts = [context.closing(Front(center.address)) for center in centers]
    loads = [Load(context, front, name=f"load-{index}") for index, front in enumerate(fronts)]
    first = workshop.agents[0]
    before, took = {}, {"kill -9": [], "SIGSTOP": []}

    def keep_up():
        for load in loads:
            load.keep_up()

    def receipts(load):
        return len(ledger(load.path(first)))

    for loss in range(losses):
        victim, other = loss // 2 % 2, 1 - loss // 2 % 2
        way = "SIGSTOP" if loss % 2 else "kill -9"
        seen = [receipts(load) for load in loads]
        eventually(lambda: keep_up() or all(receipts(load) > old for load, old in zip(loads, seen)), timeout=30)
        time.sleep(random_.uniform(0, 0.5))
        if not any(program.is_running for program in loads[victim].running):
            loads[victim].keep_up()
        session = f"{loads[victim].name}-{loads[victim].session}"
        centers[victim].send(signal.SIGKILL if way == "kill -9" else signal.SIGSTOP)
        start = time.monotonic()
        fronts[victim].turn(centers[other].address)
        time.sleep(0.3)
        told, elsewhere = receipts(loads[victim]), receipts(loads[other])
        went_on = eventually(lambda: loads[other].keep_up() or receipts(loads[victim]) > told, timeout=TAKEOVER + 10)
        seconds = time.monotonic() - start
        took[way].append(seconds)
        checks.expect(went_on and seconds <= TAKEOVER, f"loss {loss} by {way}: no receipts for {seconds:.1f} s")
        checks.expect(
            eventually(lambda: loads[other].keep_up() or receipts(loads[other]) > elsewhere, timeout=20),
            f"loss {loss} by {way}: the other center's own sessions do not go on")
        if way == "SIGSTOP":
            centers[victim].send(signal.SIGCONT)
            try:
                centers[victim].log.containing("taken sessions over", timeout=10)
            except TimeoutError as error:
                checks.expect(False, f"loss {loss}: it does not say that it lost sessions: {error}")
            client = context.client(centers[victim], "client-c")
            code, text = outcome(lambda: client.verdicts(session, [0]))
            checks.expect(
                code == "FAILED_PRECONDITION" and centers[other].address in text, f"loss {loss}: {code} {text}")
            client.close()
        ledgers = [load.copies() for load in loads]
        missing = [block for copies in ledgers for block in lost(journal, copies)]
        checks.expect(not missing, f"loss {loss} by {way}: {len(missing)} acknowledged blocks lost, {missing[:1]}")
        checks.expect(journal.is_sound(), f"loss {loss} by {way}: copur journal verify")
        verdicts = journal.verdicts()
        changed = [key for key, message in before.items() if verdicts.get(key) != message]
        checks.expect(not changed, f"loss {loss} by {way}: {len(changed)} verdicts changed, {changed[:1]}")
        before = verdicts
        if way == "kill -9":
            centers[victim] = serve(centers[victim].port)
        # The next session is the first center's again.
        loads[victim].finish()
        fronts[victim].turn(centers[victim].address)
    for load in loads:
        load.finish()
        checks.expect(not load.failures, f"agents failed: {load.failures[:1]}")
    for center in centers:
        code = center.terminate()
        checks.expect(code == 0, f"a service ended with {code}")
    missing = [block for load in loads for block in lost(journal, load.ledgers)]
    checks.expect(not missing and journal.is_sound(), "the journal at the end")
    rounds = {(session, sample) for session, sample, _ in journal.blocks()}
    verdicts = set(journal.verdicts())
    checks.expect(not rounds - verdicts - journal.aborted(), "rounds neither decided nor aborted")
    checks.expect(not journal.aborted() & verdicts, "rounds aborted and decided")
    count = sum(len(ledger(path)) for load in loads for path in load.ledgers.values())
    checks.expect(count >= losses, f"{count} receipts in {losses} losses are no load")
    slowest = ", ".join(f"{max(times):.1f} s after {way}" for way, times in took.items() if times)
    return checks.result(
        f"{losses} centers lost, {count} receipts, all in the journal; lease {LEASE:g} s, receipts again within {slowest}")


def free_ports(count):
    """Ports that nobody has now: centers of one journal are known by their addresses."""
    fronts = [Front(None) for _ in range(count)]
    ports = [int(front.address.rpartition(":")[2]) for front in fronts]
    for front in fronts:
        front.close()
    return ports
