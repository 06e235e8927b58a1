"""Scenarios side by side as one HTML page: differences as intervals, measures the reader chooses, places, words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.report.language import Words, in_language, word
from optimizer.report.numbers import DASH, decimal, money, short
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


def render_comparison(answer: Answer, case: Case, language: str = "en") -> str:
    """The page of a study of scenarios.

    Parameters
    ----------
    answer : Answer
        Of kind ``scenarios``.
    case : Case
        That was asked about.
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    rows, words = answer.tables["runs"], Words(language)
    places = _places(rows)
    reach = _reach(rows)
    top = max((n for row in rows for n in (row.get("fte_by_place") or {}).values()), default=0.0) or 1.0
    return render_page(
        "compare.html.j2",
        "compare",
        language,
        title=_title(rows, case.policy.currency, words),
        lede=_lede(rows, words),
        case=case,
        bars=[_bar(row, rows[0], reach, words) for row in rows[1:]],
        scale={"least": words.figure(short(-reach)), "most": words.figure(short(reach, plus=True))},
        columns=[Column(word(c.title, language), c.shown, c.text) for c in COLUMNS],
        rows=[_row(row, places, top, words) | _base(row, rows[0], words) for row in rows],
        places=places,
        sentences=[_begun(in_language(s, language)) for s in answer.sentences],
        dash=DASH,
        version=__version__,
    )


