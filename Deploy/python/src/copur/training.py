"""An agent's part in a training over the network (Protocols/copur/v1/training.proto)."""

from __future__ import annotations

import hmac
import json
import queue
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import grpc
import numpy as np
import numpy.typing as npt
from copur import calls
from copur.blocks import Floats, Numbers
from copur.connection import Certificates, channel
from copur.errors import CopurError, ServiceError
from copur.v1 import training_pb2 as messages
from copur.v1.training_pb2 import TrainRequest, TrainResponse

# How wide an HMAC-SHA-256 is.
DIGEST_BYTES = 32
# As many digests as stay well below a message's limit of 4 MiB.
KEYS_PER_MESSAGE = 65536


class Trainee(Protocol):
    """A model that learns from the gradients of its embeddings, such as copur.torch.TorchTrainee."""

    def embed(self, rows: Numbers) -> npt.ArrayLike:
        """Embeddings of training rows, by their places; remembers what learning from them needs."""

    def learn(self, gradient: Floats) -> None:
        """Takes a step by ∂ℓ/∂h of the rows last embedded, of their embeddings' shape."""

    def infer(self, features: Floats) -> npt.ArrayLike:
        """Embeddings of any rows; NaN is no reading."""


# Makes a model for a job: training rows, n × features, NaN where there is no reading, and the scenario's settings.
MakeTrainee = Callable[[Floats, Mapping[str, Any]], Trainee]


@dataclass(frozen=True)
class TrainedExtractor:
    """An extractor, and the version of the model that its embeddings are made for."""

    model_version: str
    trainee: Trainee
    # What its output is multiplied by.
    factor: float
    # How wide an embedding is.
    width: int

    def __call__(self, rows: npt.ArrayLike) -> Floats:
        """Embeddings of rows, which Agent takes as `extract`."""
        return np.float32(self.factor) * np.asarray(self.trainee.infer(np.asarray(rows, np.float32)), np.float32)


@dataclass
class Job:
    """A joint training that goes on, or has been done."""

    trainee: Trainee
    width: int
    factor: float = 1.0
    # How many rows were embedded last.
    embedded: int = 0


