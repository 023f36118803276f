"""Raw TLS and HTTP/2, for what no client library would send."""

import socket
import ssl
import time

import hpack
from hyperframe.frame import Frame, HeadersFrame, SettingsFrame

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def tls_socket(address, roots, pair=None, protocols=("h2",), maximum=None, timeout=10):
    """A TLS connection to HOST:PORT.

    roots -- the CA's file
    pair -- certificate and key, or none
    maximum -- the newest version that is offered
    """
    host, _, port = address.rpartition(":")
    context = ssl.create_default_context(cafile=roots)
    context.set_alpn_protocols(list(protocols))
    if maximum is not None:
        context.maximum_version = maximum
    if pair is not None:
        context.load_cert_chain(*pair)
    plain = socket.create_connection((host, int(port)), timeout=timeout)
    return context.wrap_socket(plain, server_hostname=host)


class RawConnection:
    """An HTTP/2 connection, a frame at a time. `sock` is any connected stream socket."""

    def __init__(self, sock, preface=True, settings=None):
        self.socket = sock
        self.encoder = hpack.Encoder()
        self.decoder = hpack.Decoder()
        self._buffer = b""
        # When the other side closed, on the monotonic clock; None while it has not.
        self.closed_at = None
        if preface:
            self.socket.sendall(PREFACE)
            self.send(SettingsFrame(0, settings=settings or {}))

    def send(self, *frames):
        """Sends frames of hyperframe, or bytes as they are."""
        self.socket.sendall(b"".join(f if isinstance(f, bytes) else f.serialize() for f in frames))

    def request(self, stream, path, headers=(), end_stream=False):
        """A gRPC request's HEADERS."""
        block = self.encoder.encode([
            (":method", "POST"), (":scheme", "https"), (":path", path), (":authority", "localhost"),
            ("te", "trailers"), ("content-type", "application/grpc"), *headers])
        frame = HeadersFrame(stream, data=block, flags=["END_HEADERS"] + ["END_STREAM"] * end_stream)
        self.send(frame)

    def frame(self, timeout=5):
        """The next frame; None at the connection's end or when no frame came in time (then `closed_at` is None)."""
        deadline = time.monotonic() + timeout
        while True:
            if len(self._buffer) >= 9:
                head, length = Frame.parse_frame_header(memoryview(self._buffer[:9]))
                if len(self._buffer) >= 9 + length:
                    head.parse_body(memoryview(self._buffer[9:9 + length]))
                    self._buffer = self._buffer[9 + length:]
                    return head
            wait = deadline - time.monotonic()
            if wait <= 0 or self.closed_at is not None:
                return None
            self.socket.settimeout(wait)
            try:
                piece = self.socket.recv(65536)
            except TimeoutError:
                return None
            except OSError:
                piece = b""
            if not piece:
                self.closed_at = time.monotonic()
                return None
            self._buffer += piece

    def frames(self, timeout=2):
        """Whatever comes until the connection's end or until the time is over."""
        deadline = time.monotonic() + timeout
        while (frame := self.frame(max(0, deadline - time.monotonic()))) is not None:
            yield frame

    def is_closed(self, timeout=2):
        """Whether the other side closes in time."""
        for _ in self.frames(timeout):
            pass
        return self.closed_at is not None

    def close(self):
        self.socket.close()
