"""What RFC 9113 (HTTP/2) and RFC 7541 (HPACK) demand of a server, a case each, by frames written by hand.

    http2_conformance.py HOST:PORT

Prints one JSON object: the cases by name, each "kept" or what came instead. The cases are those that h2spec plays, numbered by
RFC 9113; streams are calls of gRPC's health service, of which Watch stays open until its client ends it. Needs hpack.
"""

import json
import socket
import struct
import sys
import time

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
NO_ERROR, PROTOCOL, INTERNAL, FLOW_CONTROL, TIMEOUT, CLOSED, SIZE, REFUSED, CANCEL, COMPRESSION = range(10)
MAX_FRAME = 16384
# An empty message of gRPC.
EMPTY = bytes(5)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def setting(key, value):
    return struct.pack(">HI", key, value)


class Unkept(Exception):
    """What came in place of what is demanded."""


class Connection:
    def __init__(self, address, settings=b"", preface=PREFACE):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=5)
        self.buffer = b""
        self.encoder = hpack.Encoder()
        self.decoder = hpack.Decoder()
        self.seen = []
        self.closed = False
        self.socket.sendall(preface)
        if preface == PREFACE:
            self.send(frame(SETTINGS, 0, 0, settings))
            while True:
                kind, flags, _, payload = self.next()
                if kind == SETTINGS and not flags & ACK:
                    self.settings = dict(struct.iter_unpack(">HI", payload))
                    self.send(frame(SETTINGS, ACK, 0))
                    break

    def send(self, *frames):
        try:
            self.socket.sendall(b"".join(frames))
        except OSError:
            # It has closed already, which is what is looked for afterwards.
            pass

    def next(self, timeout=2.0):
        """The next frame; raises Unkept where none comes in time, and ConnectionError at the end."""
        deadline = time.monotonic() + timeout
        while True:
            if len(self.buffer) >= 9:
                length = int.from_bytes(self.buffer[:3], "big")
                if len(self.buffer) >= 9 + length:
                    kind, flags = self.buffer[3], self.buffer[4]
                    stream = int.from_bytes(self.buffer[5:9], "big") & 0x7FFFFFFF
                    payload = self.buffer[9:9 + length]
                    self.buffer = self.buffer[9 + length:]
                    self.seen.append((kind, flags, stream, payload[:8].hex()))
                    return kind, flags, stream, payload
            wait = deadline - time.monotonic()
            if wait <= 0:
                raise Unkept(f"nothing more in {timeout} s; before: {self.seen[-4:]}")
            self.socket.settimeout(wait)
            try:
                piece = self.socket.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                piece = b""
            if not piece:
                self.closed = True
                raise ConnectionError
            self.buffer += piece

    # Requests.

    def fields(self, method="Check", **changes):
        fields = {
            ":method": "POST", ":scheme": "http", ":path": f"/grpc.health.v1.Health/{method}", ":authority": "localhost",
            "te": "trailers", "content-type": "application/grpc",
        } | changes
        return [(name, value) for name, value in fields.items() if value is not None]

    def block(self, *more, **changes):
        return self.encoder.encode(self.fields(**changes) + list(more))

    def open(self, stream=1, method="Watch", ends=False):
        """A call: of Watch one that goes on for ever once its message has come."""
        self.send(frame(HEADERS, END_HEADERS, stream, self.block(method=method)))
        if ends:
            self.send(frame(DATA, END_STREAM, stream, EMPTY))

    # What is demanded.

    def connection_error(self, *codes):
        """GOAWAY with one of the codes, or the end."""
        try:
            while True:
                kind, _, _, payload = self.next()
                if kind == GOAWAY:
                    code = int.from_bytes(payload[4:8], "big")
                    if code in codes:
                        return
                    raise Unkept(f"GOAWAY with {code} ({payload[8:].decode()}), not {codes}")
        except ConnectionError:
            return

    def stream_error(self, stream, *codes):
        """RST_STREAM with one of the codes, or the same for the connection."""
        try:
            while True:
                kind, _, at, payload = self.next()
                if kind == RST_STREAM and at == stream:
                    code = int.from_bytes(payload, "big")
                    if code in codes:
                        return
                    raise Unkept(f"RST_STREAM with {code}, not {codes}")
                if kind == GOAWAY:
                    code = int.from_bytes(payload[4:8], "big")
                    if code in codes:
                        return
                    raise Unkept(f"GOAWAY with {code} ({payload[8:].decode()}), not {codes}")
        except ConnectionError:
            return

    def answered(self, stream=1, status="200"):
        """The response's headers."""
        try:
            while True:
                kind, _, at, payload = self.next()
                if kind == HEADERS:
                    fields = dict(self.decoder.decode(payload))
                    if at == stream:
                        if fields.get(":status") != status:
                            raise Unkept(f"status {fields}")
                        return fields
                if kind in (RST_STREAM, GOAWAY):
                    raise Unkept(f"frame {kind} {payload.hex()}")
        except ConnectionError:
            raise Unkept("the connection ended") from None

    def data(self, stream=1, timeout=2.0):
        """The next DATA of a stream."""
        try:
            while True:
                kind, flags, at, payload = self.next(timeout)
                if kind == HEADERS:
                    self.decoder.decode(payload)
                if kind == DATA and at == stream:
                    return payload
                if kind in (RST_STREAM, GOAWAY):
                    raise Unkept(f"frame {kind} {payload.hex()}")
        except ConnectionError:
            raise Unkept("the connection ended") from None

    def alive(self):
        """It goes on: a PING has its answer."""
        self.send(frame(PING, 0, 0, b"copur-h2"))
        try:
            while True:
                kind, flags, _, payload = self.next()
                if kind == PING and flags & ACK and payload == b"copur-h2":
                    return
                if kind == GOAWAY:
                    raise Unkept(f"GOAWAY {payload.hex()}")
        except ConnectionError:
            raise Unkept("the connection ended") from None


