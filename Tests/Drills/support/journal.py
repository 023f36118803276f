"""The journal's file, read as anybody could: with SQLite, by what its schema says of the columns."""

import sqlite3
import struct


class Journal:
    """A journal at rest or in use; each reading opens the file anew."""

    def __init__(self, path):
        self.path = path

    def query(self, sql, parameters=()):
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    def is_sound(self):
        return self.query("PRAGMA integrity_check") == [("ok",)]

    def blocks(self):
        """(session, sample, agent) → payload, of every block; more than one of a block is an error."""
        found = {}
        for session, agent, samples, payload in self.query(
            "SELECT session.name, agent.name, samples, payload FROM contribution "
            "JOIN session ON session.id = contribution.session JOIN agent ON agent.id = contribution.agent"
        ):
            numbers = integers(samples)
            size = len(payload) // len(numbers)
            for index, sample in enumerate(numbers):
                put(found, (session, sample, agent), payload[index * size:(index + 1) * size])
        return found

    def verdicts(self):
        """(session, sample) → everything that a verdict says, to the bit; more than one of a round is an error."""
        found = {}
        for session, agents, samples, labels, contributed, suspects, details in self.query(
            "SELECT session.name, model.agents, samples, labels, contributed, suspects, details FROM verdict "
            "JOIN session ON session.id = verdict.session JOIN model ON model.id = verdict.model"
        ):
            agents = len(agents.split())
            width, start = (agents + 7) // 8, 0
            for index, sample in enumerate(integers(samples)):
                end = start + details_length(details, start, agents)
                bits = slice(index * width, (index + 1) * width)
                put(found, (session, sample), (
                    labels[4 * index:4 * index + 4], contributed[bits], suspects[bits], details[start:end]))
                start = end
        return found

    def aborted(self):
        """(session, sample) of rounds that will have no verdict."""
        rows = self.query(
            "SELECT session.name, samples FROM aborted JOIN session ON session.id = aborted.session")
        return {(session, sample) for session, samples in rows for sample in integers(samples)}

    @property
    def log_bytes(self):
        """The size of the write-ahead log."""
        path = self.path.with_name(self.path.name + "-wal")
        return path.stat().st_size if path.exists() else 0


def integers(data):
    return struct.unpack(f"<{len(data) // 8}Q", data)


def put(found, key, value):
    if key in found:
        raise AssertionError(f"{key} is there twice")
    found[key] = value


def details_length(details, start, agents):
    """How long the details of the verdict are that begin at `start`: flags, classes, probabilities, and what flags say."""
    flags = details[start]
    if not flags & 1:
        return 1
    (classes,) = struct.unpack_from("<H", details, start + 1)
    return 3 + 4 * classes + 4 * bool(flags & 8) + 4 * agents * bool(flags & 16)
