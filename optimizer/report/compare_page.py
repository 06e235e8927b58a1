"""Scenarios side by side as one HTML page: differences as intervals, measures the reader chooses, places, words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.report.figures import DASH, decimal, money, short
from optimizer.report.pages import render_page
from optimizer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from optimizer.domain.answer import Answer
    from optimizer.domain.case import Case

__all__ = ["render_comparison"]

MOST_PLACES: Final = 12
"""Duty stations shown, those with most work first."""
WIDTH: Final = 1000.0
CLOSED: Final = 0.01
"""Ends no more than this apart, money a year, are one figure."""


@dataclass(frozen=True, slots=True)
class Column:
    """A measure of the table: its title, whether it is shown at first, and its text in a row."""

    title: str
    shown: bool
    text: Callable[[Mapping[str, Any]], str]


def _figure(key: str, make: Callable[[float], str]) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: DASH if row.get(key) is None else make(float(row[key]))


def _whole(value: float) -> str:
    return decimal(value, 0)


def _term(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: DASH if not row.get("cost") else money(float(row["cost"][name]))


_STATUS: Final = {"bounded": "plan found", "impossible": "no plan (proven)"}
"""Statuses of runs as a reader wants them; the others are plain words."""

COLUMNS: Final = (
    Column("Status", True, lambda row: _STATUS.get(row["status"], row["status"])),
    Column("Cost at least", False, _figure("lower", money)),
    Column("Cost of the plan", True, _figure("upper", money)),
    Column("Saving", True, _figure("saving", money)),
    Column("One-off cost", True, _figure("one_off", money)),
    Column("Moves", True, _figure("moves", _whole)),
    Column("Offices worse served", True, _figure("worse_off", _whole)),
    Column("Offices that pay more", False, _figure("dearer", _whole)),
    Column("Secretariat sites open", True, _figure("centres", _whole)),
    Column("Share of agencies", False, _figure("agency_share", lambda v: f"{100 * v:.1f}%")),
    Column("Service cost", False, _term("service")),
    Column("Site cost", False, _term("site")),
    Column("Distance cost", False, _term("distance")),
    Column("Overlap cost", False, _term("overlap")),
    Column("Language cost", False, _term("language")),
    Column("Transition, a year", False, _term("transition_annualised")),
)


def render_comparison(answer: Answer, case: Case) -> str:
    """The page of a study of scenarios.

    Parameters
    ----------
    answer : Answer
        Of kind ``scenarios``.
    case : Case
        That was asked about.
    """
    rows = answer.tables["runs"]
    places = _places(rows)
    reach = _reach(rows)
    return render_page(
        "compare.html.j2",
        "compare",
        title=_title(rows, case.policy.currency),
        lede=_lede(rows),
        case=case,
        bars=[_bar(row, rows[0], reach) for row in rows[1:]],
        scale={"least": short(-reach), "most": short(reach, plus=True)},
        columns=COLUMNS,
        rows=[_row(row, places) for row in rows],
        places=places,
        sentences=[str(s) for s in answer.sentences],
        version=__version__,
    )


def _title(rows: Sequence[Mapping[str, Any]], currency: str) -> str:
    """What can be said at most, in a line."""
    runs = rows[1:]
    told = [r for r in runs if r.get("told_apart")]
    if not told:
        return "No scenario can be told apart from the case as it is"
    worst = max(told, key=lambda r: abs((r["difference_lower"] + r["difference_upper"]) / 2))
    how = "more" if worst["difference_lower"] > 0 else "less"
    name = worst["run"][:1].upper() + worst["run"][1:]
    rest = "" if len(told) == 1 else f"; {len(told)} of {len(runs)} scenarios can be told apart"
    return f"{name}: {currency} {_ends(worst)} a year {how}{rest}"


def _ends(row: Mapping[str, Any]) -> str:
    """Both ends of a difference without its sign, rounded outwards to what its width lets be said."""
    low, high = sorted((abs(row["difference_lower"]), abs(row["difference_upper"])))
    if high - low <= CLOSED:
        return money(high)
    step = max(1.0, 10.0 ** math.floor(math.log10((high - low) / 10)))
    make = short if step >= (1e5 if high >= 1e6 else 1e3) else money  # shortened only where that rounds no further
    return f"{make(math.floor(low / step) * step)} to {make(math.ceil(high / step) * step)}"


def _lede(rows: Sequence[Mapping[str, Any]]) -> str:
    counts = {s: sum(r["status"] == s for r in rows) for s in ("proven", "bounded", "impossible", "not answered")}
    words = {
        "proven": "proven to the cent",
        "bounded": "between two ends",
        "impossible": "without any plan (proven)",
        "not answered": "not answered",
    }
    told = ", ".join(f"{n} {words[s]}" for s, n in counts.items() if n)
    how = "each searched alone and then with what the others found"
    return f"{len(rows) - 1} scenarios and the case as it is, {how}: {told}."


def _reach(rows: Sequence[Mapping[str, Any]]) -> float:
    """Half the width of the chart, money a year."""
    ends = [abs(r[k]) for r in rows for k in ("difference_lower", "difference_upper") if r[k] is not None]
    return max(ends, default=1.0) or 1.0


def _bar(row: Mapping[str, Any], base: Mapping[str, Any], reach: float) -> dict[str, str]:
    low, high = row["difference_lower"], row["difference_upper"]
    if row["status"] == "impossible":
        return {"name": row["run"], "svg": _svg("", ""), "said": "no plan keeps every rule", "tone": "bad"}
    if low is None or high is None:
        said = "not answered" if row["upper"] is None else "not known how near"
        return {"name": row["run"], "svg": _svg("", ""), "said": said, "tone": "mut"}
    tone = "mut" if not row["told_apart"] else "bad" if low > 0 else "ok"
    kind = {"mut": "none", "bad": "more", "ok": "less"}[tone]
    left, right = _x(low, reach), _x(high, reach)
    wide = max(right - left, 4.0)
    band = f'<rect class="{kind}" x="{left:.1f}" y="4" width="{wide:.1f}" height="16" rx="2"/>'
    same = high - low <= CLOSED and abs(high) <= CLOSED
    apart = f"{_ends(row)} {'more' if low > 0 else 'less'}"
    said = "the same" if same else apart if row["told_apart"] else "not told apart"
    at = _x(row["upper"] - base["upper"], reach)
    mark = f'<line class="pt" x1="{at:.1f}" x2="{at:.1f}" y1="2" y2="22"/>'
    return {"name": row["run"], "svg": _svg(band + mark, _label(row)), "said": said, "tone": tone}


def _x(value: float, reach: float) -> float:
    return WIDTH * (0.5 + 0.5 * value / reach)


def _label(row: Mapping[str, Any]) -> str:
    return f"between {money(row['difference_lower'])} and {money(row['difference_upper'])}"


def _svg(inner: str, label: str) -> str:
    """Drawing made of numbers alone, with its words for those who do not see it."""
    zero = f'<line class="zero" x1="{WIDTH / 2}" x2="{WIDTH / 2}" y1="0" y2="24"/>'
    told = f'role="img" aria-label="{label}"' if label else 'aria-hidden="true"'
    return f'<svg class="iv" viewBox="0 0 {WIDTH:.0f} 24" preserveAspectRatio="none" {told}>{inner}{zero}</svg>'


def _places(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    most: dict[str, float] = {}
    for row in rows:
        for place, fte in (row.get("fte_by_place") or {}).items():
            most[place] = max(most.get(place, 0.0), fte)
    return sorted(most, key=lambda p: (-most[p], p))[:MOST_PLACES]


def _row(row: Mapping[str, Any], places: Sequence[str]) -> dict[str, Any]:
    fte = row.get("fte_by_place") or {}
    top = max(fte.values(), default=0.0) or 1.0
    at = "; ".join(f"{k.removeprefix('at ')} {v}" for k, v in row.items() if k.startswith("at "))
    return {
        "name": row["run"],
        "at": at,
        "cells": [c.text(row) for c in COLUMNS],
        "fte": [{"text": decimal(fte.get(p, 0.0), 1), "share": f"{100 * fte.get(p, 0.0) / top:.1f}"} for p in places]
        if fte
        else [],
    }
