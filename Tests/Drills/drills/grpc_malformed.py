"""gRPC that is none: the right status, little memory, and a connection that goes on."""

from hyperframe.frame import DataFrame, HeadersFrame, RstStreamFrame

from support.attacks import EMPTY_MESSAGE, HEALTH
from support.measures import Memory, megabytes
from support.result import Checks

NAME = "grpc-malformed"
QUICK = True
GROWTH = 1 << 20
JOIN = "/copur.v1.FusionCenter/Join"
TE = ("te", "trailers")
TYPE = ("content-type", "application/grpc")


def message(data, flag=0):
    return bytes([flag]) + len(data).to_bytes(4, "big") + data


# What is sent, and the HTTP status and grpc-status that have to come: name, path, headers, body, HTTP, gRPC.
CASES = [
    ("prefix 0xFFFFFFFF", JOIN, [TE, TYPE], b"\0\xff\xff\xff\xff" + bytes(100), "200", "8"),
    ("4 MiB and a byte", JOIN, [TE, TYPE], b"\0" + (4 * 2**20 + 1).to_bytes(4, "big"), "200", "8"),
    ("compressed", JOIN, [TE, TYPE], message(b"", 1), "200", "12"),
    ("flag 2", JOIN, [TE, TYPE], message(b"", 2), "200", "13"),
    ("grpc-encoding gzip", JOIN, [TE, TYPE, ("grpc-encoding", "gzip")], message(b""), "200", "12"),
    ("truncated varint", JOIN, [TE, TYPE], message(b"\x10\xff"), "200", "3"),
    ("length beyond the message", JOIN, [TE, TYPE], message(b"\x0a\xff\xff\xff\xff\x07"), "200", "3"),
    ("nesting 1000", JOIN, [TE, TYPE], message(b"\x7b" * 1000 + b"\x7c" * 1000), "200", "3"),
    ("two messages", JOIN, [TE, TYPE], message(b"") * 2, "200", "12"),
    ("no message", JOIN, [TE, TYPE], b"", "200", "12"),
    ("half a prefix", JOIN, [TE, TYPE], b"\0\0\0", "200", "13"),
    ("half a message", JOIN, [TE, TYPE], b"\0\0\0\0\x64abc", "200", "13"),
    ("no te", JOIN, [TYPE], message(b""), "200", "3"),
    ("content type text/plain", JOIN, [TE, ("content-type", "text/plain")], message(b""), "415", None),
    ("content type application/grpcweb", JOIN, [TE, ("content-type", "application/grpcweb")], message(b""), "415", None),
    ("no content type", JOIN, [TE], message(b""), "415", None),
    ("grpc-timeout 5", JOIN, [TE, TYPE, ("grpc-timeout", "5")], message(b""), "200", "13"),
    ("grpc-timeout 123456789S", JOIN, [TE, TYPE, ("grpc-timeout", "123456789S")], message(b""), "200", "13"),
    ("grpc-timeout -1S", JOIN, [TE, TYPE, ("grpc-timeout", "-1S")], message(b""), "200", "13"),
    ("unknown method", "/copur.v1.FusionCenter/Nothing", [TE, TYPE], message(b""), "200", "12"),
    ("path without a method", "/copur.v1.FusionCenter", [TE, TYPE], message(b""), "200", "12"),
]


def call(connection, stream, path, headers, body):
    """The response's HTTP status and grpc-status; a reset counts as (None, its code)."""
    block = connection.encoder.encode(
        [(":method", "POST"), (":scheme", "https"), (":path", path), (":authority", "localhost"), *headers])
    connection.send(
        HeadersFrame(stream, data=block, flags=["END_HEADERS"]),
        DataFrame(stream, data=body, flags=["END_STREAM"]))
    found = {}
    for frame in connection.frames(5):
        if isinstance(frame, HeadersFrame):
            fields = connection.decoder.decode(frame.data)
            if frame.stream_id == stream:
                found |= dict(fields)
        if frame.stream_id != stream:
            continue
        if isinstance(frame, RstStreamFrame):
            return found.get(":status"), found.get("grpc-status", f"reset {frame.error_code}")
        if "END_STREAM" in frame.flags:
            break
    return found.get(":status"), found.get("grpc-status")


def run(context):
    checks = Checks()
    center = context.serve()
    agent = f"agent-{context.workshop.agents[0]}"

    def all_cases(judge):
        connection = context.raw(center, agent)
        stream = 1
        for name, path, headers, body, http, grpc in CASES:
            actual = call(connection, stream, path, headers, body)
            health = call(connection, stream + 2, HEALTH, [TE, TYPE], EMPTY_MESSAGE)
            stream += 4
            if judge:
                checks.expect(actual == (http, grpc), f"{name}: {actual}, not {(http, grpc)}")
                checks.expect(health == ("200", "0"), f"the call after {name}: {health}")
            if connection.closed_at is not None:
                connection, stream = context.raw(center, agent), 1
        connection.close()

    # Once for what is allocated only once.
    all_cases(judge=False)
    memory = Memory(center)
    for _ in range(3):
        all_cases(judge=True)
        memory.look()
    checks.expect(memory.growth <= GROWTH, f"memory +{megabytes(memory.growth)}")
    return checks.result(f"{len(CASES)} kinds, memory +{megabytes(memory.growth)}")
