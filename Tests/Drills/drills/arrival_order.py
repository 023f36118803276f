"""Duplicates, late blocks, replays and any order of arrival: verdicts are bit-equal, one row each."""

import random

from support.journal import Journal
from support.result import Checks

NAME = "arrival-order"
QUICK = True
SAMPLES = 40
ORDERS = 6
DEADLINE = 1.0


def blocks(workshop):
    """(agent, sample) → values."""
    random_ = random.Random(1)
    return {
        (agent, sample): [round(random_.gauss(0, 2), 3) for _ in range(workshop.width)]
        for agent in workshop.agents for sample in range(SAMPLES)
    }


def play(streams, session, order, values, width):
    """Sends in an order, each block in a message of its own, every third one twice, with conflicting copies between."""
    sent = {agent: 0 for agent in streams}
    for position, (agent, sample) in enumerate(order):
        streams[agent].send(session, [sample], values[agent, sample])
        sent[agent] += 1
        if position % 3 == 0:
            streams[agent].send(session, [sample], values[agent, sample])
            sent[agent] += 1
        if position % 5 == 0:
            streams[agent].send(session, [sample], [9.0] * width)
            sent[agent] += 1
    statuses = []
    for agent, count in sent.items():
        end = len(statuses) + count
        while len(statuses) < end:
            receipt = streams[agent].receipt()
            statuses += [receipt.status] * len(receipt.samples)
    return statuses


def bits(verdict):
    """A verdict without its session's name, to the bit."""
    copy = type(verdict)()
    copy.CopyFrom(verdict)
    copy.session = ""
    return copy.SerializeToString(deterministic=True)


def run(context):
    workshop = context.workshop
    fusion = workshop.stubs.fusion
    checks = Checks()
    path = context.folder / "journal.sqlite"
    center = context.serve(deadline=f"{int(1000 * DEADLINE)}ms", journal=path)
    client = context.client(center, "client-drill")
    values = blocks(workshop)
    everything = sorted(values)
    # The last agent is late for the last sample in every session: in some it comes after the deadline, in some never.
    late = (workshop.agents[-1], SAMPLES - 1)
    reference = None
    for attempt in range(ORDERS):
        session = f"order-{attempt}"
        order = [block for block in everything if block != late]
        if attempt:
            random.Random(attempt).shuffle(order)
        streams = {agent: context.stream(center, agent) for agent in workshop.agents}
        statuses = play(streams, session, order, values, workshop.width)
        accepted = statuses.count(fusion.Receipt.ACCEPTED)
        checks.expect(accepted == len(order), f"{session}: {accepted} accepted instead of {len(order)}")
        verdicts = client.verdicts(session, range(SAMPLES))
        if attempt % 2:
            # After the deadline, and once more all that was sent before, on new streams.
            streams[late[0]].send(session, [late[1]], values[late])
            receipt = streams[late[0]].receipt()
            checks.expect(receipt.status == fusion.Receipt.LATE, f"{session}: late is {receipt.status}")
            again = {agent: context.stream(center, agent) for agent in workshop.agents}
            for agent, sample in order:
                again[agent].send(session, [sample], values[agent, sample])
            for agent in again:
                count = sum(block[0] == agent for block in order)
                replayed = set(again[agent].statuses(count).values())
                checks.expect(replayed == {"DUPLICATE"}, f"{session}: a replay is {replayed}")
            verdicts = client.verdicts(session, range(SAMPLES))
        told = {sample: bits(verdict) for sample, verdict in verdicts.items()}
        missing = [agent.agent for agent in verdicts[late[1]].agents if not agent.contributed]
        checks.expect(missing == [late[0]], f"{session}: missing in the last sample: {missing}")
        reference = reference or told
        different = sum(told[sample] != reference[sample] for sample in range(SAMPLES))
        checks.expect(different == 0, f"{session}: {different} verdicts of {SAMPLES} differ")
    code = center.terminate()
    checks.expect(code == 0, f"the service ended with {code}")
    journal = Journal(path)
    checks.expect(journal.is_sound(), "integrity_check")
    stored = len(journal.blocks())
    checks.expect(stored == ORDERS * (len(everything) - 1), f"{stored} blocks in the journal")
    checks.expect(len(journal.verdicts()) == ORDERS * SAMPLES, f"{len(journal.verdicts())} verdicts in the journal")
    return checks.result(f"{ORDERS} orders of {len(everything)} blocks, {SAMPLES} verdicts each bit-equal")