CASES = {}


def case(name, settings=b"", preface=PREFACE):
    def add(body):
        CASES[name] = (body, settings, preface)
        return body
    return add


def simple(name, send, expect, settings=b""):
    """A case that sends frames and then demands something."""
    def body(c):
        c.send(*send(c))
        expect(c)
    CASES[name] = (body, settings, PREFACE)


def goaway(*codes):
    return lambda c: c.connection_error(*codes)


def reset(*codes, stream=1):
    return lambda c: c.stream_error(stream, *codes)


def alive(c):
    c.alive()


def answer(c):
    c.answered()


def whole(c, stream=1, *more, **changes):
    """A whole call of Check."""
    return [frame(HEADERS, END_HEADERS, stream, c.block(*more, **changes)), frame(DATA, END_STREAM, stream, EMPTY)]


# 3.4 Preface, 4.1 and 4.2 frames.

@case("3.4 the preface is something else", preface=b"INVALID CONNECTION PREFACE\r\n\r\n")
def _(c):
    c.connection_error(PROTOCOL)


simple("4.1 a frame of unknown type is passed over", lambda c: [frame(0xFF, 0, 0, bytes(8))], alive)
simple("4.1 undefined flags are passed over", lambda c: [frame(PING, 0x16, 0, bytes(8))], alive)
simple("4.1 the reserved bit is passed over", lambda c: [frame(PING, 0, 1 << 31, bytes(8))], alive)
simple("4.2 DATA of 2^14 bytes is taken", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block()), frame(DATA, 0, 1, b"\0" + struct.pack(">I", MAX_FRAME) + bytes(MAX_FRAME - 5))],
    alive)
simple("4.2 DATA over SETTINGS_MAX_FRAME_SIZE", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block()), frame(DATA, END_STREAM, 1, bytes(MAX_FRAME + 1))], reset(SIZE))
simple("4.2 HEADERS over SETTINGS_MAX_FRAME_SIZE", lambda c: [
    frame(HEADERS, END_HEADERS | END_STREAM, 1, c.block() + bytes(MAX_FRAME + 1))], goaway(SIZE))
