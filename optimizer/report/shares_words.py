"""What fair shares say in sentences, never surer than their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.report.charging import cents
from optimizer.report.numbers import DASH, count, tell

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

_VERDICTS: Final = {
    "not_empty": "The total can be shared so that no group of clients would pay less by itself ({looked}).",
    "empty": "However the total is shared, some group of clients would pay less by itself ({looked}).",
    "undecided": ("Whether the total can be shared so that no group would pay less by itself is undecided ({looked})."),
}
_ENDS: Final = {
    "epsilon": "Least amount by which some group pays above its own cost: {amount} a year.",
    "indivisibility": ("Price of indivisibility, what no payments that all groups accept can cover: {amount} a year."),
    "objection": "As charged now, the most that a group pays above its own cost: {amount} a year.",
    "excess": "Under the payments of the core, the most that a group pays above its own cost: {amount} a year.",
}
"""What is said of each interval of the core, in the order in which it is asked for."""


def range_text(lower: float | None, upper: float | None) -> str:
    """An interval; one figure where both ends are a cent apart at most."""
    if lower is None and upper is None:
        return DASH
    if lower is None:
        return tell("at most {high}", high=cents(upper))
    if upper is None:
        return tell("at least {low}", low=cents(lower))
    return cents(upper) if upper - lower < 0.015 else tell("{low} to {high}", low=cents(lower), high=cents(upper))


def core_words(told: Mapping[str, Any]) -> list[str]:
    """What the core says."""
    core, currency = told["core"], told["currency"]
    looked = tell("{n} groups are priced", n=count(core["groups"]))
    if core["every_group"]:
        looked = tell("every group was looked at")
    out: list[str] = [tell(_VERDICTS[core["verdict"]], looked=looked)]
    for name, words in _ENDS.items():
        amount = range_text(core[f"{name}_lower"], core[f"{name}_upper"])
        if amount != DASH:
            out.append(tell(words, amount=tell("{currency} {figure}", currency=currency, figure=amount)))
    return out


def shapley_words(told: Mapping[str, Any]) -> str:
    """How Shapley values were found, or why there are none."""
    shapley = told["shapley"]
    who = tell(shapley["by"])
    if shapley["method"] == "not_answered":
        return tell("No Shapley values of {who}: {why}.", who=who, why=_why_none(shapley["detail"]))
    if shapley["method"] == "exact":
        return tell("Shapley values of {who}, over all orders.", who=who)
    return tell(
        "Shapley values of {who}, over {orders} orders drawn from seed {seed}.",
        who=who,
        orders=count(shapley["orders"]),
        seed=str(shapley["seed"]),
    )


def _why_none(detail: str) -> str:
    """The reason of the document, which is English, as a sentence that has other languages."""
    alone = detail.removesuffix(" cannot be served by themselves")
    if alone != detail:
        return tell("{players} cannot be served by themselves", players=alone)
    return tell("no plan for {players} in time", players=detail.removeprefix("no plan for ").removesuffix(" in time"))
