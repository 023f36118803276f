#!/usr/bin/env python3
"""many_agents.py AGENTS FOLDER: writes a scenario of many agents, FOLDER/agents-N.yaml, and its data, agents-N.csv.

Each agent has two columns of noise that leans towards its row's class; 200 rows are for training and 100 for the test. Two
agents are silent in one attack, and two flip their embeddings in another. The same numbers give the same files.
"""
import os
import random
import sys

if len(sys.argv) != 3 or not sys.argv[1].isdigit() or not 5 <= int(sys.argv[1]) <= 100_000:
    sys.exit("usage: many_agents.py AGENTS FOLDER, with 5 to 100000 agents")
agents, folder = int(sys.argv[1]), os.path.abspath(sys.argv[2])
os.makedirs(folder, exist_ok=True)
random_numbers = random.Random(1)
width = len(str(agents - 1))
names = [f"a{number:0{width}d}" for number in range(agents)]
path = os.path.join(folder, f"agents-{agents}")

with open(path + ".csv", "w") as file:
    file.write("label," + ",".join(f"c{column}" for column in range(2 * agents)) + "\n")
    for row in range(300):
        lean = 0.3 if row % 2 else -0.3
        values = ",".join(f"{random_numbers.gauss(lean, 1):.3f}" for _ in range(2 * agents))
        file.write(f"{'positive' if row % 2 else 'negative'},{values}\n")

with open(path + ".yaml", "w") as file:
    file.write(f"""name: agents-{agents}
dataset:
  kind: csv
  file: {path}.csv
  label: label
  classes: [negative, positive]
  train_rows: 200
  agents:
""")
    for number, name in enumerate(names):
        file.write(f"    {name}: [c{2 * number}, c{2 * number + 1}]\n")
    file.write(f"""training: {{ embedding: 2, epochs: 3 }}
defenses: [unsecured, manifold-projection]
attacks:
  - {{ name: clean, kind: clean }}
  - {{ name: missing, kind: missing, agents: [{names[1]}, {names[2]}] }}
  - {{ name: flip, kind: feature-flipping, agents: [{names[3]}, {names[4]}], amplification: 10 }}
""")
print(path + ".yaml")
