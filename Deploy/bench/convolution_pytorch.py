#!/usr/bin/env python3
"""Training of randomized ablation's network for MNIST (Levine and Feizi 2020, table 9) in PyTorch, on all cores.

A step is a mini-batch of 128 images of which one mask leaves 45 pixels, and momentum SGD. Images are random numbers, as time
depends on shapes alone. An epoch is 469 steps; fewer are timed, after some that are not, and scaled up.

    python3 -m venv .venv-bench && .venv-bench/bin/pip install torch
    .venv-bench/bin/python Deploy/bench/convolution_pytorch.py [--steps 60] [--layout channels-last|channels-first]

Prints a JSON line with the version, then one with "case" and "seconds": an epoch's.
"""
import argparse
import json
import time

import torch
from torch import nn

STEPS_OF_AN_EPOCH, BATCH, KEPT = 469, 128, 45


def network():
    return nn.Sequential(
        nn.Conv2d(2, 64, 4, 2, 1), nn.ReLU(), nn.Conv2d(64, 128, 4, 2, 1), nn.ReLU(), nn.Flatten(),
        nn.Linear(6272, 500), nn.ReLU(), nn.Linear(500, 100), nn.ReLU(), nn.Linear(100, 10))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--layout", choices=["channels-last", "channels-first"], default="channels-first")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    layout = torch.channels_last if options.layout == "channels-last" else torch.contiguous_format
    model = network().to(memory_format=layout)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, fused=True)
    images, labels = torch.rand(6000, 1, 28, 28), torch.randint(0, 10, (6000,))
    loss = nn.CrossEntropyLoss()

    def step():
        rows = torch.randint(0, len(images), (BATCH,))
        mask = torch.zeros(784)
        mask[torch.randperm(784)[:KEPT]] = 1
        mask = mask.view(1, 1, 28, 28)
        grey = images[rows]
        inputs = torch.cat([grey * mask, (1 - grey) * mask], 1).contiguous(memory_format=layout)
        optimizer.zero_grad(set_to_none=True)
        loss(model(inputs), labels[rows]).backward()
        optimizer.step()

    for _ in range(10):
        step()
    start = time.perf_counter()
    for _ in range(options.steps):
        step()
    seconds = (time.perf_counter() - start) / options.steps * STEPS_OF_AN_EPOCH
    print(json.dumps({"program": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads()}))
    print(json.dumps({"case": "epoch", "seconds": round(seconds, 3)}))


if __name__ == "__main__":
    main()
