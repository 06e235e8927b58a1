"""Compare a stated document with what it should say, place by place.

An expected document is made of plain values, mappings, lists, and ``Expect`` objects where a
number may differ by noise or more than one statement is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ulp
from typing import Any, Final, TypeGuard

__all__ = [
    "Among",
    "Anything",
    "Either",
    "Expect",
    "Mismatch",
    "Money",
    "Number",
    "Rows",
    "Six",
    "Within",
    "compare",
    "is_number",
    "whole_cents",
]

_CENT_NOISE: Final = 1e-3
_SIX: Final = 1.5e-6
_RELATIVE: Final = 1e-11
_LARGEST: Final = 1e300
"""Beyond it a number counts as none: counted in cents, or less another one, it would leave the floats."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place of the document that does not say what was recomputed."""

    path: str
    stated: Any
    recomputed: Any

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping."""
        return {"path": self.path, "stated": self.stated, "recomputed": self.recomputed}


MISSING: Final = "(missing)"
UNKNOWN: Final = "(no such key)"


def is_number(value: object) -> TypeGuard[float]:
    """A JSON number that can be counted with: booleans, what is not finite and what is beyond all measure are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -_LARGEST <= value <= _LARGEST


class Expect:
    """Something a stated value is held against."""

    def accepts(self, stated: Any) -> bool:
        """Whether the stated value is right."""
        raise NotImplementedError

    @property
    def shown(self) -> Any:
        """What should have been said, as plain JSON."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Within(Expect):
    """A number within a tolerance; with ``cents`` it must be money in whole cents too."""

    value: float
    tolerance: float
    cents: bool = False
    relative: float = _RELATIVE

    def accepts(self, stated: Any) -> bool:
        """Number, near enough."""
        if not is_number(stated) or (self.cents and whole_cents(stated) is None):
            return False
        return abs(stated - self.value) <= self.tolerance + self.relative * abs(self.value)

    @property
    def shown(self) -> Any:
        """The value."""
        return round(self.value, 2 if self.cents else 6)


def Six(value: float | None) -> Within | None:
    """A figure rounded to six decimals."""
    return None if value is None else Within(value, _SIX)


def Cents(value: float | Fraction, tolerance: float = 0.0051) -> Within:
    """Money rounded to cents from an unrounded figure."""
    return Within(float(value), tolerance + 2 * ulp(float(value)), cents=True, relative=0.0)


def whole_cents(stated: float) -> int | None:
    """An amount of money in cents; ``None`` when it is no whole number of them."""
    cents = stated * 100.0
    return round(cents) if abs(cents - round(cents)) <= _CENT_NOISE + ulp(cents) else None


@dataclass(frozen=True, slots=True)
class Money(Expect):
    """A whole number of cents; ``slack`` cents aside where leaves that are not stated may be rounded elsewhere."""

    cents: int
    slack: int = 0

    def accepts(self, stated: Any) -> bool:
        """Number of money in whole cents that is right within the slack."""
        whole = whole_cents(stated) if is_number(stated) else None
        return whole is not None and abs(whole - self.cents) <= self.slack

    @property
    def shown(self) -> Any:
        """In units of the currency."""
        return self.cents / 100


@dataclass(frozen=True, slots=True)
class Either(Expect):
    """Any of several right statements; the first is shown."""

    options: tuple[Any, ...]

    def accepts(self, stated: Any) -> bool:
        """One of the options accepts it."""
        return any(not compare(o, stated) for o in self.options)

    @property
    def shown(self) -> Any:
        """The first option."""
        return plain(self.options[0])


@dataclass(frozen=True, slots=True)
class Among(Expect):
    """One word of a vocabulary."""

    words: tuple[str, ...]

    def accepts(self, stated: Any) -> bool:
        """One of the words."""
        return isinstance(stated, str) and stated in self.words

    @property
    def shown(self) -> Any:
        """The vocabulary."""
        return " | ".join(self.words)


@dataclass(frozen=True, slots=True)
class Anything(Expect):
    """Any value of a type; its content is not the verifier's concern."""

    type: type | tuple[type, ...]

    def accepts(self, stated: Any) -> bool:
        """Right type; truth is no number."""
        return isinstance(stated, self.type) and not (isinstance(stated, bool) and self.type is int)

    @property
    def shown(self) -> Any:
        """The type."""
        kinds = self.type if isinstance(self.type, tuple) else (self.type,)
        return f"any {' or '.join(k.__name__ for k in kinds)}"


