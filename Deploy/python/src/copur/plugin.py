"""Defences, attacks and extractors of one's own: a subclass, and the conversation in which copur asks it."""

from __future__ import annotations

import contextlib
import copy
import os
import re
import sys
import traceback
from dataclasses import dataclass, field
from typing import BinaryIO, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from copur.blocks import Blocks, EmbeddedAgent, Flags, Floats, Numbers, Problem
from copur.errors import CopurError
from copur.frames import Conversation
from copur.v1.plugin_pb2 import (
    PluginAnswer,
    PluginDecisions,
    PluginEmbeddings,
    PluginOpen,
    PluginOpened,
    PluginProposal,
    PluginQuestion,
    PluginReply,
    PluginRequest,
)

Knowledge = Literal["nothing", "model", "decisions", "defense"]


class Oracle:
    """Answers about embeddings: a defence's come from the fusion model, an attack's from what it attacks."""

    def __init__(self, conversation: Conversation, problem: Problem) -> None:
        """Asks by a conversation that has begun."""
        self._conversation = conversation
        self._problem = problem

    def probabilities(self, blocks: Blocks) -> Floats:
        """A row of a probability a class for each sample."""
        return self._rows(self._ask(blocks, None, False).probabilities, blocks, len(self._problem.classes))

    def losses(self, blocks: Blocks, labels: npt.ArrayLike) -> Floats:
        """Each sample's cross-entropy, by the class of each."""
        return self._rows(self._ask(blocks, labels, False).losses, blocks, 1)[:, 0]

    def gradient(self, blocks: Blocks, labels: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Each sample's cross-entropy, and its gradient by the sample's embeddings, of their shape."""
        answer = self._ask(blocks, labels, True)
        return self._rows(answer.losses, blocks, 1)[:, 0], self._rows(answer.gradient, blocks, self._problem.width)

    def _ask(self, blocks: Blocks, labels: npt.ArrayLike | None, gradient: bool) -> PluginAnswer:
        question = PluginQuestion(blocks=blocks.message(), gradient=gradient)
        if labels is not None:
            question.labels.extend(np.asarray(labels, np.int64).tolist())
            if len(question.labels) != len(blocks):
                raise CopurError(f"there is a label a sample ({len(blocks)}; actual: {len(question.labels)})")
        self._conversation.send(PluginReply(question=question))
        request = self._conversation.receive()
        if request is None:
            raise EOFError("copur has ended")
        if request.WhichOneof("request") != "answer":
            raise CopurError(f"a question is answered (actual: {request.WhichOneof('request')})")
        return request.answer

    @staticmethod
    def _rows(values: object, blocks: Blocks, columns: int) -> Floats:
        array = np.array(values, np.float32)
        if array.size != len(blocks) * columns:
            raise CopurError(f"an answer has {columns} numbers a sample (actual: {array.size} for {len(blocks)})")
        return array.reshape(len(blocks), columns)


@dataclass(frozen=True)
class Decisions:
    """Decisions of a batch."""

    # A row of a probability a class for each sample; they are 0 or more and sum to 1.
    probabilities: npt.ArrayLike
    # For each sample and agent whether it is suspect; None: the defence names none.
    suspects: Flags | None = None


@dataclass(frozen=True)
class Situation:
    """What an attack finds: the blocks that would be received without it, and who is compromised."""

    blocks: Blocks
    # The positions of the compromised agents. What is proposed for others has no effect.
    compromised: tuple[int, ...]
    # The true class of each sample.
    labels: Numbers
    # What all random numbers have to follow from, so that a run can be repeated.
    seed: int

    @property
    def own(self) -> Flags:
        """Which columns are those of compromised agents."""
        own = np.zeros(self.blocks.problem.width, bool)
        for agent in self.compromised:
            own[self.blocks.problem.columns(agent)] = True
        return own


@dataclass(frozen=True)
class Proposal:
    """What the compromised agents send."""

    # A row of all agents' blocks for each sample.
    embeddings: npt.ArrayLike
    # Why the attack may be weaker than it looks.
    warnings: list[str] = field(default_factory=list)


class Plugin:
    """A kind of one's own that a scenario names by `external`: see Defense, Attack and Extractor."""

    # "defense", "attack" or "extractor".
    role: ClassVar[str]
    # Its name in results; made of the class's name where it is empty, EachAlone being each-alone.
    name: str = ""
    # How long copur waits for an answer, in seconds.
    timeout: float = 60.0

    def open(self, problem: Problem) -> None:
        """Prepares for agents and classes. Each conversation has a copy of the object of its own."""

    def serve(self, address: str | None = None) -> None:
        """Answers copur until it ends, as a program that a scenario starts by `command:`.

        With an address, tcp:HOST:PORT or unix:PATH, whoever connects there is answered, without an end.
        """
        if address is not None:
            from copur.listener import Listener

            with Listener(self, address) as listener:
                listener.wait()
            return
        # What is printed is for people: copur reads the standard output.
        outgoing = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        if not self.converse(sys.stdin.buffer, outgoing):
            sys.exit(1)

    def converse(self, incoming: BinaryIO, outgoing: BinaryIO) -> bool:
        """Answers one conversation to its end; whether it ended well. What fails is said to copur and to people."""
        conversation = Conversation(incoming, outgoing)
        try:
            self._converse(conversation)
        except (BrokenPipeError, ConnectionResetError, EOFError):
            return True
        except Exception as error:
            traceback.print_exc()
            with contextlib.suppress(OSError):
                conversation.send(PluginReply(error=f"{type(error).__name__}: {error}"))
            return False
        return True

    def settings(self) -> dict[str, object]:
        """Keys of the scenario that say what copur has to know of it, beside command or address."""
        return {"timeout": self.timeout}

    @property
    def label(self) -> str:
        """Its name in results."""
        return self.name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(self).__name__).lower()

    def _converse(self, conversation: Conversation) -> None:
        first = conversation.receive()
        if first is None:
            return
        if first.WhichOneof("request") != "open":
            raise CopurError(f"a conversation begins with open (actual: {first.WhichOneof('request')})")
        roles = {PluginOpen.DEFENSE: "defense", PluginOpen.ATTACK: "attack", PluginOpen.EXTRACTOR: "extractor"}
        asked = roles.get(first.open.role)
        if asked != self.role:
            raise CopurError(f"{type(self).__name__} is {self.article} {self.role} (asked to be: {asked})")
        problem = Problem.of(first.open)
        own = copy.copy(self)
        own._begin(first.open, problem)
        conversation.send(PluginReply(opened=PluginOpened()))
        oracle = Oracle(conversation, problem)
        while (request := conversation.receive()) is not None:
            conversation.send(own._answer(request, problem, oracle))

    @property
    def article(self) -> str:
        """The article of its role."""
        return "a" if self.role == "defense" else "an"

    def _begin(self, opening: PluginOpen, problem: Problem) -> None:
        self.open(problem)

    def _answer(self, request: PluginRequest, problem: Problem, oracle: Oracle) -> PluginReply:
        raise NotImplementedError