simple("4.3 a broken block of headers", lambda c: [
    frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x40\x01\x40")], goaway(COMPRESSION))
simple("4.3 PRIORITY within a block of headers", lambda c: [
    frame(HEADERS, 0, 1, c.block()), frame(PRIORITY, 0, 1, struct.pack(">IB", 0, 255))], goaway(PROTOCOL))
simple("4.3 HEADERS of another stream within a block", lambda c: [
    frame(HEADERS, 0, 1, c.block()), frame(HEADERS, END_HEADERS, 3, c.block())], goaway(PROTOCOL))

# 5.1 Streams' states.

for kind, payload, name in [
    (DATA, b"test", "DATA"), (RST_STREAM, bytes(4), "RST_STREAM"), (WINDOW_UPDATE, struct.pack(">I", 100), "WINDOW_UPDATE"),
    (CONTINUATION, b"", "CONTINUATION"),
]:
    simple(f"5.1 idle: {name}", lambda c, k=kind, p=payload: [frame(k, 0, 1, p)], goaway(PROTOCOL))


@case("5.1 half-closed (remote): DATA")
def _(c):
    c.open(ends=True)
    c.answered()
    c.send(frame(DATA, END_STREAM, 1, b"test"))
    c.stream_error(1, CLOSED)


@case("5.1 half-closed (remote): HEADERS")
def _(c):
    c.open(ends=True)
    c.answered()
    c.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, c.block()))
    c.stream_error(1, CLOSED)


@case("5.1 half-closed (remote): CONTINUATION")
def _(c):
    c.open(ends=True)
    c.answered()
    c.send(frame(CONTINUATION, END_HEADERS, 1, c.block()))
    c.connection_error(CLOSED, PROTOCOL)


for kind, name in [(DATA, "DATA"), (HEADERS, "HEADERS"), (CONTINUATION, "CONTINUATION")]:
    def after_reset(c, kind=kind):
        c.open()
        c.send(frame(RST_STREAM, 0, 1, struct.pack(">I", CANCEL)))
        c.alive()
        c.send(frame(kind, END_STREAM | (END_HEADERS if kind != DATA else 0), 1, b"test" if kind == DATA else c.block()))
        c.stream_error(1, CLOSED, *([PROTOCOL] if kind == CONTINUATION else []))

    def after_end(c, kind=kind):
        c.send(*whole(c))
        while c.next()[:3] != (HEADERS, END_STREAM | END_HEADERS, 1):
            pass
        c.send(frame(kind, END_STREAM | (END_HEADERS if kind != DATA else 0), 1, b"test" if kind == DATA else c.block()))
        c.stream_error(1, CLOSED, *([PROTOCOL] if kind == CONTINUATION else []))

    CASES[f"5.1 closed by RST_STREAM: {name}"] = (after_reset, b"", PREFACE)
    CASES[f"5.1 closed by both sides: {name}"] = (after_end, b"", PREFACE)

simple("5.1.1 a client's stream with an even number", lambda c: whole(c, 2), goaway(PROTOCOL))
simple("5.1.1 a number below the last one", lambda c: whole(c, 5) + whole(c, 3), goaway(PROTOCOL))


@case("5.1.2 more streams than SETTINGS_MAX_CONCURRENT_STREAMS")
def _(c):
    most = c.settings[3]
    for index in range(most + 1):
        c.open(2 * index + 1)
    c.stream_error(2 * most + 1, PROTOCOL, REFUSED)


@case("5.4.1 after an error of the connection it is closed")
def _(c):
    c.send(frame(DATA, 0, 0, b"test"))
    c.connection_error(PROTOCOL)
    try:
        while not c.closed:
            c.next()
    except ConnectionError:
        pass


simple("5.5 an unknown frame within a block of headers", lambda c: [
    frame(HEADERS, 0, 1, c.block()), frame(0xFF, 0, 0, bytes(8))], goaway(PROTOCOL))

# 6 Frames.

