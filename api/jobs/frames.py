"""Messages between a process and the one that works for it: JSON with its length in front, then bytes that go along."""

from __future__ import annotations

import json
import os
import struct
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Frames", "read_frame", "write_frame"]

_HEAD = struct.Struct(">IQ")
"""Bytes of the JSON, and of all that is attached to it."""
_ATTACHED: Final = "attached"
"""In a message what goes along; in its JSON the length of each."""


def write_frame(fd: int, message: dict[str, Any], *attached: bytes) -> None:
    """Write one message, whole; what is attached crosses as it is."""
    told = {**message, _ATTACHED: [len(a) for a in attached]} if attached else message
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    for part in (_HEAD.pack(len(body), sum(map(len, attached))) + body, *attached):
        view = memoryview(part)
        while view:
            view = view[os.write(fd, view) :]


def read_frame(fd: int) -> dict[str, Any] | None:
    """Wait for one message; ``None`` at the end of the stream. What came along is its ``attached``."""
    head = _exactly(fd, _HEAD.size)
    if head is None:
        return None
    size, more = _HEAD.unpack(head)
    body = _exactly(fd, size)
    rest = None if body is None else _exactly(fd, more)
    return None if body is None or rest is None else _message(body, rest)


def _exactly(fd: int, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = os.read(fd, min(size - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


def _message(body: bytes, rest: bytes) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(body)
    if _ATTACHED in message:
        at, pieces = 0, []
        for size in message[_ATTACHED]:
            pieces.append(rest[at : at + size])
            at += size
        message[_ATTACHED] = pieces
    return message


class Frames:
    """Puts messages together from pieces as they come."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, piece: bytes) -> Iterator[dict[str, Any]]:
        """Messages completed by a piece."""
        self._held += piece
        while len(self._held) >= _HEAD.size:
            size, more = _HEAD.unpack(self._held[: _HEAD.size])
            body = _HEAD.size + size
            if len(self._held) < body + more:
                return
            told, rest = bytes(self._held[_HEAD.size : body]), bytes(self._held[body : body + more])
            del self._held[: body + more]
            yield _message(told, rest)
