"""Several machines on this one, made by the scripts of Deploy/cluster."""

import os
import pathlib
import shutil
import subprocess

from .processes import eventually
from .result import Skipped

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
SCRIPTS = REPOSITORY / "Deploy" / "cluster"


class Machines:
    """login and node1 to nodeN, with addresses, names, sshd and a /tmp of their own."""

    script = "machines.sh"
    programs = {"ip": "iproute2", "sshd": "openssh-server"}

    def __init__(self, context, *options, shares=()):
        """
        options -- of the script's start
        shares -- folders of /tmp that all of them see
        """
        if os.geteuid() != 0:
            raise Skipped("network namespaces need root")
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        for program, package in self.programs.items():
            if shutil.which(program, path=path) is None:
                raise Skipped(f"{program} ({package}) is not installed")
        self.context = context
        self.folder = context.folder / "machines"
        words = [word for folder in shares for word in ("--share", folder)]
        done = self._script("start", *options, *words)
        if done.returncode == 69:
            raise Skipped(done.stderr.strip().splitlines()[-1])
        if done.returncode:
            raise RuntimeError(f"{self.script} start ended with {done.returncode}: {done.stderr.strip()}")
        context.closing(self)
        self.idle = self.processes()

    def _script(self, command, *arguments):
        words = [SCRIPTS / self.script, command, self.folder, *arguments]
        return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120)

    def start(self, name, machine, *arguments, environment=None):
        """Starts a program on a machine."""
        words = [SCRIPTS / "machines.sh", "run", self.folder, machine, *arguments]
        return self.context.start(name, words, environment)

    def run(self, machine, *arguments, code=0, timeout=60):
        """Runs a program on a machine to its end; what it prints.

        code -- with what it has to end; None: whatever
        """
        words = [SCRIPTS / "machines.sh", "run", self.folder, machine, *arguments]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=timeout)
        if code is not None and done.returncode != code:
            raise RuntimeError(f"{arguments[0]} on {machine} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def cut(self, machine, seconds):
        """Nothing reaches the machine for a while, from now on; the program that ends with that while."""
        return self.context.start(f"cut {machine}", [SCRIPTS / "machines.sh", "cut", self.folder, machine, seconds])

    def find(self, machine, *words):
        """The processes of copur on a machine whose command lines have all of these words, the last started first."""
        prefix = (self.folder / "prefix").read_text().strip()
        listed = subprocess.run(["ip", "netns", "pids", f"{prefix}-{machine}"], capture_output=True, text=True).stdout.split()
        found = []
        for process in listed:
            try:
                line = pathlib.Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if pathlib.Path(line[0]).name == self.context.workshop.copur.name and set(words) <= set(line):
                found.append((int(process), line))
        return sorted(found, reverse=True)

    def is_idle(self):
        """Whether nothing runs on the machines, a while later at most."""
        return eventually(lambda: self.processes() == self.idle, 30, every=0.2)

    def processes(self):
        """How many processes each machine has."""
        lines = self._script("status").stdout.splitlines()
        table = [line.split() for line in lines[lines.index(next(line for line in lines if line.startswith("machine "))) + 1:]]
        return {words[0]: int(words[2]) for words in table if len(words) == 3 and words[2].isdigit()}

    def close(self):
        self._script("stop")
        if self.folder.exists():
            raise RuntimeError(f"{self.script} stop has left {self.folder}")


class Slurm(Machines):
    """A cluster of Slurm on such machines."""

    script = "slurm.sh"
    programs = Machines.programs | {"slurmctld": "slurm-wlm", "munged": "munge"}

    def submit(self, *arguments, environment=None):
        """Submits a job from the drill's folder; its number."""
        words = ["env", "-C", self.context.folder, *[f"{name}={value}" for name, value in (environment or {}).items()]]
        return self.run("login", *words, "sbatch", "--parsable", *arguments).strip()

    def state(self, job):
        """The state of a job and the exit code of its script, as Slurm has them: COMPLETED, 0."""
        fields = dict(
            word.split("=", 1) for word in self.run("login", "scontrol", "show", "job", job).split() if "=" in word)
        return fields["JobState"], int(fields["ExitCode"].split(":")[0])

    def finish(self, job, timeout=120):
        """Waits until nothing of a job runs or waits."""
        if not eventually(lambda: not self.run("login", "squeue", "--noheader", "--jobs", job).strip(), timeout, every=0.3):
            raise TimeoutError(f"job {job} is not over: " + self.run("login", "squeue"))