class Defense(Plugin):
    """A defence: subclass it, and say in `decide` what it makes of received blocks.

    A sample has to be decided alike alone and in any batch, and a missing block is 0 like any other 0.
    """

    role = "defense"

    def decide(self, blocks: Blocks, model: Oracle) -> Decisions | npt.ArrayLike:
        """The probabilities of each sample's classes, or Decisions with suspects, too; `model` is the fusion model."""
        raise NotImplementedError(f"{type(self).__name__} has to say decide(blocks, model)")

    def _answer(self, request: PluginRequest, problem: Problem, oracle: Oracle) -> PluginReply:
        if request.WhichOneof("request") != "decide":
            raise CopurError(f"a defence is asked to decide (actual: {request.WhichOneof('request')})")
        blocks = Blocks.of(problem, request.decide)
        answer = self.decide(blocks, oracle)
        decisions = answer if isinstance(answer, Decisions) else Decisions(answer)
        shape = (len(blocks), len(problem.classes))
        probabilities = shaped("probabilities", np.asarray(decisions.probabilities, np.float32), shape)
        message = PluginDecisions(probabilities=probabilities.ravel().tolist())
        if decisions.suspects is not None:
            suspects = shaped("suspects", np.asarray(decisions.suspects, bool), blocks.observed.shape)
            message.suspects.extend(suspects.ravel().tolist())
        return PluginReply(decisions=message)


