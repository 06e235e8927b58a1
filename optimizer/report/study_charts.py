"""The drawing of an answer: least cost as a limit moves, cost against another measure, what each rule costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.report.language import said_in, word
from optimizer.report.numbers import short, tell
from optimizer.report.study_cells import cell_text, titled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["study_chart"]

_WIDE: Final = 1000.0
_HIGH: Final = 300.0


def study_chart(answer: Mapping[str, Any], language: str = "en") -> dict[str, Any] | None:
    """What is drawn of an answer; ``None`` for kinds without a drawing, and where too little is answered.

    Parameters
    ----------
    answer : mapping
        ``designate.study/1``.
    language : str, default "en"
        One of ``LANGUAGES``.

    Returns
    -------
    dict
        ``title`` with ``lines``, or with ``bars`` as ``plan_charts`` has them.
    """
    tables, question = answer["tables"], answer["question"]
    if answer["kind"] == "curve":
        return _lines(tables.get("points") or (), "limit", str(question["over"]), language)
    if answer["kind"] == "pareto":
        others = [m for m in str(question["over"]).split(",") if m.strip() != "cost"]
        return _lines(tables.get("front") or (), others[0].strip(), others[0].strip(), language) if others else None
    if answer["kind"] == "rule_price":
        return _rules(tables.get("rules") or (), language)
    return None


def _lines(rows: Sequence[Mapping[str, Any]], column: str, name: str, language: str) -> dict[str, Any] | None:
    """The least cost over a figure, both ends: never below the one, never above the other."""
    known = [r for r in rows if r.get(column) is not None and r.get("upper") is not None]
    known.sort(key=lambda r: r[column])
    if len(known) < 2 or known[0][column] == known[-1][column]:
        return None
    first, last = float(known[0][column]), float(known[-1][column])
    lows = [r["upper"] if r["lower"] is None else r["lower"] for r in known]
    low, high = min(lows), max(r["upper"] for r in known)
    room = max(0.08 * (high - low), 0.001 * abs(high), 1.0)
    top, bottom = high + room, low - room

    def points(values: Sequence[float]) -> list[tuple[float, float]]:
        xs = (_WIDE * (r[column] - first) / (last - first) for r in known)
        return [(round(x, 1), round(_HIGH * (top - v) / (top - bottom), 1)) for x, v in zip(xs, values, strict=True)]

    upper, lower = points([r["upper"] for r in known]), points(lows)
    return {
        "title": word("Least cost a year", language),
        "lines": {"plan": _text(upper), "bound": _text(lower), "between": _text([*upper, *reversed(lower)])},
        "dots": upper,
        "top": top,
        "bottom": bottom,
        "ends": [cell_text(column, known[0][column], language), cell_text(column, known[-1][column], language)],
        "over": titled(name, language),
        "from": known[0]["upper"],
        "to": known[-1]["upper"],
    }


def _text(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _rules(rows: Sequence[Mapping[str, Any]], language: str) -> dict[str, Any] | None:
    """What would be saved without each rule: at least, and at most."""
    known = [r for r in rows if r.get("saving_lower") is not None]
    most = max((max(r["saving_lower"], r["saving_upper"] or 0.0) for r in known), default=0.0)
    if most < 0.5:
        return None
    bars = []
    for r in known:
        low, high = max(0.0, r["saving_lower"]), max(r["saving_lower"], r["saving_upper"] or 0.0, 0.0)
        told = short(low) if high - low < 0.5 else tell("{low} to {high}", low=short(low), high=short(high))
        sub = ", ".join(str(r[k]) for k in ("entity", "service") if r.get(k))
        spans = [["w", 0.0, round(100 * low / most, 2)], ["r", *(round(100 * v / most, 2) for v in (low, high - low))]]
        name = cell_text("rule", r["rule"], language)
        bars.append({"name": name, "sub": sub, "text": said_in(told, language), "spans": spans})
    keys = [["w", word("at least", language)], ["r", word("at most", language)]]
    title = word("What each rule costs a year", language)
    return {"title": title, "subtitle": title, "keys": keys, "bars": bars, "zero": 0.0, "note": "", "table": None}
