"""The call ModelInfer of the Open Inference Protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import grpc
import numpy as np
import numpy.typing as npt
from copur.errors import CopurError
from copur.inference_descriptors import DESCRIPTORS
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

TYPES = {
    "BOOL": "?", "UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8",
    "INT8": "i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8", "FP32": "<f4", "FP64": "<f8",
}  # fmt: skip

# In a pool of their own: tritonclient's messages have the same names, and a process may have both.
POOL = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS).file:
    POOL.Add(file)


def message(name: str) -> Any:
    """The class of a message."""
    return message_factory.GetMessageClass(POOL.FindMessageTypeByName(f"inference.{name}"))


def infer(
    channel: grpc.Channel,
    blocks: Mapping[str, npt.NDArray[np.float32]],
    defense: str | None,
    outputs: Sequence[str],
    timeout: float | None,
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, object]]:
    """Outputs and parameters of the answer."""
    request = message("ModelInferRequest")(model_name="fusion")
    if defense is not None:
        request.parameters["defense"].string_param = defense
    for name, values in blocks.items():
        request.inputs.add(name=name, datatype="FP32", shape=values.shape)
        request.raw_input_contents.append(values.astype("<f4").tobytes())
    for name in outputs:
        request.outputs.add(name=name)
    request_type, answer_type = message("ModelInferRequest"), message("ModelInferResponse")
    call = channel.unary_unary(
        "/inference.GRPCInferenceService/ModelInfer", request_type.SerializeToString, answer_type.FromString
    )
    answer: Any = call(request, timeout=timeout)
    if len(answer.raw_output_contents) != len(answer.outputs):
        raise CopurError("an answer to raw inputs has raw outputs")
    arrays = {
        output.name: np.frombuffer(data, TYPES[output.datatype]).reshape(list(output.shape))
        for output, data in zip(answer.outputs, answer.raw_output_contents, strict=True)
    }
    parameters = {
        name: getattr(value, value.WhichOneof("parameter_choice")) for name, value in answer.parameters.items()
    }
    return arrays, parameters