@dataclass(frozen=True, slots=True)
class Number(Expect):
    """Any number that can be counted with."""

    def accepts(self, stated: Any) -> bool:
        """Such a number."""
        return is_number(stated)

    @property
    def shown(self) -> Any:
        """In words."""
        return "any number"


@dataclass(frozen=True)
class Rows:
    """A list of mappings sorted by ``keys``; rows for which ``optional`` holds may be left out."""

    rows: Sequence[dict[str, Any]]
    keys: tuple[str, ...] = ("id",)
    optional: Callable[[dict[str, Any]], bool] | None = None

    def name(self, row: Any) -> tuple[str, ...]:
        """Identity of a row; empty strings where it has none."""
        return tuple(str(row.get(k, "")) if isinstance(row, dict) else "" for k in self.keys)

    def place(self, row: Any) -> tuple[tuple[int, float, str], ...]:
        """Where a row stands in the order: numbers by size, then texts, then what is blank."""
        return tuple(_rank(row.get(k, "") if isinstance(row, dict) else "") for k in self.keys)


def _rank(value: Any) -> tuple[int, float, str]:
    if is_number(value):
        return 0, value, ""
    return (2, 0.0, "") if value is None else (1, 0.0, str(value))


def plain(expected: Any) -> Any:
    """An expected value as plain JSON."""
    if isinstance(expected, Expect):
        return expected.shown
    if isinstance(expected, Rows):
        return [plain(r) for r in expected.rows]
    if isinstance(expected, dict):
        return {k: plain(v) for k, v in expected.items()}
    return [plain(v) for v in expected] if isinstance(expected, list | tuple) else expected


def compare(expected: Any, stated: Any, path: str = "") -> list[Mismatch]:
    """Every place where ``stated`` departs from ``expected``; unknown and missing keys included."""
    if isinstance(expected, Expect):
        return [] if expected.accepts(stated) else [Mismatch(path, stated, expected.shown)]
    if isinstance(expected, Rows):
        return _rows(expected, stated, path)
    if isinstance(expected, dict) and isinstance(stated, dict):
        return _mapping(expected, stated, path)
    if isinstance(expected, list) and isinstance(stated, list) and len(expected) == len(stated):
        pairs = zip(expected, stated, strict=True)
        return [m for k, (a, b) in enumerate(pairs) for m in compare(a, b, f"{path}[{k}]")]
    if type(expected) is type(stated) and expected == stated:
        return []
    if is_number(expected) and is_number(stated) and expected == stated:
        return []
    return [Mismatch(path, stated, plain(expected))]


def _mapping(expected: dict[str, Any], stated: dict[str, Any], path: str) -> list[Mismatch]:
    out = []
    for key, value in expected.items():
        place = f"{path}.{key}" if path else key
        if key in stated:
            out += compare(value, stated[key], place)
        else:
            out.append(Mismatch(place, MISSING, plain(value)))
    extra = [k for k in stated if k not in expected]
    return out + [Mismatch(f"{path}.{k}" if path else str(k), stated[k], UNKNOWN) for k in extra]


def _rows(expected: Rows, stated: Any, path: str) -> list[Mismatch]:
    if not isinstance(stated, list):
        return [Mismatch(path, stated, plain(expected))]
    wanted = {expected.name(r): r for r in expected.rows}
    out: list[Mismatch] = []
    seen: list[tuple[str, ...]] = []
    places: list[tuple[tuple[int, float, str], ...]] = []
    for row in stated:
        name = expected.name(row)
        places.append(expected.place(row))
        place = f"{path}[{'|'.join(name)}]"
        if name in seen[-1:] or name not in wanted:
            out.append(Mismatch(place, row, "(no such row)" if name not in wanted else "(row stated twice)"))
        else:
            out += compare(wanted[name], row, place)
        seen.append(name)
    if places != sorted(places):
        out.append(Mismatch(path, "(not sorted)", f"sorted by {', '.join(expected.keys)}"))
    present = set(seen)
    for name, row in wanted.items():
        if name not in present and not (expected.optional and expected.optional(row)):
            out.append(Mismatch(f"{path}[{'|'.join(name)}]", MISSING, plain(row)))
    return out
