"""The drawings of a plan for pages: figures, words and lines as they are put down, in one language.

They are the report's own, as values: a page draws bars and lines in rows and boxes of its own, so that text keeps its
size on a telephone, and colours them by class.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.steady import is_over_time
from optimizer.report.blocks import Bars, Figure, Table
from optimizer.report.language import said_in, word
from optimizer.report.money import cost_section
from optimizer.report.naming import Names, clean
from optimizer.report.network import centres_section, load_bars, map_section
from optimizer.report.search_chart import Reading, chart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.report.blocks import Cell, Section

__all__ = ["CHARTS", "VERSION", "plan_charts"]

VERSION: Final = 1
"""Of what is kept: another one is made anew."""
CHARTS: Final = ("map", "centres", "saving", "course")
"""Drawings that a plan can have, in the order in which they are shown."""


def plan_charts(
    plan: dict[str, Any], case: Case, course: Sequence[Reading] = (), language: str = "en"
) -> dict[str, dict[str, Any]]:
    """Every drawing that a plan has, by its name in ``CHARTS``.

    Parameters
    ----------
    plan : dict
        ``designate.plan/1``; plans over time and those that serve nothing have none.
    case : Case
    course : sequence of Reading
        Of the search, oldest first.
    language : str, default "en"
        One of ``LANGUAGES``.

    Returns
    -------
    dict
        ``title``, ``lede``, ``note``, ``keys``, ``table`` of each; a map has its ``svg``, bars have ``bars``, the
        course has its ``course``.
    """
    if is_over_time(plan) or plan["cost"] is None:
        return {}
    names = Names(case)
    found: dict[str, dict[str, Any]] = {"map": _of_section(map_section(plan, case), language)}
    if any(s["effort_fte"] > 0 for s in plan["sites"]):
        centres = centres_section(plan, case, names)
        found["centres"] = _of_section(dataclasses.replace(centres, blocks=centres.blocks[:1]), language)
        found["centres"] |= _bars(load_bars(plan, case, names), language)
        found["centres"]["table"]["note"] = ""  # it tells of bars that stand apart here
    saving = cost_section(plan, case)
    if saving is not None and any(isinstance(b, Bars) for b in saving.blocks):
        found["saving"] = _of_section(saving, language)
    drawn = chart(_to_the_end(course, plan["bounds"]), None)
    if drawn is not None:
        found["course"] = {"course": dataclasses.asdict(drawn), "currency": plan["run"]["currency"]}
    return found


def _to_the_end(course: Sequence[Reading], bounds: Mapping[str, Any]) -> list[Reading]:
    """The course with what was stated and checked at its end, whatever was reported on the way."""
    last = course[-1].elapsed_s if course else 0.0
    return [*course, Reading(last, bounds["objective"], bounds["best_bound"])]


def _of_section(section: Section, language: str) -> dict[str, Any]:
    """A section's heading and sentence, its drawing, and its table beneath that."""
    out: dict[str, Any] = {"title": word(section.title, language), "lede": said_in(section.lede, language)}
    out["table"] = None  # a map on which nothing flows has none
    for block in section.blocks:
        if isinstance(block, Figure):
            keys = [[kind, word(words, language)] for kind, words in block.keys]
            out |= {"svg": block.drawn(language), "note": said_in(block.note, language), "keys": keys}
        elif isinstance(block, Bars):
            out |= _bars(block, language)
        elif isinstance(block, Table):
            out["table"] = _table(block, language)
    return out


def _bars(bars: Bars, language: str) -> dict[str, Any]:
    used = {s.kind for row in bars.rows for s in row.spans}
    rows = [
        {
            "name": clean(said_in(row.name, language)),
            "sub": clean(said_in(row.sub, language)),
            "text": said_in(row.text, language),
            "spans": [[s.kind, *_ends(bars, s.start, s.end)] for s in row.spans],
        }
        for row in bars.rows
    ]
    return {
        "bars": rows,
        "zero": round(bars.place(0), 2),
        "subtitle": word(bars.title, language),
        "note": word(bars.note, language) if bars.note else "",
        "keys": [[kind, word(words, language)] for kind, words in bars.keys if kind in used],
    }


def _ends(bars: Bars, start: float, end: float) -> tuple[float, float]:
    """Where a span begins, and how wide it is, in hundredths of the scale."""
    low, high = sorted((bars.place(start), bars.place(end)))
    return round(low, 2), round(high - low, 2)


def _table(table: Table, language: str) -> dict[str, Any]:
    """A table as texts; columns that hold nothing but bars are left out."""
    shown = [i for i, _ in enumerate(table.columns) if any(_texts(r[i], language)[0] for r in table.rows)]
    columns = [[word(table.columns[i].title, language), table.columns[i].numeric] for i in shown]
    return {
        "title": word(table.title, language),
        "note": word(table.note, language) if table.note else "",
        "columns": columns,
        "rows": [[_texts(row[i], language) for i in shown] for row in table.rows],
    }


def _texts(cell: Cell | str, language: str) -> list[str]:
    """Text of a cell, and its second line."""
    if isinstance(cell, str):
        return [clean(said_in(cell, language)), ""]
    return [clean(said_in(cell.text, language)), clean(said_in(cell.sub, language))]
