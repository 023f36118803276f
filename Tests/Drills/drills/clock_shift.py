"""The wall clock jumps by two hours in the middle of a round: deadlines do not notice."""

import json
import pathlib
import shutil
import struct
import subprocess
import time
from datetime import datetime, timezone

from support.clients import outcome
from support.measures import milliseconds
from support.result import Checks, Skipped

NAME = "clock-shift"
QUICK = True
DEADLINE = 0.5
TOLERANCE = 0.1
HOURS = 2


def run(context):
    workshop = context.workshop
    compiler = shutil.which("cc")
    if compiler is None:
        raise Skipped("no C compiler for the shim")
    source = pathlib.Path(__file__).parents[1] / "support" / "clockshift.c"
    shim, file = context.folder / "clockshift.so", context.folder / "shift"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", shim, source, "-ldl"], check=True)
    file.write_bytes(struct.pack("<q", 0))

    def shift(hours):
        with open(file, "r+b") as opened:
            opened.write(struct.pack("<q", 3600 * hours))

    checks, worst = Checks(), 0.0
    center = context.serve(
        deadline=f"{int(1000 * DEADLINE)}ms", environment={"LD_PRELOAD": str(shim), "CLOCKSHIFT_FILE": str(file)})
    client = context.client(center, "client-drill")
    stream = context.stream(center, workshop.agents[0])
    stream.send("warm", [0], [0.5] * workshop.width)
    stream.receipt()
    impostor = context.client(center, f"agent-{workshop.agents[0]}")
    for attempt, hours in enumerate([HOURS, -HOURS, 0, HOURS] if context.quick else [HOURS, -HOURS, 0] * 5):
        session = f"shifted-{attempt}"
        predict = client.predict(session, [0])
        next(predict)
        stream.send(session, [0], [0.5] * workshop.width)
        stream.receipt()
        start = time.monotonic()
        time.sleep(DEADLINE / 3)
        shift(hours)
        closed = next(predict).verdicts[0]
        off = time.monotonic() - start - DEADLINE
        worst = max(worst, abs(off))
        checks.expect(abs(off) <= TOLERANCE and closed.sample == 0, f"{hours} h: {milliseconds(off)} off the deadline")
    # That the clock was shifted at all: the log's wall time, of a refusal that is logged now.
    shift(HOURS)
    outcome(lambda: impostor.join(workshop.agents[1], workshop.width, workshop.model))
    line = center.log.containing("access refused", timeout=2)
    stamp = datetime.strptime(json.loads(line)["time"], "%Y-%m-%dT%H:%M:%S.%f%z")
    ahead = (stamp - datetime.now(timezone.utc)).total_seconds() / 3600
    checks.expect(abs(ahead - HOURS) < 0.1, f"the shim did not shift the clock: {line}")
    return checks.result(f"±{HOURS} h mid-round: off the deadline by at most {milliseconds(worst)}")
