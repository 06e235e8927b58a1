"""What a plan comes to under uncertain assumptions, as a section of its report."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.steady import is_over_time
from optimizer.report.blocks import Block, Cell, Column, Figure, Row, Section, Table
from optimizer.report.numbers import DASH, count, joined, money, percent, plain_figure, short, tell
from optimizer.report.ranges_words import MEASURE_WORDS, becomes_words, measure_text, range_words, row_name
from optimizer.report.time.cash import money_scale
from optimizer.report.time.drawing import axis, canvas, key, safe
from optimizer.report.time.periods import Periods
from optimizer.report.wording import humanise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["range_section"]

_BARS: Final = 12
"""Rows that the tornado draws; the table has all."""


def range_section(told: Mapping[str, Any], plan: Mapping[str, Any]) -> Section:
    """The range of a plan: figures, cash curve, tornado, thresholds, decisions.

    Parameters
    ----------
    told : mapping
        ``designate.range/1``.
    plan : mapping
        The document of the plan that is held.
    """
    blocks: list[Block] = [_spread_table(told)]
    if told["cash"] and is_over_time(plan):
        note = "Saving less one-off cost as it is paid, added up. The band holds four of five samples."
        blocks.append(Figure(partial(_band, told, Periods(plan)), "When it pays back, with its range", note))
    if any(s["swing"] for s in told["tornado"]):
        blocks.append(_tornado(told))
    if told["thresholds"]:
        blocks.append(_thresholds(told))
    if told["broken_rules"]:
        blocks.append(_rules(told))
    if told["reoptimised"] is not None:
        blocks.append(_decisions(told))
    return Section("range", "If the assumptions are not right", range_words(told), blocks)


def _spread_table(told: Mapping[str, Any]) -> Table:
    unit = told["currency"]
    rows: list[Row] = []
    for name, words in MEASURE_WORDS.items():
        found = told[name]
        parts = (measure_text(name, found[part]) for part in ("planned", "p10", "p50", "p90"))
        named = tell(words) if name == "break_even" else tell("{name}, {unit}", name=tell(words), unit=unit)
        rows.append([named, *parts])
    heads = ("As planned", "P10", "P50", "P90")
    note = "P10: a tenth of the samples lies below it; P90: a tenth lies above."
    columns = (Column("Figure"), *(Column(h, numeric=True) for h in heads))
    return Table(columns, rows, "figures", "Figures with their range", note=note)


def _band(told: Mapping[str, Any], when: Periods, language: str) -> str:
    """The cumulative curve between P10 and P90, with the plan's own."""
    cash = told["cash"]
    lines = {part: [0.0, *(row["paid"][part] or 0.0 for row in cash)] for part in ("planned", "p10", "p50", "p90")}
    every = [v for values in lines.values() for v in values]
    marks = money_scale(min(every), max(every))
    low, high = marks[0], marks[-1]

    def points(values: Sequence[float]) -> list[str]:
        return [f"{100 * k / len(cash):.2f},{100 * (high - v) / (high - low):.2f}" for k, v in enumerate(values)]

    band = f'<path class="c-band" d="M{"L".join([*points(lines["p10"]), *reversed(points(lines["p90"]))])}Z"/>'
    drawn = f'<path class="c-plain" d="M{"L".join(points(lines["planned"]))}"/>'
    middle = f'<path class="c-worth" d="M{"L".join(points(lines["p50"]))}"/>'
    level = {m: 100 * (high - m) / (high - low) for m in marks}
    grid = "".join(f'<path class="{"g" if m else "z"}" d="M0,{y:.2f}H100"/>' for m, y in level.items())
    end = cash[-1]["paid"]
    figures = {name: short(end[name]) for name in ("planned", "p10", "p90")}
    label = tell("At the end {planned} as planned, P10 {p10}, P90 {p90}", **figures)
    names = "".join(f'<span style="top:{y:.2f}%">{safe(short(m), language)}</span>' for m, y in level.items())
    planned = tell("as planned, {currency}", currency=told["currency"])
    legend = key(("k-plain", planned), ("k-worth", "P50"), ("k-band", tell("P10 to P90")), language=language)
    drawing = canvas(band + grid + drawn + middle, label, when, "curve", language=language)
    return (
        f'{legend}<div class="plot"><div class="levels" aria-hidden="true">{names}</div>'
        f'<div class="lane">{drawing}</div><span></span>{axis(when)}</div>'
    )


