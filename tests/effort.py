"""How much is tried: a share in the quick set (``-m "not slow"``), all of it in the full one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

__all__ = ["few", "here_and_there", "share", "stride"]

_QUICK = False
_THIN = 2
"""The quick set takes one in so many of what a test names for it,"""
_ENOUGH = 8
"""but so many random examples where it names as many: fewer say little."""


def set_quick(quick: bool) -> None:
    """Called once, before any test is read."""
    global _QUICK
    _QUICK = quick


def share(number: int, part: int = 3) -> int:
    """So many random examples; in the quick set one in ``part``, thinned."""
    quick = number // part
    return max(1, min(quick, max(_ENOUGH, quick // _THIN))) if _QUICK else number


def stride(number: int, part: int = 3) -> int:
    """Of things in a row one in so many; in the quick set one in ``part`` times as many, thinned."""
    return number * part * _THIN if _QUICK else number


def few(values: Sequence[Any], number: int) -> list[Any]:
    """Values of a parameter, of which the quick set takes the first ``number``, thinned."""
    number = -(-number // _THIN)
    return [*values[:number], *(pytest.param(v, marks=pytest.mark.slow) for v in values[number:])]


def here_and_there(values: Iterable[Any], part: int) -> list[Any]:
    """Values of a parameter, of which the quick set takes one in ``part``, thinned, spread over all of them."""
    return [v if k % (part * _THIN) == 0 else pytest.param(v, marks=pytest.mark.slow) for k, v in enumerate(values)]