simple("6.1 DATA of stream 0", lambda c: [frame(DATA, 0, 0, b"test")], goaway(PROTOCOL))
simple("6.1 DATA with more padding than payload", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block()), frame(DATA, END_STREAM | PADDED, 1, b"\x06test")], goaway(PROTOCOL))
simple("6.2 HEADERS of stream 0", lambda c: [frame(HEADERS, END_HEADERS, 0, c.block())], goaway(PROTOCOL))
simple("6.2 HEADERS with more padding than payload", lambda c: [
    frame(HEADERS, END_HEADERS | PADDED, 1, b"\xff" + c.block())], goaway(PROTOCOL))
simple("6.3 PRIORITY of stream 0", lambda c: [frame(PRIORITY, 0, 0, struct.pack(">IB", 0, 255))], goaway(PROTOCOL))
simple("6.3 PRIORITY of another length", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block(method="Watch")), frame(PRIORITY, 0, 1, struct.pack(">I", 0x80000001))], reset(SIZE))
simple("6.4 RST_STREAM of stream 0", lambda c: [frame(RST_STREAM, 0, 0, bytes(4))], goaway(PROTOCOL))
simple("6.4 RST_STREAM of another length", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block(method="Watch")), frame(RST_STREAM, 0, 1, bytes(3))], goaway(SIZE))
simple("6.5 SETTINGS ACK with a payload", lambda c: [frame(SETTINGS, ACK, 0, bytes(6))], goaway(SIZE))
simple("6.5 SETTINGS of a stream", lambda c: [frame(SETTINGS, 0, 1, bytes(6))], goaway(PROTOCOL))
simple("6.5 SETTINGS of another length", lambda c: [frame(SETTINGS, 0, 0, bytes(3))], goaway(SIZE))
simple("6.5.2 ENABLE_PUSH of 2", lambda c: [frame(SETTINGS, 0, 0, setting(2, 2))], goaway(PROTOCOL))
simple("6.5.2 INITIAL_WINDOW_SIZE over the largest", lambda c: [frame(SETTINGS, 0, 0, setting(4, 1 << 31))], goaway(FLOW_CONTROL))
simple("6.5.2 MAX_FRAME_SIZE below the smallest", lambda c: [frame(SETTINGS, 0, 0, setting(5, MAX_FRAME - 1))], goaway(PROTOCOL))
simple("6.5.2 MAX_FRAME_SIZE over the largest", lambda c: [frame(SETTINGS, 0, 0, setting(5, 1 << 24))], goaway(PROTOCOL))
simple("6.5.2 an unknown setting is passed over", lambda c: [frame(SETTINGS, 0, 0, setting(0xFF, 1))], alive)


@case("6.5.3 of two values for one setting the second counts")
def _(c):
    c.send(frame(SETTINGS, 0, 0, setting(4, 100) + setting(4, 1)), *whole(c))
    if len(c.data()) != 1:
        raise Unkept(f"more than a byte: {c.seen[-2:]}")


@case("6.5.3 SETTINGS are acknowledged")
def _(c):
    c.alive()
    c.send(frame(SETTINGS, 0, 0, setting(4, 100)))
    while c.next()[:3] != (SETTINGS, ACK, 0):
        pass


simple("6.7 a PING is answered", lambda c: [], alive)
simple("6.7 an answer that was not asked for is passed over", lambda c: [frame(PING, ACK, 0, b"invalid!")], alive)
simple("6.7 PING of a stream", lambda c: [frame(PING, 0, 1, bytes(8))], goaway(PROTOCOL))
simple("6.7 PING of another length", lambda c: [frame(PING, 0, 0, bytes(6))], goaway(SIZE))
simple("6.8 GOAWAY of a stream", lambda c: [frame(GOAWAY, 0, 1, bytes(8))], goaway(PROTOCOL))
simple("6.9 WINDOW_UPDATE of 0", lambda c: [frame(WINDOW_UPDATE, 0, 0, bytes(4))], goaway(PROTOCOL))
simple("6.9 WINDOW_UPDATE of 0 of a stream", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block(method="Watch")), frame(WINDOW_UPDATE, 0, 1, bytes(4))], reset(PROTOCOL))
simple("6.9 WINDOW_UPDATE of another length", lambda c: [frame(WINDOW_UPDATE, 0, 0, bytes(3))], goaway(SIZE))


