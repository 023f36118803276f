"""An agent: embeddings up, a receipt for each, over connections that are made again when they are lost."""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import grpc
import numpy as np
import numpy.typing as npt
from copur import calls
from copur.blocks import Floats
from copur.bundle import Bundle
from copur.connection import Certificates, channel
from copur.errors import CopurError, ServiceError
from copur.program import PathLike
from copur.v1.fusion_pb2 import ContributeRequest, JoinRequest, JoinResponse
from copur.v1.fusion_pb2 import Receipt as ReceiptMessage

# Statuses that the next attempt would end with, too.
FINAL = {
    "NOT_FOUND", "FAILED_PRECONDITION", "INVALID_ARGUMENT", "PERMISSION_DENIED", "UNAUTHENTICATED", "UNIMPLEMENTED",
}  # fmt: skip
# How long a service has to answer an introduction, in seconds.
PATIENCE = 30.0


@dataclass(frozen=True)
class Receipt:
    """What became of a block, or of the word that there is none."""

    session: str
    sample: int
    # ACCEPTED, DUPLICATE (as harmless), CONFLICT, LATE or INVALID.
    status: str
    # For the last three: the rule and the value that broke it.
    reason: str

    @property
    def is_part(self) -> bool:
        """Whether the block is part of its round."""
        return self.status in ("ACCEPTED", "DUPLICATE")


@dataclass
class Waiting:
    """A block without a receipt: its values, None for a silence, and who waits for it."""

    values: Floats | None
    future: Future[Receipt]


Key = tuple[str, int]


