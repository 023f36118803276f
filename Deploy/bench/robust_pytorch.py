#!/usr/bin/env python3
"""Robust training in PyTorch on one thread: RCA, RobustRealNVP and PRL, as a peer to hold the Swift ones against.

Data are uniform numbers from a seed, as time depends on shapes; sizes and settings are those of the authors' codes on
satellite (36 columns), and on a regression cut out of it. A method drops 30 % of each mini-batch.

    python3 -m venv .venv-bench && .venv-bench/bin/pip install torch numpy
    .venv-bench/bin/python Deploy/bench/robust_pytorch.py [--repeats 5] [--only rca-epoch]

Prints a JSON line with the version, then one a case: the median wall time, after an untimed call, of an epoch or of
scoring all rows. PyTorch is used as well as we can: fused Adam; dropout from random bits, as torch's own takes longer
than the network around it; one power iteration for all networks of the flow; in the regressions gradients by hand, as
PRL(G) needs each layer's deltas anyway, and of the kept rows alone.
"""
import argparse
import json
import math
import statistics
import timeit
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

SEED, SPECTRAL_NORM, PASSES = 0, 1.5, 10
COLUMNS, TRAIN_ROWS, SCORE_ROWS, BATCH, CHUNK = 36, 3861, 2574, 128, 512  # CHUNK: rows scored at once
INPUTS, OUTPUTS, REGRESSION_ROWS, REGRESSION_BATCH = 26, 10, 5148, 512
AUTOENCODER = (COLUMNS, 256, 256, 10, 256, 256, COLUMNS)
adam = partial(torch.optim.Adam, lr=3e-4, fused=True)
SHIFTS = torch.arange(8, dtype=torch.uint8)[:, None]


