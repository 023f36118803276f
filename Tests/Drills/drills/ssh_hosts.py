"""A run over ssh on machines that share nothing it needs: copies, kills, and what is left."""

import os
import signal

from support.machines import Machines
from support.processes import eventually
from support.result import Checks
from support.ten_agents import TenAgents

NAME = "ssh-hosts"
QUICK = False
LIMIT = 300


def run(context):
    checks = Checks()
    ten = TenAgents(context, seeds=2)
    copur = context.workshop.copur
    machines = Machines(context, "--nodes", 3, shares=[context.workshop.folder, copur.parent])
    hosts = context.folder / "hosts"
    hosts.write_text("# One that is reached by its address.\nnode1=10.214.0.11\nroot@node2\nnode3\n")

    def start(out, *options):
        return machines.start(
            "driver", "login", copur, "run", ten.file, "--launcher", "ssh", "--hosts", hosts, "--agents-per-process", 4,
            "--predictions", "--out", out, "--cache", ten.cache, *options)

    def goes_on(out, why):
        checks.expect(machines.is_idle(), f"{why}: processes are left: {machines.processes()}")
        kept = ten.measured(out)
        driver = start(out)
        checks.expect(driver.wait(60) == 0 and ten.are_predictions(out), f"{why}, again: {driver.log.all[-3:]}")
        copies = ["find", "/tmp", "-maxdepth", 1, "-name", "copur-run-*"]
        left = [machine for machine in machines.idle if machines.run(machine, *copies)]
        checks.expect(why == "driver killed" or not left, f"{why}: files are left on {left}")
        return kept

    # The program under another name, and no folder that is shared.
    program = context.folder / "elsewhere"
    program.symlink_to(copur)
    out = context.folder / "whole"
    driver = start(out, "--remote-program", program)
    checks.expect(driver.wait(60) == 0 and ten.are_predictions(out), f"other program: {driver.log.all[-3:]}")

    out = context.folder / "agents"
    driver = start(out)
    checks.expect(eventually(lambda: ten.measured(out) >= 3, 30), f"no results: {driver.log.all[-3:]}")
    victims = machines.find("node2", "agent")
    checks.expect(victims, "no process of agents on node2")
    os.kill(victims[0][0], signal.SIGKILL)
    code = driver.wait(60)
    checks.expect(code == 69 and "ended during the run" in " ".join(driver.log.all), f"agents killed: {code}, {driver.log.all}")
    after_agents = goes_on(out, "agents killed")

    out = context.folder / "driver"
    driver = start(out)
    checks.expect(eventually(lambda: ten.measured(out) >= 3, 30), f"no results: {driver.log.all[-3:]}")
    keys = [machine for machine in machines.idle if machines.run(machine, "find", "/tmp", "-name", "*.key")]
    checks.expect(not keys, f"keys are left during a run, on {keys}")
    driver.kill()
    after_driver = goes_on(out, "driver killed")

    hosts.write_text("node1\nnode9\n")
    driver = start(context.folder / "stranger")
    code = driver.wait(60)
    checks.expect(code == 69 and "node9" in " ".join(driver.log.all), f"no such host: {code}, {driver.log.all[-3:]}")
    checks.expect(machines.is_idle(), f"no such host: processes are left: {machines.processes()}")
    return checks.result(
        f"{ten.results} results a run; {after_agents} kept when agents were killed, {after_driver} when the driver was; "
        "predictions equal, byte for byte")
