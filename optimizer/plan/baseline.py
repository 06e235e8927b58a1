"""Today's arrangement, priced by the same model, with the rules it breaks in plain sight."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.arrays.check import RULE_CHECKS
from optimizer.arrays.eligibility import codes_of
from optimizer.domain.names import REFUSALS
from optimizer.plan.served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.arrays.check import Broken
    from optimizer.arrays.problem import Bools, Problem
    from optimizer.domain.case import Case

__all__ = ["Baseline", "baseline_block", "build_baseline"]

_NOT_TODAYS = frozenset({"assign_once", "max_moves", "one_off_budget", "lock", "backup"})
"""Rules about a plan, not about an arrangement; assign_once is told by refusals instead."""


@dataclass(frozen=True, eq=False)
class Baseline:
    """Today's arrangement of the demands whose today can be priced.

    Parameters
    ----------
    served : Served
    comparable : ndarray of shape (n_demands,), bool
        The demand has a current row whose cost the model can tell.
    """

    served: Served
    comparable: Bools


def build_baseline(case: Case, problem: Problem) -> Baseline | None:
    """Price today's arrangement; ``None`` when no demand has a (priceable) current row."""
    comparable = (problem.current >= 0) & (_unpriceable(case, problem) == "")
    if not comparable.any():
        return None
    provider = np.where(comparable, problem.current, -1)
    return Baseline(Served(case, problem, provider, as_baseline=True), comparable)


def _unpriceable(case: Case, problem: Problem) -> np.ndarray[Any, np.dtype[np.str_]]:
    """Why today's pair has no price, by demand; empty where it has one."""
    out = np.full(problem.n_demands, "", dtype="U16")
    for d in np.flatnonzero(problem.current >= 0).tolist():
        p = int(problem.current[d])
        if p == problem.n_providers:
            entity, service = _names(problem, d)
            if case.demand[entity, service].own_unit_cost is None:
                out[d] = "own_not_given"
        elif problem.lines.index[p, problem.demand_service[d]] < 0:
            out[d] = "not_offered"
    return out


def baseline_block(case: Case, problem: Problem, baseline: Baseline | None) -> dict[str, Any] | None:
    """The document's ``baseline``: cost by term, what is paid, violations, stopped services."""
    if baseline is None:
        return None
    return {
        **baseline.served.cost_block(),
        "paid": _paid(case, problem),
        "violations": _violations(case, problem, baseline),
        "stopped": [
            {"entity": c.entity, "service": c.service, "provider": c.provider}
            for c in sorted(case.stopped, key=lambda c: (c.entity, c.service, c.provider))
        ],
    }


def _paid(case: Case, problem: Problem) -> dict[str, float]:
    """What is paid today where it is known (memo), and the share of effort that covers."""
    amounts, covered, whole = [], [], []
    for d in np.flatnonzero(problem.current >= 0).tolist():
        effort = float(problem.effort_fte[d])
        whole.append(effort)
        unit_cost = case.current_of[_names(problem, d)].unit_cost
        if unit_cost is not None:
            amounts.append(float(problem.volume[d]) * unit_cost)
            covered.append(effort)
    share = math.fsum(covered) / math.fsum(whole) if whole else 0.0
    return {"amount": round(math.fsum(amounts), 2), "coverage": round(share, 6)}


def _violations(case: Case, problem: Problem, baseline: Baseline) -> list[dict[str, Any]]:
    rows = [*_refusals(case, problem), *_rules(case, problem, baseline)]
    return sorted(rows, key=lambda r: (r["rule"], r["entity"], r["service"], r["provider"], r["message"]))


def _refusals(case: Case, problem: Problem) -> Iterator[dict[str, Any]]:
    """Filters that today's pairs do not pass, exemptions undone."""
    unpriceable = _unpriceable(case, problem)
    for d in np.flatnonzero(problem.current >= 0).tolist():
        codes = codes_of(int(problem.today_refusals[d]))
        entity, service = _names(problem, d)
        who = problem.provider_name(int(problem.current[d]))
        for code in codes or ([str(unpriceable[d])] if unpriceable[d] else []):
            yield _row("assign_once", REFUSALS[code], 1.0, entity, service, who)


def _rules(case: Case, problem: Problem, baseline: Baseline) -> Iterator[dict[str, Any]]:
    tally = baseline.served.tally
    for rule in RULE_CHECKS:
        if rule.__name__ in _NOT_TODAYS:
            continue
        for broken in rule(problem, tally):
            entity, service, provider = _where(case, problem, broken)
            yield _row(broken.rule, _told(broken), broken.amount, entity, service, provider)


def _where(case: Case, problem: Problem, broken: Broken) -> tuple[str, str, str]:
    """(entity, service, provider) that a broken rule speaks of, empty where it does not."""
    data = broken.data
    if "demand" in data:
        return (*_names(problem, data["demand"]), problem.provider_name(data["provider"]))
    if "line" in data:
        line = data["line"]
        service = problem.service_ids[problem.lines.service[line]]
        return "", service, problem.provider_ids[problem.lines.provider[line]]
    if "provider" in data:
        return "", "", problem.provider_ids[data["provider"]]
    if "entity" in data:
        return problem.entity_ids[data["entity"]], "", ""
    if "bundle" in data:
        d = int(np.flatnonzero(problem.bundle == data["bundle"])[0])
        entity, service = _names(problem, d)
        return entity, case.service[service].bundle, ""
    return "", "", ""


def _told(broken: Broken) -> str:
    figures = {k: v for k, v in broken.data.items() if k in ("value", "limit", "least", "zone")}
    told = ", ".join(f"{k} {v:,.2f}" if isinstance(v, float) else f"{k} {v}" for k, v in figures.items())
    return f"broken by {broken.amount:,.2f}" + (f" ({told})" if told else "")


def _row(rule: str, message: str, amount: float, entity: str, service: str, provider: str) -> dict[str, Any]:
    return {
        "rule": rule,
        "entity": entity,
        "service": service,
        "provider": provider,
        "message": message,
        "amount": round(amount, 6),
    }


def _names(problem: Problem, d: int) -> tuple[str, str]:
    return problem.entity_ids[problem.demand_entity[d]], problem.service_ids[problem.demand_service[d]]
