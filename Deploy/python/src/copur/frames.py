"""Frames between copur and a program that is a defence, an attack or an extractor (Protocols/copur/v1/plugin.proto)."""

from __future__ import annotations

import struct
from typing import BinaryIO

from copur.errors import CopurError
from copur.v1.plugin_pb2 import PluginReply, PluginRequest

# What copur takes at most.
LARGEST = 1 << 30


class Conversation:
    """Requests in, replies out, over a stream each way."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        """The streams block, and are closed by whoever opened them."""
        self._incoming = incoming
        self._outgoing = outgoing

    def receive(self) -> PluginRequest | None:
        """The next request; None once copur has ended the conversation."""
        head = self._read(4)
        if not head:
            return None
        (length,) = struct.unpack(">I", head) if len(head) == 4 else (None,)
        if length is None or length > LARGEST:
            raise CopurError(f"a frame begins with its length, 4 bytes, at most {LARGEST} (actual: {head!r})")
        data = self._read(length)
        if len(data) < length:
            raise CopurError(f"a frame has {length} bytes (actual: {len(data)}, then the end)")
        return PluginRequest.FromString(data)

    def send(self, reply: PluginReply) -> None:
        """Sends a reply, or a question."""
        data = reply.SerializeToString()
        if len(data) > LARGEST:
            raise CopurError(f"a reply has at most {LARGEST} bytes (actual: {len(data)})")
        self._outgoing.write(struct.pack(">I", len(data)) + data)
        self._outgoing.flush()

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._incoming.read(count - len(data))
            if not more:
                break
            data += more
        return data
