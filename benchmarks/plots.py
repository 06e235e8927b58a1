"""Plots of a results file: performance profile, gap over time, growth with size."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from benchmarks.rows import Row, distance
from benchmarks.task import PEERS
from benchmarks.trace import gap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["PLOTS", "draw"]

COLOURS = {"engine": "#d62728", "highs": "#1f77b4", "cbc": "#8c564b", "cpsat": "#2ca02c", "scip": "#9467bd"}
CLOSE = 0.001
"""A plan this near to the reference counts as found in the profile."""
MOST_FACETS = 6


def performance_profile(rows: Sequence[Row]) -> Any | None:
    """Share of instances with a plan within 0.1 % of the reference, by multiples of the quickest one's seconds.

    Instances that nobody gets that near are left out; one that a backend refuses it has not found.
    """
    groups: dict[tuple[Any, ...], dict[str, float | None]] = {}
    for r in rows:
        if r["reference"] is not None:
            groups.setdefault((r["family"], r["instance"], r["problem"]), {})[r["backend"]] = _time_to(r)
    groups = {k: v for k, v in groups.items() if len(v) > 1 and any(t is not None for t in v.values())}
    if not groups:
        return None
    ratios: dict[str, list[float]] = {}
    for times in groups.values():
        quickest = max(min(t for t in times.values() if t is not None), 0.01)
        for backend, took in times.items():
            ratios.setdefault(backend, [])
            if took is not None:
                ratios[backend].append(max(took, 0.01) / quickest)
    data = _steps(ratios, {b: sum(b in v for v in groups.values()) for b in ratios})
    alt = _altair()
    x = alt.X("ratio:Q", scale=alt.Scale(type="log"), title="times the quickest one's seconds")
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"), title="share of instances")
    return _lines(data, "step-after", x, y, len(groups))


def _steps(ratios: dict[str, list[float]], tried: dict[str, int]) -> list[dict[str, Any]]:
    end = max((r for values in ratios.values() for r in values), default=1.0) * 1.5
    data = []
    for backend, values in ratios.items():
        points = [1.0, *sorted(values), end]
        data += [
            {"backend": backend, "ratio": x, "share": sum(v <= x for v in values) / max(tried[backend], 1)}
            for x in points
        ]
    return data


def _time_to(row: Row) -> float | None:
    """Seconds to a plan within ``CLOSE`` of the reference."""
    sense = -1 if row["problem"] == "gap-max" else 1
    for seconds, plan, _ in row["trace"]:
        away = distance(plan, row["reference"], sense)
        if away is not None and away <= CLOSE:
            return float(seconds)
    return None


def gap_over_time(rows: Sequence[Row]) -> Any | None:
    """Proven gap by seconds, for the hardest instances."""
    hard: dict[tuple[Any, ...], list[Row]] = {}
    for r in rows:
        if r["trace"]:
            hard.setdefault((r["family"], r["instance"], r["problem"]), []).append(r)
    order = sorted(hard, key=lambda k: -max(float(r["limit_s"]) * (r["pairs"] or 0) for r in hard[k]))
    data = [d for key in order[:MOST_FACETS] for r in hard[key] for d in _gaps(r)]
    if not data:
        return None
    alt = _altair()
    x = alt.X("seconds:Q", scale=alt.Scale(type="log", nice=False), title="seconds")
    ticks = alt.Axis(values=[0, 0.001, 0.01, 0.1, 1], format="~%")
    y = alt.Y("gap:Q", scale=alt.Scale(type="symlog", constant=0.001, domain=[0, 1]), axis=ticks, title="proven gap")
    chart = alt.Chart(alt.Data(values=data)).mark_line(interpolate="step-after")
    shown = chart.encode(x=x, y=y, color=_colour(data)).properties(width=280, height=180)
    return shown.facet(facet=alt.Facet("instance:N", title=None), columns=2).resolve_scale(x="independent")


def _gaps(row: Row) -> list[dict[str, Any]]:
    sense = -1 if row["problem"] == "gap-max" else 1
    label = f"{row['family']}/{row['instance']}" if row["family"] != row["instance"] else row["instance"]
    found = [(s, gap(plan, bound, sense)) for s, plan, bound in row["trace"]]
    points = [(max(s, 0.1), min(g, 1.0)) for s, g in found if g is not None]
    if points:
        points.append((max(row["time_total"], 0.1), points[-1][1]))
    return [{"instance": label, "backend": row["backend"], "seconds": s, "gap": g} for s, g in points]


def growth(rows: Sequence[Row]) -> Any | None:
    """Seconds to the first plan and peak memory by number of eligible pairs."""
    data = []
    for r in rows:
        if r["family"] != "scaling" or not r["pairs"] or r["objective"] is None:
            continue
        for what, value in (("seconds to the first plan", r["time_to_first"]), ("peak memory, MB", r["peak_rss_mb"])):
            if value:
                data.append({"backend": r["backend"], "pairs": r["pairs"], "what": what, "value": value})
    if len({d["pairs"] for d in data}) < 2:
        return None
    alt = _altair()
    x = alt.X("pairs:Q", scale=alt.Scale(type="log"), title="eligible pairs")
    y = alt.Y("value:Q", scale=alt.Scale(type="log"), title=None)
    shown = alt.Chart(alt.Data(values=data)).mark_line(point=True).encode(x=x, y=y, color=_colour(data))
    facet = alt.Facet("what:N", title=None)
    return shown.properties(width=280, height=220).facet(facet=facet, columns=2).resolve_scale(y="independent")


def _lines(data: list[dict[str, Any]], form: str, x: Any, y: Any, instances: int) -> Any:
    alt = _altair()
    chart = alt.Chart(alt.Data(values=data)).mark_line(interpolate=form)
    title = f"plans within {CLOSE:.1%} of the reference, {instances} instances"
    return chart.encode(x=x, y=y, color=_colour(data)).properties(width=560, height=320, title=title)


def _colour(data: list[dict[str, Any]]) -> Any:
    alt = _altair()
    there = {d["backend"] for d in data}
    names = [b for b in PEERS if b in there] + sorted(there - set(PEERS))
    colours = [COLOURS.get(b, "#7f7f7f") for b in names]
    return alt.Color("backend:N", scale=alt.Scale(domain=names, range=colours), title=None)


def _altair() -> Any:
    """Loaded when a plot is drawn; it takes a second."""
    return importlib.import_module("altair")


def draw(chart: Any, stem: Path) -> list[Path]:
    """Render a chart as SVG and PNG without a browser or network."""
    converter: Any = importlib.import_module("vl_convert")
    spec = chart.to_json()
    svg, png = stem.with_suffix(".svg"), stem.with_suffix(".png")
    svg.write_text(converter.vegalite_to_svg(spec), encoding="utf-8")
    png.write_bytes(converter.vegalite_to_png(spec, scale=2))
    return [svg, png]


PLOTS: dict[str, tuple[str, Callable[[Sequence[Row]], Any | None]]] = {
    "profile": ("Performance profile", performance_profile),
    "gap": ("Gap over time", gap_over_time),
    "growth": ("Growth with size", growth),
}
"""File name to title and maker; a maker answers ``None`` when the rows hold nothing to draw."""
