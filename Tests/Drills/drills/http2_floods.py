"""Rapid reset, CONTINUATION, PING, SETTINGS and frames that carry nothing: the attacker is closed, the agent unharmed."""

from support.attacks import Attack, block, drill, flood, frame, headers, streams

NAME = "http2-floods"
QUICK = True
LIMIT = 180
REQUEST = block()


def rapid_reset():
    """CVE-2023-44487."""
    return streams(lambda id: headers(id, REQUEST, "END_HEADERS") + frame(3, 0, id, bytes([0, 0, 0, 8])))


def continuation():
    """CVE-2024-28182."""
    yield headers(1, REQUEST)
    yield from flood(frame(9, 0, 1, b"\x00\x01x\x01y" * 100))


def settings_entries():
    yield frame(4, 0, 0, bytes([0, 9, 0, 0, 0, 0]) * 1000)


def empty_data():
    """CVE-2019-9518."""
    yield headers(1, REQUEST, "END_HEADERS")
    yield from flood(frame(0, 0, 1))


def window_updates():
    yield headers(1, REQUEST, "END_HEADERS")
    # Credit that is never used, each time as small as it can be.
    yield from flood(frame(8, 0, 1, bytes([0, 0, 0, 1])))


def priorities():
    """CVE-2019-9513: streams that depend on each other in turns."""
    turn = [frame(2, 0, 2 * n + 1, (2 * (n + 1) + 1).to_bytes(4, "big") + b"\x10") for n in range(50)]
    turn += [frame(2, 0, 2 * n + 1, (2 * (n - 1) + 1).to_bytes(4, "big") + b"\x10") for n in range(1, 50)]
    yield from flood(b"".join(turn))


def invalid_messages():
    """A message that announces 4 GiB, stream after stream; each is answered."""
    return streams(lambda id: headers(id, REQUEST, "END_HEADERS") + frame(0, 0, id, b"\0\xff\xff\xff\xff"))


ATTACKS = [
    # While the handlers of reset streams still run, as they do on a busy machine, new streams are refused, and that is
    # a limit of its own: see Guard.md, unfinished-work.
    Attack("rapid reset", ("rapid-reset", "provoked-resets"), rapid_reset),
    Attack("CONTINUATION", "continuations", continuation),
    Attack("PING", "pings", lambda: flood(frame(6, 0, 0, bytes(8)))),
    Attack("SETTINGS", "settings", lambda: flood(frame(4, 0, 0))),
    Attack("SETTINGS entries", "settings-entries", settings_entries),
    Attack("messages of 4 GiB", "invalid-messages", invalid_messages),
    Attack("empty DATA", "empty-data", empty_data),
    Attack("WINDOW_UPDATE", "overhead", window_updates),
    Attack("unknown frames", "overhead", lambda: flood(frame(0xFE, 0, 0, bytes(1000)))),
    Attack("PRIORITY", "overhead", priorities),
]


def run(context):
    return drill(context, ATTACKS[:3] if context.quick else ATTACKS)
