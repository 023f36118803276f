"""A PostgreSQL of a drill's own, and a journal in it, read as anybody could: with psql."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from .journal import Journal
from .result import Skipped

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")


class Database:
    """Listens on a socket in a temporary folder; `close()` ends it and removes the folder."""

    def __init__(self):
        if not (PROGRAMS / "initdb").exists():
            raise Skipped("Debian's package postgresql is not installed")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="copur-postgresql-"))
        # The database's own user writes there.
        self.folder.chmod(0o777)
        self.url = f"postgresql:///postgres?host={self.folder}&user=copur"
        self._run("initdb", "--auth=trust", "--username=copur", "--encoding=UTF8", "--locale=C", "-D", self._data)
        self.start()

    @property
    def _data(self):
        return self.folder / "data"

    def start(self):
        options = f"-c listen_addresses='' -c max_connections=20 -k {self.folder}"
        log = self.folder / "log"
        try:
            self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-l", log, "-o", options, "start")
        except subprocess.CalledProcessError as error:
            raise RuntimeError(f"no database: {log.read_text().splitlines()[-3:]}") from error

    def kill(self):
        """kill -9 of every one of its processes."""
        first = int((self._data / "postmaster.pid").read_text().split()[0])
        # Stopped, it begins no others.
        os.kill(first, signal.SIGSTOP)
        children = [int(word) for word in pathlib.Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        # The first one first: it would take the children's end for a crash, and start anew.
        for process in [first, *children]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        while any(is_alive(process) for process in [first, *children]):
            time.sleep(0.01)
        # Where nobody asks for the ends of processes, it would take this one for running.
        for file in [self._data / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"]:
            file.unlink()

    def close(self):
        subprocess.run(self._command("pg_ctl", "-D", self._data, "-m", "immediate", "stop"), **silent())
        shutil.rmtree(self.folder, ignore_errors=True)

    def _command(self, program, *arguments):
        # PostgreSQL refuses to run as root.
        user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        return [str(word) for word in [*user, PROGRAMS / program, *arguments]]

    def _run(self, program, *arguments):
        subprocess.run(self._command(program, *arguments), check=True, cwd=self.folder, **silent())


class DatabaseJournal(Journal):
    """A journal in a database; its tables are those of a file, but for what is the database's own."""

    def __init__(self, database, copur):
        super().__init__(None)
        self.database = database
        self.copur = copur

    def query(self, sql, parameters=()):
        output = subprocess.run(
            [PROGRAMS / "psql", "-X", "-q", "-A", "-t", "-F", "\t", "-d", self.database.url, "-c", sql], check=True,
            stdout=subprocess.PIPE, text=True, env=os.environ | {"PGOPTIONS": "-c search_path=copur -c bytea_output=hex"})
        return [tuple(map(value, line.split("\t"))) for line in output.stdout.splitlines()]

    def is_sound(self):
        return subprocess.run([self.copur, "journal", "verify", self.database.url], **silent()).returncode == 0


def value(text):
    return bytes.fromhex(text[2:]) if text.startswith("\\x") else text


def is_alive(process):
    """Whether it runs; one that has ended and that nobody has asked for does not."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def silent():
    return {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
