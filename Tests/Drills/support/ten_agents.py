"""A scenario of ten agents, for runs on several machines, and what a run on this one predicts."""

import subprocess
import sys

from .machines import REPOSITORY

ATTACKS = """  - { name: adaptive, kind: adaptive-pgd, goal: untargeted, agents: { any: 1 }, step: 0.5, iterations: 20 }
  - { name: replay, kind: feature-flipping, agents: { any: 1 }, amplification: 3 }
"""


class TenAgents:
    """The scenario's file, its data beside it, and the predictions of `copur run --in-process`."""

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
        self.workshop.run(
            "run", self.file, "--in-process", "--predictions", "--out", self.folder / "local", "--cache", self.cache)
        self.predictions = (self.folder / "local" / "predictions.csv").read_bytes()

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