class Agent:
    """An agent of a fusion center, from `with` to its end.

    ```python
    with copur.Agent("acc", "https://center:8001", "bundle", certificates=copur.Certificates.of("certs", "agent-acc"),
                     extract=extract) as agent:
        receipts = agent.send(range(100), rows)
    ```

    `model` is a bundle's folder, or the version of the model that the embeddings are made for, which then needs
    `width`. `extract` makes embeddings of rows, n × width; without it rows are embeddings. What has no receipt when a
    connection is lost is sent again on the next one; a fusion center that refuses the agent is a ServiceError.
    """

    def __init__(
        self,
        name: str,
        center: str,
        model: PathLike,
        *,
        width: int | None = None,
        certificates: Certificates | None = None,
        server_name: str | None = None,
        session: str = "live",
        extract: Callable[[npt.NDArray[Any]], npt.ArrayLike] | None = None,
        in_flight: int = 4096,
        backoff: float = 1.0,
        longest_backoff: float = 120.0,
    ) -> None:
        """`in_flight` is how many samples may be without a receipt, and the backoffs are seconds."""
        self.name = name
        self.center = center
        self.session = session
        if width is None:
            bundle = Bundle(model)
            self.model_version, self.width = bundle.version, bundle.width(name)
        else:
            self.model_version, self.width = str(model), width
        self._extract = extract
        self._certificates = certificates
        self._server_name = server_name
        self._in_flight = in_flight
        self._backoff, self._longest_backoff = backoff, longest_backoff
        self._changed = threading.Condition()
        # Blocks that are to be sent on this connection, and those that were sent on it.
        self._queue: OrderedDict[Key, Waiting] = OrderedDict()
        self._sent: OrderedDict[Key, Waiting] = OrderedDict()
        self._is_ending = False
        self._failure: CopurError | None = None
        # Counts connections, so that what an old one still asks for is not given to it.
        self._connection = 0
        self._thread = threading.Thread(target=self._keep_connected, name=f"copur agent {name}", daemon=True)

    def __enter__(self) -> Agent:
        """Begins to connect."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits until every block has its receipt; after an error those without one are given up."""
        with self._changed:
            self._is_ending = True
            if kind is not None:
                self._fail(CopurError(f"agent {self.name} stopped before every block had its receipt"))
            self._changed.notify_all()
        self._thread.join()

    def send(self, samples: Iterable[int], rows: npt.ArrayLike, timeout: float | None = None) -> list[Receipt]:
        """Sends a row's embedding for each sample, and waits for their receipts, in their order."""
        return [future.result(timeout) for future in self.submit(samples, rows)]

    def submit(self, samples: Iterable[int], rows: npt.ArrayLike) -> list[Future[Receipt]]:
        """The same without waiting for receipts; waits for room if too many samples have none yet."""
        numbers = list(samples)
        array = np.asarray(rows)
        embeddings = np.asarray(array if self._extract is None else self._extract(array), np.float32)
        if embeddings.shape != (len(numbers), self.width):
            raise CopurError(
                f"agent {self.name} has {self.width} numbers a sample, for {len(numbers)} samples "
                f"(actual: {embeddings.shape})"
            )
        return [self._add(number, row) for number, row in zip(numbers, embeddings, strict=True)]

    def silent(self, samples: Iterable[int], timeout: float | None = None) -> list[Receipt]:
        """Says that the agent has no reading of these samples, so that no round waits for it."""
        return [future.result(timeout) for future in [self._add(number, None) for number in samples]]

    def _add(self, sample: int, values: Floats | None) -> Future[Receipt]:
        key = (self.session, int(sample))
        if not 0 <= key[1] < 1 << 64:
            raise CopurError(f"a sample is a number from 0 to 2^64 - 1 (actual: {sample})")
        future: Future[Receipt] = Future()
        with self._changed:
            if not self._thread.is_alive() and self._failure is None:
                raise CopurError("an agent sends inside of its `with`")
            self._changed.wait_for(
                lambda: self._failure is not None or len(self._queue) + len(self._sent) < self._in_flight
            )
            if self._failure is not None:
                raise self._failure
            if key in self._queue or key in self._sent:
                raise CopurError(f"sample {sample} of session {self.session!r} has no receipt yet, and is sent again")
            self._queue[key] = Waiting(values, future)
            self._changed.notify_all()
        return future

    def _fail(self, error: CopurError) -> None:
        """Ends everything by an error, the first one for good; holds the lock."""
        self._failure = self._failure or error
        for waiting in [*self._sent.values(), *self._queue.values()]:
            waiting.future.set_exception(self._failure)
        self._sent.clear()
        self._queue.clear()
        self._changed.notify_all()

    # MARK: The connection, on its own thread

    def _is_done(self) -> bool:
        return self._failure is not None or (self._is_ending and not self._queue and not self._sent)

    def _keep_connected(self) -> None:
        wait = self._backoff
        while True:
            try:
                with channel(self.center, self._certificates, self._server_name) as opened:
                    introduction = JoinRequest(agent=self.name, width=self.width, model_version=self.model_version)
                    settings = calls.join(opened, introduction, PATIENCE)
                    wait = self._backoff
                    self._contribute(opened, settings)
            except grpc.RpcError as error:
                refusal = ServiceError.of(error)
                if refusal.status in FINAL:
                    with self._changed:
                        self._fail(refusal)
            except Exception as error:
                with self._changed:
                    self._fail(error if isinstance(error, CopurError) else CopurError(str(error)))
            with self._changed:
                # What had no receipt comes first on the next connection.
                self._connection += 1
                self._queue = OrderedDict([*self._sent.items(), *self._queue.items()])
                self._sent.clear()
                self._changed.notify_all()
                if self._changed.wait_for(self._is_done, wait * random.uniform(0.8, 1.2)):
                    return
            wait = min(wait * 1.6, self._longest_backoff)

    def _contribute(self, opened: grpc.Channel, settings: JoinResponse) -> None:
        """One stream, from the introduction to its end."""
        for answer in calls.contribute(opened, self._requests(settings, self._connection)):
            for receipt in answer.receipts:
                self._received(receipt)

    def _requests(self, settings: JoinResponse, connection: int) -> Iterator[ContributeRequest]:
        yield ContributeRequest(agent=self.name, model_version=self.model_version)
        # A float is 4 bytes, a sample's number at most 10; names and lengths take less than a kibibyte.
        fitting = (settings.max_message_bytes - 1024) // (4 * self.width + 10)
        most = max(1, min(fitting, settings.max_samples_per_message))
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._is_done() or self._connection != connection)
                if self._is_done() or self._connection != connection:
                    return
                session = next(iter(self._queue))[0]
                message = ContributeRequest(session=session)
                while self._queue and len(message.samples) + len(message.silent) < most:
                    key, waiting = next(iter(self._queue.items()))
                    if key[0] != session:
                        break
                    del self._queue[key]
                    if waiting.values is not None:
                        message.samples.append(key[1])
                        message.values.extend(waiting.values.tolist())
                    elif settings.takes_silence:
                        message.silent.append(key[1])
                    else:
                        reason = "the fusion center does not take silences"
                        waiting.future.set_result(Receipt(session, key[1], "LATE", reason))
                        continue
                    self._sent[key] = waiting
            yield message

    def _received(self, message: ReceiptMessage) -> None:
        status = ReceiptMessage.Status.Name(message.status)
        with self._changed:
            for sample in message.samples:
                waiting = self._sent.pop((message.session, sample), None)
                if waiting is not None:
                    waiting.future.set_result(Receipt(message.session, sample, status, message.reason))
            self._changed.notify_all()
