"""How deep the brackets of a JSON text go, told while it arrives and before anything parses it."""

from __future__ import annotations

import re
from array import array
from itertools import accumulate
from typing import Final

__all__ = ["Nesting"]

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_STEPS: Final = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
"""As signed bytes: one up, one down."""
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[{]}"))


class Nesting:
    """Follows the depth through the pieces of a text; brackets inside strings do not count.

    Parameters
    ----------
    limit : int
        Brackets that may be open at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._depth = limit, 0
        self._open = b""
        """What stands for the unfinished string that the pieces so far end with."""

    def too_deep(self, piece: bytes) -> bool:
        """Whether the text up to the end of this piece has passed the limit."""
        outside, quote, inside = _STRING.sub(b"", self._open + piece).partition(b'"')
        escapes = len(inside) - len(inside.rstrip(b"\\"))
        self._open = quote + b"\\" * (escapes % 2)
        steps = array("b", outside.translate(_STEPS, _NO_BRACKETS))
        if not steps:
            return False
        depths = list(accumulate(steps, initial=self._depth))
        self._depth = depths[-1]
        return max(depths) > self._limit