def kept(scores, largest=False):
    """The 70 %, rounded up, with the smallest or largest scores: their values and indices."""
    return scores.topk(-(-7 * len(scores) // 10), largest=largest, sorted=False)


def dense(*widths):
    return nn.ModuleList(nn.Linear(inputs, outputs) for inputs, outputs in zip(widths, widths[1:]))


def epochs(step, batch, *tables):
    """A call is an epoch: a step for each mini-batch of the rows in random order, the last partial one too."""

    def epoch():
        order = torch.randperm(len(tables[0]))
        for rows in zip(*(table[order].split(batch) for table in tables)):
            step(*rows)

    return epoch


def half_dropout(x):
    """Each value times 0 or 2 by a random bit; x has a multiple of 64 values."""
    words = torch.empty(x.numel() // 64, dtype=torch.int64).random_(-(2**63), None)
    bits = (words.view(torch.uint8) >> SHIFTS).bitwise_and_(1).mul_(2)
    return x * bits.view(x.shape).to(x.dtype)


def errors(layers, rows, dropout):
    x = rows
    for index, layer in enumerate(layers):
        x = F.linear(x, layer.weight, layer.bias)
        if index not in (2, 5):
            x = F.leaky_relu_(x, 0.1)
        if dropout and index in (0, 1, 3):
            x = half_dropout(x)
    return (x.sigmoid_() - rows).square().mean(1)


def rca_epoch():
    networks = [dense(*AUTOENCODER), dense(*AUTOENCODER)]
    optimizers = [adam(network.parameters()) for network in networks]

    def step(batch):
        with torch.no_grad():
            chosen = [batch[kept(errors(network, batch, dropout=False)).indices] for network in networks]
        for network, optimizer, rows in zip(networks, optimizers, reversed(chosen)):
            optimizer.zero_grad(set_to_none=True)
            errors(network, rows, dropout=True).mean().backward()
            optimizer.step()

    return epochs(step, BATCH, torch.rand(TRAIN_ROWS, COLUMNS))


def scoring(score, passes=1):
    chunks = torch.rand(SCORE_ROWS, COLUMNS).split(CHUNK)
    return torch.inference_mode()(lambda: [sum(score(rows) for _ in range(passes)) / passes for rows in chunks])


class Flow:
    """Affine couplings: networks 2c and 2c + 1 give coupling c's scales and shifts; autograd sees views of `stacks`."""

    NETWORKS, HALF = 12, COLUMNS // 2

    def __init__(self):
        networks = [dense(self.HALF, 256, 256, self.HALF) for _ in range(self.NETWORKS)]
        self.stacks = [torch.stack([layer.weight.detach() for layer in layers]) for layers in zip(*networks)]
        self.weights = [[nn.Parameter(weight) for weight in stack] for stack in self.stacks]
        self.biases = [[layer.bias for layer in layers] for layers in zip(*networks)]
        self.left = [F.normalize(torch.randn(*stack.shape[:2], 1), dim=1) for stack in self.stacks]
        self.optimizer = adam(sum(self.weights + self.biases, []))
        for _ in range(100):
            self.measure()

    @torch.no_grad()
    def measure(self):
        """One power iteration from the kept vectors: the norms uᵀWv."""
        self.right = [F.normalize(stack.mT @ left, dim=1) for stack, left in zip(self.stacks, self.left)]
        products = [stack @ right for stack, right in zip(self.stacks, self.right)]
        self.left = [F.normalize(product, dim=1) for product in products]
        self.norms = [product.norm(dim=1)[:, 0].tolist() for product in products]

    @torch.no_grad()
    def correct(self):
        """Adds the gradient through a uᵀWv over the bound: G becomes G - <G, W>/(uᵀWv) uvᵀ."""
        for layer in zip(self.weights, self.norms, self.left, self.right):
            for weight, norm, left, right in zip(*layer):
                if norm > SPECTRAL_NORM:
                    share = torch.dot(weight.grad.flatten(), weight.flatten()).item() / norm
                    weight.grad.addmm_(left, right.mT, alpha=-share)

    def network(self, n, x):
        for index, (weights, biases, norms) in enumerate(zip(self.weights, self.biases, self.norms)):
            x = torch.addmm(biases[n], x, weights[n].t(), alpha=min(1, SPECTRAL_NORM / norms[n]))
            if index < 2:
                x = F.leaky_relu_(x, 0.01)
        return x

    def log_density(self, x):
        still, moved, logs = x[:, : self.HALF], x[:, self.HALF :], 0
        for n in range(0, self.NETWORKS, 2):
            scales = self.network(n, still).tanh_()
            still, moved = torch.addcmul(self.network(n + 1, still), moved, scales.exp()), still
            logs = logs + scales
        return (logs - (still.square() + moved.square()) / 2).sum(1) - self.HALF * math.log(2 * math.pi)

    def step(self, batch):
        self.measure()
        self.optimizer.zero_grad(set_to_none=True)
        kept(self.log_density(batch), largest=True).values.mean().neg().backward()
        self.correct()
        self.optimizer.step()


class Regressor:
    def __init__(self):
        network = dense(INPUTS, 256, 256, OUTPUTS)
        self.layers, self.optimizer = list(network), adam(network.parameters())

    def residual(self, x, y):
        """The input of each layer, and how far the output is off."""
        inputs = [x]
        for layer in self.layers[:-1]:
            inputs.append(F.leaky_relu_(F.linear(inputs[-1], layer.weight, layer.bias), 0.01))
        return inputs, self.layers[-1](inputs[-1]).sub_(y)

    def deltas(self, inputs, delta):
        """Each layer with its input and with the loss's gradient at its output, last layer first."""
        for layer, x in zip(reversed(self.layers), reversed(inputs)):
            yield layer, x, delta
            if layer is not self.layers[0]:
                delta = torch.ops.aten.leaky_relu_backward(delta @ layer.weight, x, 0.01, True)

    def step(self, terms):
        for layer, x, delta in terms:
            layer.weight.grad, layer.bias.grad = delta.t() @ x, delta.sum(0)
        self.optimizer.step()


def by_residual(x, y, *regressors, drops=True, huber=False):
    """Standard and Huber, which drop nothing; PRL(L); Co-PRL(L), where each network steps on what the other keeps."""
    passes = [regressor.residual(x, y) for regressor in regressors]
    choices = [kept(residual.square().sum(1)).indices if drops else slice(None) for _, residual in passes]
    for regressor, (inputs, residual), rows in zip(regressors, passes, reversed(choices)):
        delta = residual[rows].clamp_(-1, 1) if huber else residual[rows].mul_(2)
        regressor.step(regressor.deltas([values[rows] for values in inputs], delta.div_(delta.numel())))


def by_gradient(x, y, regressor):
    """PRL(G): a row's squared gradient norm is the sum of |delta|²(|input|² + 1) over the layers."""
    terms = list(regressor.deltas(*regressor.residual(x, y)))
    rows = kept(sum(delta.square().sum(1) * (values.square().sum(1) + 1) for _, values, delta in terms)).indices
    regressor.step((layer, values[rows], delta[rows].mul_(2 / OUTPUTS / len(rows))) for layer, values, delta in terms)


def regression(step, networks=1, **settings):
    regressors = [Regressor() for _ in range(networks)]
    tables = torch.rand(REGRESSION_ROWS, INPUTS), torch.rand(REGRESSION_ROWS, OUTPUTS)
    return epochs(torch.no_grad()(lambda x, y: step(x, y, *regressors, **settings)), REGRESSION_BATCH, *tables)


CASES = {
    "rca-epoch": rca_epoch, "rca-score": lambda: scoring(partial(errors, dense(*AUTOENCODER), dropout=True), PASSES),
    "flow-epoch": lambda: epochs(Flow().step, BATCH, torch.rand(TRAIN_ROWS, COLUMNS)),
    "flow-score": lambda: scoring(Flow().log_density),
    "regression-standard": lambda: regression(by_residual, drops=False),
    "regression-huber": lambda: regression(by_residual, drops=False, huber=True),
    "regression-prl-l": lambda: regression(by_residual), "regression-prl-g": lambda: regression(by_gradient),
    "regression-co-prl-l": lambda: regression(by_residual, networks=2),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="timed calls a case")
    parser.add_argument("--only", metavar="NAME", choices=CASES, help="one case: " + ", ".join(CASES))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(json.dumps({"engine": "pytorch", "version": torch.__version__}), flush=True)
    for name in [arguments.only] if arguments.only else CASES:
        torch.manual_seed(SEED)
        times = timeit.repeat(CASES[name](), number=1, repeat=arguments.repeats + 1)[1:]
        print(json.dumps({"case": name, "seconds": round(statistics.median(times), 6)}), flush=True)


if __name__ == "__main__":
    main()
