"""How much of a plan's work hangs on few places: HHI = Σ share², and the largest share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.model.aliases import Bools
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem

__all__ = ["concentration"]


def concentration(case: Case, problem: Problem, plan: Choice) -> tuple[dict[str, Any], ...]:
    """One row for all sites, one for all countries, one for the sites of each service; shares of effort without OWN."""
    everything = np.ones(problem.n_demands, np.bool_)
    countries = [case.provider[p].place.country for p in problem.provider_ids]
    rows = [
        _row("sites", None, problem, plan, everything, list(problem.provider_ids)),
        _row("countries", None, problem, plan, everything, countries),
    ]
    for s, service in enumerate(problem.service_ids):
        members = problem.demand_service == s
        if members.any():
            rows.append(_row("sites of a service", service, problem, plan, members, list(problem.provider_ids)))
    return tuple(rows)


def _row(
    of: str, service: str | None, problem: Problem, plan: Choice, members: Bools, names: list[str]
) -> dict[str, Any]:
    who, effort = plan.provider[members], problem.effort_fte[members]
    placed = (who >= 0) & (who < problem.n_providers)
    loads: dict[str, float] = {}
    for p, fte in zip(who[placed].tolist(), effort[placed].tolist(), strict=True):
        loads[names[p]] = loads.get(names[p], 0.0) + fte
    whole = sum(loads.values())
    shares = {name: fte / whole for name, fte in loads.items()} if whole else {}
    largest = min(shares, key=lambda n: (-shares[n], n), default=None)
    return {
        "of": of,
        "service": service,
        "hhi": sum(v * v for v in shares.values()) if shares else None,
        "largest": largest,
        "largest_share": None if largest is None else shares[largest],
        "effort_fte": whole,
        "own_fte": float(effort[who == problem.n_providers].sum()),
    }
