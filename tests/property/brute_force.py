"""Enumeration of every plan of a small case, priced and judged by the verifier's own code."""

from __future__ import annotations

from itertools import product

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.verify.checker import Evaluator

Row = tuple[str, str, str, str]


def best_plan(case: Case) -> tuple[float, list[Row]] | None:
    """Cost and rows of a cheapest plan that keeps every rule; ``None`` when there is none."""
    evaluator = Evaluator(case)
    options = [_providers(case, evaluator, d.key) for d in case.demands]
    priced = []
    for choice in product(*options):
        rows = [(*d.key, p, "") for d, p in zip(case.demands, choice, strict=True)]
        priced.append((evaluator.cost(rows)["total"], choice))
    for cost, choice in sorted(priced, key=lambda x: x[0]):
        for rows in _with_backups(case, choice):
            if not evaluator.violations(rows):
                return cost, rows
    return None


def _providers(case: Case, evaluator: Evaluator, key: tuple[str, str]) -> list[str]:
    """Every provider that is not refused outright (an empty list: nobody may serve it)."""
    names = [p.id for p in case.providers] + [OWN]
    return [p for p in names if not _refused(evaluator, (*key, p, ""))]


def _refused(evaluator: Evaluator, row: Row) -> bool:
    found = evaluator.violations([row])
    return any(v.rule == "assign_once" and (v.entity, v.service, v.provider) == (row[0], row[1], row[2]) for v in found)


def _with_backups(case: Case, choice: tuple[str, ...]) -> list[list[Row]]:
    """The plan with every naming of backups for critical demands."""
    names = [p.id for p in case.providers]
    spare = [
        [q for q in names if q != p] or [""]
        if case.policy.backup and case.service[d.service].critical and p != OWN
        else [""]
        for d, p in zip(case.demands, choice, strict=True)
    ]
    return [
        [(*d.key, p, q) for d, p, q in zip(case.demands, choice, backups, strict=True)] for backups in product(*spare)
    ]
