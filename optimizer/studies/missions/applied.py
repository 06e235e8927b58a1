"""An applied plan becomes today's arrangement: ``current`` rows, and candidates that are open now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optimizer.domain.names import OWN
from optimizer.plan.reading import shape_faults, sum_faults
from optimizer.tables.patch import Tables
from optimizer.verify.checker import Evaluator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.case import Case
    from optimizer.plan.reading import Fault
    from optimizer.tables.checks.problems import Problems

__all__ = ["CENT", "as_rows", "today", "with_current"]

CENT = 0.01
"""Money that rounding to cents may account for."""


def as_rows(plan: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """(entity, service, provider, backup) of a plan document's assignments; empty where there is none."""
    names = ("entity", "service", "provider", "backup")
    return [tuple(str(a.get(k) or "") for k in names) for a in plan["assignments"]]  # type: ignore[misc]


def with_current(case: Case, plan: Any, problems: Problems) -> Tables:
    """Tables of the case with the plan as ``current`` (a copy): same running cost, nothing left to pay once.

    Demands that the plan leaves unserved have no row. ``unit_cost`` is kept where the provider stays.
    Rows of demands that are not in the case now (an entity that closed) stay: they are listed as stopped.
    """
    return today(case, plan) if _belongs(case, plan, problems) else _copy(case)


def today(case: Case, plan: Mapping[str, Any]) -> Tables:
    """Tables of a case (a copy) with as much of an applied plan as the case still has as ``current``.

    The plan may answer an earlier state of the case: a demand that it does not know keeps its row, one whose
    provider is gone from the case has none.
    """
    out = _copy(case)
    listed = {(r["entity"], r["service"]) for r in out.get("demands", [])}
    known = {r[:2] for r in as_rows(plan)} & listed
    rows = {(e, s): p for e, s, p, _ in as_rows(plan) if (e, s) in listed and (p in case.provider or p == OWN)}
    paid = {(c.entity, c.service): c for c in case.current}
    current = [r for r in out.get("current", []) if (r["entity"], r["service"]) not in known]
    for (entity, service), provider in sorted(rows.items()):
        row: dict[str, Any] = {"entity": entity, "service": service, "provider": provider}
        before = paid.get((entity, service))
        if before is not None and before.provider == provider and before.unit_cost is not None:
            row["unit_cost"] = before.unit_cost
        current.append(row)
    out["current"] = current
    used = set(rows.values())
    for row in out["providers"]:
        if row["status"] == "candidate" and row["id"] in used:
            row["status"] = "open"
            row.pop("setup_cost", None)  # paid; both count for candidates only
            row.pop("min_fte", None)
    return out


def _copy(case: Case) -> Tables:
    return {k: [dict(r) for r in v] if isinstance(v, list) else dict(v) for k, v in case.tables.items()}


def _belongs(case: Case, plan: Any, problems: Problems) -> bool:
    """Whether the plan answers this case: by its hash, or by serving the same demands at the same cost."""
    if _refused(shape_faults(plan), problems):
        return False
    rows, cost = as_rows(plan), plan["cost"]
    stated = None if cost is None else float(cost["running"])  # no cost: it serves only a part
    if not any(r[2] for r in rows):
        problems.add("plan_not_readable", f"{len(rows)} assignments, and none has a provider", column="plan")
        return False
    unknown = [p for _, _, p, _ in rows if p and p != OWN and p not in case.provider]
    if {r[:2] for r in rows} != set(case.demand) or len(rows) != len(case.demand) or unknown:
        problems.add("plan_not_this_case", "its demands or providers are not those of the case", column="plan")
        return False
    if _refused(sum_faults(plan), problems):
        return False
    if plan["run"]["case_hash"] == case.case_hash:
        return True
    running = Evaluator(case).cost(rows)["running"]
    if stated is None or abs(running - stated) > CENT:
        said = "no running cost" if stated is None else f"a running cost of {stated:,.2f}"
        told = f"it states {said}; under this case it is {running:,.2f}"
        problems.add("plan_not_this_case", told, column="plan")
        return False
    return True


def _refused(wrong: Sequence[Fault], problems: Problems) -> bool:
    """Note what is wrong with a document, if anything is."""
    if wrong:
        told = "; ".join(f"{f.place or 'plan'}: {f.told}" for f in wrong)
        problems.add("plan_not_readable", told, column="plan")
    return bool(wrong)
