"""PyTorch modules as extractors that a training over the network trains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from copur.blocks import Floats, Numbers
from copur.training import MakeTrainee


class TorchTrainee:
    """A module that learns by autograd. Features are standardised by the training rows; no reading is their mean."""

    def __init__(self, inputs: Floats, module: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """`module` takes n × features and gives n × width of an embedding."""
        is_read = ~np.isnan(inputs)
        count = np.maximum(is_read.sum(axis=0), 1)
        self.means = np.where(is_read, inputs, 0).sum(axis=0) / count
        squares = np.where(is_read, inputs - self.means, 0) ** 2
        deviations = np.sqrt(squares.sum(axis=0) / count)
        # Nothing was learned of a feature that is constant: it counts as its mean whatever it is later.
        self.scales = np.where(deviations > 1e-6 * np.abs(self.means), 1 / np.maximum(deviations, 1e-38), 0)
        self.module, self.optimizer = module, optimizer
        self._inputs = self._standardized(inputs)
        self._output: torch.Tensor | None = None

    def embed(self, rows: Numbers) -> npt.ArrayLike:
        """Embeddings of training rows, with what learning from them needs."""
        self.module.train()
        self._output = self.module(self._inputs[torch.as_tensor(rows)])
        return np.asarray(self._output.detach().numpy())

    def learn(self, gradient: Floats) -> None:
        """A step of the optimiser."""
        if self._output is None:
            raise RuntimeError("a gradient is of rows that were embedded")
        self.optimizer.zero_grad()
        torch.autograd.backward(self._output, torch.tensor(gradient))
        self.optimizer.step()

    def infer(self, features: Floats) -> npt.ArrayLike:
        """Embeddings of any rows."""
        self.module.eval()
        with torch.no_grad():
            return np.asarray(self.module(self._standardized(features)).numpy())

    def _standardized(self, features: Floats) -> torch.Tensor:
        values = np.nan_to_num((features - self.means) * self.scales, nan=0, posinf=np.inf, neginf=-np.inf)
        return torch.tensor(values, dtype=torch.float32)


def trainee(
    make_module: Callable[[int, int], torch.nn.Module],
    make_optimizer: Callable[[Iterable[torch.nn.Parameter]], torch.optim.Optimizer] = torch.optim.Adam,
) -> MakeTrainee:
    """What TrainingAgent takes: a module of so many features and so wide an embedding, and its optimiser."""

    def make(inputs: Floats, settings: Mapping[str, Any]) -> TorchTrainee:
        module = make_module(inputs.shape[1], int(settings["embedding"]))
        return TorchTrainee(inputs, module, make_optimizer(module.parameters()))

    return make
