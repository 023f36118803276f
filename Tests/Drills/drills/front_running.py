"""A liar that always speaks first, with every default: it decides nothing alone, and changes no certified verdict."""

import json
import time

from support.result import Checks

NAME = "front-running"
QUICK = True
LIMIT = 300
PAUSE = 0.3


def contributors(verdict):
    return {agent.agent for agent in verdict.agents if agent.contributed}


def send_ahead(context, center, session, agent, model, value, width):
    """All of an agent's blocks before anybody else has begun."""
    stream = context.stream(center, agent, model)
    samples = list(range(context.workshop.rows))
    for start in range(0, len(samples), 500):
        part = samples[start:start + 500]
        stream.send(session, part, [value] * (width * len(part)))
    return stream


def play(context, center, checks, session, agents, bundle):
    """Agents of ours, one started after the other: what became of their blocks."""
    programs = []
    for agent in agents:
        programs.append((agent, context.agent(agent, center, "--session", session, bundle=bundle)))
        time.sleep(PAUSE)
    for agent, program in programs:
        code = program.wait(120)
        program.output.end()
        checks.expect(code == 0, f"{session}: agent {agent} ended with {code}: {program.output.all[-1:]}")


def race(context, checks, name, bundle, *options):
    """Sessions in which the liar is first, beside one in which nobody lies: how many rounds, certified ones, and failures."""
    workshop = context.workshop
    liar, honest = workshop.agents[-1], workshop.agents[:-1]
    journal = context.folder / f"{name}.sqlite"
    center = context.serve(*options, bundle=bundle, journal=journal, alone=False)
    model, width = workshop.version(bundle), workshop.block_width(bundle)
    client = context.client(center, "client-drill")
    rows = range(workshop.rows)

    # Nobody lies.
    play(context, center, checks, f"{name}-honest", workshop.agents, bundle)
    truth = client.verdicts(f"{name}-honest", rows, timeout=60)
    checks.expect(all(len(contributors(truth[row])) == 4 for row in rows), f"{name}: a round without one of the agents")
    certified = [row for row in rows if truth[row].decision.certified_agents >= 1]
    checks.expect(bool(certified), f"{name}: no verdict is certified, so that none can change")

    decided_alone, changed, without = 0, 0, 0
    for lie, value in (("up", 0.3), ("down", -0.3), ("far", 50.0)):
        session = f"{name}-{lie}"
        stream = send_ahead(context, center, session, liar, model, value, width)
        time.sleep(PAUSE)
        play(context, center, checks, session, honest, bundle)
        statuses = set(stream.statuses(workshop.rows).values())
        checks.expect(statuses == {"ACCEPTED"}, f"{session}: the liar's receipts: {statuses}")
        verdicts = client.verdicts(session, rows, timeout=60)
        decided_alone += sum(contributors(verdicts[row]) <= {liar} for row in rows)
        without += sum(not set(honest) <= contributors(verdicts[row]) for row in rows)
        changed += sum(verdicts[row].decision.label != truth[row].decision.label for row in certified)
    checks.expect(decided_alone == 0, f"{name}: the liar was alone in {decided_alone} rounds")
    checks.expect(without == 0, f"{name}: an honest agent was left out of {without} rounds")
    checks.expect(changed == 0, f"{name}: {changed} of {3 * len(certified)} certified verdicts changed")

    # Rounds that nobody else ever speaks in stay open, and are never decided.
    send_ahead(context, center, "alone", liar, model, 0.3, width).statuses(workshop.rows)
    time.sleep(1)
    code = center.terminate()
    checks.expect(code == 0, f"{name}: the service ended with {code}")
    lines = workshop.run("journal", "list", journal, "--session", "alone", "--json")
    outcomes = {json.loads(line)["status"] for line in lines.splitlines()}
    checks.expect(outcomes == {"open"}, f"{name}: rounds of the liar alone are {outcomes}")
    return f"{3 * workshop.rows} rounds ({name}), {decided_alone} decided by the liar alone, {changed} of " \
        f"{3 * len(certified)} certified verdicts changed"


def run(context):
    workshop = context.workshop
    checks = Checks()
    told = [race(context, checks, "copur", workshop.train("line", code=1), "--certify")]
    if not context.quick:
        # Every default of a service whose training was told whom to be protected from.
        told.append(race(context, checks, "protect", workshop.train("protected", protect="{ any: 1 }")))
    return checks.result("; ".join(told))
