"""Plots of a results file: performance profile, gap over time, growth with size."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from benchmarks.resolve import FAMILY as RESOLVE
from benchmarks.rows import Row, distance
from benchmarks.targets import GROWTH, GROWTH_GAP, time_to_gap
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
GUIDE = f"pairs^{GROWTH}"
GROWING = (f"seconds to a proven gap of {GROWTH_GAP:.0%}", "seconds to the first plan", "peak memory, MB")


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
    ticks = alt.Axis(values=[m * 10**k for k in range(6) for m in (1, 2, 5)], format="~s")
    x = alt.X("ratio:Q", scale=alt.Scale(type="log", nice=False), axis=ticks, title="times the quickest one's seconds")
    y = alt.Y(
        "share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5), title="share of instances"
    )
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
    """Proven gap by seconds: of each family the instance that most backends ran, the hardest of those."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for r in rows:
        if r["trace"] and r["family"] != RESOLVE:
            groups.setdefault((r["family"], r["instance"], r["problem"]), []).append(r)
    hard = sorted(groups, key=lambda k: (len(groups[k]), _hardness(groups[k])), reverse=True)
    chosen: dict[str, tuple[Any, ...]] = {}
    for key in hard:
        chosen.setdefault(key[0], key)
    order = sorted(chosen.values(), key=lambda k: -_hardness(groups[k]))
    panels = [p for p in ([d for r in groups[key] for d in _gaps(r)] for key in order) if p][:MOST_FACETS]
    if not panels:
        return None
    alt, everything = _altair(), [d for p in panels for d in p]
    ticks = alt.Axis(values=[0, 0.001, 0.01, 0.1, 1], format=".1~%")
    y = alt.Y("gap:Q", scale=alt.Scale(type="symlog", constant=0.001, domain=[0, 1]), axis=ticks, title="proven gap")
    charts = []
    for data in panels:
        times = [d["seconds"] for d in data]
        span = alt.Scale(type="log", nice=False, domain=[min(0.5, *times), max(10.0, *times)])
        x = alt.X("seconds:Q", scale=span, axis=_powers("seconds"))
        ends = list(
            {d["backend"]: d for d in data}.values()
        )  # the last of each: all there is of those that report late
        line = alt.Chart(alt.Data(values=data)).mark_line(interpolate="step-after")
        dot = alt.Chart(alt.Data(values=ends)).mark_circle(size=45, opacity=1)
        both = [c.encode(x=x, y=y, color=_colour(everything)) for c in (line, dot)]
        charts.append(alt.layer(*both, title=data[0]["instance"]).properties(width=280, height=180))
    return alt.concat(*charts, columns=2)


def _hardness(rows: Sequence[Row]) -> float:
    """Seconds given times pairs."""
    return max(float(r["limit_s"]) * (r["pairs"] or 0) for r in rows)


def _gaps(row: Row) -> list[dict[str, Any]]:
    sense = -1 if row["problem"] == "gap-max" else 1
    label = f"{row['family']}/{row['instance']}" if row["family"] != row["instance"] else row["instance"]
    found = [(s, gap(plan, bound, sense)) for s, plan, bound in row["trace"]]
    points = [(max(s, 0.1), min(g, 1.0)) for s, g in found if g is not None]
    if points:
        points.append((max(row["time_total"], 0.1), points[-1][1]))
    return [{"instance": label, "backend": row["backend"], "seconds": s, "gap": g} for s, g in points]


def growth(rows: Sequence[Row]) -> Any | None:
    """Seconds to a proven gap, to the first plan, and peak memory by number of eligible pairs."""
    data = []
    for r in rows:
        if r["family"] != "scaling" or not r["pairs"] or r["objective"] is None:
            continue
        figures = (time_to_gap(r, GROWTH_GAP), r["time_to_first"], r["peak_rss_mb"])
        for what, value in zip(GROWING, figures, strict=True):
            if value:
                data.append({"backend": r["backend"], "pairs": r["pairs"], "what": what, "value": value})
    if len({d["pairs"] for d in data}) < 2:
        return None
    alt = _altair()
    data += _guide(data)
    sizes = [d["pairs"] for d in data]
    span = alt.Scale(type="log", domain=[min(sizes) / 2, max(sizes) * 2])
    x = alt.X("pairs:Q", scale=span, axis=_powers("eligible pairs"))
    y = alt.Y("value:Q", scale=alt.Scale(type="log"), axis=_powers(None))
    parts = []
    for what in GROWING:
        mine = [d for d in data if d["what"] == what]
        base = alt.Chart(alt.Data(values=[d for d in mine if d["backend"] != GUIDE]))
        shown = base.mark_line(point=alt.OverlayMarkDef(size=50)).encode(x=x, y=y, color=_colour(data))
        guide = alt.Chart(alt.Data(values=[d for d in mine if d["backend"] == GUIDE]))
        dashed = guide.mark_line(strokeDash=[5, 4]).encode(x=x, y=y, color=_colour(data))
        parts.append((shown + dashed).properties(width=230, height=220, title=what))
    return alt.hconcat(*parts).resolve_scale(y="independent")


def _guide(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line of slope ``GROWTH`` through the engine's smallest size of each figure, to compare with."""
    out = []
    for what in dict.fromkeys(d["what"] for d in data):
        mine = sorted((d for d in data if d["what"] == what and d["backend"] == "engine"), key=lambda d: d["pairs"])
        if len(mine) > 1:
            first, last = mine[0], mine[-1]["pairs"]
            end = first["value"] * (last / first["pairs"]) ** GROWTH
            ends = ((first["pairs"], first["value"]), (last, end))
            out += [{"backend": GUIDE, "pairs": n, "what": what, "value": v} for n, v in ends]
    return out


def _powers(title: str | None) -> Any:
    """An axis with powers of ten alone."""
    return _altair().Axis(values=[10.0**k for k in range(-3, 12)], format="~s", title=title)


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


def draw(chart: Any, stem: Path, forms: Sequence[str] = ("svg", "png")) -> list[Path]:
    """Render a chart without a browser or network, in one file for each form."""
    converter: Any = importlib.import_module("vl_convert")
    spec, files = chart.to_json(), [stem.with_suffix(f".{form}") for form in forms]
    for file in files:
        if file.suffix == ".svg":
            file.write_text(converter.vegalite_to_svg(spec), encoding="utf-8")
        else:
            file.write_bytes(converter.vegalite_to_png(spec, scale=2))
    return files


PLOTS: dict[str, tuple[str, Callable[[Sequence[Row]], Any | None]]] = {
    "profile": ("Performance profile", performance_profile),
    "gap": ("Gap over time", gap_over_time),
    "growth": ("Growth with size", growth),
}
"""File name to title and maker; a maker answers ``None`` when the rows hold nothing to draw."""
