"""Data that the other examples share: machines that are healthy or worn, measured by three agents."""

import csv
from pathlib import Path

import numpy as np

AGENTS = {"vibration": 6, "heat": 4, "sound": 4}
TRAIN_ROWS = 400


def measurements(rows: int = 700) -> tuple[np.ndarray, np.ndarray]:
    """A row a machine, all agents' columns side by side, and whether it is worn. Wear and load shape every column."""
    numbers = np.random.default_rng(7)
    weights = numbers.uniform(-1, 1, (2, sum(AGENTS.values())))
    causes = numbers.normal(size=(rows, 2))
    return causes @ weights + numbers.normal(scale=0.05, size=(rows, weights.shape[1])), causes[:, 0] > 0


def machines(folder: Path) -> dict:
    """Writes machines.csv, and gives a scenario of it without attacks."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = [f"{agent}_{column}" for agent, width in AGENTS.items() for column in range(width)]
    with open(folder / "machines.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["state", *columns])
        for row, is_worn in zip(*measurements(), strict=True):
            table.writerow(["worn" if is_worn else "healthy", *(f"{value:.4f}" for value in row)])
    return {
        "name": "machines",
        "dataset": {
            "kind": "csv",
            "file": str((folder / "machines.csv").absolute()),
            "label": "state",
            "classes": ["healthy", "worn"],
            "train_rows": TRAIN_ROWS,
            "agents": {agent: [f"{agent}_*"] for agent in AGENTS},
        },
        "training": {"extractor": "linear", "embedding": 4, "epochs": 50, "batch": 32, "learning_rate": 0.02},
        "manifold": {"kind": "linear", "code": "auto"},
    }