@case("6.9.1 no more is sent than the window allows", settings=setting(4, 1))
def _(c):
    c.send(*whole(c))
    if len(c.data()) != 1:
        raise Unkept(f"more than a byte: {c.seen[-2:]}")


simple("6.9.1 a window of the connection over 2^31 - 1", lambda c: [
    frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", (1 << 31) - 1))] * 2, goaway(FLOW_CONTROL))
simple("6.9.1 a window of a stream over 2^31 - 1", lambda c: [frame(HEADERS, END_HEADERS, 1, c.block(method="Watch"))] + [
    frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", (1 << 31) - 1))] * 2, reset(FLOW_CONTROL))


@case("6.9.2 INITIAL_WINDOW_SIZE changes windows of open streams", settings=setting(4, 0))
def _(c):
    c.send(*whole(c))
    c.answered()
    c.send(frame(SETTINGS, 0, 0, setting(4, 1)))
    if len(c.data()) != 1:
        raise Unkept(f"more than a byte: {c.seen[-2:]}")


@case("6.9.2 a window may be negative", settings=setting(4, 3))
def _(c):
    c.send(*whole(c))
    if len(c.data()) != 3:
        raise Unkept(f"not three bytes: {c.seen[-2:]}")
    c.send(frame(SETTINGS, 0, 0, setting(4, 2)))
    c.send(frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", 2)))
    if len(c.data()) != 1:
        raise Unkept(f"more than a byte: {c.seen[-2:]}")


def pieces(c, count, ends=True, first=0):
    """A block of headers in HEADERS and further frames."""
    block = c.block()
    cuts = [block[index * len(block) // (count + 1):(index + 1) * len(block) // (count + 1)] for index in range(count + 1)]
    return [frame(HEADERS, first, 1, cuts[0])] + [
        frame(CONTINUATION, END_HEADERS if ends and index == count else 0, 1, cuts[index]) for index in range(1, count + 1)]


simple("6.10 a block in several CONTINUATION frames", lambda c: pieces(c, 3) + [frame(DATA, END_STREAM, 1, EMPTY)], answer)
simple("6.10 CONTINUATION and then another frame", lambda c: pieces(c, 1, ends=False) + [frame(DATA, 0, 1, b"test")], goaway(PROTOCOL))
simple("6.10 CONTINUATION of stream 0", lambda c: [
    frame(HEADERS, 0, 1, c.block()), frame(CONTINUATION, END_HEADERS, 0, b"")], goaway(PROTOCOL))
simple("6.10 CONTINUATION behind a whole block", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block()), frame(CONTINUATION, END_HEADERS, 1, b"")], goaway(PROTOCOL))
simple("6.10 CONTINUATION behind the last one", lambda c: pieces(c, 1) + [frame(CONTINUATION, END_HEADERS, 1, b"")], goaway(PROTOCOL))
simple("6.10 CONTINUATION behind DATA", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block(method="Watch")), frame(DATA, 0, 1, b""), frame(CONTINUATION, END_HEADERS, 1, b"")],
    goaway(PROTOCOL))


@case("7 GOAWAY with an unknown code is as any other")
def _(c):
    c.send(frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0xFF)))
    try:
        c.alive()
    except Unkept:
        # A client that says goodbye may be taken at its word.
        if not c.closed:
            raise


simple("7 RST_STREAM with an unknown code", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block(method="Watch")), frame(RST_STREAM, 0, 1, struct.pack(">I", 0xFF))], alive)

# 8 Requests.

simple("8.1 a second HEADERS that does not end the stream", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block(method="Watch")), frame(HEADERS, END_HEADERS, 1, c.encoder.encode([("x", "test")]))],
    reset(PROTOCOL))
simple("8.1.1 content-length that is not that of the DATA", lambda c: whole(c, 1, ("content-length", "1")), reset(PROTOCOL))
simple("8.1.1 content-length that is not that of several DATA", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block(("content-length", "1"))), frame(DATA, 0, 1, EMPTY), frame(DATA, END_STREAM, 1, EMPTY)],
    reset(PROTOCOL))
