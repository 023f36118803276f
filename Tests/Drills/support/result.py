"""What a drill ends with."""

import dataclasses


@dataclasses.dataclass
class Result:
    """How often it was tried, how often it held, and the figure that says how well."""

    attempts: int
    passed: int
    figure: str = ""


class Skipped(Exception):
    """The drill cannot be run here; the message says why."""


class Checks:
    """Counts attempts, and keeps what was wrong with the first that failed."""

    def __init__(self):
        self.attempts = 0
        self.passed = 0
        self.failures = []

    def expect(self, holds, what):
        """An attempt; `what` says what was found where it does not hold."""
        self.attempts += 1
        if holds:
            self.passed += 1
        else:
            self.failures.append(what)
        return bool(holds)

    def result(self, figure):
        """The drill's result; what failed first comes before its figure."""
        if self.failures:
            more = f" (and {len(self.failures) - 1} more)" if len(self.failures) > 1 else ""
            figure = f"FAILED {self.failures[0]}{more}; {figure}"
        return Result(self.attempts, self.passed, figure)
