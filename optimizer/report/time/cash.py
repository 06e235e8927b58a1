"""When it pays back: the cumulative curve, and money by planning year."""

from __future__ import annotations

from functools import partial
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from optimizer.report.blocks import Block, Cell, Column, Facts, Figure, Note, Row, Section, Table
from optimizer.report.numbers import DASH, decimal, joined, money, percent, short, tell
from optimizer.report.time.drawing import axis, canvas, key, safe
from optimizer.report.time.periods import Periods
from optimizer.report.time.words import cost_words, proof_words, saving_words
from optimizer.report.wording import cash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.report.blocks import Tone

__all__ = ["cash_section", "curve_points", "money_scale", "proof_section"]

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


def cash_section(plan: dict[str, Any]) -> Section:
    """Curve with its break-even, the table of years, and what else tells of the worth."""
    when, saved = Periods(plan), plan["savings"]
    blocks: list[Block] = []
    if saved is not None:
        note = (
            "One-off cost falls on the first day of a period, savings come evenly. "
            "What comes after the last period is not counted."
        )
        blocks.append(Figure(partial(_curve, plan, when), "Saving less one-off cost, added up", note))
    blocks.append(_year_table(plan, when))
    if saved is not None:
        blocks.append(Facts(_worth(saved, plan["run"]["currency"]), "More figures"))
    said = joined((cost_words(plan), saving_words(plan)))
    return Section("cash", "What it costs, and when it pays back", said, blocks)


def curve_points(plan: dict[str, Any], *, discounted: bool) -> list[float]:
    """Sum before and after the one-off cost of each period, and at its end; begins with 0."""
    out, before = [0.0], 0.0
    for row in plan["cash_flow"]:
        once = (row["one_off_total"] - row["baseline_one_off"]) * (row["discount"] if discounted else 1.0)
        out.append(before - once)
        before = row["cumulative_discounted" if discounted else "cumulative"]
        out.append(before)
    return out


