"""PNG files made small: at most 256 colours, in a palette."""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np

__all__ = ["reduced"]

_MARK: Final = b"\x89PNG\r\n\x1a\n"


def reduced(pixels: bytes, width: int, height: int, colours: int = 256) -> bytes:
    """A picture as a PNG with the colours that it has most of; every other one becomes the nearest of them.

    Parameters
    ----------
    pixels : bytes
        Red, green, blue and opacity of each, row by row.
    width, height : int
        Pixels.
    colours : int, default 256
    """
    flat = np.frombuffer(pixels, dtype=np.uint8).reshape(-1, 4).astype(np.int32)
    codes = (flat[:, 0] << 16) | (flat[:, 1] << 8) | flat[:, 2]
    found, where, often = np.unique(codes, return_inverse=True, return_counts=True)
    kept = _spread(found, often, colours)
    nearest = _nearest(found, kept)
    table = np.stack([kept >> 16, (kept >> 8) & 255, kept & 255], axis=1).astype(np.uint8)
    rows = np.zeros((height, width + 1), dtype=np.uint8)
    rows[:, 1:] = nearest[where].reshape(height, width)
    parts = [_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)), _chunk(b"PLTE", table.tobytes())]
    return b"".join([_MARK, *parts, _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)), _chunk(b"IEND", b"")])


def _spread(found: np.ndarray, often: np.ndarray, colours: int) -> np.ndarray:
    """The most frequent colours, of each small cube of colours one first, so that no shade is without a near one."""
    cube = ((found >> 21) << 10) | (((found >> 13) & 7) << 5) | ((found >> 5) & 7)
    order = np.argsort(-often, kind="stable")
    first = np.zeros(len(found), dtype=bool)
    first[order[np.unique(cube[order], return_index=True)[1]]] = True
    ranked = sorted(range(len(found)), key=lambda i: (not first[i], -int(often[i])))
    chosen: np.ndarray = found[np.array(sorted(ranked[:colours]))]
    return chosen


def _nearest(found: np.ndarray, kept: np.ndarray) -> np.ndarray:
    a = np.stack([found >> 16, (found >> 8) & 255, found & 255], axis=1)
    b = np.stack([kept >> 16, (kept >> 8) & 255, kept & 255], axis=1)
    out = np.zeros(len(found), dtype=np.uint8)
    for start in range(0, len(found), 4096):
        apart = ((a[start : start + 4096, None, :] - b[None, :, :]) ** 2).sum(axis=2)
        out[start : start + 4096] = apart.argmin(axis=1)
    return out


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
