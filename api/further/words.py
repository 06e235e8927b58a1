"""What the answers to such questions say in words, no surer than their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.report.numbers import count, percent, short, some

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["countries_words", "country_words", "replan_words"]


def replan_words(until: int, changes: Mapping[str, Any]) -> list[str]:
    """What is committed, and what changed against the plan before."""
    moved = {(m["entity"], m["service"]) for m in changes["moved"]}
    out = []
    if until:
        out.append(f"What the plan does up to period {until} is committed and stays.")
    if not moved:
        return [*out, "Nothing else moves, and nothing moves at another time."]
    return [
        *out,
        f"{some(len(moved), 'demand')} of the plan before {'moves' if len(moved) == 1 else 'move'} otherwise.",
    ]


def country_words(told: Mapping[str, Any]) -> list[str]:
    """What common services bring, and when they have paid for themselves."""
    if told["npv"] is None:
        return [f"There is no plan: {told['solution'].replace('_', ' ')}."]
    unit = told["currency"]
    even = "never within the horizon" if told["break_even"] is None else f"after {told['break_even']} months"
    out = [
        f"Common services save {unit} {short(told['saving'])} in the last year. "
        f"{unit} {short(told['one_off'])} is paid once.",
        f"Net present value {unit} {count(told['npv'])}; earned back {even}.",
    ]
    if told["gap_rel"] is not None:
        out.append(f"The plan is proven to be within {percent(told['gap_rel'])} of the best.")
    losers = _losers(told)
    if losers:
        out.append(f"Over all years these offices pay more than today: {', '.join(losers)}.")
    return out


def countries_words(told: Mapping[str, Any]) -> list[str]:
    """How many countries have a plan, and what all of them together bring."""
    totals, unit = told["totals"], told["currency"]
    out = [f"{count(totals['with_plan'])} of {count(totals['countries'])} country teams have a plan."]
    if totals["with_plan"]:
        out.append(
            f"Together common services save {unit} {short(totals['saving'])} in the last year; "
            f"{unit} {short(totals['one_off'])} is paid once. Net present value {unit} {count(totals['npv'])}."
        )
    return out


def _losers(told: Mapping[str, Any]) -> list[str]:
    """Offices whose net benefit over all years is below 0, in whole cents."""
    cents: dict[str, int] = {}
    for row in told["entities"]:
        cents[row["entity"]] = cents.get(row["entity"], 0) + round(row["net"] * 100)
    return sorted(e for e, net in cents.items() if net < 0)
