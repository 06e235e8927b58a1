"""How much is tried, in three sets.

* quick (``-m "not slow"``, `make test`): a thinned share of what a test names;
* full (``-m "not long"``, `make test-full`): that share whole, and one block of each long row of seeds;
* long (`make test-long`): everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import pytest

__all__ = ["Level", "few", "here_and_there", "is_later_block", "set_level", "share", "stride"]

Level = Literal["quick", "full", "long"]

_level: Level = "long"
_THIN = 2
"""The quick set takes one in so many of what a test names for it,"""
_ENOUGH = 8
"""but so many random examples where it names as many: fewer say little."""
_BLOCKS = ("first", "last", "part")
"""Parameters by which tests cut a long row of seeds into blocks."""

SLOW, LONG = pytest.mark.slow, (pytest.mark.slow, pytest.mark.long)


def set_level(markexpr: str) -> None:
    """Called once, before any test is read, with what ``-m`` says."""
    global _level
    _level = "quick" if markexpr == "not slow" else "full" if "not long" in markexpr else "long"


def share(number: int, part: int = 3) -> int:
    """So many random examples; in the full set one in ``part``, in the quick set thinned as well."""
    some = number // part
    by_level = {"quick": min(some, max(_ENOUGH, some // _THIN)), "full": some, "long": number}
    return max(1, by_level[_level])


def stride(number: int, part: int = 3) -> int:
    """Of things in a row one in so many; in the full set one in ``part`` times as many, in the quick set thinned."""
    return number * {"quick": part * _THIN, "full": part, "long": 1}[_level]


def few(values: Sequence[Any], number: int) -> list[Any]:
    """Values of a parameter: half of the first ``number`` in the quick set, twice as many in the full one."""
    quick, full = -(-number // _THIN), 2 * number
    slow = [pytest.param(v, marks=SLOW) for v in values[quick:full]]
    return [*values[:quick], *slow, *(pytest.param(v, marks=LONG) for v in values[full:])]


def here_and_there(values: Iterable[Any], part: int) -> list[Any]:
    """Values of a parameter, spread over all of them: one in ``part`` in the full set, thinned in the quick one."""

    def marked(k: int, value: Any) -> Any:
        if k % (part * _THIN) == 0:
            return value
        return pytest.param(value, marks=SLOW if k % part == 0 else LONG)

    return [marked(k, v) for k, v in enumerate(values)]


def is_later_block(indices: dict[str, int]) -> bool:
    """Whether a slow test is not the first block of its seeds; by the places of its parameters in their lists."""
    return any(indices.get(name, 0) > 0 for name in _BLOCKS)
