"""The range of a plan in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.report.figures import count, money, percent, short, some

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MEASURE_WORDS", "measure_text", "range_words", "regret_words", "row_name"]

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
        return "never" if value is None else count(value)
    return money(value)


def row_name(row: Mapping[str, Any]) -> str:
    """What a row speaks of: ``providers RSCE: absorb_fte``."""
    name = f"{row['table']} {row['key']}: {row['column']}" if row["key"] != "*" else f"{row['table']}: {row['column']}"
    return f"{name} from {row['begins']}" if row["begins"] else name


def range_words(told: Mapping[str, Any]) -> str:
    """How far the figures may lie apart, and how often the plan does not hold."""
    unit, npv = told["currency"], told["npv"]
    kept = told["samples"] - told["invalid"]
    out = f"The plan was priced in {some(kept, 'sample')} of the figures that are uncertain. "
    if npv["p10"] is not None:
        out += (
            f"In four of five its net present value lies between {unit} {short(npv['p10'])} and {short(npv['p90'])}. "
        )
    out += f"It breaks a rule in {percent(told['broken_share'], 0)} of them"
    if told["invalid"]:
        out += f"; {some(told['invalid'], 'sample')} made no valid case and were left out"
    again = told["reoptimised"]
    return f"{out}. {regret_words(again, unit)}" if again is not None else f"{out}."


def regret_words(again: Mapping[str, Any], unit: str) -> str:
    """What it costs to hold the plan where a better one could have been made."""
    if not again["compared"]:
        return "In no sample that was solved again does the plan keep every rule, so that no regret can be told."
    mean, most = short(again["regret_mean"]), short(again["regret_max"])
    told = f"Where it keeps every rule, {count(again['compared'])} of {count(again['solved'])} samples solved again"
    return f"{told}, holding it costs {unit} {mean} on average more than the plan of that sample, at most {most}."