def _tornado(told: Mapping[str, Any]) -> Table:
    """Each row at its two ends: net present value, and rules that the plan then breaks."""
    rows: list[Row] = []
    most = max(s["swing"] or 0.0 for s in told["tornado"])
    for swing in told["tornado"]:
        row = told["rows"][swing["row"] - 1]
        share = (swing["swing"] or 0.0) / most
        rows.append(
            [
                row_name(row),
                tell("{low} … {high}", low=plain_figure(row["low"]), high=plain_figure(row["high"])),
                *(_end(swing[side]) for side in ("low", "high")),
                Cell(money(swing["swing"]), shade=round(0.4 * share, 3)),
            ]
        )
    columns = (
        Column("Assumption", wide=True),
        Column("Range", code=True),
        Column("Net present value at its low end", numeric=True),
        Column("Net present value at its high end", numeric=True),
        Column("Distance", numeric=True),
    )
    note = "All other figures are as planned. Rules are named that the plan breaks there."
    return Table(columns, rows, "assumptions", "One assumption at a time", first=_BARS, note=note)


def _end(end: Mapping[str, Any]) -> Cell:
    if not end["valid"]:
        return Cell(DASH, sub=tell("no valid case"))
    tone: Any = "bad" if (end["npv"] or 0.0) < 0 else ""
    return Cell(money(end["npv"], plus=True), sub=_rule_names(end["broken"]), tone=tone)


def _rule_names(rules: Sequence[str]) -> str:
    """Names of rules in one text."""
    return joined((tell(humanise(rule)) for rule in rules), "{first}, {second}") if rules else ""


def _thresholds(told: Mapping[str, Any]) -> Table:
    rows: list[Row] = []
    for at in told["thresholds"]:
        row = told["rows"][at["row"] - 1]
        figure = plain_figure(at["figure"])
        if at["figure"] is None:
            figure = tell("at {part} of the range", part=percent(at["quantile"], 0))
        same = row["least"] == row["greatest"]
        planned = plain_figure(row["least"]) if same else tell("{n} figures", n=count(row["figures"]))
        rows.append([row_name(row), planned, figure, becomes_words(at["becomes"])])
    columns = (Column("Assumption", wide=True), Column("As planned"), Column("Threshold"), Column("Net present value"))
    return Table(columns, rows, "thresholds", "Where the net present value is nothing")


def _rules(told: Mapping[str, Any]) -> Table:
    rows: list[Row] = [
        [Cell(tell(humanise(rule)), sub=rule), percent(part, 1)] for rule, part in told["broken_rules"].items()
    ]
    columns = (Column("Rule"), Column("Samples in which the plan breaks it", numeric=True))
    return Table(columns, rows, "rules", "Rules that the plan does not keep everywhere")


def _decisions(told: Mapping[str, Any]) -> Table:
    again = told["reoptimised"]
    ordered = sorted(again["decisions"], key=lambda d: (d["stays"], d["entity"], d["service"], d["from_period"] or 0))
    rows: list[Row] = [
        [d["entity"], d["service"], _span(d), d["provider"] or DASH, percent(d["stays"], 0)] for d in ordered
    ]
    columns = (
        Column("Entity"),
        Column("Service"),
        Column("Periods", code=True),
        Column("Source"),
        Column("Stays", numeric=True),
    )
    template = "{solved} of {samples} samples were solved again."
    note = tell(template, solved=count(again["solved"]), samples=count(again["samples"]))
    return Table(columns, rows, "decisions", "Decisions that stay when samples are solved again", note=note)


def _span(decision: Mapping[str, Any]) -> str:
    first, last = decision["from_period"], decision["until_period"]
    return DASH if first is None else f"{first}–{last}"
