"""The program `copur`: where it is, and how it is run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from copur.errors import CopurError, ProgramError

PathLike = str | os.PathLike[str]


def find_program(program: PathLike | None = None) -> str:
    """The program's path: the argument, else the environment variable COPUR, else what PATH has."""
    named = os.fspath(program) if program is not None else os.environ.get("COPUR") or "copur"
    found = shutil.which(named)
    if found is None:
        raise CopurError(
            f'there is no program "{named}": build it with "swift build -c release", and name it by program=, by the '
            "environment variable COPUR or by PATH"
        )
    return found


def invoke(arguments: Sequence[PathLike], program: PathLike | None = None) -> str:
    """Runs `copur` with these arguments and waits for its end; what it wrote to its standard output.

    Raises ProgramError, with its exit code and what it wrote to its standard error.
    """
    command = [find_program(program), *(os.fspath(argument) for argument in arguments)]
    finished = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if finished.returncode != 0:
        raise ProgramError(command, finished.returncode, finished.stderr.strip())
    return finished.stdout
