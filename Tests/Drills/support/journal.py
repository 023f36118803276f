"""The journal's file, read as anybody could."""

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
        """(session, sample, agent) → values, of every block; more than one row for a block is an error."""
        rows = self.query(
            "SELECT session.name, sample, agent.name, payload FROM contribution "
            "JOIN session ON session.id = contribution.session JOIN agent ON agent.id = contribution.agent")
        found = {
            (session, sample & (2**64 - 1), agent): struct.unpack(f"<{len(payload) // 4}f", payload)
            for session, sample, agent, payload in rows
        }
        if len(found) != len(rows):
            raise AssertionError(f"{len(rows)} rows for {len(found)} blocks")
        return found

    def verdicts(self):
        """(session, sample) → the stored copur.v1.Verdict, serialized."""
        rows = self.query(
            "SELECT session.name, sample, message FROM verdict JOIN session ON session.id = verdict.session")
        found = {(session, sample & (2**64 - 1)): message for session, sample, message in rows}
        if len(found) != len(rows):
            raise AssertionError(f"{len(rows)} rows for {len(found)} verdicts")
        return found

    @property
    def log_bytes(self):
        """The size of the write-ahead log."""
        path = self.path.with_name(self.path.name + "-wal")
        return path.stat().st_size if path.exists() else 0
