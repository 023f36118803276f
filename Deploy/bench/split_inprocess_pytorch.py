#!/usr/bin/env python3
"""Joint training of ten extractors and a fusion model in one process, in PyTorch: what the networked peers are held
against.

Ten linear extractors to 32, hidden 16 (leaky ReLU, slope 0.9), one logit; SGD 0.005, batch 64 (CoPur, section C).
`split_grpcio.py` and `split_torchrpc.py` import data, models, order and first weights from here, so the losses
agree.

    python3 -m venv .venv-bench && .venv-bench/bin/pip install torch numpy
    .venv-bench/bin/python Deploy/bench/split_inprocess_pytorch.py DATA --epochs 100

DATA is the folder that holds extrasensory/*.features_labels.csv.gz. Prints one JSON line; the loss is the last
epoch's mean.
"""
import argparse
import glob
import gzip
import json
import os
import time
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

# Agent: prefix of its columns, as in the paper.
AGENTS = {
    "acc": "raw_acc:", "gyro": "proc_gyro:", "magnet": "raw_magnet:", "watch": "watch_acceleration:",
    "compass": "watch_heading:", "location": "location", "audio": "audio_", "phone": "discrete:",
    "environment": "lf_measurements:", "time": "discrete:time_of_day:",
}
WIDTH, HIDDEN, SLOPE, BATCH, RATE = 32, 16, 0.9, 64, 0.005


def owns(agent, column):
    return column.startswith(AGENTS[agent]) and (agent == "time" or "time_of_day" not in column)


def load(folder, user="0BFC35E2", rows=2500, label="label:SITTING"):
    """Standardised training features of each agent, and the labels."""
    (path,) = glob.glob(os.path.join(folder, "extrasensory", f"{user}*.features_labels.csv.gz"))
    with gzip.open(path, "rt") as file:
        names = file.readline().strip().split(",")
        table = np.genfromtxt(file, delimiter=",")
    columns = {a: [j for j, n in enumerate(names) if owns(a, n) and not np.isnan(table[:, j]).all()] for a in AGENTS}
    table = table[:rows]
    labels = table[:, names.index(label)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mean, deviation = np.nanmean(table, 0), np.nanstd(table, 0)
    table = np.nan_to_num((table - mean) / np.where(deviation > 0, deviation, 1))
    labelled = ~np.isnan(labels)
    features = {a: np.ascontiguousarray(table[labelled][:, c], dtype=np.float32) for a, c in columns.items()}
    return features, labels[labelled].astype(np.float32)


def extractor(agent, inputs, seed):
    torch.manual_seed(1000 * seed + list(AGENTS).index(agent))
    return nn.Linear(inputs, WIDTH)


class Fusion(nn.Module):
    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(1000 * seed + 999)
        self.hidden, self.out = nn.Linear(WIDTH * len(AGENTS), HIDDEN), nn.Linear(HIDDEN, 1)

    def loss(self, embeddings, labels):
        logits = self.out(F.leaky_relu(self.hidden(embeddings), SLOPE))[:, 0]
        return F.binary_cross_entropy_with_logits(logits, labels)


def sgd(module):
    return torch.optim.SGD(module.parameters(), RATE)


def batches(rows, seed, epochs, seconds=None):
    """(epoch, rows of a batch); ends after an epoch, when all are done or the time is over."""
    order, start = np.random.default_rng(seed), time.monotonic()
    for epoch in range(epochs):
        if seconds is not None and time.monotonic() - start > seconds:
            return
        permuted = order.permutation(rows).astype(np.uint32)
        for first in range(0, rows, BATCH):
            yield epoch, permuted[first : first + BATCH]


class Progress:
    """Counts batches, and the mean loss of the epoch under way."""

    def __init__(self):
        self.batches, self.epoch, self.start, self.wall = 0, -1, time.monotonic(), None

    def add(self, epoch, loss, rows):
        if epoch != self.epoch:
            self.epoch, self.sum, self.rows = epoch, 0.0, 0
        self.batches, self.sum, self.rows = self.batches + 1, self.sum + loss * rows, self.rows + rows

    def line(self, engine, **more):
        wall = self.wall or time.monotonic() - self.start
        return json.dumps({
            "engine": engine, "batches_per_second": round(self.batches / wall, 1), "epochs": self.epoch + 1,
            "wall_s": round(wall, 3), "final_train_loss": round(self.sum / self.rows, 6), **more,
        })


def options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", help="the folder that holds extrasensory/")
    parser.add_argument("--user", default="0BFC35E2", help="how the user's file begins")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seconds", type=float, help="stop after the epoch in which this time is over")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def main():
    arguments = options(__doc__).parse_args()
    torch.set_num_threads(1)
    features, labels = load(arguments.data, arguments.user)
    features, labels = {a: torch.from_numpy(x) for a, x in features.items()}, torch.from_numpy(labels)
    extractors = nn.ModuleDict({a: extractor(a, x.shape[1], arguments.seed) for a, x in features.items()})
    fusion = Fusion(arguments.seed)
    step, progress = sgd(nn.ModuleList([extractors, fusion])), Progress()
    for epoch, rows in batches(len(labels), arguments.seed, arguments.epochs, arguments.seconds):
        index = torch.from_numpy(rows.astype(np.int64))
        step.zero_grad()
        loss = fusion.loss(torch.cat([extractors[a](x[index]) for a, x in features.items()], 1), labels[index])
        loss.backward()
        step.step()
        progress.add(epoch, loss.item(), len(rows))
    print(progress.line("pytorch in process", bytes_per_batch=0))


if __name__ == "__main__":
    main()
