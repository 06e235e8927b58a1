"""Charts as static SVG: drawn by Altair, rendered by vl-convert without a browser or network."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Any

from optimizer.report import palette
from optimizer.report.figures import short
from optimizer.report.naming import clip

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["inline_svg", "people_chart", "ranking_chart", "waterfall_chart"]

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_UNIT_LABELS = (
    "abs(datum.value) >= 1e9 ? format(datum.value / 1e9, '.3~r') + '\\u202fbn' : "
    "abs(datum.value) >= 1e6 ? format(datum.value / 1e6, '.3~r') + '\\u202fM' : "
    "abs(datum.value) >= 1e3 ? format(datum.value / 1e3, '.3~r') + '\\u202fk' : format(datum.value, '.3~r')"
)


def waterfall_chart(steps: Sequence[tuple[str, float, float]], currency: str) -> str:
    """Steps from today's running cost (zero) to the plan's, one bar per cost term.

    Parameters
    ----------
    steps : sequence of (title, start, end)
        Cumulated change before and after each term; the last one runs from zero to the net.
    """
    alt = _altair()
    rows = _waterfall_rows(steps)
    links = [{"at": end, "title": t, "next": steps[i + 1][0]} for i, (t, _, end) in enumerate(steps[:-2])]
    order = [s[0] for s in steps]
    y = _names_axis("title:N", order)
    colour = alt.Scale(domain=["down", "up", "net"], range=[palette.GOOD, palette.BAD, palette.INK])
    room = alt.Scale(nice=False, padding=50)
    x = alt.X("start:Q", title=f"{currency} a year, change against today", axis=_money_axis(), scale=room)
    bars = (
        alt.Chart(_data(rows))
        .mark_bar(height={"band": 0.62})
        .encode(y=y, x=x, x2="end:Q", color=alt.Color("kind:N", scale=colour, legend=None))
    )
    text = alt.Chart(_data(rows)).mark_text(align="left", dx=5, fontSize=12, color=palette.INK)
    text = text.encode(y=y, x="right:Q", text="label:N")
    zero = alt.Chart(_data([{"x": 0}])).mark_rule(color=palette.INK, size=1).encode(x="x:Q")
    join = alt.Chart(_data(links)).mark_rule(color=palette.OTHER, size=0.7, strokeDash=[2, 2])
    middle = alt.Y("title:N", sort=order, bandPosition=0.5)
    join = join.encode(x="at:Q", y=middle, y2=alt.Y2("next:N", bandPosition=0.5))
    layers = [zero, *([join] if links else []), bars, text]
    return _render(alt.layer(*layers), 680, 29 * len(rows), "Change of running cost by term")


def _waterfall_rows(steps: Sequence[tuple[str, float, float]]) -> list[dict[str, Any]]:
    last = len(steps) - 1
    return [
        {
            "title": title,
            "start": start,
            "end": end,
            "right": max(start, end),
            "label": short(end - start, plus=True),
            "kind": "net" if i == last else "up" if end > start else "down",
        }
        for i, (title, start, end) in enumerate(steps)
    ]


def people_chart(rows: Sequence[tuple[str, float, float]]) -> str:
    """Work leaving (left) and arriving (right) by place, in FTE; never netted.

    Parameters
    ----------
    rows : sequence of (place, fte_in, fte_out)
    """
    alt = _altair()

    ways = ("leaves", "arrives")
    data = [
        {"place": clip(place), "fte": sign * value, "way": way, "label": f"{value:,.1f}".replace(",", "\u202f")}
        for place, arrives, leaves in rows
        for way, sign, value in (("leaves", -1, leaves), ("arrives", 1, arrives))
        if value >= 0.05
    ]
    order = [clip(r[0]) for r in rows]
    y = _names_axis("place:N", order)
    scale = alt.Scale(domain=list(ways), range=[palette.SERIES[1], palette.GOOD])
    legend = alt.Legend(orient="top", title=None, symbolType="square", labelFontSize=12)
    axis = alt.Axis(grid=True, format="~s", labelExpr="format(abs(datum.value), ',')", tickCount=6)
    x = alt.X("fte:Q", title="FTE of work that leaves | arrives", axis=axis, scale=alt.Scale(nice=False, padding=46))
    base = alt.Chart(_data(data)).encode(y=y)
    bars = base.mark_bar(height={"band": 0.6}).encode(x=x, color=alt.Color("way:N", scale=scale, legend=legend))
    ends = [
        base.transform_filter(f"datum.fte {side} 0")
        .mark_text(align=align, dx=dx, fontSize=11, color=palette.INK)
        .encode(x="fte:Q", text="label:N")
        for side, align, dx in ((">", "left", 4), ("<", "right", -4))
    ]
    zero = alt.Chart(_data([{"x": 0}])).mark_rule(color=palette.INK, size=1).encode(x="x:Q")
    return _render(alt.layer(bars, *ends, zero), 640, 26 * len(order), "Work leaving and arriving by place")


def ranking_chart(rows: Sequence[tuple[str, float]], currency: str, noun: str) -> str:
    """Every row's saving as one thin bar, from the largest to the largest loss."""
    alt = _altair()

    ranked = sorted(rows, key=lambda r: (-r[1], r[0]))
    data = [{"rank": i, "saving": v, "kind": "saves" if v >= 0 else "pays more"} for i, (_, v) in enumerate(ranked)]
    width = 700
    scale = alt.Scale(domain=["saves", "pays more"], range=[palette.GOOD, palette.BAD])
    legend = alt.Legend(orient="top", title=None, symbolType="square", labelFontSize=12)
    bars = (
        alt.Chart(_data(data))
        .mark_bar(size=max(1.0, 0.72 * width / max(len(data), 1)) if len(data) > 8 else 40)
        .encode(
            x=alt.X("rank:Q", axis=None, scale=alt.Scale(domain=[-0.7, len(data) - 0.3], nice=False)),
            y=alt.Y("saving:Q", title=f"{currency} a year", axis=_money_axis(4)),
            color=alt.Color("kind:N", scale=scale, legend=legend),
        )
    )
    zero = alt.Chart(_data([{"y": 0}])).mark_rule(color=palette.INK, size=1).encode(y="y:Q")
    return _render(alt.layer(bars, zero), width, 170, f"Saving of each of {len(data)} {noun}, ranked")


