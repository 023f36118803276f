"""A training over the network between machines 40 ms apart: how many round trips a batch takes."""

import statistics
import subprocess
import sys
import time

from drills.training_kills import AGENTS, ROWS, Parties, tables
from support.line import Line
from support.result import Checks

NAME = "training-distance"
QUICK = False
LIMIT = 200
DELAY = 0.04
EPOCHS = 20
BATCH = 32
# Beside its batches a training has some messages more: jobs begin and end, and embeddings are asked for.
MOST = 1.1


def run(context):
    checks = Checks()
    folder = context.folder
    (folder / "secret").write_bytes(b"a secret of three parties")
    context.workshop.run("certs", folder / "certificates", "--agents", *AGENTS)
    scenario = tables(folder, EPOCHS)
    (folder / "keyed.csv").write_text(context.workshop.run(
        "data", "keys", folder / "labels.csv", "--key", "key", "--label", "class", "--secret", folder / "secret"))
    line = Line(delay=DELAY)
    try:
        parties = Parties(context, scenario, "distance")
        parties.host, parties.namespace = line.near, line.namespace
        for who in ["center", *AGENTS]:
            parties.start(who)
        parties.programs["center"].log.containing("every agent is there", timeout=30)
        trip = round_trip(line, parties.port)
        start = time.monotonic()
        parties.ended(checks, "center", *AGENTS)
        took = time.monotonic() - start
    finally:
        line.close()
    # Four trainings without a run of rows each, at once, and then one on all rows.
    part = ROWS - ROWS // 8
    batches = EPOCHS * (-(-part // BATCH) - (-ROWS // BATCH))
    trips = took / trip / batches
    checks.expect(trips <= MOST, f"{trips:.2f} round trips a batch")
    return checks.result(f"{trips:.2f} round trips a batch, {1000 * took / batches:.0f} ms; a round trip has {1000 * trip:.0f} ms")


def round_trip(line, port):
    """How long a connection over the line takes to be made, which is one round trip: the relay has its own delay."""
    program = (
        "import socket, time\n"
        "for _ in range(9):\n"
        f"    start = time.monotonic(); socket.create_connection(('{line.near}', {port})).close()\n"
        "    print(time.monotonic() - start)\n")
    done = subprocess.run(
        ["ip", "netns", "exec", line.namespace, sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return statistics.median(map(float, done.stdout.split()))
