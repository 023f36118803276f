"""Driver, fusion center and agents on machines 20 ms apart, whose links are cut: the predictions of one process."""

import time

from support.machines import Machines
from support.processes import eventually
from support.result import Checks
from support.ten_agents import TenAgents

NAME = "machines"
QUICK = False
LIMIT = 400
DELAY = 20
SHORT_CUT = 3
# Longer than ssh takes to give a machine up, which is 45 s.
LONG_CUT = 60


def run(context):
    checks = Checks()
    ten = TenAgents(context, seeds=2)
    machines = Machines(
        context, "--nodes", 3, "--delay", DELAY, shares=[context.workshop.folder, context.workshop.copur.parent])

    def start(out):
        # The driver on login, the fusion center on node1, agents on node2 and node3.
        return machines.start(
            "driver", "login", context.workshop.copur, "run", ten.file, "--launcher", "ssh", "--hosts",
            "node1,node2,node3", "--agents-per-process", 5, "--predictions", "--out", out, "--cache", ten.cache)

    # Cut for so short that every connection lasts.
    out = context.folder / "short"
    begun = time.monotonic()
    driver = start(out)
    for machine, results in (("node2", 3), ("node1", 9)):
        checks.expect(eventually(lambda: ten.measured(out) >= results, 60), f"{results} results: {driver.log.all[-3:]}")
        machines.cut(machine, SHORT_CUT).wait(SHORT_CUT + 10)
    checks.expect(driver.wait(120) == 0, f"cut for {SHORT_CUT} s: {driver.log.all[-3:]}")
    checks.expect(ten.are_predictions(out), f"cut for {SHORT_CUT} s: other predictions")
    took = time.monotonic() - begun

    # Cut for longer than anybody waits.
    out = context.folder / "long"
    driver = start(out)
    eventually(lambda: ten.measured(out) >= 3, 60)
    begun = time.monotonic()
    cut = machines.cut("node3", LONG_CUT)
    code = driver.wait(120)
    noticed = time.monotonic() - begun
    words = " ".join(driver.log.all)
    checks.expect(code == 69 and "node3 not responding" in words, f"cut for {LONG_CUT} s: {code}, {driver.log.all[-3:]}")
    kept = ten.measured(out)
    cut.wait(LONG_CUT + 10)
    checks.expect(machines.is_idle(), f"processes are left: {machines.processes()}")
    driver = start(out)
    checks.expect(driver.wait(120) == 0 and ten.are_predictions(out), f"the same command again: {driver.log.all[-3:]}")
    return checks.result(
        f"{ten.results} results in {took:.0f} s with two cuts of {SHORT_CUT} s; a cut of {LONG_CUT} s noticed after "
        f"{noticed:.0f} s, {kept} results kept; predictions equal, byte for byte")
