"""Numbers as people read them: thin spaces, true minus signs, few digits, never ``nan``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DASH", "THIN", "count", "decimal", "money", "payback", "percent", "short", "some"]

THIN = "\u202f"
"""Narrow no-break space: between thousands and before a unit."""
DASH = "–"
"""Shown for a figure that is not defined."""

_UNITS = ((1.0, "", 0), (1e3, "k", 1), (1e6, "M", 1), (1e9, "bn", 2))


def _group(value: float, digits: int, plus: bool) -> str:
    """Group thousands; zero after rounding carries no sign."""
    text = f"{abs(value):,.{digits}f}".replace(",", THIN)
    if not any(c in "123456789" for c in text):
        return text
    return ("−" if value < 0 else "+" if plus else "") + text


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
    return _group(scaled, digits, plus) + (f"{THIN}{name}" if name else "")


def percent(share: float | None, digits: int = 1, plus: bool = False) -> str:
    """Share of one as per cent; a small share that is not zero never shows as zero."""
    if share is None or _missing(share):
        return DASH
    value = share * 100
    while value and abs(value) < 0.5 * 10**-digits and digits < 4:
        digits += 1
    if value and abs(value) < 0.5 * 10**-digits:
        return f"under {10**-digits:.4f}{THIN}%"
    return f"{_group(value, digits, plus)}{THIN}%"


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
        return "never"
    if years == 0:
        return "at once"
    if years < 1:
        months = max(1, round(years * 12))
        return f"{months}{THIN}month{'s' if months > 1 else ''}" if months < 12 else f"1{THIN}year"
    return f"{_group(years, 1, plus=False)}{THIN}years"
