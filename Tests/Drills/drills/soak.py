"""Load for ten minutes ($COPUR_SOAK_SECONDS): memory, open files and the write-ahead log stay where they are."""

import os
import time

from support.journal import Journal
from support.ledger import lost
from support.load import Load
from support.measures import megabytes, slope
from support.result import Checks

NAME = "soak"
QUICK = False
SECONDS = float(os.environ.get("COPUR_SOAK_SECONDS", 600))
LIMIT = int(SECONDS) + 300
# Bytes in five minutes.
MEMORY = 2 * 2**20
LOG = 64 * 2**20
# Rounds that the service remembers, by design. The queue that says which is the oldest is cut when half of it is past, so
# memory grows until there have been twice as many.
REMEMBERED = 65_536


def run(context):
    workshop = context.workshop
    checks = Checks()
    path = context.folder / "journal.sqlite"
    journal = Journal(path)
    center = context.serve(*context.plane(), journal=path)
    load = Load(context, center, "--batch", "8")
    start = time.monotonic()
    warm = None
    points, files, log, told = [], [], 0, start
    while (now := time.monotonic()) - start < SECONDS:
        load.keep_up()
        log = max(log, journal.log_bytes)
        if warm is None and load.session * workshop.rows > 2.2 * REMEMBERED:
            warm = now
            context.note(f"memory is as full as it gets after {now - start:.0f} s")
        if warm is not None:
            points.append((now, center.memory()))
            files.append(center.open_files())
        if now - told > 60:
            told = now
            context.note(f"{now - start:.0f} s: {load.session} sessions, {megabytes(center.memory())}")
        time.sleep(0.5)
    load.finish()
    checks.expect(not load.failures, f"agents failed: {load.failures[:1]}")
    if len(points) < 20:
        raise TimeoutError(f"the time was over after {load.session} sessions, before memory can be measured")
    span = points[-1][0] - points[0][0]
    growth = 300 * slope(points)
    checks.expect(growth <= MEMORY, f"memory grows by {megabytes(growth)} in 5 minutes")
    half = len(files) // 2
    checks.expect(max(files[half:]) <= max(files[:half]), f"open files: {max(files[:half])}, later {max(files[half:])}")
    checks.expect(log <= LOG, f"a log of {megabytes(log)}")
    memory = center.memory()
    code = center.terminate()
    checks.expect(code == 0, f"the service ended with {code}")
    missing = lost(journal, load.ledgers)
    checks.expect(not missing, f"{len(missing)} acknowledged blocks lost, such as {missing[:1]}")
    return checks.result(
        f"{SECONDS:.0f} s, {load.session + 1} sessions of {workshop.rows} rounds: {megabytes(memory)}, "
        f"{megabytes(growth)} in 5 min over {span:.0f} s; {max(files)} open files; log {megabytes(log)}")
