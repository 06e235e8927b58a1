"""One row a run, and what can be said of its difference from the base."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from optimizer.studies.search import CLOSED
from optimizer.studies.unanswered import reason
from optimizer.studies.words import between, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence
    from optimizer.plan.plan import Plan
    from optimizer.studies.search import Ends

__all__ = ["Beside", "meant_for", "run_row", "sentences"]


class Beside(NamedTuple):
    """How a run compares with the base, told from the arrays of both."""

    tighter: bool = False
    """It only restricts the base: its least cost is no lower."""
    looser: bool = False
    """The base only restricts it: its least cost is no higher."""


def run_row(
    name: str, at: Mapping[str, Any], ends: Ends, base: Ends, plan: Plan | None, beside: Beside | None = None
) -> dict[str, Any]:
    """Status, both ends, difference from the base, and what its plan is like; unknown figures are ``None``.

    ``difference_lower`` and ``difference_upper`` bound the least cost of the run less that of the base, money a year:
    of a run that only restricts the base the difference is 0 or more. ``told_apart`` is false where the two intervals
    overlap.
    """
    low = None if ends.lower is None or base.upper is None else ends.lower - base.upper
    high = None if ends.upper is None or base.lower is None else ends.upper - base.lower
    if beside is not None and beside.tighter and low is not None:
        low = max(low, 0.0)
    if beside is not None and beside.looser and high is not None:
        high = min(high, 0.0)
    known = ends is not base and ends.status != "impossible" and base.upper is not None
    apart = None if not known else (low is not None and low > 0) or (high is not None and high < 0)
    row: dict[str, Any] = {
        "run": name,
        **{f"at {label}": value for label, value in at.items()},
        "status": ends.status.replace("_", " "),
        "lower": ends.lower,
        "upper": ends.upper,
        "difference_lower": None if ends is base else low,
        "difference_upper": None if ends is base else high,
        "told_apart": apart,
        "detail": ends.detail,
    }
    return row | _of_plan(plan)


def _of_plan(plan: Plan | None) -> dict[str, Any]:
    """Figures of a plan; ``None`` each where there is no plan."""
    if plan is None:
        names = (
            "saving",
            "one_off",
            "moves",
            "worse_off",
            "dearer",
            "centres",
            "agency_share",
            "cost",
            "fte_by_place",
            "open",
        )
        return dict.fromkeys(names)
    case = plan.case
    assert case is not None
    mine = {p.id: p for p in case.providers}
    secretariat = {p for p, row in mine.items() if row.kind == "secretariat"}
    effort: dict[str, float] = defaultdict(float)
    for a in plan.assignments:
        if a.provider in mine:
            effort[mine[a.provider].place.city or a.provider] += a.effort_fte
    total = sum(a.effort_fte for a in plan.assignments)
    agencies = sum(a.effort_fte for a in plan.assignments if a.provider in mine and a.provider not in secretariat)
    today = plan.baseline is not None
    return {
        "saving": None if plan.savings is None else plan.savings.annual,
        "one_off": None if plan.savings is None else plan.savings.one_off.transition + plan.savings.one_off.setup,
        "moves": len(plan.moves) if today else None,
        "worse_off": sum(any(w.kind != "price" for w in e.worse_than_today) for e in plan.entities) if today else None,
        "dearer": sum(any(w.kind == "price" for w in e.worse_than_today) for e in plan.entities) if today else None,
        "centres": sum(s.open and s.provider in secretariat for s in plan.sites),
        "agency_share": agencies / total if total else None,
        "cost": None if plan.cost is None else plan.document()["cost"],
        "fte_by_place": {k: round(v, 4) for k, v in sorted(effort.items(), key=lambda kv: (-kv[1], kv[0]))},
        "open": [s.provider for s in plan.sites if s.open],
    }


def meant_for(meant: str, name: str) -> Iterator[Sentence]:
    """That the changes were written for a case of another name; every row that they name is there, else they fail."""
    if meant and meant != name:
        yield say("The changes were written for the case {meant}; this one is called {name}.", meant=meant, name=name)


def sentences(rows: Sequence[Mapping[str, Any]], currency: str) -> Iterator[Sentence]:
    """What each run costs more or less than the base, as far as it can be told."""
    base, runs = rows[0], rows[1:]
    if base["upper"] is not None:
        yield say("As it is, the least cost a year is {cost}.", cost=between(base["lower"], base["upper"], currency))
    for row in runs:
        ids, run, low, high = {"run": row["run"]}, row["run"], row["difference_lower"], row["difference_upper"]
        if row["status"] == "impossible":
            yield say("{run}: no plan keeps every rule (proven).", ids, run=run)
        elif row["upper"] is None:
            yield say("{run}: not answered ({why}).", ids, run=run, why=reason(row["detail"]))
        elif low is None or high is None:
            held = between(row["upper"], row["upper"], currency)
            yield say("{run}: a plan costs {held}, how near to the least is not known.", ids, run=run, held=held)
        elif high - low <= CLOSED and abs(high) <= CLOSED:
            yield say("{run}: costs the same.", ids, run=run)
        elif not row["told_apart"]:
            yield say(
                "{run}: not distinguishable from the case as it is: the intervals of the least cost overlap"
                " (difference {difference}).",
                ids,
                run=run,
                difference=between(low, high, currency),
            )
        elif low > 0:
            yield say("{run}: costs {more} more a year.", ids, run=run, more=between(low, high, currency))
        else:
            yield say("{run}: costs {less} less a year.", ids, run=run, less=between(-high, -low, currency))
