"""Messages between the worker and the process that solves: JSON with its length in front."""

from __future__ import annotations

import json
import os
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Frames", "read_frame", "write_frame"]

_HEAD = struct.Struct(">I")


def write_frame(fd: int, message: dict[str, Any]) -> None:
    """Write one message, whole."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    view = memoryview(_HEAD.pack(len(body)) + body)
    while view:
        view = view[os.write(fd, view) :]


def read_frame(fd: int) -> dict[str, Any] | None:
    """Wait for one message; ``None`` at the end of the stream."""
    head = _exactly(fd, _HEAD.size)
    body = None if head is None else _exactly(fd, _HEAD.unpack(head)[0])
    if body is None:
        return None
    message: dict[str, Any] = json.loads(body)
    return message


def _exactly(fd: int, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = os.read(fd, min(size - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


class Frames:
    """Puts messages together from pieces as they come."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, piece: bytes) -> Iterator[dict[str, Any]]:
        """Messages completed by a piece."""
        self._held += piece
        while len(self._held) >= _HEAD.size:
            end = _HEAD.size + _HEAD.unpack(self._held[: _HEAD.size])[0]
            if len(self._held) < end:
                return
            body = bytes(self._held[_HEAD.size : end])
            del self._held[:end]
            yield json.loads(body)
