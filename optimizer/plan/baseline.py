"""Today's arrangement, priced by the same model, with the rules it breaks in plain sight."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.names import REFUSALS
from optimizer.domain.types import exact
from optimizer.model import rules
from optimizer.model.eligibility.pairs import codes_of
from optimizer.plan.allocation import Allocation
from optimizer.plan.cents import to_cents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from optimizer.domain.case import Case
    from optimizer.model.aliases import Bools
    from optimizer.model.problem import Problem
    from optimizer.model.rules import Broken

__all__ = ["NOT_TODAYS", "Baseline", "baseline_block", "broken_rows", "build_baseline", "departure_row"]

NOT_TODAYS: Final = frozenset({"assign_once", "max_moves", "one_off_budget", "lock", "backup"})
"""Rules about a plan, not about an arrangement; assign_once is told by refusals instead."""

_IN_MINUTES: Final = frozenset({"site_capacity", "open_site", "agency_share", "exposure_max_fte", "site_share_max"})
"""Rules whose amounts are minutes of work, told in FTE; so are minima of sites."""


@dataclass(frozen=True, eq=False)
class Baseline:
    """Today's arrangement of the demands whose today can be priced.

    Parameters
    ----------
    served : Allocation
    comparable : ndarray of shape (n_demands,), bool
        The demand has a current row whose cost the model can tell.
    """

    served: Allocation
    comparable: Bools


def build_baseline(case: Case, problem: Problem) -> Baseline | None:
    """Price today's arrangement; ``None`` when no demand has a current row."""
    if not (problem.current >= 0).any():
        return None
    comparable = np.array([case.priced_today(d) for d in sorted(case.demands, key=lambda d: d.key)], np.bool_)
    provider = np.where(comparable, problem.current, -1)
    return Baseline(Allocation(case, problem, provider, as_baseline=True), comparable)


def baseline_block(baseline: Baseline | None) -> dict[str, Any] | None:
    """The document's ``baseline``: cost by term, what is paid, violations, stopped services."""
    if baseline is None:
        return None
    return {
        **baseline.served.cost_block(),
        "paid": _paid(baseline.served),
        "violations": _violations(baseline.served),
        "stopped": [
            {"entity": c.entity, "service": c.service, "provider": c.provider}
            for c in sorted(baseline.served.case.stopped, key=lambda c: (c.entity, c.service, c.provider))
        ],
    }


def _paid(today: Allocation) -> dict[str, float]:
    """What is paid today where it is known (memo), and the share of effort that covers."""
    amount, covered, whole, problem = Fraction(0), [], [], today.problem
    for d in np.flatnonzero(problem.current >= 0).tolist():
        effort = float(problem.effort_fte[d])
        whole.append(effort)
        unit_cost = today.case.current_of[today.demands[d].key].unit_cost
        if unit_cost is not None:
            amount += exact(today.demands[d].volume) * exact(unit_cost)
            covered.append(effort)
    share = math.fsum(covered) / math.fsum(whole) if whole else 0.0
    return {"amount": to_cents(amount) / 100, "coverage": round(share, 6)}


def _violations(today: Allocation) -> list[dict[str, Any]]:
    rows = [*_refusals(today), *_rules(today)]
    return sorted(rows, key=lambda r: (r["rule"], r["entity"], r["service"], r["provider"], r["message"]))


def _refusals(today: Allocation) -> Iterator[dict[str, Any]]:
    """Filters that today's pairs do not pass, exemptions undone; one row per demand and filter."""
    problem = today.problem
    for d in np.flatnonzero(problem.today_refusals).tolist():
        who = problem.provider_name(int(problem.current[d]))
        for code in codes_of(int(problem.today_refusals[d])):
            yield departure_row("assign_once", REFUSALS[code], 1.0, *today.demands[d].key, who)


def _rules(today: Allocation) -> Iterator[dict[str, Any]]:
    kept = (rule for rule in rules.RULES if rule.name not in NOT_TODAYS)
    yield from broken_rows(today, (b for rule in kept for b in rule.excess(today.problem, today.tally)))


def broken_rows(today: Allocation, found: Iterable[Broken]) -> Iterator[dict[str, Any]]:
    """Rules that an arrangement breaks, as rows of ``violations``."""
    year, bundles = today.case.policy.minutes_per_fte_year, _bundle_names(today)
    for broken in found:
        names = _where(today.problem, broken, bundles)
        per_unit = year if _is_effort(broken) else 1.0
        yield departure_row(broken.rule, _told(broken, per_unit), broken.amount / per_unit, *names)


def _bundle_names(today: Allocation) -> dict[int, tuple[str, str]]:
    """(entity, bundle) of each bundle group."""
    groups = zip(today.problem.bundle.tolist(), today.demands, strict=True)
    return {g: (d.entity, today.case.service[d.service].bundle) for g, d in groups if g >= 0}


def _is_effort(broken: Broken) -> bool:
    return broken.rule in _IN_MINUTES or (broken.rule == "minimum_volume" and "provider" in broken.data)


def _where(problem: Problem, broken: Broken, bundles: dict[int, tuple[str, str]]) -> tuple[str, str, str]:
    """(entity, service, provider) that a broken rule speaks of, empty where it does not."""
    data = broken.data
    if "line" in data:
        line, lines = data["line"], problem.lines
        return "", problem.service_ids[lines.service[line]], problem.provider_ids[lines.provider[line]]
    if "provider" in data:
        return "", "", problem.provider_ids[data["provider"]]
    if "entity" in data:
        return problem.entity_ids[data["entity"]], "", ""
    return (*bundles[data["bundle"]], "") if "bundle" in data else ("", "", "")


def _told(broken: Broken, per_unit: float) -> str:
    """The figure that broke the rule, in words."""
    data, unit = broken.data, " FTE" if per_unit != 1.0 else ""
    if "zone" in data:
        return f"no Secretariat site in zone {data['zone']}"
    if "value" not in data:
        return f"broken by {broken.amount / per_unit:,.2f}{unit}"
    side, limit = ("at least", data["least"]) if "least" in data else ("at most", data["limit"])
    return f"{data['value'] / per_unit:,.2f}{unit}, {side} {limit / per_unit:,.2f}{unit}"


def departure_row(rule: str, message: str, amount: float, entity: str, service: str, provider: str) -> dict[str, Any]:
    """A row of ``violations``."""
    return {
        "rule": rule,
        "entity": entity,
        "service": service,
        "provider": provider,
        "message": message,
        "amount": round(amount, 6),
    }
