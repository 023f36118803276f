"""Agents, and embeddings of samples as defences and attacks see them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from copur.errors import CopurError
from copur.v1.plugin_pb2 import PluginBlocks, PluginOpen

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Problem:
    """The agents and classes of a model. An attack that knows nothing is not told names, which are then empty."""

    agents: tuple[str, ...]
    widths: tuple[int, ...]
    classes: tuple[str, ...]

    @property
    def width(self) -> int:
        """How wide all blocks are side by side."""
        return sum(self.widths)

    def columns(self, agent: int) -> slice:
        """The columns of an agent, by its position."""
        start = sum(self.widths[:agent])
        return slice(start, start + self.widths[agent])

    @classmethod
    def of(cls, message: PluginOpen) -> Problem:
        """What copur opens a conversation with."""
        return cls(
            tuple(agent.name for agent in message.agents),
            tuple(agent.width for agent in message.agents),
            tuple(message.classes),
        )


@dataclass(frozen=True)
class EmbeddedAgent:
    """The agent whose rows an extractor embeds."""

    name: str
    # How many numbers an embedding has: the scenario's key `embedding`.
    width: int
    # How many raw features a row has.
    features: int
    # Their names, in order; none if nobody knows them.
    columns: tuple[str, ...]

    @classmethod
    def of(cls, message: PluginOpen) -> EmbeddedAgent:
        """What copur opens a conversation with."""
        if len(message.agents) != 1:
            raise CopurError(f"an extractor is told of one agent (actual: {len(message.agents)})")
        agent = message.agents[0]
        return cls(agent.name, agent.width, agent.features, tuple(agent.columns))


@dataclass(frozen=True)
class Blocks:
    """Embeddings of n samples: n rows of all agents' blocks side by side, 0 where one is missing."""

    problem: Problem
    # Float32, n × the width of all blocks.
    embeddings: Floats
    # For each sample and agent whether its block is there: n × agents.
    observed: Flags

    def __post_init__(self) -> None:
        """Refuses shapes that do not fit."""
        for name, array, columns in [
            ("embeddings", self.embeddings, self.problem.width),
            ("observed", self.observed, len(self.problem.agents)),
        ]:
            if array.shape != (len(self.embeddings), columns):
                raise CopurError(f"{name} has {columns} columns and a row a sample (actual: {array.shape})")

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self.embeddings)

    def of_agent(self, agent: int) -> Floats:
        """The blocks of an agent, by its position."""
        return self.embeddings[:, self.problem.columns(agent)]

    def without(self, *agents: int) -> Blocks:
        """The same with these agents missing."""
        embeddings, observed = self.embeddings.copy(), self.observed.copy()
        for agent in agents:
            embeddings[:, self.problem.columns(agent)] = 0
            observed[:, agent] = False
        return replace(self, embeddings=embeddings, observed=observed)

    def only(self, *agents: int) -> Blocks:
        """The same with all other agents missing."""
        return self.without(*(agent for agent in range(len(self.problem.agents)) if agent not in agents))

    def with_embeddings(self, embeddings: npt.NDArray[Any]) -> Blocks:
        """Other embeddings of the same samples and agents."""
        return replace(self, embeddings=np.asarray(embeddings, np.float32))

    @classmethod
    def of(cls, problem: Problem, message: PluginBlocks) -> Blocks:
        """Blocks as copur sends them."""
        n, agents = message.samples, len(problem.agents)
        embeddings = np.array(message.embeddings, np.float32)
        observed = np.array(message.observed, bool) if message.observed else np.ones(n * agents, bool)
        if embeddings.size != n * problem.width or observed.size != n * agents:
            raise CopurError(
                f"{n} samples have {n * problem.width} numbers and {n * agents} flags "
                f"(actual: {embeddings.size} and {observed.size})"
            )
        return cls(problem, embeddings.reshape(n, problem.width), observed.reshape(n, agents))

    def message(self) -> PluginBlocks:
        """The same for copur."""
        return PluginBlocks(
            samples=len(self), embeddings=self.embeddings.ravel().tolist(), observed=self.observed.ravel().tolist()
        )
