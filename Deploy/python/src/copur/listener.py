"""A defence, an attack or an extractor that answers on a socket, in threads of this process."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from types import TracebackType

from copur.errors import CopurError
from copur.plugin import Plugin


class Listener:
    """Answers every conversation on an address, tcp:HOST:PORT or unix:PATH, from `with` to its end.

    Port 0 takes one that is free; `address` then says which. So a class that a notebook defines is part of a run.
    """

    def __init__(self, plugin: Plugin, address: str) -> None:
        """Takes the address; a socket's file that a process left behind is replaced."""
        self.plugin = plugin
        kind, _, place = address.partition(":")
        if kind == "unix":
            self._socket = socket.socket(socket.AF_UNIX)
            with contextlib.suppress(FileNotFoundError):
                if not self._is_answered(place):
                    os.unlink(place)
            self._socket.bind(place)
            self._path: str | None = place
            self.address = address
        elif kind == "tcp" and place.rpartition(":")[2].isdecimal():
            host, _, port = place.rpartition(":")
            self._socket = socket.create_server((host.strip("[]"), int(port)))
            self._path = None
            self.address = f"tcp:{host}:{self._socket.getsockname()[1]}"
        else:
            raise CopurError(f"an address is tcp:HOST:PORT or unix:PATH (actual: {address!r})")
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._accept, name=f"copur {plugin.label}", daemon=True)

    def __enter__(self) -> Listener:
        """Begins to answer."""
        self._socket.listen()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends every conversation."""
        with self._lock:
            self._is_closed = True
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        if self._path is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)

    def wait(self) -> None:
        """Waits, without an end unless something interrupts it."""
        while self._thread.is_alive():
            self._thread.join(1)

    @staticmethod
    def _is_answered(path: str) -> bool:
        """Whether somebody listens at a socket's file; raises FileNotFoundError where there is none."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(path)
            except ConnectionRefusedError:
                if not os.path.exists(path) or not stat_is_socket(path):
                    raise CopurError(f"{path} is no socket") from None
                return False
        raise CopurError(f"another process listens at unix:{path}")

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                if self._is_closed:
                    connection.close()
                    return
                self._connections.add(connection)
            threading.Thread(target=self._converse, args=[connection], daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as incoming, connection.makefile("wb") as outgoing:
                self.plugin.converse(incoming, outgoing)
        except OSError:
            # Closed while something was still to be written: the other side is gone.
            pass
        finally:
            with self._lock:
                self._connections.discard(connection)


def stat_is_socket(path: str) -> bool:
    """Whether a path is a socket."""
    import stat

    return stat.S_ISSOCK(os.stat(path).st_mode)
