"""What strace saw."""

import re
import shutil

from .result import Skipped

UNFINISHED = re.compile(r"^(\d+)\s+(.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+)\s+<\.\.\. (\w+) resumed>(.*)$")
WHOLE = re.compile(r"^(\d+)\s+(.*)$")


def strace(out, calls, *options, length=64):
    """A wrapper that traces system calls of a program and its threads into a file, and keeps the program's process id.

    Raises Skipped without strace.
    """
    program = shutil.which("strace")
    if program is None:
        raise Skipped("strace is not installed")
    # -D: the program stays the child, and the tracer is beside it.
    return [program, "-D", "-f", "-q", "-s", str(length), "-e", f"trace={calls}", "-e", "signal=none", *options, "-o", out]


def calls(path):
    """The system calls in the order in which they ended: (thread, text), each in one piece."""
    begun = {}
    with open(path, errors="replace") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if match := UNFINISHED.match(line):
                begun[match[1]] = match[2]
            elif match := RESUMED.match(line):
                yield match[1], begun.pop(match[1], match[2] + "(") + match[3]
            elif match := WHOLE.match(line):
                yield match[1], match[2]
