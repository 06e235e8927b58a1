"""The document of a dynamic plan, ``designate.plan/2``: every figure a planner sees, put together once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.issues import sort_issues
from optimizer.domain.steady import SCHEMA_OVER_TIME
from optimizer.model.time.trace import Trace
from optimizer.plan.allocation import Allocation
from optimizer.plan.assemble import no_runner_ups, run_block
from optimizer.plan.baseline import Baseline
from optimizer.plan.clients import entity_rows
from optimizer.plan.document import MAX_PAIRS_FOR_RUNNER_UPS, bounds_block
from optimizer.plan.time.allocation import ONE_OFFS, YEARLY, Ledger
from optimizer.plan.time.alternatives import runner_ups_over_time
from optimizer.plan.time.notes import notes_over_time
from optimizer.plan.time.posts import staffing_block
from optimizer.plan.time.savings import AgainstToday
from optimizer.plan.time.stretches import assignment_rows
from optimizer.plan.time.today import violations_over_time
from optimizer.plan.time.waves import cash_flow_rows, lines_by_period, sites_by_period, wave_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue
    from optimizer.domain.params import SolveParams
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.moves.scan import PricedStretches
    from optimizer.model.time.program import Path
    from optimizer.plan.assemble import Held

__all__ = ["SCHEMA_2", "assemble_over_time"]

SCHEMA_2: Final = SCHEMA_OVER_TIME


def assemble_over_time(
    case: Case,
    joint: JointProblem,
    held: Held,
    path: Path | None,
    params: SolveParams,
    issues: Sequence[Issue],
    timings: Mapping[str, float],
    *,
    name: str = "",
    tags: Iterable[str] = (),
    second: bool = True,
    scan: PricedStretches | None = None,
) -> dict[str, Any]:
    """The whole document but for ``verification``.

    Parameters
    ----------
    case, joint : Case, JointProblem
    held : Held
        Status and bound of the search.
    path : Path, optional
        ``None``: no plan; money is null then, never 0.
    params, issues, timings, name, tags
        As in ``assemble``.
    second : bool
        With runner-ups.
    scan : PricedStretches, optional
        All single moves of the path, where they are priced already.
    """
    told = {(i.code, i.value) for i in issues}  # the reader speaks of some of these already
    pairs = max(stage.problem.n_pairs for stage in joint.stages)
    notes = [i for i in notes_over_time(joint, path) if (i.code, i.value) not in told]
    notes += no_runner_ups(pairs, told=second or path is None)
    looked_for = second and pairs <= MAX_PAIRS_FOR_RUNNER_UPS
    found = [replace(i, row=None) for i in (*issues, *notes)]  # a document does not change when rows are shuffled
    body = _nothing() if path is None else _body(joint, path, held.bound, scan, second=looked_for)
    return {
        "schema": SCHEMA_2,
        "run": run_block(case, held, params, timings, name, list(tags)),
        "status": {"solution": held.solution, "stopped_by": held.stopped_by, "detail": held.detail},
        "horizon": _horizon(joint),
        **body,
        "bounds": body["bounds"] if path is not None else bounds_block(None, held.bound),
        "verification": None,
        "issues": [i.as_dict() for i in sort_issues(found)],
    }


def _horizon(joint: JointProblem) -> dict[str, Any]:
    horizon = joint.policy.horizon
    assert horizon is not None
    periods = [
        {
            "period": p.number,
            "begin": p.begin.isoformat(),
            "end": p.end.isoformat(),
            "planning_year": p.planning_year,
            "is_target": p.is_target,
        }
        for p in horizon.periods
    ]
    return {**horizon.as_mapping(), "periods": periods}


def _nothing() -> dict[str, Any]:
    """The blocks of a document without a plan."""
    rows = ("cash_flow", "waves", "staffing", "assignments", "unallocated", "lines", "sites", "entities")
    return {"cost": None, "baseline": None, "savings": None, **{name: [] for name in rows}}


def _body(
    joint: JointProblem, path: Path, bound: float | None, scan: PricedStretches | None, *, second: bool
) -> dict[str, Any]:
    both = AgainstToday(Ledger(Trace(joint, path.provider)))
    plan, whole = both.plan, joint.policy.allow_unserved or _is_whole(joint, path)
    others = runner_ups_over_time(joint, path, scan) if second and whole else {}
    return {
        "bounds": bounds_block(plan.objective if whole else None, bound),
        "cost": _cost(plan) if whole else None,
        "baseline": _today(both) if both.counted.any() else None,
        "savings": both.block(bound) if whole and both.counted.any() else None,
        "cash_flow": cash_flow_rows(both),
        "waves": wave_rows(plan),
        "staffing": staffing_block(plan),
        "assignments": assignment_rows(plan, path.backup, others),
        "unallocated": _unallocated(plan),
        "lines": lines_by_period(plan),
        "sites": sites_by_period(plan),
        "entities": _entities(both),
    }


@dataclass(frozen=True, eq=False)
class _Settled(Allocation):
    """The arrangement of a period with what each demand bears in it, sites and the limit on national officers too."""

    borne: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    @cached_property
    def running_cents(self) -> NDArray[np.int64]:
        """Running cost that each demand bears in the period, cents."""
        return self.borne


def _settled(ledger: Ledger, t: int) -> _Settled:
    served, leaves = ledger.served[t], ledger.months[t].by_demand
    borne: NDArray[np.int64] = np.sum([leaves[name] for name in YEARLY], axis=0, dtype=np.int64)
    return _Settled(served.case, served.problem, served.provider, as_baseline=served.as_baseline, borne=borne)


def _is_whole(joint: JointProblem, path: Path) -> bool:
    """Whether every demand has a source wherever it is present: the cost of a part compares with nothing."""
    return bool((path.provider[joint.local >= 0] >= 0).all())


def _entities(both: AgainstToday) -> list[dict[str, Any]]:
    """Each entity as in the last period in which it is present."""
    joint, last = both.joint, dict[str, dict[str, Any]]()
    for t in range(joint.n_periods):
        counted = both.counted[t, joint.stages[t].demand]
        baseline = Baseline(_settled(both.baseline, t), counted) if counted.any() else None
        last |= {row["id"]: row for row in entity_rows(_settled(both.plan, t), baseline)}
    return [last[name] for name in sorted(last)]


def _cost(ledger: Ledger) -> dict[str, float]:
    """Plain sums over the horizon by term, and what they are worth at its start."""
    cents = {name: sum(m.total(name) for m in ledger.months) for name in (*YEARLY, *ONE_OFFS)}
    running, once = sum(cents[n] for n in YEARLY), sum(cents[n] for n in ONE_OFFS)
    sums = {**cents, "total": running + once, "running": running, "one_off": once}
    return {**{name: amount / 100 for name, amount in sums.items()}, "discounted": round(ledger.objective, 6)}


def _today(both: AgainstToday) -> dict[str, Any]:
    """Cost of today's path, and the rules that it breaks."""
    return {**_cost(both.baseline), "violations": violations_over_time(both.baseline)}


def _unallocated(ledger: Ledger) -> list[dict[str, Any]]:
    """What no assignment bears: open sites without work, exits that nobody's move caused."""
    return [
        {"period": t + 1, "term": name, "amount": cents / 100}
        for t, month in enumerate(ledger.months)
        for name, cents in sorted(month.nobody.items())
        if cents
    ]
