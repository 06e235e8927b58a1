"""Names and cells of a study's tables, the same on a page and on the terminal, in the reader's language."""

from __future__ import annotations

from typing import Any, Final

from optimizer.domain.answer import Sentence
from optimizer.report.language import figure_in, in_language, word
from optimizer.report.numbers import DASH, decimal, money
from optimizer.report.wording import humanise

__all__ = ["LONG", "cell_text", "is_number", "titled"]

LONG: Final = ("detail",)
"""Columns that are not shown: what the solver said stands in the document, and in sentences where it matters."""
_MONEY: Final = ("lower", "upper", "saving", "cost", "amount", "one_off", "extra", "price")
"""Ends of the names of columns with money."""
_WORDS: Final = frozenset(
    [
        "status",
        "state",
        "verdict",
        "class",
        "by",
        "part",
        "infeasible_together",
        "of",
        "step",
        "plan",
        "measure",
        "unit",
        "rule",
        "scale",
        "name",
        "solution",
        "alone",
        "becomes",
    ]
)
"""Columns of words of ours, which are translated; others hold names out of the case."""
_FINE: Final = ("score",)
"""Columns of shares that are ranked by: three decimals, where two make many alike."""


def is_number(value: Any) -> bool:
    """Whether a value is a figure: yes and no are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def titled(name: str, language: str = "en") -> str:
    """The name of a table, a column or a kind as a title."""
    return word(humanise(name), language)


def cell_text(name: str, value: Any, language: str = "en") -> str:
    """A value of the column of this name as a reader wants it.

    Parameters
    ----------
    name : str
    value : object
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    if value is None or value == []:
        return DASH
    if isinstance(value, bool):
        return word("yes" if value else "no", language)
    if isinstance(value, list | tuple):
        return ", ".join(cell_text(name, v, language) for v in value)
    if isinstance(value, int | float):
        digits = 3 if name in _FINE else 2
        text = money(float(value)) if name.endswith(_MONEY) else decimal(float(value), digits * (value != int(value)))
        return figure_in(text, language)
    if isinstance(value, Sentence):
        return in_language(value, language)
    return word(str(value), language) if name in _WORDS else str(value)
