"""An attack and a defence of one's own beside copur's, in one table and one figure."""

import sys
from pathlib import Path

import copur
import numpy as np
from machines import machines


class EachAlone(copur.Defense):
    def decide(self, blocks, model):
        """Asks the fusion model about each agent alone: one liar moves one of the answers, and not their median."""
        alone = [model.probabilities(blocks.only(agent)) for agent in range(len(blocks.problem.agents))]
        median = np.median(alone, axis=0) + 1e-9
        return median / median.sum(axis=1, keepdims=True)


class Ascent(copur.Attack):
    knowledge = "model"

    def propose(self, situation, victim):
        """Climbs the loss of the true class in steps of half a unit."""
        sent = situation.blocks.embeddings.copy()
        for _ in range(20):
            _, gradient = victim.gradient(situation.blocks.with_embeddings(sent), situation.labels)
            own = gradient * situation.own
            sent += 0.5 * own / (np.linalg.norm(own, axis=1, keepdims=True) + 1e-12)
        return sent


out = Path(sys.argv[1])
scenario = machines(out) | {
    "defenses": ["unsecured", "copur", EachAlone()],
    "attacks": [{"name": "clean"}, {"name": "ascent", "kind": Ascent(), "agents": ["sound"]}],
}
run = copur.run(scenario, in_process=True, out=out / "run", cache=out / "cache")
table = 100 * run.table("balanced_accuracy")
print(table.round(1).to_string())
table.plot.bar(ylabel="balanced accuracy in percent", rot=0).figure.savefig(out / "table.svg")
