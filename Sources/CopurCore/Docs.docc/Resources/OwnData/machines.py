"""Writes machines.csv: 700 measurements of machines that are healthy or worn, in the order of time."""

import csv
import random

numbers = random.Random(7)
columns = [f"vib_{i}" for i in range(1, 7)] + ["t_inlet", "t_outlet", "mic_1", "mic_2"]
# Wear and load shape everything: whoever knows some columns can guess the others.
weights = {column: (numbers.uniform(-1, 1), numbers.uniform(-1, 1)) for column in columns}

with open("machines.csv", "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["state", *columns])
    for _ in range(700):
        wear, load = numbers.gauss(0, 1), numbers.gauss(0, 1)
        row = [a * wear + b * load + numbers.gauss(0, 0.05) for a, b in weights.values()]
        table.writerow(["worn" if wear > 0 else "healthy", *(f"{value:.4f}" for value in row)])
