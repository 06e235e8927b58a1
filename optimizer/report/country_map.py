"""Map of what common services bring, a disc for each country."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from optimizer.report import palette
from optimizer.report.naming import clean
from optimizer.report.worldmap import MAP_NOTE, map_frame, on_map

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["country_map"]

_MOST = 18.0
"""Radius of the largest disc."""


def country_map(told: Mapping[str, Any]) -> str:
    """Draw one map as an SVG file: area by the net present value, hollow where there is no plan, dearer in red.

    Parameters
    ----------
    told : mapping
        ``designate.bos-countries/1``.
    """
    rows = told["countries"]
    most = max((abs(r["npv"]) for r in rows if r["npv"] is not None), default=0.0)
    marks = [_mark(r, most, told["currency"]) for r in sorted(rows, key=lambda r: (-abs(r["npv"] or 0), r["country"]))]
    words = f"Net present value of common services by country, area by amount; largest {told['currency']} {most:,.0f}. "
    words += "Hollow: no plan yet. Orange: costs more."
    drawn = map_frame("Net present value of common services by country", (), marks, [words, MAP_NOTE])
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" ', 1) + "\n"


def _mark(row: Mapping[str, Any], most: float, currency: str) -> str:
    x, y = on_map((row["longitude"], row["latitude"]))
    npv = row["npv"]
    if npv is None:
        paint, radius, said = f'fill="none" stroke="{palette.OTHER}"', 3.0, row["solution"]
    else:
        radius = max(1.5, _MOST * math.sqrt(abs(npv) / most)) if most else 1.5
        paint = f'fill="{palette.GOOD if npv >= 0 else palette.BAD}" fill-opacity=".75" stroke="{palette.PAPER}"'
        said = f"{currency} {npv:,.0f}"
    tip = escape(clean(f"{row['name']} ({row['country']}): {said}"))
    return f'<g><circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {paint}/><title>{tip}</title></g>'
