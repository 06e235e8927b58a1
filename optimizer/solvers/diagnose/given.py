"""What a hand-made plan breaks: which row, which rule, by how much, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.domain.issues import Issue
from optimizer.domain.names import RULES
from optimizer.model.eligibility.lifts import lift_of, lockable
from optimizer.model.eligibility.reasons import explain_refusals, said_by
from optimizer.verify.findings import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from optimizer.domain.case import Case
    from optimizer.model.problem import Problem
    from optimizer.verify.findings import Violation

__all__ = ["given_findings"]

_REMEDIES: Final = {
    "line_capacity": "move work off this line, or raise capacity in offers, by at least {amount} {unit}",
    "site_capacity": "move work off this site, or raise capacity_fte, by at least {amount} {unit}",
    "open_line": "give the work to a provider that offers the service",
    "open_site": "give the work to a provider that is open",
    "max_providers_per_entity": "serve the entity from {amount} providers fewer, or raise max_providers_per_entity",
    "bundle_together": "give the whole bundle to one provider, or set bundle_mode to price",
    "agency_share": "move at least {amount} {unit} from agencies, or raise agency_share_max",
    "site_count": "open or close sites as the policy site_count and zones ask, or change them",
    "minimum_volume": "send at least {amount} {unit} more there, or nothing at all",
    "max_moves": "keep at least {amount} demands where they are today, or raise max_moves",
    "one_off_budget": "move less, or raise one_off_budget by at least {amount} {unit}",
    "mean_overlap_min": "give work to providers that share more hours, or lower mean_overlap_min by {amount} {unit}",
    "mean_distance_max": "give work to nearer providers, or raise mean_distance_max by {amount} {unit}",
    "worse_off_max": "serve at least {amount} entities more as well as today, or raise worse_off_max",
    "exposure_max_fte": "move at least {amount} {unit} to other places, or raise exposure_max_fte",
    "site_share_max": "move at least {amount} {unit} from this provider, or raise site_share_max",
}


def given_findings(
    case: Case, problem: Problem, violations: Iterable[Violation], lines: Mapping[tuple[str, str], int]
) -> Iterator[Issue]:
    """One finding for each rule that a hand-made plan breaks.

    Parameters
    ----------
    case, problem : Case, Problem
    violations : iterable of Violation
        Of the plan, from the exact check.
    lines : mapping
        Line of the list by (entity, service).

    Yields
    ------
    Issue
        Code ``plan_breaks_rule``. Demands that are not in the list are told as ``unserved`` elsewhere.
    """
    for v in violations:
        if v.rule == "assign_once" and not v.provider:
            continue
        names = [w for w in (v.entity, v.service, v.provider) if w]
        line = lines.get((v.entity, v.service))
        place = f"row {line}: " if line is not None else ""
        what, remedy = _told(case, problem, v)
        yield Issue(
            "plan_breaks_rule",
            "error",
            f"{place}{', '.join(names) + ': ' if names else ''}{what} ({v.rule})",
            remedy,
            table="assignments",
            row=line,
            column="backup" if v.rule == "backup" else "provider",
            value="|".join(names),
        )


def _told(case: Case, problem: Problem, v: Violation) -> tuple[str, str]:
    """What is wrong and what to do."""
    d, p = problem.demand_index.get((v.entity, v.service), -1), problem.provider_index.get(v.provider, -1)
    if v.rule == "assign_once" and d >= 0 and p >= 0:
        code = v.message.partition(":")[0]
        found = {r["code"]: r["message"] for r in explain_refusals(case, problem, d, p)}
        if code in found:
            return found[code], _way_out(case, problem, d, p, code, list(found))
    if v.rule == "lock":
        rows = [
            r
            for r in case.decisions
            if r.action == "lock" and (v.entity, v.service) in case.demands_named(r.entity, r.service)
        ]
        why = "; ".join(said_by(r) for r in rows)
        decided = case.locks.get((v.entity, v.service), "")
        return f"{v.message} (decision: {why})", f"give it to {decided}, or withdraw the decision"
    if v.rule == "backup":
        return f"backup: {v.message}", "name a backup that is eligible, in another country, and has room"
    remedy = _REMEDIES.get(v.rule, RULES[v.rule]).format(amount=number(v.amount), unit=v.unit)
    return v.message, remedy


def _way_out(case: Case, problem: Problem, d: int, p: int, code: str, codes: list[str]) -> str:
    """Another provider, what lifts this refusal, or a decision."""
    others = [problem.provider_name(q) for q in range(problem.n_providers + 1) if problem.refusals[d, q] == 0]
    ways = [lift_of(case, problem, d, p, code).action]
    if others:
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        ways.insert(0, f"give it to one of {', '.join(others[:5])}{more}")
    if lockable(codes):
        ways.append("lock it there by decision")
    return ", or ".join(ways)
