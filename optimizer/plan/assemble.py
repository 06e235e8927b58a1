"""Put run, status and body together into one document, its issues included."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from optimizer.domain.issues import Issue, sort_issues
from optimizer.domain.types import ends_within_a_year
from optimizer.model.eligibility.calendars import zone_database_version
from optimizer.plan.document import MAX_PAIRS_FOR_RUNNER_UPS, plan_body
from optimizer.plan.plan import SCHEMA
from optimizer.solvers import registry
from optimizer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.params import SolveParams
    from optimizer.model.problem import Problem
    from optimizer.solvers.accept.solve import Solved

__all__ = ["Held", "assemble", "no_runner_ups", "run_block"]


class Held(Protocol):
    """What a search came to, whatever it searched."""

    @property
    def bound(self) -> float | None: ...
    @property
    def solution(self) -> str: ...
    @property
    def stopped_by(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def backend(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def start_used(self) -> bool | None: ...


def assemble(
    case: Case,
    problem: Problem,
    solved: Solved,
    params: SolveParams,
    issues: Sequence[Issue],
    timings: Mapping[str, float],
    *,
    name: str = "",
    tags: Iterable[str] = (),
    second: bool = True,
) -> dict[str, Any]:
    """The whole plan document but for ``verification``; ``second``: with runner-ups."""
    bound = None if solved.solution == "infeasible" else solved.bound  # no plan, so nothing to be below
    body = plan_body(case, problem, solved.choice, bound, second=second)
    told = {(i.code, i.value) for i in issues}  # the reader speaks of some of these already
    notes = (n for n in _notes(case, problem, solved, body, second) if (n.code, n.value) not in told)
    # Rows of a file are where its author put them: a document must not change when they are shuffled. Those of a
    # hand-made list stay: it is what the document is about.
    rowless = [i if i.table == "assignments" else dataclasses.replace(i, row=None) for i in (*issues, *notes)]
    found = sort_issues(rowless)
    return {
        "schema": SCHEMA,
        "run": run_block(case, solved, params, timings, name, list(tags)),
        "status": {"solution": solved.solution, "stopped_by": solved.stopped_by, "detail": solved.detail},
        **body,
        "verification": None,
        "issues": [i.as_dict() for i in found],
    }


def run_block(
    case: Case, solved: Held, params: SolveParams, timings: Mapping[str, float], name: str, tags: list[str]
) -> dict[str, Any]:
    """The document's ``run``."""
    known = solved.backend in registry.SPECS
    return {
        "id": str(uuid.uuid4()),
        "name": name or case.name,
        "tags": sorted(tags),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "product_version": __version__,
        "solver": {
            "backend": solved.backend,
            "reason": solved.reason,
            "versions": registry.versions(solved.backend) if known else {},
            "start_used": solved.start_used,
        },
        "zone_database": zone_database_version(),
        "seed": params.seed,
        "limits": {
            "time_limit_s": params.time_limit_s,
            "work_limit": params.work_limit,
            "gap_rel": params.gap_rel,
            "threads": params.threads,
            "memory_limit_mb": params.memory_limit_mb,
        },
        "case_hash": case.case_hash,
        "currency": case.policy.currency,
        "timings": {k: round(v, 3) for k, v in timings.items()},
    }


def _notes(case: Case, problem: Problem, solved: Solved, body: Mapping[str, Any], second: bool) -> Iterable[Issue]:
    """What the reader of a plan must know and would not see in the figures."""
    yield from _absent(case)
    yield from _ending(case)
    yield from _unpriced(case)
    yield from _kept(body)
    if solved.choice is not None:
        yield from _unserved(case, body)
    yield from no_runner_ups(problem.n_pairs, told=second or solved.choice is None)


def no_runner_ups(n_pairs: int, *, told: bool) -> Iterable[Issue]:
    """Why a document has no runner-ups; ``told``: they were looked for, or there is no plan."""
    if n_pairs > MAX_PAIRS_FOR_RUNNER_UPS:
        yield Issue("no_runner_ups", "info", f"runner-ups are left out above {MAX_PAIRS_FOR_RUNNER_UPS:,} pairs")
    elif not told:
        yield Issue(
            "no_runner_ups",
            "info",
            "the run was cut short, so runner-ups were not looked for",
            "price the plan, or solve from it, to have them",
        )


def _absent(case: Case) -> Iterable[Issue]:
    for entity in case.absent_entities:
        yield Issue(
            "entity_absent",
            "info",
            f"{entity.id} is outside the case: it starts {entity.start or 'earlier'}, ends {entity.end or 'never'},"
            f" and the case is as of {case.policy.as_of}",
            table="entities",
            value=entity.id,
        )


def _ending(case: Case) -> Iterable[Issue]:
    for entity in case.entities:
        if entity.end is not None and ends_within_a_year(entity.end, case.policy.as_of):
            yield Issue(
                "ends_soon",
                "warning",
                f"{entity.id} ends on {entity.end}, within a year of {case.policy.as_of}: the one-off cost of a move"
                " of its services is spread over that year alone",
                "ask whether its services should move at all; a lock keeps them where they are",
                table="entities",
                value=entity.id,
            )


def _unpriced(case: Case) -> Iterable[Issue]:
    for demand in case.demands:
        row = case.current_of.get(demand.key)
        if row is not None and not case.priced_today(demand):
            yield Issue(
                "current_unpriceable",
                "warning",
                f"{row.provider} has no price for {demand.service} of {demand.entity}: it stands on neither side of"
                " the saving, and its cost in the plan is told as that of a new demand",
                "add the offer (own_unit_cost for OWN)",
                table="current",
                value=f"{demand.entity}|{demand.service}|{row.provider}",
            )


def _kept(body: Mapping[str, Any]) -> Iterable[Issue]:
    for a in (a for a in body["assignments"] if a["exempted"]):
        yield Issue(
            "kept_by_exemption",
            "warning",
            f"{a['service']} of {a['entity']} stays with {a['provider']} although refused:"
            f" {', '.join(a['exempted'])} ({'by decision' if a['by_decision'] else 'keep_current'})",
            "accept it, or switch keep_current off",
            table="current",
            value=f"{a['entity']}|{a['service']}|{a['provider']}",
        )


def _unserved(case: Case, body: Mapping[str, Any]) -> Iterable[Issue]:
    for a in (a for a in body["assignments"] if a["provider"] is None):
        yield Issue(
            "unserved",
            "warning" if case.policy.allow_unserved else "error",
            f"{a['service']} of {a['entity']} has no provider in this plan ({a['effort_fte']:,.2f} FTE)",
            "find out what each provider is refused for, or lacks: designate why CASE ENTITY SERVICE --plan PLAN",
            table="demands",
            value=f"{a['entity']}|{a['service']}",
        )