class Attack(Plugin):
    """An attack: subclass it, and say in `propose` what compromised agents send."""

    role = "attack"
    # What it may ask: "nothing"; "model": everything of the fusion model; "decisions": the defence's probabilities;
    # "defense": the defence's losses and gradients, too.
    knowledge: Knowledge = "nothing"

    def propose(self, situation: Situation, victim: Oracle) -> Proposal | npt.ArrayLike:
        """The blocks of all agents, of which those of compromised ones count; or a Proposal with warnings, too."""
        raise NotImplementedError(f"{type(self).__name__} has to say propose(situation, victim)")

    def settings(self) -> dict[str, object]:
        """Keys of the scenario that say what copur has to know of it, beside command or address."""
        return {**super().settings(), "knowledge": self.knowledge}

    def _answer(self, request: PluginRequest, problem: Problem, oracle: Oracle) -> PluginReply:
        if request.WhichOneof("request") != "attack":
            raise CopurError(f"an attack is asked to attack (actual: {request.WhichOneof('request')})")
        message = request.attack
        blocks = Blocks.of(problem, message.blocks)
        labels = np.array(message.labels, np.int64)
        situation = Situation(blocks, tuple(message.compromised), labels, message.seed)
        answer = self.propose(situation, oracle)
        proposal = answer if isinstance(answer, Proposal) else Proposal(answer)
        embeddings = shaped("embeddings", np.asarray(proposal.embeddings, np.float32), blocks.embeddings.shape)
        return PluginReply(proposal=PluginProposal(embeddings=embeddings.ravel().tolist(), warnings=proposal.warnings))


class Extractor(Plugin):
    """An extractor: subclass it, and say in `embed` what an agent sends of its rows.

    Each agent has a copy of the object of its own, whose `agent` says whose rows it embeds. A row has to be embedded alike
    alone and in any batch.
    """

    role = "extractor"
    # Whose rows it embeds, from `open` on.
    agent: EmbeddedAgent

    def embed(self, rows: Floats) -> npt.ArrayLike:
        """An embedding a row, `self.agent.width` numbers each. Rows are raw features, NaN where a value is missing."""
        raise NotImplementedError(f"{type(self).__name__} has to say embed(rows)")

    def _begin(self, opening: PluginOpen, problem: Problem) -> None:
        # Before `open`, which may look at it.
        self.agent = EmbeddedAgent.of(opening)
        super()._begin(opening, problem)

    def _answer(self, request: PluginRequest, problem: Problem, oracle: Oracle) -> PluginReply:
        if request.WhichOneof("request") != "embed":
            raise CopurError(f"an extractor is asked to embed (actual: {request.WhichOneof('request')})")
        samples = request.embed.samples
        rows = np.array(request.embed.features, np.float32)
        if rows.size != samples * self.agent.features:
            raise CopurError(f"{samples} rows have {samples * self.agent.features} numbers (actual: {rows.size})")
        answer = self.embed(rows.reshape(samples, self.agent.features))
        embeddings = shaped("embeddings", np.asarray(answer, np.float32), (samples, self.agent.width))
        return PluginReply(embeddings=PluginEmbeddings(values=embeddings.ravel().tolist()))


def shaped(name: str, array: npt.NDArray[np.generic], shape: tuple[int, ...]) -> npt.NDArray[np.generic]:
    """The array, if it has the shape."""
    if array.shape != shape:
        raise CopurError(f"{name} has the shape {shape} (actual: {array.shape})")
    return array
