"""Errors of this package: one base class, and what the program or the service said."""

from __future__ import annotations

import enum
from collections.abc import Sequence

import grpc


class ExitCode(enum.IntEnum):
    """The exit codes of `copur`, those of sysexits.h."""

    USAGE = 64
    INVALID_DATA = 65
    MISSING_INPUT = 66
    UNAVAILABLE = 69
    SOFTWARE = 70
    CANNOT_CREATE = 73
    IO = 74
    PROTOCOL_VIOLATION = 76
    NO_PERMISSION = 77
    CONFIGURATION = 78


class CopurError(Exception):
    """Anything that this package refuses or that failed; the message says the rule and the value."""


class ProgramError(CopurError):
    """The program `copur` ended with an error: its exit code, and what it wrote to its standard error."""

    def __init__(self, command: Sequence[str], code: int, message: str) -> None:
        """`code` is negative where a signal ended the program."""
        super().__init__(message or f"copur ended with {code}")
        self.command = list(command)
        self.code: int = ExitCode(code) if code in ExitCode.__members__.values() else code
        self.message = message


class ServiceError(CopurError):
    """The service refused a call: the gRPC status by name, such as "FAILED_PRECONDITION", and its message."""

    def __init__(self, status: str, message: str) -> None:
        """A status by its name, with what the service said."""
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message

    @classmethod
    def of(cls, error: grpc.RpcError) -> ServiceError:
        """What a call of grpcio failed with."""
        code = error.code() if isinstance(error, grpc.Call) else None
        message = error.details() if isinstance(error, grpc.Call) else str(error)
        return cls(code.name if code is not None else "UNKNOWN", message or "")
