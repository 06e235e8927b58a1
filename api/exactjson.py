"""JSON bodies read to the letter: what Python's reader would let pass or choose for the sender is refused.

It keeps the last of two equal keys, takes ``NaN`` and ``Infinity``, which are no JSON, makes infinity of ``1e400``,
and half of a surrogate pair of an escape. A database or another process stumbles over such values later, or a sender
gets something else than was meant.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

from api.middleware import BodyRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["parsed"]

_ODD: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""Escapes of NUL and of halves of pairs; only a body that has one is looked through."""
_SHOWN: Final = 60
"""Characters of what was sent that an answer quotes."""


def parsed(body: bytes) -> Any:
    """What a body says.

    Parameters
    ----------
    body : bytes
        JSON as UTF-8.

    Raises
    ------
    BodyRefused
        ``invalid_request``: a key twice in one object, a number that is none or beyond floats, a text with NUL or
        half of a surrogate pair.
    ValueError
        It is no JSON.
    """
    value = json.loads(body, object_pairs_hook=_object, parse_float=_finite, parse_constant=_no_constant)
    if _ODD.search(body):
        place = next((place for place, text in _texts(value, "body") if not _storable(text)), None)
        if place is not None:
            raise _refused("odd_character", "a text holds NUL, or half of a surrogate pair", place, "leave it out")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _refused("duplicate_key", f"an object has {_short(twice)} twice", "body", "give each key once")
    return out


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _refused("number_too_large", f"{_short(text)} is beyond the numbers that are read", "body", "give less")
    return value


def _no_constant(text: str) -> float:
    raise _refused("not_a_number", f"{text} is no number in JSON", "body", "give a number, or null")


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…").encode(errors="replace").decode()


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text with its place, keys too; no deeper than bodies may be."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _texts(item, f"{place}.{i}")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not _storable(key):
                yield place, key
            else:
                yield from _texts(item, f"{place}.{key}")


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _refused(code: str, message: str, place: str, remedy: str) -> BodyRefused:
    issue = {"code": code, "severity": "error", "message": message, "column": place, "remedy": remedy}
    return BodyRefused("invalid_request", message, issues=[issue])
