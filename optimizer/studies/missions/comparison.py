"""Two plans with their cases: what changed, and why, in parts that add up.

``optimizer.report.compare.diff`` says what changed. This adds where (entity, service, term) and why:

* **data**: plan A's assignments, and plan B's of demands only B has, priced with B's tables and A's
  policy, less what plan A costs in case A;
* **rules**: the same assignments priced with B's policy too, less the step before;
* **options**: plan B less all that: other providers chosen, because B's case offers, needs or allows it;
* **solver**: what limits, seed or version may account for, within the gaps of the two plans.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.errors import InputError
from optimizer.domain.held import holds_plan
from optimizer.domain.names import COST_TERMS, OWN
from optimizer.domain.steady import is_over_time
from optimizer.report.compare import diff
from optimizer.solvers.accept.solve import GAP_ABS_OPTIMAL
from optimizer.studies.missions.applied import CENT, as_rows
from optimizer.studies.missions.inputs import changed_inputs
from optimizer.studies.missions.reasons import reasons_of
from optimizer.tables.read import case_from_tables
from optimizer.tables.schema import POLICY_TABLE
from optimizer.verify.checker import Evaluator

if TYPE_CHECKING:
    from optimizer.domain.case import Case

__all__ = ["compare"]

DATED: Final = ("as_of", "calendar_year")
"""Policy keys that say when a case is, not what is wanted: they go with the tables."""

Cost = dict[str, float]
Row = tuple[str, str, str, str]
Plan = Mapping[str, Any]


def compare(a: Plan, b: Plan, *, case_a: Case | None = None, case_b: Case | None = None) -> dict[str, Any]:
    """What changed from plan ``a`` to plan ``b``, where and why.

    Parameters
    ----------
    a, b : mapping
        Plan documents.
    case_a, case_b : Case, optional
        The cases they answer. Without both, ``why`` is known only for two plans of one case.

    Returns
    -------
    dict
        As ``optimizer.report.compare.diff``, with ``by_entity`` and ``by_service`` (a, b, change) and
        ``why``: ``known``, ``total`` (change of the total), ``parts`` (data, rules, options, solver: each
        ``amount`` and ``terms``, adding up to ``total``), ``solver_between`` (least and most that the two
        gaps leave to the solver), ``unknown`` (sentences on what cannot be told).
        With both cases also ``inputs``, what changed in them (``changed_inputs``), else ``None``; and where ``b`` is
        a plan that keeps the rules of ``case_b``, each of ``moved`` has ``why``: ``kind``, ``codes``, ``reason``,
        ``amount`` (``reasons_of``). Of two plans over time as ``diff_over_time``, with ``inputs``.
    """
    told = diff(a, b)
    inputs = None if case_a is None or case_b is None else changed_inputs(case_a, case_b)
    if is_over_time(a):
        return {**told, "inputs": inputs}
    return {
        **told,
        "moved": _with_reasons(told["moved"], b, case_b),
        "by_entity": _by(a, b, "entity"),
        "by_service": _by(a, b, "service"),
        "inputs": inputs,
        "why": _why(a, b, case_a, case_b),
    }


def _with_reasons(moved: list[dict[str, Any]], b: Plan, case_b: Case | None) -> list[dict[str, Any]]:
    """Each move with its reason, as far as it can be told."""
    sound = b["status"]["solution"] in ("optimal", "feasible") and (b.get("verification") or {}).get("ok")
    if case_b is None or not moved or not sound or not _answers(b, case_b):
        return moved
    moves = [(m["entity"], m["service"], m["from"]) for m in moved if m["from"] is not None]
    known = {(r["entity"], r["service"]): r for r in reasons_of(case_b, b, moves)}
    parts = ("kind", "codes", "reason", "amount")
    found = (known.get((m["entity"], m["service"])) for m in moved)
    return [m if r is None else {**m, "why": {k: r[k] for k in parts}} for m, r in zip(moved, found, strict=True)]


def _by(a: Plan, b: Plan, key: str) -> list[dict[str, Any]]:
    """Cost by entity or service as the plans allocate it, largest change first; equal ones left out."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for side, plan in enumerate((a, b)):
        for x in plan["assignments"]:
            sums[x[key]][side] += sum(x["cost"][t] for t in COST_TERMS)
    rows = [
        {key: k, "a": round(x, 2), "b": round(y, 2), "change": round(y - x, 2)}
        for k, (x, y) in sums.items()
        if abs(y - x) >= 0.005
    ]
    return sorted(rows, key=lambda r: (-abs(r["change"]), r[key]))


def _why(a: Plan, b: Plan, case_a: Case | None, case_b: Case | None) -> dict[str, Any]:
    if not (holds_plan(a) and holds_plan(b)):
        return _not_known(a, b, "one of the two holds no plan")
    if a["cost"] is None or b["cost"] is None:
        return _not_known(a, b, "one of the two serves only a part, which has no cost to compare")
    if a["run"]["currency"] != b["run"]["currency"]:
        return _not_known(a, b, "amounts are in two currencies")
    if a["run"]["case_hash"] == b["run"]["case_hash"]:
        change = _less(_stated(b), _stated(a))
        return _answer(a, b, {"data": {}, "rules": {}, "options": {}, "solver": change}, [])
    if case_a is None or case_b is None:
        return _not_known(a, b, "the plans answer different cases, and both cases are needed to tell their shares")
    for letter, plan, case in (("A", a, case_a), ("B", b, case_b)):
        if not _answers(plan, case):
            return _not_known(a, b, f"case {letter} is not the case that plan {letter} answers")
    return _between_cases(a, b, case_a, case_b)


