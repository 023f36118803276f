from copur.v1 import samples_pb2 as _samples_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CompromiseRequest(_message.Message):
    __slots__ = ["agent", "flip", "honest", "session", "silent", "values"]
    class Flip(_message.Message):
        __slots__ = ["amplification"]
        AMPLIFICATION_FIELD_NUMBER: _ClassVar[int]
        amplification: float
        def __init__(self, amplification: _Optional[float] = ...) -> None: ...
    class Honest(_message.Message):
        __slots__ = []
        def __init__(self) -> None: ...
    class Silent(_message.Message):
        __slots__ = []
        def __init__(self) -> None: ...
    class Values(_message.Message):
        __slots__ = ["extend", "samples", "values"]
        EXTEND_FIELD_NUMBER: _ClassVar[int]
        SAMPLES_FIELD_NUMBER: _ClassVar[int]
        VALUES_FIELD_NUMBER: _ClassVar[int]
        extend: bool
        samples: _containers.RepeatedScalarFieldContainer[int]
        values: _containers.RepeatedScalarFieldContainer[float]
        def __init__(self, samples: _Optional[_Iterable[int]] = ..., values: _Optional[_Iterable[float]] = ..., extend: bool = ...) -> None: ...
    AGENT_FIELD_NUMBER: _ClassVar[int]
    FLIP_FIELD_NUMBER: _ClassVar[int]
    HONEST_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SILENT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    agent: str
    flip: CompromiseRequest.Flip
    honest: CompromiseRequest.Honest
    session: str
    silent: CompromiseRequest.Silent
    values: CompromiseRequest.Values
    def __init__(self, session: _Optional[str] = ..., honest: _Optional[_Union[CompromiseRequest.Honest, _Mapping]] = ..., silent: _Optional[_Union[CompromiseRequest.Silent, _Mapping]] = ..., flip: _Optional[_Union[CompromiseRequest.Flip, _Mapping]] = ..., values: _Optional[_Union[CompromiseRequest.Values, _Mapping]] = ..., agent: _Optional[str] = ...) -> None: ...

class CompromiseResponse(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class PlayRequest(_message.Message):
    __slots__ = ["agents", "samples", "samples_per_message", "session"]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_PER_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    agents: _containers.RepeatedScalarFieldContainer[str]
    samples: _samples_pb2.Samples
    samples_per_message: int
    session: str
    def __init__(self, session: _Optional[str] = ..., samples: _Optional[_Union[_samples_pb2.Samples, _Mapping]] = ..., samples_per_message: _Optional[int] = ..., agents: _Optional[_Iterable[str]] = ...) -> None: ...

class PlayResponse(_message.Message):
    __slots__ = ["accepted", "conflict", "duplicate", "first_refusal", "invalid", "late", "withheld"]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    CONFLICT_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    FIRST_REFUSAL_FIELD_NUMBER: _ClassVar[int]
    INVALID_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    accepted: int
    conflict: int
    duplicate: int
    first_refusal: str
    invalid: int
    late: int
    withheld: int
    def __init__(self, accepted: _Optional[int] = ..., duplicate: _Optional[int] = ..., conflict: _Optional[int] = ..., late: _Optional[int] = ..., invalid: _Optional[int] = ..., withheld: _Optional[int] = ..., first_refusal: _Optional[str] = ...) -> None: ...
