"""The calls of Protocols/copur/v1 with their types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import grpc
from copur.v1.fusion_pb2 import (
    ContributeRequest,
    ContributeResponse,
    JoinRequest,
    JoinResponse,
    PredictRequest,
    PredictResponse,
    WatchRequest,
    WatchResponse,
)
from copur.v1.training_pb2 import TrainRequest, TrainResponse

CENTER = "/copur.v1.FusionCenter"


class ResponseStream(Iterator[Any]):
    """The answers of a call, which can be cancelled; what grpcio gives back."""

    def cancel(self) -> bool:
        """Ends the call."""
        raise NotImplementedError


def join(channel: grpc.Channel, request: JoinRequest, timeout: float) -> JoinResponse:
    """Introduces an agent."""
    call = channel.unary_unary(f"{CENTER}/Join", JoinRequest.SerializeToString, JoinResponse.FromString)
    return cast(JoinResponse, call(request, timeout=timeout))


def contribute(channel: grpc.Channel, requests: Iterator[ContributeRequest]) -> Iterator[ContributeResponse]:
    """Blocks up, receipts down."""
    call = channel.stream_stream(
        f"{CENTER}/Contribute", ContributeRequest.SerializeToString, ContributeResponse.FromString
    )
    return cast("Iterator[ContributeResponse]", call(requests))


def predict(channel: grpc.Channel, request: PredictRequest, timeout: float | None) -> Iterator[PredictResponse]:
    """Verdicts of samples as their rounds close."""
    call = channel.unary_stream(f"{CENTER}/Predict", PredictRequest.SerializeToString, PredictResponse.FromString)
    return cast("Iterator[PredictResponse]", call(request, timeout=timeout))


def watch(channel: grpc.Channel, request: WatchRequest, timeout: float | None) -> ResponseStream:
    """Verdicts of all rounds as they close."""
    call = channel.unary_stream(f"{CENTER}/Watch", WatchRequest.SerializeToString, WatchResponse.FromString)
    return cast(ResponseStream, call(request, timeout=timeout))


def train(channel: grpc.Channel, requests: Iterator[TrainRequest]) -> Iterator[TrainResponse]:
    """A training: every message down is answered by one up."""
    call = channel.stream_stream("/copur.v1.Training/Train", TrainRequest.SerializeToString, TrainResponse.FromString)
    return cast("Iterator[TrainResponse]", call(requests))
