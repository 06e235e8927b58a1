"""The range of a plan in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from optimizer.report.numbers import count, many, money, percent, short, tell
from optimizer.report.places import Day
from optimizer.report.wording import cash

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MEASURE_WORDS", "becomes_words", "measure_text", "range_words", "regret_words", "row_name"]

MEASURE_WORDS: Final = {
    "running": "Running cost",
    "saving": "Saving",
    "one_off": "One-off cost",
    "npv": "Net present value",
    "break_even": "Break-even, months",
}


def measure_text(name: str, value: float | None) -> str:
    """A figure of the range; months that never come are told so."""
    if name == "break_even":
        return tell("never") if value is None else count(value)
    return money(value)


def row_name(row: Mapping[str, Any]) -> str:
    """What a row speaks of: ``providers RSCE: absorb_fte``."""
    name = f"{row['table']} {row['key']}: {row['column']}" if row["key"] != "*" else f"{row['table']}: {row['column']}"
    return tell("{name} from {day}", name=name, day=Day(date.fromisoformat(row["begins"]))) if row["begins"] else name


def becomes_words(sign: str) -> str:
    """What the net present value is beyond a threshold."""
    return tell("positive above it" if sign == "positive" else "negative above it")


def range_words(told: Mapping[str, Any]) -> str:
    """How far the figures may lie apart, and how often the plan does not hold."""
    unit, npv = told["currency"], told["npv"]
    kept = told["samples"] - told["invalid"]
    one = "The plan was priced in {n} sample of the figures that are uncertain."
    other = "The plan was priced in {n} samples of the figures that are uncertain."
    said: list[str] = [many(one, other, kept)]
    if npv["p10"] is not None:
        template = "In four of five its net present value lies between {low} and {high}."
        said.append(tell(template, low=cash(npv["p10"], unit), high=cash(npv["p90"], unit)))
    share = percent(told["broken_share"], 0)
    if told["invalid"]:
        one = "It breaks a rule in {share} of them; {n} sample made no valid case and was left out."
        other = "It breaks a rule in {share} of them; {n} samples made no valid case and were left out."
        said.append(many(one, other, told["invalid"], share=share))
    else:
        said.append(tell("It breaks a rule in {share} of them.", share=share))
    again = told["reoptimised"]
    if again is not None:
        said.append(regret_words(again, unit))
    whole = said[0]
    for part in said[1:]:
        whole = tell("{first} {second}", first=whole, second=part)
    return whole


def regret_words(again: Mapping[str, Any], unit: str) -> str:
    """What it costs to hold the plan where a better one could have been made."""
    if not again["compared"]:
        return tell("In no sample that was solved again does the plan keep every rule, so that no regret can be told.")
    return tell(
        "Where it keeps every rule, {compared} of {solved} samples solved again, holding it costs {mean} on average "
        "more than the plan of that sample, at most {most}.",
        compared=count(again["compared"]),
        solved=count(again["solved"]),
        mean=cash(again["regret_mean"], unit),
        most=short(again["regret_max"]),
    )
