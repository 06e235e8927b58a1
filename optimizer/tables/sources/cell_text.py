"""Canonical text of the values that spreadsheets, JSON and Python hold in a cell."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["cell_text"]


def _list_text(value: Sequence[Any]) -> str | None:
    parts = [None if isinstance(v, (list, tuple)) or v is None else cell_text(v) for v in value]
    if any(p is None or ";" in p for p in parts):
        return None
    return ";".join(p for p in parts if p is not None)


def _int_text(value: int) -> str:
    if abs(value) < 10**50:
        return str(value)
    return "1e50" if value > 0 else "-1e50"  # far out of every range; much longer ones Python refuses to print


def _float_text(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _time_text(value: time) -> str:
    return value.strftime("%H:%M:%S" if value.second or value.microsecond else "%H:%M")


def _datetime_text(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time() else value.isoformat()


_TEXT: dict[type, Callable[[Any], str | None]] = {
    str: lambda v: v,
    type(None): lambda _: "",
    bool: lambda v: "yes" if v else "no",
    int: _int_text,
    float: _float_text,
    Decimal: str,
    list: _list_text,
    tuple: _list_text,
    datetime: _datetime_text,
    date: date.isoformat,
    time: _time_text,
}


def cell_text(value: Any) -> str | None:
    """Canonical text of a plain value, lists joined by ``;``; ``None`` for what cannot be a cell."""
    make = _TEXT.get(type(value))
    if make is not None:
        return make(value)
    if isinstance(value, Integral):
        return _int_text(int(value))
    if isinstance(value, Real):
        return _float_text(float(value))
    if isinstance(value, (frozenset, set)):
        return _list_text(sorted(value, key=str))
    return str(value) if isinstance(value, str) else None