def _curve(plan: dict[str, Any], when: Periods, language: str) -> str:
    plain, worth = (curve_points(plan, discounted=d) for d in (False, True))
    marks = money_scale(min(*plain, *worth), max(*plain, *worth))
    low, high = marks[0], marks[-1]

    def at(value: float) -> float:
        return 100 * (high - value) / (high - low)

    def line(values: Sequence[float]) -> str:
        wide = 100 / len(when)
        ends = [(wide * ((k + 1) // 2 if k % 2 == 0 else k // 2), v) for k, v in enumerate(values)]
        return "M" + "L".join(f"{x:.2f},{at(v):.2f}" for x, v in ends)

    grid = "".join(f'<path class="g" d="M0,{at(m):.2f}H100"/>' for m in marks)
    zero = f'<path class="z" d="M0,{at(0):.2f}H100"/>'
    lines = f'<path class="c-plain" d="{line(plain)}"/><path class="c-worth" d="{line(worth)}"/>'
    unit, months = plan["run"]["currency"], plan["savings"]["break_even"]
    paid = ""
    if months:
        x = 100 * months / when.months
        side = "left" if x < 60 else "right"
        told = tell("earned back in {month}", month=when.after_months(months))
        paid = f'<b class="mark" style="left:{x:.2f}%;top:{at(0):.2f}%"></b>'
        paid += f'<span class="tag {side}" style="left:{x:.2f}%;top:{at(0):.2f}%">{safe(told, language)}</span>'
    label = tell(
        "From 0 to {end} at the end, discounted {worth}; lowest {least}",
        end=cash(plain[-1], unit),
        worth=short(worth[-1]),
        least=short(min(plain)),
    )
    names = "".join(f'<span style="top:{at(m):.2f}%">{safe(short(m), language)}</span>' for m in marks)
    paid_out = tell("{currency}, as it is paid", currency=unit)
    of_start = tell("{currency}, in money of {month}", currency=unit, month=when.month(1))
    legend = key(("k-plain", paid_out), ("k-worth", of_start), language=language)
    drawing = canvas(grid + zero + lines, label, when, "curve", language=language)
    return (
        f'{legend}<div class="plot"><div class="levels" aria-hidden="true">{names}</div>'
        f'<div class="lane">{drawing}{paid}</div><span></span>{axis(when)}</div>'
    )


def money_scale(low: float, high: float) -> list[float]:
    """Round marks from below the lowest figure to above the highest; 0 is one of them."""
    low, high = min(low, 0.0), max(high, 0.0)
    span = (high - low) or 1.0
    size = 10.0 ** int(f"{span / 6:e}".partition("e")[2])
    gap = next(size * n for n in _NICE if size * n * 6 >= span)
    first, last = floor(low / gap), ceil(high / gap)
    return [gap * k for k in range(first, max(last, first + 1) + 1)]


def _year_table(plan: dict[str, Any], when: Periods) -> Table:
    rows: list[Row] = []
    flow = plan["cash_flow"]
    sums = {
        name: when.by_year(flow, name)
        for name in (
            "baseline_running",
            "running",
            "new_demand_cost",
            "source_ended_cost",
            "saving",
            "one_off_total",
            "flow",
        )
    }
    last = {when.year_of(r["period"]): r for r in flow}
    for year in when.years:
        of = {name: found[year] for name, found in sums.items()}
        rows.append(
            [
                when.year_label(year),
                *_cells(of),
                _signed(last[year]["cumulative"]),
                _signed(last[year]["cumulative_discounted"]),
            ]
        )
    total = {name: sum(found.values()) for name, found in sums.items()}
    foot: Row = [tell("In all"), *_cells(total), "", ""]
    heads = (
        "Today’s sources",
        "Plan",
        "Of it outside the saving",
        "Saving",
        "One-off",
        "Saving less one-off",
        "Added up",
        "Discounted",
    )
    first = Column(tell("Year ({currency})", currency=plan["run"]["currency"]))
    columns = (first, *(Column(h, numeric=True) for h in heads))
    note = "Outside the saving: work without a source today, or whose source of today ends. It is in the plan’s column."
    return Table(columns, rows, "years", "Money by planning year", foot, first=12, note=note)


def _cells(of: dict[str, float]) -> Row:
    outside = of["new_demand_cost"] + of["source_ended_cost"]
    return [
        money(of["baseline_running"]),
        money(of["running"]),
        money(outside),
        _signed(of["saving"]),
        money(of["one_off_total"]),
        _signed(of["flow"]),
    ]


def _signed(value: float) -> Cell:
    tone: Tone = "bad" if value <= -0.5 else ""
    return Cell(money(value, plus=True), tone=tone)


def _worth(saved: dict[str, Any], unit: str) -> list[tuple[str, str]]:
    years, limit = saved["payback_years"], saved["upper_limit"]
    back = tell("not in this time") if years is None else tell("{n} years", n=decimal(years))
    return [
        ("Net present value", _full(saved["npv"], unit, plus=True)),
        ("Most that any plan could be worth", DASH if limit is None else _full(limit, unit)),
        ("Payback without discount", back),
        ("Internal rate of return", percent(saved["irr"]) if saved["irr"] is not None else tell("not defined")),
        ("Saving less one-off, five years", _whole_years(saved["five_years"], unit)),
        ("Saving less one-off, ten years", _whole_years(saved["ten_years"], unit)),
    ]


def _whole_years(amount: float | None, unit: str) -> str:
    return tell("the horizon is shorter") if amount is None else _full(amount, unit)


def _full(amount: float, unit: str, *, plus: bool = False) -> str:
    """Money to the unit, with its currency."""
    return tell("{currency} {figure}", currency=unit, figure=money(amount, plus=plus))


def proof_section(plan: dict[str, Any]) -> Section:
    """What is proven about the cheapest plan, in money of the start."""
    bounds, unit = plan["bounds"], plan["run"]["currency"]
    best = bounds["best_bound"]
    least = tell("not known") if best is None else _full(best, unit)
    apart = DASH
    if bounds["gap_abs"] is not None:
        amount = _full(bounds["gap_abs"], unit)
        apart = tell("{amount}, {part}", amount=amount, part=percent(bounds["gap_rel"], 2))
    pairs = [
        ("Cost of this plan, discounted", _full(bounds["objective"], unit)),
        ("No plan costs less than", least),
        ("What is open", apart),
    ]
    blocks: list[Block] = [Facts(pairs), Note("Running and one-off cost of all periods, new work included.", "muted")]
    return Section("bound", "How good the plan is", proof_words(plan), blocks)
