"""Machines that are healthy or worn, measured by three agents; as a program, writes machines.csv."""

import csv

import numpy as np

AGENTS = {"vibration": 6, "heat": 4, "sound": 4}
ROWS, TRAIN_ROWS = 700, 400


def measurements():
    """A row a machine, all agents' columns side by side, and whether it is worn. Wear and load shape every column."""
    numbers = np.random.default_rng(7)
    mixture = numbers.uniform(-1, 1, (2, sum(AGENTS.values())))
    causes = numbers.normal(size=(ROWS, 2))
    table = causes @ mixture + numbers.normal(scale=0.05, size=(ROWS, mixture.shape[1]))
    return table.round(4), causes[:, 0] > 0


if __name__ == "__main__":
    with open("machines.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["state", *(f"{agent}_{column}" for agent, width in AGENTS.items() for column in range(width))])
        for row, is_worn in zip(*measurements(), strict=True):
            writer.writerow(["worn" if is_worn else "healthy", *row])
