"""SIGTERM under load: not ready at once, what is in flight finishes, exit 0; a second SIGTERM ends it at once."""

import signal
import threading
import time

import grpc

from support.clients import outcome
from support.journal import Journal
from support.measures import milliseconds
from support.result import Checks

NAME = "sigterm"
QUICK = True
DEADLINE = 1.5


class Sender(threading.Thread):
    """An agent that sends a block each few milliseconds until its stream ends."""

    def __init__(self, stream, agent, width):
        super().__init__(daemon=True)
        self.stream, self.agent, self.width = stream, agent, width
        self.accepted, self.ended = [], None

    def run(self):
        sample = 0
        try:
            while True:
                self.stream.send("load", [sample], [0.5] * self.width)
                if self.stream.receipt().status == self.stream.fusion.Receipt.ACCEPTED:
                    self.accepted.append(sample)
                sample += 1
                time.sleep(0.002)
        except (grpc.RpcError, StopIteration) as error:
            self.ended = error.code().name if isinstance(error, grpc.RpcError) else "OK"


def run(context):
    workshop = context.workshop
    checks, refusals = Checks(), []
    attempts = 2 if context.quick else 5
    for attempt in range(attempts):
        path = context.folder / f"journal-{attempt}.sqlite"
        center = context.serve(journal=path, deadline=f"{int(1000 * DEADLINE)}ms")
        client = context.client(center, "client-drill")
        joiner = context.client(center, f"agent-{workshop.agents[-1]}")
        joiner.join(workshop.agents[-1], workshop.width, workshop.model)
        # The last agent is silent, so that every round is in flight until its deadline.
        senders = [
            Sender(context.stream(center, agent), agent, workshop.width) for agent in workshop.agents[:-1]
        ]
        watched, watching = [], threading.Event()

        def watch():
            try:
                for response in client.watch("load"):
                    watching.set()
                    watched.extend(response.verdicts)
            except grpc.RpcError:
                pass

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        watching.wait(5)
        for sender in senders:
            sender.start()
        time.sleep(1)
        start = time.monotonic()
        center.send(signal.SIGTERM)
        # Not ready at once: the first Join that is refused.
        while (code := outcome(lambda: joiner.join(workshop.agents[-1], workshop.width, workshop.model))[0]) == "OK":
            if time.monotonic() - start > 5:
                break
        refused = time.monotonic() - start
        refusals.append(refused)
        checks.expect(code == "UNAVAILABLE" and refused <= 0.25, f"Join: {code} {milliseconds(refused)} after SIGTERM")
        exit_code = center.wait(20)
        took = time.monotonic() - start
        checks.expect(exit_code == 0, f"it ended with {exit_code}")
        checks.expect(took <= DEADLINE + 2, f"it took {took:.1f} s to end")
        for sender in senders:
            sender.join(5)
        watcher.join(5)
        accepted = {(sender.agent, sample) for sender in senders for sample in sender.accepted}
        journal = Journal(path)
        stored = {(agent, sample) for _, sample, agent in journal.blocks()}
        checks.expect(accepted and accepted <= stored, f"{len(accepted - stored)} acknowledged blocks lost")
        # Every block that was acknowledged is in a verdict, and every verdict was told.
        told = {
            (agent.agent, verdict.sample) for verdict in watched for agent in verdict.agents if agent.contributed
        }
        checks.expect(accepted <= told, f"{len(accepted - told)} acknowledged blocks without a verdict")
        checks.expect(
            {(v.session, v.sample) for v in watched} == set(journal.verdicts()), "verdicts told and stored differ")

    # A round that would keep it for a minute: the second SIGTERM does not wait.
    center = context.serve(deadline="60s")
    stream = context.stream(center, workshop.agents[0])
    stream.send("long", [0], [0.5] * workshop.width)
    stream.receipt()
    center.send(signal.SIGTERM)
    time.sleep(0.5)
    checks.expect(center.is_running, "it did not wait for its open round")
    start = time.monotonic()
    center.send(signal.SIGTERM)
    code = center.wait(10)
    took = time.monotonic() - start
    checks.expect(took <= 0.5 and code != 0, f"the second SIGTERM took {took:.1f} s, code {code}")
    return checks.result(f"not ready within {milliseconds(max(refusals))}; second SIGTERM {milliseconds(took)}")
