"""Ten agents in any order of start, up to 30 s apart, or without one of them; every default: all decided, nothing late."""

import collections
import json
import random
import time

from support.processes import eventually
from support.result import Checks
from support.ten_agents import TenAgents

NAME = "any-order"
QUICK = False
LIMIT = 420
# Seconds from the first agent's start to the last one's.
SPANS = (0, 3, 30)
# Seconds for which a session waits, after the last of its agents came, for those that never did: the default.
WAIT = 60


def starts(count, span, randomness):
    """When each agent starts: in any order, the first at once, the last after the span."""
    inner = sorted(randomness.uniform(0, span) for _ in range(count - 2))
    return [0.0, *inner, float(span)]


def play(context, center, checks, ten, session, agents, times):
    """Starts agents at their times, and waits: each has to end well, with all its blocks accepted."""
    begin = time.monotonic()
    programs = []
    for agent, at in zip(agents, times):
        time.sleep(max(0, begin + at - time.monotonic()))
        programs.append((agent, ten.agent(context, agent, center, session)))
    for agent, program in programs:
        code = program.wait(120)
        program.output.end()
        last = program.output.all[-1:]
        checks.expect(
            code == 0 and last == [f"{agent}: {ten.rows} accepted"], f"{session}: {agent} ended with {code}: {last}")


def rounds(context, journal, session):
    """What was decided, and from how many agents: how many rounds of each kind."""
    kinds = collections.Counter()
    lines = context.workshop.run("journal", "list", journal, "--session", session, "--json")
    for line in lines.splitlines():
        verdict = json.loads(line)
        kinds[verdict["status"], len(verdict["contributed"]), tuple(verdict["missing"])] += 1
    return kinds


def run(context):
    checks = Checks()
    randomness = random.Random(15)
    ten = TenAgents(context, seeds=1)
    journal = context.folder / "rounds.sqlite"
    center = ten.serve(context, journal)
    told = []
    for span in SPANS:
        session = f"spread-{span}"
        order = randomness.sample(ten.agents, len(ten.agents))
        play(context, center, checks, ten, session, order, starts(len(order), span, randomness))
        kinds = rounds(context, journal, session)
        checks.expect(kinds == {("decided", 10, ()): ten.rows}, f"{session}: {kinds}")

    # One is never there: its session waits for it, and says so; then the others decide, each round without it.
    order = randomness.sample(ten.agents, len(ten.agents))
    absent = order.pop()
    play(context, center, checks, ten, "without", order, starts(len(order), SPANS[-1], randomness))
    came = time.monotonic()
    waits = [line for line in center.log.matching("without") if absent in line]
    checks.expect(bool(waits), f"the log says nothing of {absent}, whom the session waits for")
    expected = {("decided", 9, (absent,)): ten.rows}
    eventually(lambda: rounds(context, journal, "without") == expected, timeout=2 * WAIT, every=1)
    seconds = time.monotonic() - came
    kinds = rounds(context, journal, "without")
    checks.expect(kinds == expected, f"without {absent}: {kinds}")
    checks.expect(WAIT - 5 <= seconds <= WAIT + 10, f"without {absent}: decided {seconds:.0f} s after the last came")
    code = center.terminate()
    checks.expect(code == 0, f"the service ended with {code}")
    return checks.result(
        f"{len(SPANS) * ten.rows} rounds decided from all ten agents; {ten.rows} without the one that never came, "
        f"{seconds:.0f} s after the last of the others; no block late")
