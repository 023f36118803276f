"""Figures."""

import math
import time


def percentile(values, fraction):
    """The smallest value that at least this fraction of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(fraction * len(ordered)) - 1)]


def slope(points):
    """The slope of the line of least squares through (x, y)."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    variance = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / variance


def milliseconds(seconds):
    return f"{1000 * seconds:.1f} ms"


def megabytes(bytes):
    return f"{bytes / 2**20:.1f} MiB"


class Memory:
    """How much a program's resident memory has grown."""

    def __init__(self, program):
        self.program = program
        self.before = program.memory()
        self.peak = self.before

    def look(self):
        self.peak = max(self.peak, self.program.memory())
        return self.growth

    @property
    def growth(self):
        return self.peak - self.before

    def watch(self, seconds, every=0.05):
        """Looks for a while; the growth so far."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.look()
            time.sleep(every)
        return self.look()