def _answers(plan: Plan, case: Case) -> bool:
    """By its hash; or, under another limit that costs nothing, by the same demands at the same total."""
    if plan["run"]["case_hash"] == case.case_hash:
        return True
    rows = as_rows(plan)
    if {r[:2] for r in rows} != set(case.demand) or not all(r[2] and _priceable(case, r) for r in rows):
        return False
    stated = plan["cost"]
    return stated is not None and bool(abs(Evaluator(case).cost(rows)["total"] - stated["total"]) <= CENT)


def _between_cases(a: Plan, b: Plan, case_a: Case, case_b: Case) -> dict[str, Any]:
    unknown: list[str] = []
    rows = _carried(a, b, case_b, unknown)
    priced = Evaluator(case_b).cost(rows)
    middle, told = _mixed(case_a, case_b), ""
    if middle is None:
        told = "B's tables cannot be read under A's policy: what rules change is told with the data"
    elif set(middle.demand) != set(case_b.demand):
        middle, told = None, "A's policy gives B's tables other demands: what rules change is told with the data"
    if told:
        unknown.append(told)
    under_rules_a = priced if middle is None else Evaluator(middle).cost(rows)
    data = _less(under_rules_a, _stated(a))
    rules = _less(priced, under_rules_a)
    options = _less(_stated(b), priced)
    if _policy_differs(case_a, case_b):
        unknown.append("the effect of hard rules is counted under options")
    parts = {"data": data, "rules": rules, "options": options, "solver": {}}
    if _gap(a) != 0.0 or _gap(b) != 0.0:
        unknown.append("the plans are not both proven: within solver_between, the part `options` may be the solver's")
    return _answer(a, b, parts, unknown)


def _carried(a: Plan, b: Plan, case_b: Case, unknown: list[str]) -> list[Row]:
    """A's assignments that case B can price, and B's assignments of demands that A does not know."""
    mine = as_rows(a)
    known = {r[:2] for r in mine}
    out = [r for r in as_rows(b) if r[:2] not in known and r[2]]
    for row in (r for r in mine if r[:2] in case_b.demand and r[2]):
        if _priceable(case_b, row):
            out.append(row)
        else:
            entity, service, provider, _ = row
            unknown.append(f"{service} of {entity} at {provider} has no price in case B: it is told with the options")
    return out


def _priceable(case: Case, row: Row) -> bool:
    entity, service, provider, _ = row
    if provider == OWN:
        return case.demand[entity, service].own_unit_cost is not None
    return (provider, service) in case.offer


def _mixed(case_a: Case, case_b: Case) -> Case | None:
    """B's tables under A's policy, dated as B; ``None`` when that is no case."""
    policy_a, policy_b = dict(case_a.tables[POLICY_TABLE]), case_b.tables[POLICY_TABLE]
    policy = {**policy_a, **{k: policy_b[k] for k in DATED if k in policy_b}}
    try:
        return case_from_tables({**case_b.tables, POLICY_TABLE: policy}, name="between")[0]
    except InputError:
        return None


def _policy_differs(case_a: Case, case_b: Case) -> bool:
    one, two = ({k: v for k, v in c.tables[POLICY_TABLE].items() if k not in DATED} for c in (case_a, case_b))
    return one != two


def _stated(plan: Plan) -> Cost:
    return {t: plan["cost"][t] for t in COST_TERMS}


def _less(x: Cost, y: Cost) -> Cost:
    return {t: x.get(t, 0.0) - y.get(t, 0.0) for t in COST_TERMS}


def _gap(plan: Plan) -> float | None:
    """Money a year that the plan may be above its optimum; 0 when proven, ``None`` when not known."""
    gap: float | None = plan["bounds"]["gap_abs"]
    if gap is None:
        return None
    return 0.0 if gap <= GAP_ABS_OPTIMAL else gap


def _answer(a: Plan, b: Plan, parts: Mapping[str, Cost], unknown: list[str]) -> dict[str, Any]:
    """Parts to the cent; what rounding leaves goes to the largest."""
    total = round(b["cost"]["total"] - a["cost"]["total"], 2)
    amounts = {k: round(sum(v.values()), 2) for k, v in parts.items()}
    left = round(total - sum(amounts.values()), 2)
    largest = max(amounts, key=lambda k: abs(amounts[k]))
    amounts[largest] = round(amounts[largest] + left, 2)
    rows = [
        {"part": k, "amount": amounts[k], "terms": {t: round(x, 2) for t, x in v.items() if abs(x) >= 0.005}}
        for k, v in parts.items()
    ]
    gap_a, gap_b = _gap(a), _gap(b)
    between = [None if gap_a is None else round(-gap_a, 2), None if gap_b is None else round(gap_b, 2)]
    return {"known": True, "total": total, "parts": rows, "solver_between": between, "unknown": unknown}


def _not_known(a: Plan, b: Plan, reason: str) -> dict[str, Any]:
    known = a["cost"] is not None and b["cost"] is not None
    total = round(b["cost"]["total"] - a["cost"]["total"], 2) if known else None
    return {"known": False, "total": total, "parts": [], "solver_between": [None, None], "unknown": [reason]}
