"""Map of what common services bring, a disc for each country."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from optimizer.report import palette
from optimizer.report.country_words import solution_words
from optimizer.report.language import said_in
from optimizer.report.naming import clean
from optimizer.report.numbers import money, tell
from optimizer.report.places import territory
from optimizer.report.worldmap import MAP_NOTE, map_frame, on_map

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["country_map"]

_MOST = 18.0
"""Radius of the largest disc."""


def country_map(told: Mapping[str, Any], language: str = "en") -> str:
    """Draw one map as an SVG file: area by the net present value, hollow where there is no plan, dearer in red.

    Parameters
    ----------
    told : mapping
        ``designate.bos-countries/1``.
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    rows = told["countries"]
    most = max((abs(r["npv"]) for r in rows if r["npv"] is not None), default=0.0)
    marks = [
        _mark(r, most, told["currency"], language)
        for r in sorted(rows, key=lambda r: (-abs(r["npv"] or 0), r["country"]))
    ]
    words = tell(
        "Net present value of common services by country, area by amount; largest {amount}. "
        "Hollow: no plan. Orange: costs more.",
        amount=_amount(most, told["currency"]),
    )
    label, *notes = (
        said_in(text, language) for text in (tell("Net present value of common services by country"), words, MAP_NOTE)
    )
    drawn = map_frame(label, (), marks, notes)
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" ', 1) + "\n"


def _amount(amount: float, currency: str) -> str:
    return tell("{currency} {figure}", currency=currency, figure=money(amount))


def _mark(row: Mapping[str, Any], most: float, currency: str, language: str) -> str:
    x, y = on_map((row["longitude"], row["latitude"]))
    npv = row["npv"]
    if npv is None:
        paint, radius, said = f'fill="none" stroke="{palette.OTHER}"', 3.0, solution_words(row["solution"])
    else:
        radius = max(1.5, _MOST * math.sqrt(abs(npv) / most)) if most else 1.5
        paint = f'fill="{palette.GOOD if npv >= 0 else palette.BAD}" fill-opacity=".75" stroke="{palette.PAPER}"'
        said = _amount(npv, currency)
    named = tell("{name} ({id}): {what}", name=territory(row["country"]), id=row["country"], what=said)
    tip = escape(clean(said_in(named, language)))
    return f'<g><circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {paint}/><title>{tip}</title></g>'
