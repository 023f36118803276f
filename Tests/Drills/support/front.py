"""A TCP address in front of several services, as a balancer's or a moved service address: connections go to one at a time."""

import contextlib
import socket
import threading


class Front:
    """Listens on a port of its own; `turn()` sends what comes from then on elsewhere, and cuts what is there."""

    def __init__(self, target):
        """
        target -- "host:port" of the first service
        """
        self._target = target
        self._pairs = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def turn(self, target):
        with self._lock:
            self._target = target
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            cut(pair)

    def close(self):
        # Unlike close() it wakes whoever accepts.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.turn(None)

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                target = self._target
            try:
                host, _, port = target.rpartition(":")
                far = socket.create_connection((host, int(port)), timeout=2)
            except (AttributeError, OSError):
                near.close()
                continue
            far.settimeout(None)
            pair = (near, far)
            with self._lock:
                self._pairs.add(pair)
                is_late = self._target != target
            if is_late:
                cut(pair)
                continue
            for source, sink in (pair, pair[::-1]):
                threading.Thread(target=self._carry, args=(source, sink, pair), daemon=True).start()

    def _carry(self, source, sink, pair):
        try:
            while data := source.recv(1 << 16):
                sink.sendall(data)
        except OSError:
            pass
        cut(pair)
        with self._lock:
            self._pairs.discard(pair)


def cut(pair):
    for end in pair:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
            end.close()
