"""Messages between a parent and its solver child, and how they travel.

A frame is an 8-byte length followed by a pickle (protocol 5) and its out-of-band buffers, so
that big arrays are written straight from their own memory. Both ends run the same version of
this package over a private pipe; nothing foreign is ever unpickled.
"""

from __future__ import annotations

import os
import pickle
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.params import SolveParams
    from optimizer.model.parts import Choice

__all__ = ["Cancel", "Failed", "FrameReader", "Keep", "Preparing", "Solve", "Started", "read_frame", "write_frame"]

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Keep:
    """Parent → child: hold ``value`` under ``key`` and forget the keys in ``drop``."""

    key: int
    value: Any
    drop: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Solve:
    """Parent → child: solve with ``target`` (``module:Class`` or ``module:Class:argument``).

    ``problem`` is ``None`` when the program carries it.
    """

    number: int
    target: str
    problem: int | None
    program: int | None
    params: SolveParams
    start: Choice | None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Parent → child: stop request ``number`` and hand over what is held."""

    number: int


@dataclass(frozen=True, slots=True)
class Preparing:
    """Child → parent: something is done once, before the clock starts; ``text`` says what and how long it takes."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Started:
    """Child → parent: the backend is loaded; the clock runs from here. ``reach``: why it still has the network."""

    number: int
    reach: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Child → parent: the backend raised. ``kind`` is an exception name, ``error`` itself if ours."""

    kind: str
    text: str
    error: Exception | None = None


def _frame(message: object) -> list[memoryview]:
    buffers: list[pickle.PickleBuffer] = []
    body = memoryview(pickle.dumps(message, protocol=5, buffer_callback=buffers.append))
    parts = [body, *(b.raw() for b in buffers)]
    sizes = struct.pack(f"<I{len(parts)}Q", len(parts), *(p.nbytes for p in parts))
    total = len(sizes) + sum(p.nbytes for p in parts)
    return [memoryview(_LENGTH.pack(total) + sizes), *parts]


def _parse(body: memoryview) -> Any:
    (count,) = struct.unpack_from("<I", body)
    sizes = struct.unpack_from(f"<{count}Q", body, 4)
    at = 4 + 8 * count
    parts = []
    for size in sizes:
        parts.append(body[at : at + size])
        at += size
    return pickle.loads(parts[0], buffers=[bytearray(p) for p in parts[1:]])


def write_frame(fd: int, message: object) -> None:
    """Write one message; blocks until all of it is in the pipe."""
    for part in _frame(message):
        view = part.cast("B")
        while len(view):
            view = view[os.write(fd, view) :]


def read_frame(fd: int) -> Any:
    """Read one message, blocking; raises ``EOFError`` when the other end is gone."""
    (size,) = _LENGTH.unpack(_read_exactly(fd, _LENGTH.size))
    return _parse(memoryview(_read_exactly(fd, size)))


def _read_exactly(fd: int, size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while len(view):
        got = os.readv(fd, [view])
        if not got:
            raise EOFError
        view = view[got:]
    return data


class FrameReader:
    """Cuts a byte stream into messages; feed it what ``os.read`` gives."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        """Yield every message completed by ``data``."""
        self._data += data
        while len(self._data) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._data)
            end = _LENGTH.size + size
            if len(self._data) < end:
                return
            body = bytes(self._data[_LENGTH.size : end])
            del self._data[:end]
            yield _parse(memoryview(body))
