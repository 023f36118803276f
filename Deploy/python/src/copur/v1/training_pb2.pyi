from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Numbers(_message.Message):
    __slots__ = ["float32", "int16", "int8", "scale"]
    FLOAT32_FIELD_NUMBER: _ClassVar[int]
    INT16_FIELD_NUMBER: _ClassVar[int]
    INT8_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    float32: bytes
    int16: bytes
    int8: bytes
    scale: float
    def __init__(self, float32: _Optional[bytes] = ..., int16: _Optional[bytes] = ..., int8: _Optional[bytes] = ..., scale: _Optional[float] = ...) -> None: ...

class TrainRequest(_message.Message):
    __slots__ = ["begun", "done", "embeddings", "introduction", "keys", "presence"]
    class Begun(_message.Message):
        __slots__ = ["checkpoint", "job"]
        CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
        JOB_FIELD_NUMBER: _ClassVar[int]
        checkpoint: int
        job: int
        def __init__(self, job: _Optional[int] = ..., checkpoint: _Optional[int] = ...) -> None: ...
    class Done(_message.Message):
        __slots__ = ["job"]
        JOB_FIELD_NUMBER: _ClassVar[int]
        job: int
        def __init__(self, job: _Optional[int] = ...) -> None: ...
    class Embeddings(_message.Message):
        __slots__ = ["job", "present", "saved", "values"]
        JOB_FIELD_NUMBER: _ClassVar[int]
        PRESENT_FIELD_NUMBER: _ClassVar[int]
        SAVED_FIELD_NUMBER: _ClassVar[int]
        VALUES_FIELD_NUMBER: _ClassVar[int]
        job: int
        present: bytes
        saved: int
        values: Numbers
        def __init__(self, job: _Optional[int] = ..., values: _Optional[_Union[Numbers, _Mapping]] = ..., saved: _Optional[int] = ..., present: _Optional[bytes] = ...) -> None: ...
    class Introduction(_message.Message):
        __slots__ = ["agent", "features"]
        AGENT_FIELD_NUMBER: _ClassVar[int]
        FEATURES_FIELD_NUMBER: _ClassVar[int]
        agent: str
        features: int
        def __init__(self, agent: _Optional[str] = ..., features: _Optional[int] = ...) -> None: ...
    class Keys(_message.Message):
        __slots__ = ["digests", "last"]
        DIGESTS_FIELD_NUMBER: _ClassVar[int]
        LAST_FIELD_NUMBER: _ClassVar[int]
        digests: bytes
        last: bool
        def __init__(self, digests: _Optional[bytes] = ..., last: bool = ...) -> None: ...
    class Presence(_message.Message):
        __slots__ = ["present"]
        PRESENT_FIELD_NUMBER: _ClassVar[int]
        present: bytes
        def __init__(self, present: _Optional[bytes] = ...) -> None: ...
    BEGUN_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    EMBEDDINGS_FIELD_NUMBER: _ClassVar[int]
    INTRODUCTION_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    begun: TrainRequest.Begun
    done: TrainRequest.Done
    embeddings: TrainRequest.Embeddings
    introduction: TrainRequest.Introduction
    keys: TrainRequest.Keys
    presence: TrainRequest.Presence
    def __init__(self, introduction: _Optional[_Union[TrainRequest.Introduction, _Mapping]] = ..., keys: _Optional[_Union[TrainRequest.Keys, _Mapping]] = ..., presence: _Optional[_Union[TrainRequest.Presence, _Mapping]] = ..., begun: _Optional[_Union[TrainRequest.Begun, _Mapping]] = ..., embeddings: _Optional[_Union[TrainRequest.Embeddings, _Mapping]] = ..., done: _Optional[_Union[TrainRequest.Done, _Mapping]] = ...) -> None: ...

