#!/usr/bin/env python3
"""PyTorch baseline of CoPur's feature purification, for side-by-side timing.

It follows the paper's schedule (supplement, section C.2) with plain autograd, the way a
researcher would write it today: up to 100 gradient steps on the manifold, then up to 10
steps on Eq. 6 with tau = 1000. Weights are random but fixed by the seed: time does not
depend on what they are.

    python3 -m venv .venv-bench && .venv-bench/bin/pip install 'torch==2.13.0+cpu' 'numpy<2.4'
    .venv-bench/bin/python Deploy/bench/purify_pytorch.py --agents 10 --dim 32 --batch 1 256

Prints one JSON line per batch size: seconds per sample, median of --repeats.
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F


def autoencoder(width: int, hidden: int, code: int, generator: torch.Generator):
    shapes = [(hidden, width), (code, hidden), (hidden, code), (width, hidden)]
    weights = [torch.randn(s, generator=generator) / s[1] ** 0.5 for s in shapes]

    def reconstruct(x):
        x = F.leaky_relu(x @ weights[0].T, 0.8) @ weights[1].T
        return F.leaky_relu(x @ weights[2].T, 0.8) @ weights[3].T

    return reconstruct


def block_norms(x, agents, observed):
    return torch.sqrt(x.view(len(x), agents, -1).pow(2).sum(2) + 1e-12)[:, observed]


def purify(reconstruct, h, agents, observed, search_steps=100, refine_steps=10, tau=1000.0):
    everyone = list(range(agents))
    with torch.no_grad():
        l = reconstruct(h)
    for _ in range(search_steps):
        l = l.detach().requires_grad_(True)
        loss = block_norms(reconstruct(l) - h, agents, observed).sum()
        (gradient,) = torch.autograd.grad(loss, l)
        l = l - 0.1 * gradient
    with torch.no_grad():
        l = reconstruct(l)
    for _ in range(refine_steps):
        l = l.detach().requires_grad_(True)
        loss = block_norms(h - l, agents, observed).sum()
        loss = loss + tau * block_norms(reconstruct(l) - l, agents, everyone).sum()
        (gradient,) = torch.autograd.grad(loss, l)
        l = l - 1e-3 * gradient
    with torch.no_grad():
        return reconstruct(l)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=10)
    parser.add_argument("--dim", type=int, default=32)
    parser.add_argument("--hidden", type=int, default=200)
    parser.add_argument("--code", type=int, default=150)
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 256])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    generator = torch.Generator().manual_seed(0)
    width = arguments.agents * arguments.dim
    reconstruct = autoencoder(width, arguments.hidden, arguments.code, generator)
    for batch in arguments.batch:
        h = torch.randn(batch, width, generator=generator)
        observed = list(range(arguments.agents))
        purify(reconstruct, h, arguments.agents, observed)
        seconds = []
        for _ in range(arguments.repeats):
            start = time.perf_counter()
            purify(reconstruct, h, arguments.agents, observed)
            seconds.append((time.perf_counter() - start) / batch)
        print(json.dumps({"engine": "pytorch-eager", "batch": batch, "seconds_per_sample": statistics.median(seconds)}))


if __name__ == "__main__":
    main()
