"""Plans that come from outside: a document to start from, a hand-made list to price."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.domain.steady import only_steady
from optimizer.model.parts import Choice
from optimizer.plan.backups import with_backups
from optimizer.plan.plan import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.case import Case
    from optimizer.model.problem import Problem

__all__ = ["choice_from_plan", "choice_from_rows"]

_NAMES = ("entity", "service", "provider", "backup")


def choice_from_plan(problem: Problem, plan: Mapping[str, Any]) -> Choice:
    """The assignments of a plan document, as far as the case has them.

    Raises
    ------
    InputError
        The document is not ``designate.plan/1``.
    HorizonNotTaken
        It is a plan over time.
    """
    only_steady(plan)
    if plan.get("schema") != SCHEMA or not isinstance(plan.get("assignments"), list):
        raise InputError(
            [
                Issue(
                    "not_a_plan",
                    "error",
                    f"the start is not a designate.plan/1 document (schema: {plan.get('schema')!r})",
                    "give the plan.json that `designate solve --out` wrote",
                    column="schema",
                )
            ]
        )
    names = [[str(a.get(k) or "") for k in _NAMES] for a in plan["assignments"] if isinstance(a, Mapping)]
    return problem.encode([(entity, service, provider, backup) for entity, service, provider, backup in names])


def choice_from_rows(
    case: Case, problem: Problem, rows: Iterable[tuple[str, ...]], lines: Iterable[int] | None = None
) -> Choice:
    """A hand-made list of (entity, service, provider[, backup]) as a choice.

    Backups that a critical demand needs and the list does not name are chosen here, so that a plan is not
    called bad for a column nobody filled in.

    Raises
    ------
    InputError
        With every row that names something the case does not have, or a demand twice.
    """
    issues: list[Issue] = []
    good: list[tuple[str, str, str, str]] = []
    seen: dict[tuple[str, str], int] = {}
    for line, row in zip(itertools.count(2) if lines is None else lines, rows):  # noqa: B905 (count has no end)
        entity, service, provider, backup = (*row, "", "", "", "")[:4]
        issues += _row_issues(case, problem, seen, line, entity, service, provider, backup)
        seen.setdefault((entity, service), line)
        good.append((entity, service, provider, backup))
    if issues:
        raise InputError(issues)
    choice = problem.encode(good)
    return Choice(choice.provider, with_backups(problem, choice))


def _row_issues(
    case: Case,
    problem: Problem,
    seen: dict[tuple[str, str], int],
    line: int,
    entity: str,
    service: str,
    provider: str,
    backup: str,
) -> Iterable[Issue]:
    def issue(code: str, column: str, value: str, message: str, remedy: str) -> Issue:
        return Issue(code, "error", message, remedy, table="assignments", row=line, column=column, value=value)

    known = (("entity", entity, case.entity), ("service", service, case.service))
    missing = [
        issue("unknown_id", c, v, f"no {c} {v!r} in the case", "use an id of the case")
        for c, v, t in known
        if v not in t
    ]
    yield from missing
    if not missing and (entity, service) not in problem.demand_index:
        yield issue(
            "no_demand", "service", service, f"{entity} has no demand for {service}", "remove the row or add a demand"
        )
    if (entity, service) in seen:
        first = seen[entity, service]
        yield issue(
            "duplicate_key", "entity", entity, f"{entity}, {service} stands in row {first} already", "keep one row"
        )
    if provider not in problem.provider_index:
        yield issue(
            "unknown_id", "provider", provider, f"no provider {provider!r} in the case", "use a provider's id or OWN"
        )
    if backup and backup not in case.provider:
        yield issue("unknown_id", "backup", backup, f"no provider {backup!r} in the case", "use a provider's id")
