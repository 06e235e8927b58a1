"""What a plan over time comes to, in sentences that need no other figure: money, pay-back, who moves when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.report.naming import clip
from optimizer.report.numbers import count, decimal, percent, short, some
from optimizer.report.time.periods import Periods
from optimizer.report.wording import by_hand, status_sentence, unserved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["cost_words", "move_words", "people_words", "proof_words", "saving_words", "switching"]

_NAMED = 3
"""Waves and entities that a sentence names one by one."""
_LONG = 80
"""Letters of a name in a sentence."""


def proof_words(plan: Mapping[str, Any]) -> str:
    """What is proven about the plan; money is discounted to the start."""
    bounds, solution = plan["bounds"], plan["status"]["solution"]
    if by_hand(plan) or unserved(plan) or solution not in ("optimal", "feasible") or bounds["gap_abs"] is None:
        return status_sentence(plan)
    if solution == "optimal":
        return "Proven optimal: no plan that keeps the rules costs less over the whole time."
    gap = f"{plan['run']['currency']} {short(bounds['gap_abs'])}, {percent(bounds['gap_rel'])}"
    return f"Proven: no plan that keeps the rules costs less by more than {gap} of the whole."


def cost_words(plan: Mapping[str, Any]) -> str:
    """What the plan costs."""
    cost, unit, when = plan["cost"], plan["run"]["currency"], Periods(plan)
    once = f" and {unit} {short(cost['one_off'])} once" if cost["one_off"] else ", with nothing paid once"
    return (
        f"From {when.span} it costs {unit} {short(cost['running'])} to run{once}. In money of {when.month(1)} "
        f"that is {unit} {short(cost['discounted'])} in all."
    )


def saving_words(plan: Mapping[str, Any]) -> str:
    """What is saved, and when it pays back."""
    saved, unit, when = plan["savings"], plan["run"]["currency"], Periods(plan)
    if saved is None:
        return "There is no arrangement of today with a price, so that no saving can be told."
    once = sum(saved["one_off"].values())
    word = "saves" if saved["total"] >= 0 else "costs more by"
    told = f"Against staying as today it {word} {unit} {short(abs(saved['total']))} of running cost"
    if saved["run_rate"] is not None:
        told += f", {unit} {short(saved['run_rate'])} of it in the last twelve months"
    return f"{told}. {_paid_back(saved, once, when)}{_worth(saved, unit, when)}"


def _paid_back(saved: Mapping[str, Any], once: float, when: Periods) -> str:
    months = saved["break_even"]
    if months is None:
        return "What is paid once is not earned back in this time" if once else "Nothing is earned in this time"
    if months == 0:
        return "Nothing has to be paid back"
    return f"What is paid once is earned back after {some(months, 'month')}, in {when.after_months(months)}"


def _worth(saved: Mapping[str, Any], unit: str, when: Periods) -> str:
    more = "more" if saved["npv"] >= 0 else "less"
    return f"; in money of {when.month(1)} the plan is worth {unit} {short(abs(saved['npv']))} {more} than staying."


def switching(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Waves in which something switches."""
    return [w for w in plan["waves"] if w["switches"]]


def move_words(plan: Mapping[str, Any], name: Callable[[str], str]) -> str:
    """Who moves when."""
    waves, when = switching(plan), Periods(plan)
    if not waves:
        return "Nobody moves: everybody stays with today’s source."
    entities = {e for w in waves for e in w["entities"]}
    moves = sum(w["switches"] for w in waves)
    clients = f"{count(len(entities))} {'entity' if len(entities) == 1 else 'entities'}"
    head = f"{some(moves, 'service')} of {clients} {'moves' if moves == 1 else 'move'}"
    if len(waves) <= _NAMED:
        parts = [f"{_who(w, name)} in {when.month(w['period'])}" for w in waves]
        return f"{head}: {'; '.join(parts)}."
    largest = max(waves, key=lambda w: (w["effort_fte"], -w["period"]))
    most = f"most work moves in {when.month(largest['period'])}: {decimal(largest['effort_fte'])} FTE"
    span = f"from {when.month(waves[0]['period'])} to {when.month(waves[-1]['period'])}"
    return f"{head} in {len(waves)} waves, {span}; {most} of {_who(largest, name)}."


def _who(wave: Mapping[str, Any], name: Callable[[str], str]) -> str:
    found = [clip(name(e), _LONG) for e in wave["entities"]]
    if len(found) <= _NAMED:
        return f"{', '.join(found)} ({some(wave['switches'], 'service')})"
    return f"{count(len(found))} entities ({some(wave['switches'], 'service')})"


def people_words(plan: Mapping[str, Any]) -> str:
    """Posts created and abolished, never a net figure alone."""
    rows = [r for r in plan["staffing"] if r["source"] is None]
    created, abolished, again, rest = (
        sum(r[k] or 0.0 for r in rows) for k in ("created", "abolished", "redeployed", "separated")
    )
    if not rows or created + abolished < 0.05:
        return "No post is created or abolished."
    return (
        f"Posts (in FTE): {decimal(created)} are created and {decimal(abolished)} abolished. Of the abolished, "
        f"{decimal(again)} can be filled again at the same place and category, {decimal(rest)} cannot."
    )
