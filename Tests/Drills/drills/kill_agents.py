"""Agents are killed in the middle of a round: it closes at its deadline with the others."""

import time

from support.measures import milliseconds
from support.result import Checks

NAME = "kill-agents"
QUICK = True
DEADLINE = 0.4
TOLERANCE = 0.1


def run(context):
    workshop = context.workshop
    checks, worst = Checks(), 0.0
    center = context.serve(deadline=f"{int(1000 * DEADLINE)}ms")
    client = context.client(center, "client-drill")
    first, second = workshop.agents[:2]
    stays = context.stream(center, second)
    stays.send("warm", [0], [0.5] * workshop.width)
    stays.receipt()
    files = None
    for attempt in range(3):
        session = f"killed-{attempt}"
        predict = client.predict(session, [0])
        next(predict)
        # An agent of ours that is told to wait: killed after it has joined, before it has spoken.
        doomed = context.agent(first, center, "--simulation", "127.0.0.1:0")
        doomed.log.containing("joined")
        start = time.monotonic()
        stays.send(session, [0], [0.5] * workshop.width)
        stays.receipt()
        doomed.kill()
        verdict = next(predict).verdicts[0]
        late = time.monotonic() - start - DEADLINE
        spoke = [agent.agent for agent in verdict.agents if agent.contributed]
        worst = max(worst, abs(late))
        checks.expect(abs(late) <= TOLERANCE, f"closed {milliseconds(late)} after its deadline")
        checks.expect(spoke == [second], f"contributed: {spoke}")
        if attempt == 0:
            files = center.open_files()
    checks.expect(center.open_files() <= files, f"open files: {files}, then {center.open_files()}")
    return checks.result(f"off the deadline by at most {milliseconds(worst)}")
