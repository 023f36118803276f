"""Jobs of Debian's Slurm, with a task killed, a job cancelled, one that has to give way, and a sweep of 60 runs."""

import os
import pathlib
import signal
import time

from support.machines import REPOSITORY, Slurm
from support.processes import eventually
from support.result import Checks
from support.ten_agents import TenAgents

NAME = "slurm"
QUICK = False
LIMIT = 600
POINTS, SEEDS = 12, 5
RUNS = POINTS * SEEDS
TASK = "SLURM_ARRAY_TASK_ID="


def run(context):
    checks = Checks()
    ten = TenAgents(context, seeds=2)
    copur = context.workshop.copur
    slurm = Slurm(context, "--nodes", 3, shares=[context.workshop.folder, copur.parent])
    # Job scripts start the program that is on their PATH.
    (context.folder / "bin").mkdir()
    (context.folder / "bin" / "copur").symlink_to(copur)
    path = {"PATH": f"{context.folder / 'bin'}:{os.environ['PATH']}"}
    scripts = REPOSITORY / "Deploy" / "cluster"

    def log(job):
        return (context.folder / f"slurm-{job}.out").read_text()[-4000:]

    def submit(out):
        return slurm.submit(
            scripts / "run.sbatch", ten.file, out, "--agents-per-process", 4, "--predictions", "--cache", ten.cache,
            environment=path)

    def under_way(out, job):
        checks.expect(eventually(lambda: ten.measured(out) >= 3, 60), f"job {job} has no results: {log(job)}")

    def completes(job, out, why):
        slurm.finish(job)
        state, code = slurm.state(job)
        checks.expect((state, code) == ("COMPLETED", 0), f"{why}: {state}, {code}, {log(job)}")
        checks.expect(ten.are_predictions(out), f"{why}: other predictions")
        checks.expect(slurm.is_idle(), f"{why}: processes are left: {slurm.processes()}, not {slurm.idle}")

    out = context.folder / "whole"
    begun = time.monotonic()
    completes(submit(out), out, "a job")
    took = time.monotonic() - begun

    # A task of the job is killed: the job fails, and the same command goes on.
    out = context.folder / "killed"
    job = submit(out)
    under_way(out, job)
    victims = slurm.find("node2", "agent")
    if checks.expect(victims, "no process of agents on node2"):
        os.kill(victims[0][0], signal.SIGKILL)
    slurm.finish(job)
    state, code = slurm.state(job)
    checks.expect((state, code) == ("FAILED", 69), f"a task killed: {state}, {code}, {log(job)}")
    checks.expect("ended during the run" in log(job), f"a task killed: {log(job)}")
    completes(submit(out), out, "the job after one whose task was killed")

    # Cancelled, and submitted again.
    out = context.folder / "cancelled"
    job = submit(out)
    under_way(out, job)
    slurm.run("login", "scancel", job)
    slurm.finish(job)
    checks.expect(slurm.state(job)[0] == "CANCELLED", f"cancelled: {slurm.state(job)}")
    checks.expect(slurm.is_idle(), f"cancelled: processes are left: {slurm.processes()}, not {slurm.idle}")
    kept = ten.measured(out)
    checks.expect(0 < kept < ten.results, f"cancelled: {kept} of {ten.results} results")
    completes(submit(out), out, "the job after one that was cancelled")

    # Another job needs its nodes: it goes on by itself afterwards.
    out = context.folder / "urgent"
    job = submit(out)
    under_way(out, job)
    urgent = slurm.submit("--partition=urgent", "--nodes=3", "--exclusive", "--wrap", "true")
    slurm.finish(urgent)
    checks.expect(slurm.state(urgent)[0] == "COMPLETED", f"the urgent job: {slurm.state(urgent)}")
    completes(job, out, "a job that gave way")
    checks.expect("Restarts=1" in slurm.run("login", "scontrol", "show", "job", job), "the job did not give way")

    done = array(context, checks, slurm, ten, path, scripts / "array.sbatch")
    return checks.result(
        f"{ten.results} results in {took:.0f} s; {kept} kept when cancelled; {done}; predictions equal, byte for byte")


def array(context, checks, slurm, ten, path, script):
    """A sweep as a job array of a run a task, of which one is killed and one cancelled, and merged; what is said of it."""
    folder = context.folder / "array"
    scenario = context.folder / "sweep.yaml"
    text = ten.file.read_text().partition("attacks:")[0]
    scenario.write_text(
        f"{text}attacks: [{{ name: clean }}]\nsweep: {{ training.epochs: {list(range(1, 1 + POINTS))} }}\n"
        f"seeds: {list(range(SEEDS))}\n")
    context.workshop.run(
        "run", scenario, "--in-process", "--predictions", "--out", context.folder / "sweep", "--no-cache")

    def submit():
        return slurm.submit(
            f"--array=1-{RUNS}", "--output=array-%a.out", script, scenario, folder, "--predictions", "--no-cache",
            environment=path)

    begun = time.monotonic()
    job = submit()
    killed = cancelled = None

    def kill_one():
        nonlocal killed
        for process, words in slurm.find("node1", "run"):
            variables = pathlib.Path(f"/proc/{process}/environ").read_bytes().decode().split("\0")
            os.kill(process, signal.SIGKILL)
            killed = int(next(word for word in variables if word.startswith(TASK)).removeprefix(TASK))
            return True
        return False

    def running():
        nonlocal cancelled
        queue = ["squeue", "--noheader", "--array", "--states=R", "--nodelist=node2", "--format=%K"]
        tasks = slurm.run("login", *queue, f"--jobs={job}").split()
        cancelled = next((int(task) for task in reversed(tasks) if int(task) != killed), None)
        return cancelled is not None

    checks.expect(eventually(kill_one, 30), "no task of the array on node1")
    checks.expect(eventually(running, 30), "no task of the array on node2")
    slurm.run("login", "scancel", f"{job}_{cancelled}")
    slurm.finish(job, 300)

    def unfinished(job):
        states = {task: slurm.state(f"{job}_{task}")[0] for task in range(1, 1 + RUNS)}
        return {task: state for task, state in states.items() if state != "COMPLETED"}

    failed = unfinished(job)
    checks.expect(failed == {killed: "FAILED", cancelled: "CANCELLED"}, f"tasks of the array: {failed}")
    job = submit()
    slurm.finish(job, 300)
    took = time.monotonic() - begun
    checks.expect(not unfinished(job), f"tasks of the array, again: {unfinished(job)}")

    context.workshop.run("merge", folder)
    points = sorted(point.name for point in (context.folder / "sweep" / "points").iterdir())
    checks.expect(len(points) == POINTS, f"points of the sweep: {points}")
    for point in points:
        local, merged = (sweep / "points" / point / "predictions.csv" for sweep in (context.folder / "sweep", folder))
        checks.expect(merged.read_bytes() == local.read_bytes(), f"the sweep's point {point}: other predictions")
    return f"a sweep of {RUNS} runs in {took:.0f} s, task {killed} killed, {cancelled} cancelled"