def _begun(text: str) -> str:
    """A text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def _name(words: Words, run: str) -> str:
    """The name of a run as it begins a line."""
    return _begun(words.read(run))


def _title(rows: Sequence[Mapping[str, Any]], currency: str, words: Words) -> str:
    """What can be said at most, in a line."""
    runs = rows[1:]
    apart = [r for r in runs if r.get("told_apart")]
    if not apart:
        return words.say("No scenario can be told apart from the case as it is")
    most = max(apart, key=lambda r: abs((r["difference_lower"] + r["difference_upper"]) / 2))
    name = _name(words, most["run"])
    text = "{run}: {currency} {amount} a year less"
    if most["difference_lower"] > 0:
        text = "{run}: {currency} {amount} a year more"
    one = words.say(text, run=name, currency=currency, amount=_ends(most, words))
    if len(apart) == 1:
        return one
    return words.say("{one}; {n} of {of} scenarios can be told apart", one=one, n=len(apart), of=len(runs))


def _ends(row: Mapping[str, Any], words: Words) -> str:
    """Both ends of a difference without its sign, rounded outwards to what its width lets be said."""
    low, high = sorted((abs(row["difference_lower"]), abs(row["difference_upper"])))
    if high - low <= CLOSED:
        return words.figure(money(high))
    step = max(1.0, 10.0 ** math.floor(math.log10((high - low) / 10)))
    make = short if step >= (1e5 if high >= 1e6 else 1e3) else money  # shortened only where that rounds no further
    ends = (make(math.floor(low / step) * step), make(math.ceil(high / step) * step))
    return words.say("{low} to {high}", low=words.figure(ends[0]), high=words.figure(ends[1]))


def _lede(rows: Sequence[Mapping[str, Any]], words: Words) -> str:
    counts = {s: sum(r["status"] == s for r in rows) for s in _COUNTED}
    found = ", ".join(f"{n} {words.say(_COUNTED[s])}" for s, n in counts.items() if n)
    text = "{n} scenarios and the case as it is, each searched alone and then with what the others found: {found}."
    if len(rows) == 2:
        text = "{n} scenario and the case as it is, each searched alone and then with what the other found: {found}."
    return words.say(text, n=len(rows) - 1, found=found)


_COUNTED: Final = {
    "proven": "proven to the cent",
    "bounded": "between two ends",
    "impossible": "without any plan (proven)",
    "not answered": "not answered",
}
"""Statuses of runs where they are counted."""


def _reach(rows: Sequence[Mapping[str, Any]]) -> float:
    """Half the width of the chart, money a year."""
    ends = [abs(r[k]) for r in rows for k in ("difference_lower", "difference_upper") if r[k] is not None]
    return max(ends, default=1.0) or 1.0


def _bar(row: Mapping[str, Any], base: Mapping[str, Any], reach: float, words: Words) -> dict[str, str]:
    """One run beside the base: its interval on the scale, and what may be said of it."""
    name, low, high = _name(words, row["run"]), row["difference_lower"], row["difference_upper"]
    if row["status"] == "impossible":
        return {
            "name": name,
            "svg": _svg("", ""),
            "said": words.say("no plan keeps every rule"),
            "tone": "bad",
            "span": "",
        }
    if low is None or high is None:
        said = words.say("not answered" if row["upper"] is None else "not known how near")
        return {"name": name, "svg": _svg("", ""), "said": said, "tone": "mut", "span": ""}
    tone = "mut" if not row["told_apart"] else "bad" if low > 0 else "ok"
    kind = {"mut": "none", "bad": "more", "ok": "less"}[tone]
    left, right = _x(low, reach), _x(high, reach)
    wide = max(right - left, 4.0)
    band = f'<rect class="{kind}" x="{min(left, WIDTH - wide):.1f}" y="4" width="{wide:.1f}" height="16" rx="2"/>'
    at = _x(row["upper"] - base["upper"], reach)
    mark = f'<line class="pt" x1="{at:.1f}" x2="{at:.1f}" y1="2" y2="22"/>'
    same = high - low <= CLOSED and abs(high) <= CLOSED
    between = "" if row["told_apart"] or same else _span(row, words)
    drawn = _svg(band + mark, _label(row, words))
    return {"name": name, "svg": drawn, "said": _chip(row, words), "tone": tone, "span": between}


def _span(row: Mapping[str, Any], words: Words) -> str:
    """Both ends of a difference that may be either way, with their signs."""
    low, high = row["difference_lower"], row["difference_upper"]
    step = max(1.0, 10.0 ** math.floor(math.log10(max(high - low, CLOSED) / 10)))
    ends = (short(math.floor(low / step) * step, plus=True), short(math.ceil(high / step) * step, plus=True))
    return words.say("{low} to {high}", low=words.figure(ends[0]), high=words.figure(ends[1]))


def _chip(row: Mapping[str, Any], words: Words) -> str:
    """The difference in words: as far apart as is known, or that nothing tells the two apart."""
    low, high = row["difference_lower"], row["difference_upper"]
    if high - low <= CLOSED and abs(high) <= CLOSED:
        return words.say("the same")
    if not row["told_apart"]:
        return words.say("not distinguishable")
    return words.say("{amount} more" if low > 0 else "{amount} less", amount=_ends(row, words))


def _x(value: float, reach: float) -> float:
    return WIDTH * (0.5 + 0.5 * value / reach)


def _label(row: Mapping[str, Any], words: Words) -> str:
    low, high = (money(row[k]) for k in ("difference_lower", "difference_upper"))
    return words.say("between {low} and {high}", low=low, high=high)


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


def _base(row: Mapping[str, Any], base: Mapping[str, Any], words: Words) -> dict[str, str]:
    """The run without a change has no name of its own."""
    return {"name": words.say("The case as it is")} if row is base else {}


def _row(row: Mapping[str, Any], places: Sequence[str], top: float, words: Words) -> dict[str, Any]:
    """A run; bars of all runs have one scale, of which ``top`` FTE are the whole."""
    fte = row.get("fte_by_place") or {}
    at = "; ".join(f"{k.removeprefix('at ')} {v}" for k, v in row.items() if k.startswith("at "))
    cells = [words.figure(c.text(row)) for c in COLUMNS[1:]]
    shares = [(fte.get(p, 0.0), 100 * fte.get(p, 0.0) / top) for p in places] if fte else []
    return {
        "name": _name(words, row["run"]),
        "at": at,
        "cells": [word(COLUMNS[0].text(row), words.language), *cells],
        "fte": [{"text": words.figure(decimal(n, 1)), "share": f"{part:.1f}", "none": not n} for n, part in shares],
    }
