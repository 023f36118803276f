"""A client of a fusion center: verdicts of samples, verdicts as they come, and inference."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import grpc
import numpy as np
import numpy.typing as npt
from copur import calls
from copur.connection import Certificates, channel
from copur.errors import CopurError, ServiceError
from copur.inference import infer
from copur.v1.fusion_pb2 import PredictRequest, WatchRequest
from copur.v1.samples_pb2 import SampleRange, Samples
from copur.verdict import Verdict


@dataclass(frozen=True)
class Inference:
    """An answer of the inference model `fusion`."""

    # By name, such as "label", "probabilities", "suspect"; a row a sample.
    outputs: dict[str, npt.NDArray[Any]]
    # Such as "missing" and "suspects": names with commas between, and where samples differ semicolons between samples.
    parameters: dict[str, object]

    @property
    def label(self) -> npt.NDArray[np.int64]:
        """The predicted classes."""
        return self.outputs["label"]


class FusionCenter:
    """A fusion center at https://HOST:PORT, its gRPC port, or http:// for development; a context manager.

    What it refuses is a ServiceError with the status and the rule.
    """

    def __init__(
        self, address: str, *, certificates: Certificates | None = None, server_name: str | None = None
    ) -> None:
        """Connects with the first call."""
        self._channel = channel(address, certificates, server_name)

    def __enter__(self) -> FusionCenter:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connection."""
        self.close()

    def close(self) -> None:
        """Closes the connection; calls that go on end."""
        self._channel.close()

    def predict(
        self, samples: Iterable[int], *, session: str = "live", defense: str | None = None, timeout: float | None = None
    ) -> Iterator[Verdict]:
        """Asks for samples' verdicts, which come as rounds close.

        The session is open when this returns: agents are best told to speak after that. A range costs no more than a
        number.
        """
        if isinstance(samples, range) and samples.step == 1 and len(samples) > 0:
            asked = Samples(ranges=[SampleRange(first=samples.start, count=len(samples))])
        else:
            asked = Samples(listed=samples)
        request = PredictRequest(session=session, defense=defense or "", samples=asked)
        with refusals():
            answers = calls.predict(self._channel, request, timeout)
            opened = next(answers, None)
        if opened is None or not opened.HasField("opened"):
            raise CopurError("the fusion center says that a session is open before it gives verdicts")

        def verdicts() -> Iterator[Verdict]:
            with refusals():
                for answer in answers:
                    yield from map(Verdict.of, answer.verdicts)

        return verdicts()

    def watch(
        self, *, session: str | None = None, count: int | None = None, timeout: float | None = None
    ) -> Iterator[Verdict]:
        """Verdicts of every round as it closes, of all sessions or one; none is missed once this has returned.

        Without `count` there is no end, but the end of the call or of the connection.
        """
        with refusals():
            answers = calls.watch(self._channel, WatchRequest(session=session or ""), timeout)
            next(answers)

        def verdicts() -> Iterator[Verdict]:
            left = count
            try:
                with refusals():
                    for answer in answers:
                        for message in answer.verdicts:
                            if left == 0:
                                return
                            yield Verdict.of(message)
                            left = None if left is None else left - 1
                        if left == 0:
                            return
            finally:
                answers.cancel()

        return verdicts()

    def infer(
        self,
        blocks: Mapping[str, npt.ArrayLike],
        *,
        defense: str | None = None,
        outputs: Sequence[str] = (),
        timeout: float | None = None,
    ) -> Inference:
        """Predicts from embeddings, n × width of each agent, by the Open Inference Protocol.

        An agent that is left out is missing, which is another thing than zeros. `outputs` names those that are wanted;
        all that the defence has otherwise.
        """
        arrays = {agent: np.asarray(values, np.float32) for agent, values in blocks.items()}
        with refusals():
            return Inference(*infer(self._channel, arrays, defense, outputs, timeout))


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turns an error of grpcio into a ServiceError."""
    try:
        yield
    except grpc.RpcError as error:
        raise ServiceError.of(error) from error
