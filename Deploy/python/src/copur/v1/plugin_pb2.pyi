from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PluginAgent(_message.Message):
    __slots__ = ["columns", "features", "name", "width"]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedScalarFieldContainer[str]
    features: int
    name: str
    width: int
    def __init__(self, name: _Optional[str] = ..., width: _Optional[int] = ..., features: _Optional[int] = ..., columns: _Optional[_Iterable[str]] = ...) -> None: ...

class PluginAnswer(_message.Message):
    __slots__ = ["gradient", "losses", "probabilities"]
    GRADIENT_FIELD_NUMBER: _ClassVar[int]
    LOSSES_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    gradient: _containers.RepeatedScalarFieldContainer[float]
    losses: _containers.RepeatedScalarFieldContainer[float]
    probabilities: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, probabilities: _Optional[_Iterable[float]] = ..., losses: _Optional[_Iterable[float]] = ..., gradient: _Optional[_Iterable[float]] = ...) -> None: ...

class PluginBlocks(_message.Message):
    __slots__ = ["embeddings", "observed", "samples"]
    EMBEDDINGS_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    embeddings: _containers.RepeatedScalarFieldContainer[float]
    observed: _containers.RepeatedScalarFieldContainer[bool]
    samples: int
    def __init__(self, samples: _Optional[int] = ..., embeddings: _Optional[_Iterable[float]] = ..., observed: _Optional[_Iterable[bool]] = ...) -> None: ...

class PluginDecisions(_message.Message):
    __slots__ = ["probabilities", "suspects"]
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    SUSPECTS_FIELD_NUMBER: _ClassVar[int]
    probabilities: _containers.RepeatedScalarFieldContainer[float]
    suspects: _containers.RepeatedScalarFieldContainer[bool]
    def __init__(self, probabilities: _Optional[_Iterable[float]] = ..., suspects: _Optional[_Iterable[bool]] = ...) -> None: ...

class PluginEmbeddings(_message.Message):
    __slots__ = ["values"]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, values: _Optional[_Iterable[float]] = ...) -> None: ...

class PluginOpen(_message.Message):
    __slots__ = ["agents", "classes", "role"]
    class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    ATTACK: PluginOpen.Role
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    DEFENSE: PluginOpen.Role
    EXTRACTOR: PluginOpen.Role
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ROLE_UNSPECIFIED: PluginOpen.Role
    agents: _containers.RepeatedCompositeFieldContainer[PluginAgent]
    classes: _containers.RepeatedScalarFieldContainer[str]
    role: PluginOpen.Role
    def __init__(self, role: _Optional[_Union[PluginOpen.Role, str]] = ..., agents: _Optional[_Iterable[_Union[PluginAgent, _Mapping]]] = ..., classes: _Optional[_Iterable[str]] = ...) -> None: ...

class PluginOpened(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class PluginProposal(_message.Message):
    __slots__ = ["embeddings", "warnings"]
    EMBEDDINGS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    embeddings: _containers.RepeatedScalarFieldContainer[float]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, embeddings: _Optional[_Iterable[float]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class PluginQuestion(_message.Message):
    __slots__ = ["blocks", "gradient", "labels"]
    BLOCKS_FIELD_NUMBER: _ClassVar[int]
    GRADIENT_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    blocks: PluginBlocks
    gradient: bool
    labels: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, blocks: _Optional[_Union[PluginBlocks, _Mapping]] = ..., labels: _Optional[_Iterable[int]] = ..., gradient: bool = ...) -> None: ...

class PluginReply(_message.Message):
    __slots__ = ["decisions", "embeddings", "error", "opened", "proposal", "question"]
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    EMBEDDINGS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    OPENED_FIELD_NUMBER: _ClassVar[int]
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    decisions: PluginDecisions
    embeddings: PluginEmbeddings
    error: str
    opened: PluginOpened
    proposal: PluginProposal
    question: PluginQuestion
    def __init__(self, opened: _Optional[_Union[PluginOpened, _Mapping]] = ..., decisions: _Optional[_Union[PluginDecisions, _Mapping]] = ..., proposal: _Optional[_Union[PluginProposal, _Mapping]] = ..., question: _Optional[_Union[PluginQuestion, _Mapping]] = ..., error: _Optional[str] = ..., embeddings: _Optional[_Union[PluginEmbeddings, _Mapping]] = ...) -> None: ...

class PluginRequest(_message.Message):
    __slots__ = ["answer", "attack", "decide", "embed", "open"]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ATTACK_FIELD_NUMBER: _ClassVar[int]
    DECIDE_FIELD_NUMBER: _ClassVar[int]
    EMBED_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    answer: PluginAnswer
    attack: PluginSituation
    decide: PluginBlocks
    embed: PluginRows
    open: PluginOpen
    def __init__(self, open: _Optional[_Union[PluginOpen, _Mapping]] = ..., decide: _Optional[_Union[PluginBlocks, _Mapping]] = ..., attack: _Optional[_Union[PluginSituation, _Mapping]] = ..., answer: _Optional[_Union[PluginAnswer, _Mapping]] = ..., embed: _Optional[_Union[PluginRows, _Mapping]] = ...) -> None: ...

class PluginRows(_message.Message):
    __slots__ = ["features", "samples"]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    features: _containers.RepeatedScalarFieldContainer[float]
    samples: int
    def __init__(self, samples: _Optional[int] = ..., features: _Optional[_Iterable[float]] = ...) -> None: ...

class PluginSituation(_message.Message):
    __slots__ = ["blocks", "compromised", "labels", "seed"]
    BLOCKS_FIELD_NUMBER: _ClassVar[int]
    COMPROMISED_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    blocks: PluginBlocks
    compromised: _containers.RepeatedScalarFieldContainer[int]
    labels: _containers.RepeatedScalarFieldContainer[int]
    seed: int
    def __init__(self, blocks: _Optional[_Union[PluginBlocks, _Mapping]] = ..., compromised: _Optional[_Iterable[int]] = ..., labels: _Optional[_Iterable[int]] = ..., seed: _Optional[int] = ...) -> None: ...
