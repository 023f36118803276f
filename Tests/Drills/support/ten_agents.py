"""A scenario of ten agents, for runs on several machines, and what a run on this one predicts; and a service for them."""

import functools
import subprocess
import sys

from .machines import REPOSITORY
from .processes import Center

ATTACKS = """  - { name: adaptive, kind: adaptive-pgd, goal: untargeted, agents: { any: 1 }, step: 0.5, iterations: 20 }
  - { name: replay, kind: feature-flipping, agents: { any: 1 }, amplification: 3 }
"""


class TenAgents:
    """The scenario's file, its data beside it, and the predictions of `copur run --in-process`."""

    agents = [f"a{number}" for number in range(10)]
    # Test rows: the samples of each agent.
    rows = 100

    def __init__(self, context, seeds):
        self.workshop = context.workshop
        self.folder = context.folder / "ten"
        maker = REPOSITORY / "Deploy" / "bench" / "many_agents.py"
        subprocess.run([sys.executable, maker, "10", self.folder], check=True, stdout=subprocess.DEVNULL)
        self.file = self.folder / "agents-10.yaml"
        self.seeds = seeds
        with open(self.file, "a") as scenario:
            scenario.write(ATTACKS + f"seeds: {list(range(seeds))}\n")
        self.cache = self.folder / "cache"
        # Attacks on defences, a result each.
        self.results = 5 * 2 * seeds

    @functools.cached_property
    def predictions(self):
        self.workshop.run(
            "run", self.file, "--in-process", "--predictions", "--out", self.folder / "local", "--cache", self.cache)
        return (self.folder / "local" / "predictions.csv").read_bytes()

    @functools.cached_property
    def bundle(self):
        self.workshop.run("train", self.file, "--out", self.folder / "bundle")
        return self.folder / "bundle"

    @functools.cached_property
    def certificates(self):
        self.workshop.run("certs", self.folder / "certificates", "--agents", *self.agents)
        return self.folder / "certificates"

    def serve(self, context, journal):
        """Starts `copur serve` as the README has it: every default."""
        arguments = [
            self.workshop.copur, "serve", self.bundle, "--grpc", "127.0.0.1:0", "--journal", journal, *self._tls("server")]
        return context.start("serve", arguments, kind=Center).ready()

    def agent(self, context, name, center, session):
        """Starts `copur agent`, which sends all its blocks and ends."""
        arguments = [
            self.workshop.copur, "agent", self.bundle, "--agent", name, "--connect", f"https://{center.address}",
            "--session", session, *self._tls(f"agent-{name}")]
        return context.start(f"agent {name}", arguments)

    def _tls(self, name):
        return [
            "--tls-ca", self.certificates / "ca.pem", "--tls-certificate", self.certificates / f"{name}.pem",
            "--tls-key", self.certificates / f"{name}.key"]

    def are_predictions(self, out):
        """Whether a run has predicted the same, byte for byte."""
        return (out / "predictions.csv").read_bytes() == self.predictions

    @staticmethod
    def measured(out):
        """How many results are in a run's folder."""
        try:
            return (out / "results.jsonl").read_bytes().count(b"\n")
        except FileNotFoundError:
            return 0
