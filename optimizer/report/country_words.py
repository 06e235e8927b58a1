"""What answers of the country model say in words, no surer than their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.report.numbers import count, many, money, percent, tell
from optimizer.report.wording import STATUS_TITLES, cash

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["countries_words", "country_words", "solution_words"]


def solution_words(solution: str) -> str:
    """What became of a country, in words."""
    words = {**STATUS_TITLES, "not_reached": "No time was left", "failed": "The solver failed"}
    return tell(words[solution]) if solution in words else solution


def country_words(told: Mapping[str, Any]) -> list[str]:
    """What common services bring, and when they have paid for themselves.

    Parameters
    ----------
    told : mapping
        ``designate.bos/1``.
    """
    if told["npv"] is None:
        return [tell("There is no plan: {why}.", why=solution_words(told["solution"]))]
    unit = told["currency"]
    saved = "Common services save {saving} in the last year; {once} is paid once."
    if told["saving"] < 0:
        saved = "Common services cost {saving} more in the last year; {once} is paid once."
    out: list[str] = [
        tell(saved, saving=cash(abs(told["saving"]), unit), once=cash(told["one_off"], unit)),
        _worth(told),
    ]
    if told["gap_rel"] is not None:
        template = "The plan is proven to be within {part} of the best."
        out.append(tell(template, part=percent(told["gap_rel"])))
    losers = _losers(told)
    if losers:
        template = "Over all years these offices pay more than today: {offices}."
        out.append(tell(template, offices=", ".join(losers)))
    return out


def _worth(told: Mapping[str, Any]) -> str:
    npv = tell("{currency} {figure}", currency=told["currency"], figure=money(told["npv"]))
    if told["break_even"] is None:
        return tell("Net present value {amount}; not earned back within the horizon.", amount=npv)
    if told["break_even"] == 0:
        return tell("Net present value {amount}; nothing has to be paid back.", amount=npv)
    one = "Net present value {amount}; earned back after {n} month."
    return many(one, "Net present value {amount}; earned back after {n} months.", told["break_even"], amount=npv)


def countries_words(told: Mapping[str, Any]) -> list[str]:
    """How many countries have a plan, and what all of them together bring.

    Parameters
    ----------
    told : mapping
        ``designate.bos-countries/1``.
    """
    totals, unit = told["totals"], told["currency"]
    known = {"plans": count(totals["with_plan"]), "all": count(totals["countries"])}
    out: list[str] = [tell("{plans} of {all} country teams have a plan.", **known)]
    if totals["with_plan"]:
        out.append(
            tell(
                "Together common services save {saving} in the last year; {once} is paid once. "
                "Net present value {npv}.",
                saving=cash(totals["saving"], unit),
                once=cash(totals["one_off"], unit),
                npv=cash(totals["npv"], unit),
            )
        )
    return out


def _losers(told: Mapping[str, Any]) -> list[str]:
    """Offices whose net benefit over all years is below 0, in whole cents."""
    cents: dict[str, int] = {}
    for row in told["entities"]:
        cents[row["entity"]] = cents.get(row["entity"], 0) + round(row["net"] * 100)
    return sorted(e for e, net in cents.items() if net < 0)