simple("8.2.1 a name with capitals", lambda c: whole(c, 1, ("X-TEST", "ok")), reset(PROTOCOL))
simple("8.2.2 a header of the connection", lambda c: whole(c, 1, ("connection", "keep-alive")), reset(PROTOCOL))
simple("8.2.2 te other than trailers", lambda c: whole(c, te="trailers, deflate"), reset(PROTOCOL))
simple("8.3 an unknown pseudo-header", lambda c: whole(c, **{":test": "ok"}), reset(PROTOCOL))
simple("8.3 a response's pseudo-header", lambda c: whole(c, **{":status": "200"}), reset(PROTOCOL))
simple("8.3 a pseudo-header behind others", lambda c: whole(c, 1, (":method", "POST"), **{":method": None}), reset(PROTOCOL))
simple("8.3 a pseudo-header in trailers", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block(method="Watch")),
    frame(HEADERS, END_HEADERS | END_STREAM, 1, c.encoder.encode([(":method", "POST")]))], reset(PROTOCOL))
simple("8.3.1 an empty path", lambda c: whole(c, **{":path": ""}), reset(PROTOCOL))
for name in (":method", ":scheme", ":path"):
    simple(f"8.3.1 no {name}", lambda c, name=name: whole(c, **{name: None}), reset(PROTOCOL))

    def twice(c, name=name):
        fields = c.fields()
        at = [field for field, _ in fields].index(name)
        return [frame(HEADERS, END_HEADERS | END_STREAM, 1, c.encoder.encode(fields[:at + 1] + fields[at:]))]

    simple(f"8.3.1 {name} twice", twice, reset(PROTOCOL))
simple("8.4 PUSH_PROMISE of a client", lambda c: [
    frame(HEADERS, END_HEADERS, 1, c.block(method="Watch")),
    frame(PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 3) + c.block())], goaway(PROTOCOL))


# RFC 7541.

def raw(*more):
    """A request's fields as the static table has them, and bytes behind them."""
    return lambda c: [
        frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x83\x86\x44\x01a\x41\x01b" + bytes(more))]


simple("HPACK 2.3.3 an index beyond the tables", raw(0xFF, 0x80, 0x01), goaway(COMPRESSION))
simple("HPACK 2.3.3 a name by an index beyond the tables", raw(0x7F, 0x80, 0x01, 0x01, 0x61), goaway(COMPRESSION))
simple("HPACK 4.2 a table size behind fields", raw(0x21), goaway(COMPRESSION))
simple("HPACK 5.2 padding of over 7 bits", raw(0x00, 0x85, 0xF2, 0xB2, 0x4A, 0x84, 0xFF, 0x84, 0x49, 0x50, 0x9F, 0xFF), goaway(COMPRESSION))
simple("HPACK 5.2 padding of zeros", raw(0x00, 0x85, 0xF2, 0xB2, 0x4A, 0x84, 0xFF, 0x83, 0x49, 0x50, 0x90), goaway(COMPRESSION))
simple("HPACK 5.2 a string with EOS", raw(0x00, 0x85, 0xF2, 0xB2, 0x4A, 0x84, 0xFF, 0x88, 0x49, 0x50, 0x9F, 0xFF, 0xFF, 0xFF, 0xFA, 0xFF), goaway(COMPRESSION))
simple("HPACK 6.1 index 0", raw(0x80), goaway(COMPRESSION))
simple("HPACK 6.3 a table size over SETTINGS_HEADER_TABLE_SIZE", lambda c: [
    frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x3f\xe1\xff\x03" + c.block())], goaway(COMPRESSION))


def main():
    address = sys.argv[1]
    results = {}
    for name, (body, settings, preface) in CASES.items():
        connection = None
        try:
            connection = Connection(address, settings, preface)
            body(connection)
            results[name] = "kept"
        except Unkept as reason:
            results[name] = str(reason)
        except ConnectionError:
            results[name] = "the connection ended"
        finally:
            if connection:
                connection.socket.close()
    # The server is as it was.
    Connection(address).alive()
    print(json.dumps(results))


if __name__ == "__main__":
    main()