class TrainingAgent:
    """An agent that trains an extractor of its own columns with a fusion center that has the labels.

    ```python
    agent = copur.TrainingAgent("acc", "https://center:8002", keys, features, secret, make_trainee, certificates=…)
    extractor = agent.train()
    ```

    `keys` name the rows, as all parties do, `features` are n × columns with NaN where there is no reading, and `secret`
    is what the agents share and the fusion center does not have. It writes no checkpoints: if it goes away, the
    training begins again.
    """

    def __init__(
        self,
        name: str,
        center: str,
        keys: Sequence[str],
        features: npt.ArrayLike,
        secret: bytes,
        make_trainee: MakeTrainee,
        *,
        certificates: Certificates | None = None,
        server_name: str | None = None,
    ) -> None:
        """Refuses keys that do not fit the rows, and those that come twice."""
        self.name = name
        self._center = center
        self._features = np.asarray(features, np.float32)
        self._certificates, self._server_name = certificates, server_name
        stripped = [key.strip() for key in keys]
        if self._features.ndim != 2 or len(stripped) != len(self._features):
            raise CopurError(f"there is a key a row ({len(stripped)} keys, features: {self._features.shape})")
        twice = sorted({key for key in stripped if not key} | duplicates(stripped))
        if twice:
            raise CopurError(f"every row has a key of its own (twice or empty: {', '.join(map(repr, twice[:5]))})")
        self._digests = b"".join(hmac.digest(secret, key.encode(), "sha256") for key in stripped)
        self._make_trainee = make_trainee
        self._jobs: dict[int, Job] = {}
        # The agent's own row for each row of the fusion center, -1 where it has none.
        self._own = np.empty(0, np.int64)
        self._present = np.empty(0, bool)
        self._silent_share = 0.0

    def train(self) -> TrainedExtractor:
        """Takes part from the beginning to the end; the extractor that serves with the model."""
        outgoing: queue.SimpleQueue[TrainRequest | None] = queue.SimpleQueue()
        introduction = TrainRequest.Introduction(agent=self.name, features=self._features.shape[1])
        outgoing.put(TrainRequest(introduction=introduction))
        numbers: list[int] = []
        trained: TrainedExtractor | None = None
        with channel(self._center, self._certificates, self._server_name) as opened:
            try:
                for message in calls.train(opened, iter(outgoing.get, None)):
                    kind = message.WhichOneof("content")
                    if kind == "welcome":
                        self._silent_share = message.welcome.silent
                        for answer in self._keys(message.welcome.max_rows):
                            outgoing.put(answer)
                    elif kind == "rows":
                        numbers += message.rows.own
                        if message.rows.last:
                            outgoing.put(self._presence(numbers))
                    elif kind == "finish":
                        job = self._job(message.finish.job)
                        trained = TrainedExtractor(message.finish.model_version, job.trainee, job.factor, job.width)
                        outgoing.put(TrainRequest(done=TrainRequest.Done(job=message.finish.job)))
                        outgoing.put(None)
                    else:
                        outgoing.put(self._worked(message))
            except grpc.RpcError as error:
                # Once it has everybody's last word the fusion center may be gone before streams have ended.
                if trained is None:
                    raise ServiceError.of(error) from error
            finally:
                outgoing.put(None)
        if trained is None:
            raise CopurError("the fusion center ended the training before it was done")
        return trained

    def _keys(self, most: int) -> list[TrainRequest]:
        count = len(self._digests) // DIGEST_BYTES
        if count > most:
            raise CopurError(f"an agent has at most {most} rows (actual: {count})")
        step = KEYS_PER_MESSAGE * DIGEST_BYTES
        parts = [self._digests[start : start + step] for start in range(0, len(self._digests), step)] or [b""]
        return [
            TrainRequest(keys=TrainRequest.Keys(digests=part, last=place == len(parts) - 1))
            for place, part in enumerate(parts)
        ]

    def _presence(self, numbers: list[int]) -> TrainRequest:
        self._own = np.array(numbers, np.int64) - 1
        if self._own.size and not -1 <= self._own.min() <= self._own.max() < len(self._features):
            raise CopurError("the fusion center names rows that the agent does not have")
        missing = np.isnan(self._features).mean(axis=1) if self._features.size else np.zeros(len(self._features))
        is_silent = missing >= self._silent_share if self._silent_share > 0 else np.zeros(len(missing), bool)
        self._present = (self._own >= 0) & ~np.append(is_silent, True)[self._own]
        return TrainRequest(presence=TrainRequest.Presence(present=bits(self._present)))

    def _worked(self, message: TrainResponse) -> TrainRequest:
        """The answer to work on a job."""
        kind = message.WhichOneof("content")
        if kind == "begin":
            begin = message.begin
            rows = np.array(begin.rows, np.int64)
            inputs = np.where(self._present[rows][:, None], self._rows(rows), np.float32("nan"))
            settings = json.loads(begin.settings)
            self._jobs[begin.job] = Job(self._make_trainee(inputs, settings), int(settings["embedding"]))
            return TrainRequest(begun=TrainRequest.Begun(job=begin.job))
        if kind == "exchange":
            exchange, job = message.exchange, self._job(message.exchange.job)
            if exchange.HasField("gradient"):
                gradient = floats(exchange.gradient, job.embedded * job.width)
                job.trainee.learn(gradient.reshape(job.embedded, job.width))
            if not exchange.rows:
                return TrainRequest(done=TrainRequest.Done(job=exchange.job))
            values = self._shaped(job.trainee.embed(np.array(exchange.rows, np.int64)), len(exchange.rows), job)
            job.embedded = len(exchange.rows)
            return TrainRequest(embeddings=TrainRequest.Embeddings(job=exchange.job, values=packed(values)))
        if kind == "observe":
            observe, job = message.observe, self._job(message.observe.job)
            rows = np.array(observe.rows, np.int64)
            values = self._shaped(job.trainee.infer(self._rows(rows)), len(rows), job) * np.float32(job.factor)
            return TrainRequest(
                embeddings=TrainRequest.Embeddings(
                    job=observe.job, values=packed(values), present=bits(self._present[rows])
                )
            )
        if kind == "scale":
            self._job(message.scale.job).factor = message.scale.factor
            return TrainRequest(done=TrainRequest.Done(job=message.scale.job))
        raise CopurError(f"the fusion center sends what this agent does not know: {kind}")

    def _job(self, number: int) -> Job:
        if number not in self._jobs:
            raise CopurError(f"the fusion center names job {number}, which it has not begun")
        return self._jobs[number]

    def _rows(self, numbers: Numbers) -> Floats:
        """Own features of the fusion center's rows; NaN of those that the agent does not have."""
        own = self._own[numbers]
        features = np.full((len(own), self._features.shape[1]), np.nan, np.float32)
        features[own >= 0] = self._features[own[own >= 0]]
        return features

    @staticmethod
    def _shaped(values: npt.ArrayLike, rows: int, job: Job) -> Floats:
        embeddings = np.asarray(values, np.float32)
        if embeddings.shape != (rows, job.width):
            raise CopurError(
                f"an embedding has {job.width} numbers, as the training says (actual: {embeddings.shape}, {rows} rows)"
            )
        return embeddings


def duplicates(keys: Sequence[str]) -> set[str]:
    """The keys that come more than once."""
    seen: set[str] = set()
    return {key for key in keys if key in seen or seen.add(key)}  # type: ignore[func-returns-value]


def bits(flags: npt.NDArray[np.bool_]) -> bytes:
    """A bit a flag, from each byte's lowest on."""
    return np.packbits(flags, bitorder="little").tobytes()


def packed(values: Floats) -> messages.Numbers:
    """Numbers of 32 bits."""
    return messages.Numbers(float32=np.ascontiguousarray(values, "<f4").tobytes())


def floats(message: messages.Numbers, count: int) -> Floats:
    """Numbers of 32 bits, or integers of 16 or 8 with a scale."""
    if message.int16 or message.int8:
        width = 2 if message.int16 else 1
        integers = np.frombuffer(message.int16 or message.int8, f"<i{width}")
        values = integers.astype(np.float32) * np.float32(message.scale / (2 ** (8 * width - 1) - 1))
    else:
        values = np.frombuffer(message.float32, "<f4")
    if values.size != count:
        raise CopurError(f"a gradient has {count} numbers (actual: {values.size})")
    return values