class TrainResponse(_message.Message):
    __slots__ = ["begin", "exchange", "finish", "observe", "rows", "scale", "welcome"]
    class Begin(_message.Message):
        __slots__ = ["checkpoint", "heard", "job", "name", "rows", "settings", "widths"]
        CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
        HEARD_FIELD_NUMBER: _ClassVar[int]
        JOB_FIELD_NUMBER: _ClassVar[int]
        NAME_FIELD_NUMBER: _ClassVar[int]
        ROWS_FIELD_NUMBER: _ClassVar[int]
        SETTINGS_FIELD_NUMBER: _ClassVar[int]
        WIDTHS_FIELD_NUMBER: _ClassVar[int]
        checkpoint: int
        heard: bool
        job: int
        name: str
        rows: _containers.RepeatedScalarFieldContainer[int]
        settings: str
        widths: _containers.RepeatedScalarFieldContainer[int]
        def __init__(self, job: _Optional[int] = ..., name: _Optional[str] = ..., settings: _Optional[str] = ..., rows: _Optional[_Iterable[int]] = ..., widths: _Optional[_Iterable[int]] = ..., heard: bool = ..., checkpoint: _Optional[int] = ...) -> None: ...
    class Exchange(_message.Message):
        __slots__ = ["gradient", "job", "rows", "save"]
        GRADIENT_FIELD_NUMBER: _ClassVar[int]
        JOB_FIELD_NUMBER: _ClassVar[int]
        ROWS_FIELD_NUMBER: _ClassVar[int]
        SAVE_FIELD_NUMBER: _ClassVar[int]
        gradient: Numbers
        job: int
        rows: _containers.RepeatedScalarFieldContainer[int]
        save: int
        def __init__(self, job: _Optional[int] = ..., gradient: _Optional[_Union[Numbers, _Mapping]] = ..., rows: _Optional[_Iterable[int]] = ..., save: _Optional[int] = ...) -> None: ...
    class Finish(_message.Message):
        __slots__ = ["job", "model_version"]
        JOB_FIELD_NUMBER: _ClassVar[int]
        MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
        job: int
        model_version: str
        def __init__(self, job: _Optional[int] = ..., model_version: _Optional[str] = ...) -> None: ...
    class Observe(_message.Message):
        __slots__ = ["job", "rows"]
        JOB_FIELD_NUMBER: _ClassVar[int]
        ROWS_FIELD_NUMBER: _ClassVar[int]
        job: int
        rows: _containers.RepeatedScalarFieldContainer[int]
        def __init__(self, job: _Optional[int] = ..., rows: _Optional[_Iterable[int]] = ...) -> None: ...
    class Rows(_message.Message):
        __slots__ = ["last", "own"]
        LAST_FIELD_NUMBER: _ClassVar[int]
        OWN_FIELD_NUMBER: _ClassVar[int]
        last: bool
        own: _containers.RepeatedScalarFieldContainer[int]
        def __init__(self, own: _Optional[_Iterable[int]] = ..., last: bool = ...) -> None: ...
    class Scale(_message.Message):
        __slots__ = ["factor", "job"]
        FACTOR_FIELD_NUMBER: _ClassVar[int]
        JOB_FIELD_NUMBER: _ClassVar[int]
        factor: float
        job: int
        def __init__(self, job: _Optional[int] = ..., factor: _Optional[float] = ...) -> None: ...
    class Welcome(_message.Message):
        __slots__ = ["index", "max_rows", "silent", "training"]
        INDEX_FIELD_NUMBER: _ClassVar[int]
        MAX_ROWS_FIELD_NUMBER: _ClassVar[int]
        SILENT_FIELD_NUMBER: _ClassVar[int]
        TRAINING_FIELD_NUMBER: _ClassVar[int]
        index: int
        max_rows: int
        silent: float
        training: str
        def __init__(self, training: _Optional[str] = ..., silent: _Optional[float] = ..., index: _Optional[int] = ..., max_rows: _Optional[int] = ...) -> None: ...
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    FINISH_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    begin: TrainResponse.Begin
    exchange: TrainResponse.Exchange
    finish: TrainResponse.Finish
    observe: TrainResponse.Observe
    rows: TrainResponse.Rows
    scale: TrainResponse.Scale
    welcome: TrainResponse.Welcome
    def __init__(self, welcome: _Optional[_Union[TrainResponse.Welcome, _Mapping]] = ..., rows: _Optional[_Union[TrainResponse.Rows, _Mapping]] = ..., begin: _Optional[_Union[TrainResponse.Begin, _Mapping]] = ..., exchange: _Optional[_Union[TrainResponse.Exchange, _Mapping]] = ..., observe: _Optional[_Union[TrainResponse.Observe, _Mapping]] = ..., scale: _Optional[_Union[TrainResponse.Scale, _Mapping]] = ..., finish: _Optional[_Union[TrainResponse.Finish, _Mapping]] = ...) -> None: ...