def _altair() -> Any:
    """Import Altair only when a chart is drawn; it and pandas take most of a second."""
    return importlib.import_module("altair")


def _data(rows: list[dict[str, Any]]) -> Any:
    return _altair().Data(values=rows)


def _money_axis(ticks: int = 6) -> Any:
    return _altair().Axis(labelExpr=_UNIT_LABELS, tickCount=ticks, grid=True)


def _render(chart: Any, width: int, height: int, label: str) -> str:
    """Turn a chart into SVG text fit for the inside of an HTML page."""
    import vl_convert

    config = _config()
    finished = chart.properties(width=width, height=height).configure(**config)
    return inline_svg(vl_convert.vegalite_to_svg(finished.to_json(indent=None)), label)


def _names_axis(field: str, order: list[str]) -> Any:
    alt = _altair()
    axis = alt.Axis(labelLimit=230, ticks=False, domain=False, labelFontSize=12)
    return alt.Y(field, sort=order, title=None, axis=axis)


def _config() -> dict[str, Any]:
    """Plain axes, light grid, fonts of the reader's system."""
    axis = {
        "labelFont": _FONT,
        "titleFont": _FONT,
        "labelColor": palette.INK,
        "titleColor": palette.MUTED,
        "titleFontWeight": "normal",
        "titleFontSize": 12,
        "labelFontSize": 11,
        "gridColor": palette.GRID,
        "domainColor": palette.OTHER,
        "tickColor": palette.GRID,
    }
    return {
        "view": {"stroke": None},
        "axis": axis,
        "legend": {"labelFont": _FONT, "labelColor": palette.INK},
        "text": {"font": _FONT},
        "font": _FONT,
        "background": "transparent",
        "padding": {"left": 14, "right": 6, "top": 5, "bottom": 5},
    }


def inline_svg(svg: str, label: str) -> str:
    """Make a stand-alone SVG part of a page: no name spaces, fluid size, own ids, one accessible name."""
    from markupsafe import escape

    head, rest = re.match(r"(?s)<svg\b([^>]*)>(.*)", svg).groups()  # type: ignore[union-attr]
    box = re.search(r'viewBox="([^"]*)"', head).group(1)  # type: ignore[union-attr]
    width = box.split()[2]
    rest = re.sub(r' (?:xmlns(?::\w+)?|role|aria-[a-z]+|class|pointer-events)="[^"]*"', "", rest)
    marks = "".join(c for c in label.lower() if c.isalnum())
    rest = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{marks}-", rest)
    return (
        f'<svg viewBox="{box}" style="max-width:{float(width):.0f}px" role="img" aria-label="{escape(label)}">'
        f"<title>{escape(label)}</title>{rest}"
    )
