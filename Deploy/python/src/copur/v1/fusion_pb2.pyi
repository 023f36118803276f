from copur.v1 import samples_pb2 as _samples_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
GATE_OUTCOME_OVERRULED: GateOutcome
GATE_OUTCOME_PASSED: GateOutcome
GATE_OUTCOME_UNSPECIFIED: GateOutcome
GATE_OUTCOME_WITHHELD: GateOutcome

class AgentOutcome(_message.Message):
    __slots__ = ["agent", "contributed", "residual", "suspect"]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTED_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_FIELD_NUMBER: _ClassVar[int]
    SUSPECT_FIELD_NUMBER: _ClassVar[int]
    agent: str
    contributed: bool
    residual: float
    suspect: bool
    def __init__(self, agent: _Optional[str] = ..., contributed: bool = ..., residual: _Optional[float] = ..., suspect: bool = ...) -> None: ...

class ContributeRequest(_message.Message):
    __slots__ = ["agent", "model_version", "samples", "session", "silent", "values"]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SILENT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    agent: str
    model_version: str
    samples: _containers.RepeatedScalarFieldContainer[int]
    session: str
    silent: _containers.RepeatedScalarFieldContainer[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, agent: _Optional[str] = ..., model_version: _Optional[str] = ..., session: _Optional[str] = ..., samples: _Optional[_Iterable[int]] = ..., values: _Optional[_Iterable[float]] = ..., silent: _Optional[_Iterable[int]] = ...) -> None: ...

class ContributeResponse(_message.Message):
    __slots__ = ["receipts"]
    RECEIPTS_FIELD_NUMBER: _ClassVar[int]
    receipts: _containers.RepeatedCompositeFieldContainer[Receipt]
    def __init__(self, receipts: _Optional[_Iterable[_Union[Receipt, _Mapping]]] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ["certified_agents", "converged", "gate", "label", "objective", "probabilities"]
    CERTIFIED_AGENTS_FIELD_NUMBER: _ClassVar[int]
    CONVERGED_FIELD_NUMBER: _ClassVar[int]
    GATE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    certified_agents: int
    converged: bool
    gate: GateOutcome
    label: int
    objective: float
    probabilities: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, label: _Optional[int] = ..., probabilities: _Optional[_Iterable[float]] = ..., converged: bool = ..., objective: _Optional[float] = ..., gate: _Optional[_Union[GateOutcome, str]] = ..., certified_agents: _Optional[int] = ...) -> None: ...

class JoinRequest(_message.Message):
    __slots__ = ["agent", "model_version", "width"]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    agent: str
    model_version: str
    width: int
    def __init__(self, agent: _Optional[str] = ..., width: _Optional[int] = ..., model_version: _Optional[str] = ...) -> None: ...

class JoinResponse(_message.Message):
    __slots__ = ["agents", "deadline_ms", "defenses", "idle_timeout_ms", "index", "max_message_bytes", "max_samples_per_message", "model_version", "quorum", "takes_silence"]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_MS_FIELD_NUMBER: _ClassVar[int]
    DEFENSES_FIELD_NUMBER: _ClassVar[int]
    IDLE_TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_SAMPLES_PER_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    QUORUM_FIELD_NUMBER: _ClassVar[int]
    TAKES_SILENCE_FIELD_NUMBER: _ClassVar[int]
    agents: _containers.RepeatedScalarFieldContainer[str]
    deadline_ms: float
    defenses: _containers.RepeatedScalarFieldContainer[str]
    idle_timeout_ms: float
    index: int
    max_message_bytes: int
    max_samples_per_message: int
    model_version: str
    quorum: int
    takes_silence: bool
    def __init__(self, model_version: _Optional[str] = ..., index: _Optional[int] = ..., agents: _Optional[_Iterable[str]] = ..., deadline_ms: _Optional[float] = ..., idle_timeout_ms: _Optional[float] = ..., quorum: _Optional[int] = ..., defenses: _Optional[_Iterable[str]] = ..., max_message_bytes: _Optional[int] = ..., max_samples_per_message: _Optional[int] = ..., takes_silence: bool = ...) -> None: ...

class PredictRequest(_message.Message):
    __slots__ = ["defense", "samples", "session"]
    DEFENSE_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    defense: str
    samples: _samples_pb2.Samples
    session: str
    def __init__(self, session: _Optional[str] = ..., defense: _Optional[str] = ..., samples: _Optional[_Union[_samples_pb2.Samples, _Mapping]] = ...) -> None: ...

class PredictResponse(_message.Message):
    __slots__ = ["opened", "verdicts"]
    OPENED_FIELD_NUMBER: _ClassVar[int]
    VERDICTS_FIELD_NUMBER: _ClassVar[int]
    opened: SessionOpened
    verdicts: _containers.RepeatedCompositeFieldContainer[Verdict]
    def __init__(self, opened: _Optional[_Union[SessionOpened, _Mapping]] = ..., verdicts: _Optional[_Iterable[_Union[Verdict, _Mapping]]] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ["reason", "samples", "session", "status"]
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    ACCEPTED: Receipt.Status
    CONFLICT: Receipt.Status
    DUPLICATE: Receipt.Status
    INVALID: Receipt.Status
    LATE: Receipt.Status
    REASON_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATUS_UNSPECIFIED: Receipt.Status
    reason: str
    samples: _containers.RepeatedScalarFieldContainer[int]
    session: str
    status: Receipt.Status
    def __init__(self, session: _Optional[str] = ..., samples: _Optional[_Iterable[int]] = ..., status: _Optional[_Union[Receipt.Status, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class SessionOpened(_message.Message):
    __slots__ = ["defense", "model_version", "samples", "session"]
    DEFENSE_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    defense: str
    model_version: str
    samples: int
    session: str
    def __init__(self, session: _Optional[str] = ..., defense: _Optional[str] = ..., model_version: _Optional[str] = ..., samples: _Optional[int] = ...) -> None: ...

class Verdict(_message.Message):
    __slots__ = ["agents", "decision", "defense", "model_version", "no_decision_reason", "sample", "session", "traceparent"]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    DEFENSE_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    NO_DECISION_REASON_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    agents: _containers.RepeatedCompositeFieldContainer[AgentOutcome]
    decision: Decision
    defense: str
    model_version: str
    no_decision_reason: str
    sample: int
    session: str
    traceparent: str
    def __init__(self, session: _Optional[str] = ..., sample: _Optional[int] = ..., model_version: _Optional[str] = ..., defense: _Optional[str] = ..., agents: _Optional[_Iterable[_Union[AgentOutcome, _Mapping]]] = ..., decision: _Optional[_Union[Decision, _Mapping]] = ..., no_decision_reason: _Optional[str] = ..., traceparent: _Optional[str] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ["session"]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: str
    def __init__(self, session: _Optional[str] = ...) -> None: ...

class WatchResponse(_message.Message):
    __slots__ = ["verdicts"]
    VERDICTS_FIELD_NUMBER: _ClassVar[int]
    verdicts: _containers.RepeatedCompositeFieldContainer[Verdict]
    def __init__(self, verdicts: _Optional[_Iterable[_Union[Verdict, _Mapping]]] = ...) -> None: ...

class GateOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
