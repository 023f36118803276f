"""Clients that are slow on purpose: handshake, preface, headers, windows of zero, silence. With shorter timers."""

from support.attacks import EMPTY_MESSAGE, Attack, block, drill, frame, headers

NAME = "http2-slow"
QUICK = False
LIMIT = 180
REQUEST = block()
# Of the settings: INITIAL_WINDOW_SIZE.
WINDOW = 4
OPTIONS = [
    "--handshake-timeout", "700ms", "--preface-timeout", "700ms", "--header-timeout", "700ms", "--settings-timeout", "1s",
    "--idle-timeout", "700ms", "--ping-timeout", "300ms", "--write-stall-timeout", "1s"]
ACKNOWLEDGEMENT = frame(4, 1, 0)


def handshake():
    """A ClientHello's first bytes, one at a time."""
    for byte in bytes([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]):
        yield bytes([byte])
        yield 0.2


def keep_alive():
    """Keep-alive at an honest pace, so that nothing is wrong but what came, or did not come, before."""
    while True:
        yield frame(6, 0, 0, bytes(8))
        yield 0.25


def silence():
    return []


def header_block():
    """A list of headers, a byte at a time."""
    yield ACKNOWLEDGEMENT
    for byte in headers(1, REQUEST, "END_HEADERS"):
        yield bytes([byte])
        yield 0.05


def calls(count=100):
    for id in range(1, 2 * count, 2):
        yield headers(id, REQUEST, "END_HEADERS") + frame(0, 1, id, EMPTY_MESSAGE)


def zero_window():
    """CVE-2019-9517: responses wait for a window that never opens."""
    yield ACKNOWLEDGEMENT
    yield from calls()
    # A silent client would be idle as soon as it is stalled.
    yield from keep_alive()


def dribble():
    """CVE-2019-9511: a window of one byte at a time."""
    yield ACKNOWLEDGEMENT
    yield from calls()
    while True:
        yield 0.1
        yield b"".join(frame(8, 0, id, bytes([0, 0, 0, 1])) for id in range(1, 21, 2))


def idle():
    """Nothing but what a connection begins with."""
    yield ACKNOWLEDGEMENT


def stream_and_silence():
    """A stream, and no answer to the PING that asks for the client."""
    yield ACKNOWLEDGEMENT
    yield headers(1, REQUEST, "END_HEADERS")


def numbers_used():
    """A stream number above 2³⁰: the connection is drained, whatever the client answers."""
    yield ACKNOWLEDGEMENT
    yield headers((1 << 30) + 1, REQUEST, "END_HEADERS") + frame(0, 1, (1 << 30) + 1, EMPTY_MESSAGE)


def lower_numbers():
    yield ACKNOWLEDGEMENT
    for id in (9, 5):
        yield headers(id, REQUEST, "END_HEADERS") + frame(0, 1, id, EMPTY_MESSAGE)
        yield 0.1


ATTACKS = [
    Attack("handshake", "handshake-timeout", handshake, settings=None, tls=False),
    Attack("preface", "preface-timeout", silence, settings=None),
    Attack("SETTINGS not acknowledged", "settings-timeout", keep_alive),
    Attack("headers", "header-timeout", header_block),
    Attack("idle", "idle", idle),
    Attack("stream and silence", "idle", stream_and_silence),
    Attack("zero window", "write-stall", zero_window, settings={WINDOW: 0}),
    Attack("dribble", "write-stall", dribble, settings={WINDOW: 0}),
    Attack("stream numbers used", "stream-numbers-used", numbers_used),
    Attack("lower stream numbers", "stream-number", lower_numbers),
]


def run(context):
    return drill(context, ATTACKS, OPTIONS, limit=2.0, rounds=1)
