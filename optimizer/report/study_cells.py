"""The text of a cell of a study's table, the same on a page and on the terminal."""

from __future__ import annotations

from typing import Any, Final

from optimizer.report.figures import DASH, decimal, money

__all__ = ["LONG", "cell_text", "is_number"]

LONG: Final = ("detail",)
"""Columns that are not shown: what the solver said stands in the document, and in sentences where it matters."""
_MONEY: Final = ("lower", "upper", "saving", "cost", "amount", "one_off", "extra", "price")
"""Ends of the names of columns with money."""


def is_number(value: Any) -> bool:
    """Whether a value is a figure: yes and no are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def cell_text(name: str, value: Any) -> str:
    """A value of the column of this name as a reader wants it."""
    if value is None or value == []:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(cell_text(name, v) for v in value)
    if isinstance(value, int | float):
        return money(float(value)) if name.endswith(_MONEY) else decimal(float(value), 2 if value != int(value) else 0)
    return str(value)
