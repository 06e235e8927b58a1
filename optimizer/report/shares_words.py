"""What fair shares say in sentences, never surer than their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.report.charging import cents
from optimizer.report.numbers import DASH

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ALONE_WORDS", "core_words", "range_text", "shapley_words"]

ALONE_WORDS: Final = {
    "better_off": "would pay less alone",
    "not_better_off": "not better off alone",
    "undecided": "undecided",
    "cannot": "cannot be alone",
    "not_answered": "not answered",
}
"""What is said of who might be by itself."""


def range_text(lower: float | None, upper: float | None) -> str:
    """An interval; one figure where both ends are a cent apart at most."""
    if lower is None and upper is None:
        return DASH
    if lower is None or upper is None:
        return f"at most {cents(upper)}" if lower is None else f"at least {cents(lower)}"
    return cents(upper) if upper - lower < 0.015 else f"{cents(lower)} to {cents(upper)}"


def core_words(told: Mapping[str, Any]) -> list[str]:
    """What the core says."""
    core, money = told["core"], told["currency"]
    looked = "every group was looked at" if core["every_group"] else f"{core['groups']:,} groups are priced"
    epsilon = range_text(core["epsilon_lower"], core["epsilon_upper"])
    said = {
        "not_empty": "The total can be shared so that no group of clients would pay less by itself",
        "empty": "However the total is shared, some group of clients would pay less by itself",
        "undecided": "Whether the total can be shared so that no group would pay less by itself is undecided",
    }[core["verdict"]]
    out = [f"{said} ({looked})."]
    if epsilon != DASH:
        out.append(f"Least amount by which some group pays above its own cost: {money} {epsilon} a year.")
    left = range_text(core["indivisibility_lower"], core["indivisibility_upper"])
    if left != DASH:
        out.append(
            f"Price of indivisibility, what no payments that all groups accept can cover: {money} {left} a year."
        )
    objection = range_text(core["objection_lower"], core["objection_upper"])
    if objection != DASH:
        out.append(f"As charged now, the most that a group pays above its own cost: {money} {objection} a year.")
    excess = range_text(core["excess_lower"], core["excess_upper"])
    if excess != DASH:
        out.append(
            f"Under the payments *core*, the most that a group pays above its own cost: {money} {excess} a year."
        )
    return out


def shapley_words(told: Mapping[str, Any]) -> str:
    """How Shapley values were found, or why there are none."""
    shapley = told["shapley"]
    if shapley["method"] == "not_answered":
        return f"No Shapley values of {shapley['by']}: {shapley['detail']}."
    if shapley["method"] == "exact":
        return f"Shapley values of {shapley['by']}, over all orders."
    return f"Shapley values of {shapley['by']}, over {shapley['orders']:,} orders drawn from seed {shapley['seed']}."
