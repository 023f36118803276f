"""Several machines on this one, made by the scripts of Deploy/cluster."""

import os
import pathlib
import shutil
import subprocess

from .result import Skipped

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
SCRIPTS = REPOSITORY / "Deploy" / "cluster"
# What a machine has when nothing else is started on it: the keeper of its namespaces, and sshd.
IDLE = 2


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

    def processes(self):
        """How many processes each machine has."""
        lines = self._script("status").stdout.splitlines()
        table = [line.split() for line in lines[lines.index(next(line for line in lines if line.startswith("machine "))) + 1:]]
        return {words[0]: int(words[2]) for words in table if len(words) == 3 and words[2].isdigit()}

    def close(self):
        self._script("stop")
        if self.folder.exists():
            raise RuntimeError(f"{self.script} stop has left {self.folder}")
