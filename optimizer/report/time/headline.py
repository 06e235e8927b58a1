"""The first thing that a head of administration reads of a plan over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.report.headline import Headline, proof, verified
from optimizer.report.numbers import count, percent, short, some
from optimizer.report.tiles import Tile
from optimizer.report.time.periods import Periods
from optimizer.report.time.words import cost_words, move_words, people_words, proof_words, saving_words
from optimizer.report.wording import status_title, stop_words

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.report.naming import Names

__all__ = ["headline_over_time"]


def headline_over_time(plan: dict[str, Any], case: Case, names: Names) -> Headline:
    """Sentences and tiles: what it costs, what it saves and when it pays back, who moves when."""
    words, ok = verified(plan)
    when = Periods(plan)
    held = plan["cost"] is not None
    parts = f"{count(len(when))} periods of a {when.unit}, {when.span}"
    told = [cost_words(plan), saving_words(plan), move_words(plan, names.entity), people_words(plan)] if held else []
    return Headline(
        title=status_title(plan),
        sentence=f"Planned over {parts}." if held else f"There is no plan to show for {parts}.",
        proven=f"{proof_words(plan)} The search ended because {stop_words(plan['status']['stopped_by'])}.",
        proof=proof(plan),
        verified=words,
        verified_ok=ok,
        tiles=_tiles(plan, case, when) if held else [],
        cautions=_cautions(plan),
        points=told,
    )


def _tiles(plan: dict[str, Any], case: Case, when: Periods) -> list[Tile]:
    cost, saved, unit, base = plan["cost"], plan["savings"], plan["run"]["currency"], plan["baseline"]
    out = [
        Tile("Running cost", short(cost["running"]), _today(base), unit),
        Tile("One-off cost", short(cost["one_off"]), _once(cost), unit),
    ]
    if saved is None:
        return out
    rate = percent(case.policy.discount_rate)
    worth = Tile("Worth against today", short(saved["npv"], plus=True), f"net present value at {rate}", unit)
    back, by = "not yet", f"not by {when.after_months(when.months)}"
    if saved["break_even"] is not None:
        back = "at once" if saved["break_even"] == 0 else some(saved["break_even"], "month")
        by = "nothing to pay back" if saved["break_even"] == 0 else f"in {when.after_months(saved['break_even'])}"
    last = Tile("Saving, last 12 months", short(saved["run_rate"]), "running cost against today", unit)
    return [worth, Tile("Paid back after", back, by), *out, *([last] if saved["run_rate"] is not None else [])]


def _today(base: dict[str, Any] | None) -> str:
    return "nothing of today to compare with" if base is None else f"staying as today: {short(base['running'])}"


def _once(cost: dict[str, Any]) -> str:
    parts = (
        ("transition", "moves"),
        ("double_running", "hand-over"),
        ("setup", "set-up"),
        ("exit", "exit"),
        ("risk", "risk"),
    )
    told = [f"{word} {short(cost[name])}" for name, word in parts if cost[name]]
    return ", ".join(told) or "nothing is paid once"


def _cautions(plan: dict[str, Any]) -> list[str]:
    out, unit, saved = [], plan["run"]["currency"], plan["savings"] or {}
    if saved.get("new_demand_cost"):
        out.append(
            f"{unit} {short(saved['new_demand_cost'])} serves work that nobody does today: "
            "it is in the cost, and outside the saving."
        )
    if saved.get("source_ended_cost"):
        out.append(
            f"{unit} {short(saved['source_ended_cost'])} serves work whose source of today ends: outside the saving."
        )
    if saved.get("one_off_forced"):
        out.append(f"{unit} {short(saved['one_off_forced'])} of the one-off cost is forced: today’s source ends.")
    guess = sum(1 for a in plan["assignments"] if a["volume_basis"] == "estimated")
    if guess:
        out.append(
            f"Volumes of {count(guess)} of {count(len(plan['assignments']))} assignments are estimated from headcount."
        )
    worse = sum(1 for e in plan["entities"] if e["worse_than_today"])
    if worse:
        out.append(
            f"{count(worse)} of {count(len(plan['entities']))} entities are worse off at the end in some respect."
        )
    warnings = sum(1 for i in plan["issues"] if i["severity"] == "warning")
    return [*out, *([f"{some(warnings, 'warning')} about data and plan."] if warnings else [])]
