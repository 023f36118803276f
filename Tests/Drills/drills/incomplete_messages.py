"""A client begins messages on every stream and ends none: the service keeps few bytes of them, and others go on."""

import collections
import time

from hyperframe.frame import DataFrame, HeadersFrame, RstStreamFrame, SettingsFrame, WindowUpdateFrame

from support.measures import megabytes
from support.result import Checks

NAME = "incomplete-messages"
QUICK = True
STREAMS = 90
# What each stream announces, and how much of it is sent.
ANNOUNCED, SENT = 4 << 20, 1 << 20
# The budget of a principal is 32 MiB.
GROWTH = 48 << 20
PIECE = 16 << 10


class Windows:
    """What may be sent: bytes of the connection and of each stream."""

    def __init__(self, connection):
        self.connection = connection
        self.shared, self.initial = 65535, 65535
        self.granted = collections.Counter()
        self.ended = set()

    def read(self, timeout):
        while (frame := self.connection.frame(timeout)) is not None:
            timeout = 0
            if isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
                self.initial = frame.settings.get(SettingsFrame.INITIAL_WINDOW_SIZE, self.initial)
                self.connection.send(SettingsFrame(0, flags=["ACK"]))
            elif isinstance(frame, WindowUpdateFrame):
                if frame.stream_id:
                    self.granted[frame.stream_id] += frame.window_increment
                else:
                    self.shared += frame.window_increment
            elif isinstance(frame, RstStreamFrame) or isinstance(frame, HeadersFrame):
                self.ended.add(frame.stream_id)


def attack(context, center, seconds):
    """Sends as much as the windows let it; how many streams the service ended, and how many bytes were sent."""
    connection = context.raw(center, "agent-top-left")
    windows = Windows(connection)
    windows.read(1)
    streams = list(range(1, 2 * STREAMS, 2))
    sent = collections.Counter()
    for stream in streams:
        connection.request(stream, "/copur.v1.FusionCenter/Contribute")
    end = time.monotonic() + seconds
    while time.monotonic() < end and connection.closed_at is None:
        idle = True
        for stream in streams:
            room = min(windows.shared, windows.initial + windows.granted[stream] - sent[stream], SENT - sent[stream])
            if stream in windows.ended or room < PIECE:
                continue
            data = bytes(PIECE)
            if sent[stream] == 0:
                data = bytes([0]) + ANNOUNCED.to_bytes(4, "big") + bytes(PIECE - 5)
            connection.send(DataFrame(stream, data=data))
            sent[stream] += PIECE
            windows.shared -= PIECE
            idle = False
        windows.read(0.2 if idle else 0)
        if all(stream in windows.ended or sent[stream] >= SENT for stream in streams):
            break
    return len(windows.ended), sum(sent.values()), connection


def run(context):
    checks = Checks()
    center = context.serve()
    honest = context.honest(center)
    context.raw(center, "agent-top-left").is_closed(0.2)
    honest.during(1)
    before = center.memory()
    kept = [attack(context, center, 8) for _ in range(2)]
    growth = center.memory() - before
    experience = honest.since_last()
    ended, sent = sum(k[0] for k in kept), sum(k[1] for k in kept)
    checks.expect(growth <= GROWTH, f"memory +{megabytes(growth)} for {megabytes(sent)} sent")
    checks.expect(ended > 0, "no stream was ended")
    checks.expect(not experience.failures, f"honest agent: {experience.failures[:1]}")
    for *_, connection in kept:
        connection.close()
    time.sleep(0.5)
    # What was kept is given back with the connections: the same client may begin anew.
    stream = context.stream(center, "top-left")
    stream.send("after", [0], [0.5] * context.workshop.width)
    checks.expect(stream.receipt().status == context.workshop.stubs.fusion.Receipt.ACCEPTED, "a block afterwards")
    return checks.result(f"{megabytes(sent)} sent of messages that never end, memory +{megabytes(growth)}")
