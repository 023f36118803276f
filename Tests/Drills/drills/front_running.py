"""A liar that always speaks first, with every default: it decides nothing alone, and changes no certified verdict."""

import json
import time

from support.result import Checks

NAME = "front-running"
QUICK = True
PAUSE = 0.3


def contributors(verdict):
    return {agent.agent for agent in verdict.agents if agent.contributed}


def send_ahead(context, center, session, agent, model, value):
    """All of an agent's blocks before anybody else has begun."""
    stream = context.stream(center, agent, model)
    samples = list(range(context.workshop.rows))
    for start in range(0, len(samples), 500):
        part = samples[start:start + 500]
        stream.send(session, part, [value] * (context.workshop.width * len(part)))
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


def run(context):
    workshop = context.workshop
    checks = Checks()
    liar, honest = workshop.agents[-1], workshop.agents[:-1]
    bundle = workshop.train("line", code=1)
    center = context.serve(
        "--certify", bundle=bundle, journal=context.folder / "journal.sqlite", alone=False)
    model = workshop.version(bundle)
    client = context.client(center, "client-drill")
    rows = range(workshop.rows)

    # Nobody lies.
    play(context, center, checks, "honest", workshop.agents, bundle)
    truth = client.verdicts("honest", rows, timeout=60)
    checks.expect(all(len(contributors(truth[row])) == 4 for row in rows), "honest: a round without one of the agents")
    certified = [row for row in rows if truth[row].decision.certified_agents >= 1]

    decided_alone, changed, without = 0, 0, 0
    for session, value in (("up", 0.3), ("down", -0.3), ("far", 50.0)):
        stream = send_ahead(context, center, session, liar, model, value)
        time.sleep(PAUSE)
        play(context, center, checks, session, honest, bundle)
        statuses = set(stream.statuses(workshop.rows).values())
        checks.expect(statuses == {"ACCEPTED"}, f"{session}: the liar's receipts: {statuses}")
        verdicts = client.verdicts(session, rows, timeout=60)
        decided_alone += sum(contributors(verdicts[row]) <= {liar} for row in rows)
        without += sum(not set(honest) <= contributors(verdicts[row]) for row in rows)
        changed += sum(verdicts[row].decision.label != truth[row].decision.label for row in certified)
    checks.expect(decided_alone == 0, f"the liar was alone in {decided_alone} rounds")
    checks.expect(without == 0, f"an honest agent was left out of {without} rounds")
    checks.expect(changed == 0, f"{changed} of {3 * len(certified)} certified verdicts changed")

    # Rounds that nobody else ever speaks in stay open, and are never decided.
    send_ahead(context, center, "alone", liar, model, 0.3).statuses(workshop.rows)
    time.sleep(1)
    code = center.terminate()
    checks.expect(code == 0, f"the service ended with {code}")
    lines = workshop.run("journal", "list", context.folder / "journal.sqlite", "--session", "alone", "--json")
    outcomes = {json.loads(line)["status"] for line in lines.splitlines()}
    checks.expect(outcomes == {"open"}, f"rounds of the liar alone are {outcomes}")
    return checks.result(
        f"{3 * workshop.rows} rounds, {decided_alone} decided by the liar alone; {changed} of {3 * len(certified)} "
        "certified verdicts changed")
