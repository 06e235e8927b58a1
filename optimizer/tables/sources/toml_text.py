"""TOML of strangers: the standard reader, kept from texts that cost it its stack or the square of their length."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["toml_of"]

PARTS: Final = 32
"""Parts of a dotted key; no table here has more than three."""

_PART: Final = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_LONG_KEY: Final = re.compile(rf"(?<![\w-])(?:{_PART}\.[ \t]*+){{{PARTS},}}")


def toml_of(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """What a TOML text says.

    Parameters
    ----------
    text : str
    parse_float : callable
        Makes a number with decimals of its text.

    Raises
    ------
    tomllib.TOMLDecodeError
        It is none, or goes deeper than can be meant.
    """
    found = _LONG_KEY.search(text)
    if found is not None:
        raise tomllib.TOMLDecodeError(f"A key of more than {PARTS} parts (at line {_line(text, found.start())})")
    try:
        return tomllib.loads(text.replace("\r\n", "\n"), parse_float=parse_float)
    except RecursionError:
        raise tomllib.TOMLDecodeError("Nested too deeply (at line 1)") from None


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
