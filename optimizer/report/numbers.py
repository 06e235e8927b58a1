"""Numbers as people read them: thin spaces, true minus signs, few digits, never ``nan``.

They come as English text that knows its figure, so that another language can write it in its own way.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

from optimizer.domain.answer import Figure, Sentence

__all__ = [
    "DASH",
    "THIN",
    "Numeral",
    "count",
    "decimal",
    "joined",
    "many",
    "money",
    "payback",
    "percent",
    "plain_figure",
    "short",
    "some",
    "tell",
]

THIN = "\u202f"
"""Narrow no-break space: between thousands and before a unit."""
DASH = "–"
"""Shown for a figure that is not defined."""

_UNITS = ((1.0, "", 0), (1e3, "k", 1), (1e6, "M", 1), (1e9, "bn", 2))


class Numeral(Figure):
    """A figure as English text, with the figure itself and how it is written.

    Parameters
    ----------
    text : str
    value : float
    digits : int
        Decimals shown.
    plus : bool
        Whether a gain carries a plus sign.
    whole : bool, default True
        Whether the text is the figure alone, without a unit or a scale such as ``M``.
    """

    __slots__ = ("digits", "plus", "whole")

    digits: int
    plus: bool
    whole: bool

    def __new__(cls, text: str, value: float, digits: int = 0, plus: bool = False, whole: bool = True) -> Numeral:
        made = super().__new__(cls, text)
        made.value, made.digits, made.plus, made.whole = value, digits, plus, whole
        return made


def tell(template: str, **values: str) -> Sentence:
    """A sentence of texts and numerals, as its template says it; other languages have their own.

    Parameters
    ----------
    template : str
        With a name in braces for each value.
    **values : str
        Names, numerals, or sentences.
    """
    return Sentence(template.format(**values) if values else template, template, values)


def many(one: str, other: str, n: int, **values: str) -> Sentence:
    """A sentence about a number of things: ``one`` for 1, ``other`` for any other number, each with ``{n}``.

    Parameters
    ----------
    one, other : str
        Together one message of the catalogues.
    n : int
    **values : str
        As ``tell`` takes them.
    """
    return tell(one if n == 1 else other, n=count(n), **values)


def joined(parts: Iterable[str], between: str = "{first} {second}") -> str:
    """Texts one after the other."""
    return reduce(lambda first, second: tell(between, first=first, second=second), parts)


def _group(value: float, digits: int, plus: bool) -> Numeral:
    """Group thousands; zero after rounding carries no sign."""
    text = f"{abs(value):,.{digits}f}".replace(",", THIN)
    if any(c in "123456789" for c in text):
        text = ("−" if value < 0 else "+" if plus else "") + text
    return Numeral(text, value, digits, plus)


def _missing(value: float | None) -> bool:
    return value is None or not math.isfinite(value)


def count(value: float | None, plus: bool = False) -> str:
    """Whole number: ``12 345``."""
    return DASH if value is None or _missing(value) else _group(value, 0, plus)


def some(value: int, noun: str) -> str:
    """Number with its noun: ``1 move``, ``1 204 moves``."""
    return f"{count(value)} {noun}{'' if value == 1 else 's'}"


money = count
"""Money in full units of the currency (named once, in the heading): ``1 234 567``."""


def decimal(value: float | None, digits: int = 1, plus: bool = False) -> str:
    """Fixed number of decimals: ``1 234.5``."""
    return DASH if value is None or _missing(value) else _group(value, digits, plus)


def plain_figure(value: float | None, missing: str = DASH) -> str:
    """A figure of the input with the digits that it has: ``0.035``, ``1 250``."""
    if value is None or _missing(value):
        return missing
    shown = f"{value:.6f}".rstrip("0").partition(".")[2]
    text = _group(value, len(shown), plus=False)
    return Numeral(text, value, len(shown), plus=False, whole=False)


def short(value: float | None, plus: bool = False) -> str:
    """Money for headlines: ``1.2 M``, ``812 k``, ``3.05 bn``.

    Parameters
    ----------
    value : float or None
        Amount in the currency.
    plus : bool, default False
        Whether a gain carries a plus sign.
    """
    if value is None or _missing(value):
        return DASH
    for unit, name, places in _UNITS:
        scaled = value / unit
        digits = 0 if name == "k" and abs(scaled) >= 9.95 else places
        if abs(round(scaled, digits)) < 1000 or name == "bn":
            break
    text = _group(scaled, digits, plus)
    return Numeral(f"{text}{THIN}{name}", value, digits, plus, whole=False) if name else text


def percent(share: float | None, digits: int = 1, plus: bool = False) -> str:
    """Share of one as per cent; a small share that is not zero never shows as zero."""
    if share is None or _missing(share):
        return DASH
    value = share * 100
    while value and abs(value) < 0.5 * 10**-digits and digits < 4:
        digits += 1
    if value and abs(value) < 0.5 * 10**-digits:
        return tell("under {figure}", figure=_percent(10**-digits, 4, plus=False))
    return _percent(value, digits, plus)


def _percent(value: float, digits: int, plus: bool) -> Numeral:
    return Numeral(f"{_group(value, digits, plus)}{THIN}%", value / 100, digits, plus, whole=False)


def payback(savings: Mapping[str, Any]) -> str:
    """How soon the one-off cost is earned back: ``at once``, ``7 months``, ``2.4 years``, ``never``.

    A dash where there is nothing to earn back and nothing saved, or no comparison at all.

    Parameters
    ----------
    savings : mapping
        The block ``savings`` of a plan document.
    """
    years, annual = savings["payback_years"], savings["annual"]
    if annual is None or (annual == 0 and not sum(savings["one_off"].values())):
        return DASH
    if years is None or _missing(years):
        return tell("never")
    if years == 0:
        return tell("at once")
    months = max(1, round(years * 12))
    if years < 1 and months < 12:
        return many("{n}\u202fmonth", "{n}\u202fmonths", months)
    if years < 1:
        return tell("{n}\u202fyear", n=count(1))
    return tell("{n}\u202fyears", n=_group(years, 1, plus=False))
