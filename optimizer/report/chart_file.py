"""A drawing as an SVG file of its own: colours are attributes, so that any program shows them, on white paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from markupsafe import escape

from optimizer.report import palette
from optimizer.report.language import word
from optimizer.report.naming import clip
from optimizer.report.search_chart import HEIGHT
from optimizer.report.search_chart import WIDTH as PLOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["chart_file"]

_WIDTH: Final = 900
_LINE: Final = 26
_FILLS: Final = {
    "a": palette.GOOD,
    "n": palette.NEW,
    "o": palette.BASE,
    "w": palette.BAD,
    "i": palette.MUTED,
    "r": palette.GRID,
}
_TEXT: Final = f'fill="{palette.INK}" font-weight="600" font-size="13"'
_LOOK: Final = {
    "land": f'fill="{palette.LAND}"',
    "ent": f'fill="{palette.MUTED}" opacity=".45"',
    "lost": f'stroke="{palette.BAD}" stroke-width="1.6" fill="none"',
    "idle": f'fill="{palette.PAPER}" stroke="{palette.BASE}" stroke-width="1.2"',
    "fl": 'fill="none" stroke-linecap="round" opacity=".5"',
    "fl-a": f'stroke="{palette.GOOD}"',
    "fl-n": f'stroke="{palette.NEW}"',
    **{f"w{n}": f'stroke-width="{width}"' for n, width in enumerate((0.8, 1.6, 3, 5, 8), 1)},
    "ctr": f'stroke="{palette.PAPER}" stroke-width="1.5"',
    "ctr-a": f'fill="{palette.GOOD}"',
    "ctr-n": f'fill="{palette.NEW}"',
    "no": f'fill="{palette.PAPER}" font-weight="600" font-size="12" text-anchor="middle"',
    "lbl": _TEXT,
    "src": f'fill="{palette.MUTED}" font-size="13"',
    "ld": f'stroke="{palette.OTHER}" stroke-width="1"',
}
"""What the style sheets say of each class of a map."""


def chart_file(drawing: Mapping[str, Any], language: str = "en") -> str:
    """One drawing of a plan as the text of an SVG file.

    Parameters
    ----------
    drawing : mapping
        Of ``plan_charts``.
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    if "svg" in drawing:
        return _map_file(str(drawing["svg"]))
    if "bars" in drawing:
        return _bars_file(drawing)
    return _course_file(drawing, language)


def _map_file(svg: str) -> str:
    """The map as pages have it, without its form for telephones."""
    svg = re.sub(r'<g class="slim">.*?</g>', "", svg)
    coloured = re.sub(r'class="([^"]*)"', lambda m: " ".join(_LOOK[c] for c in m[1].split() if c in _LOOK), svg)
    return coloured.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" ', 1) + "\n"


def _open(width: int, height: float, label: str) -> str:
    paper = f'<rect width="{width}" height="{height:.0f}" fill="{palette.PAPER}"/>'
    named = f'role="img" aria-label="{escape(label)}" font-family="sans-serif" font-size="13" fill="{palette.INK}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" {named}>{paper}'


def _bars_file(drawing: Mapping[str, Any]) -> str:
    rows = drawing["bars"]
    parts = [_open(_WIDTH, 62 + _LINE * len(rows), "; ".join(f"{r['name']}: {r['text']}" for r in rows))]
    parts.append(f'<text x="10" y="24" font-weight="600">{escape(drawing["subtitle"])}</text>')
    parts += _bar_rows(rows, drawing["zero"])
    parts.append(f'<text x="10" y="{50 + _LINE * len(rows)}" fill="{palette.MUTED}">{escape(drawing["note"])}</text>')
    return "".join([*parts, "</svg>\n"])


def _bar_rows(rows: list[dict[str, Any]], zero: float) -> Iterator[str]:
    left, width = 320, 480
    for n, row in enumerate(rows):
        y = 38 + _LINE * n
        yield f'<text x="10" y="{y + 13}">{escape(clip(row["name"], 42))}</text>'
        for kind, start, size in row["spans"]:
            place = f'x="{left + width * start / 100:.1f}" y="{y}" width="{width * size / 100:.1f}" height="16"'
            yield f'<rect {place} fill="{_FILLS[kind]}"/>'
        yield f'<text x="{_WIDTH - 10}" y="{y + 13}" text-anchor="end">{escape(row["text"])}</text>'
    at = left + width * zero / 100
    yield f'<path d="M{at:.1f} 34V{38 + _LINE * len(rows)}" stroke="{palette.INK}"/>'


def _course_file(drawing: Mapping[str, Any], language: str) -> str:
    course, left, top = drawing["course"], 110, 50
    plan, least = word("best plan so far", language), word("no plan costs less than this", language)
    parts = [_open(int(PLOT) + 150, HEIGHT + 90, f"{plan}; {least}")]
    parts.append(f'<text x="{left}" y="24"><tspan fill="{palette.GOOD}">—</tspan> {escape(plan)}</text>')
    parts.append(f'<text x="{left + 300}" y="24"><tspan fill="{palette.MUTED}">- -</tspan> {escape(least)}</text>')
    parts.append(f'<g transform="translate({left} {top})" fill="none">')
    parts += (f'<path d="M0 {HEIGHT * k / 4:.0f}H{PLOT:.0f}" stroke="{palette.GRID}"/>' for k in range(5))
    parts.append(f'<polyline points="{course["bound"]}" stroke="{palette.MUTED}" stroke-dasharray="5 3"/>')
    parts.append(f'<polyline points="{course["plan"]}" stroke="{palette.GOOD}" stroke-width="2.5"/></g>')
    for y, figure in ((top + 4, course["top"]), (top + HEIGHT + 4, course["bottom"])):
        parts.append(f'<text x="{left - 8}" y="{y:.0f}" text-anchor="end">{figure:,.0f}</text>')
    ends = (("start", left, "0"), ("end", left + PLOT, f"{course['until_s']:.0f} s"))
    for anchor, x, text in ends:
        parts.append(f'<text x="{x:.0f}" y="{top + HEIGHT + 24:.0f}" text-anchor="{anchor}">{text}</text>')
    return "".join([*parts, "</svg>\n"])
