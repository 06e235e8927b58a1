"""What a question about one demand of a plan is asked of: the plan in hand, its cost, the demand, the provider."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.domain.errors import InputError, UsageError
from optimizer.domain.issues import Issue
from optimizer.domain.names import OWN
from optimizer.plan.given import choice_from_plan
from optimizer.solvers.accept.confirm import serves_all
from optimizer.studies.words import phrase
from optimizer.tables.checks.findings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.case import Case
    from optimizer.model.parts import Choice
    from optimizer.studies.base import Setting

__all__ = [
    "EPSILON_HELP",
    "Reference",
    "check_epsilon",
    "check_names",
    "entity_named",
    "epsilon_of",
    "provider_named",
    "reference_of",
    "service_named",
]

EPSILON_HELP = "what is as good as equal: below 1 a share of the plan's cost, from 1 on money a year"


@dataclass(frozen=True, eq=False)
class Reference:
    """The plan in hand.

    Parameters
    ----------
    choice : Choice
        It keeps every rule and serves every demand.
    cost : float
        Money a year, unrounded.
    """

    choice: Choice
    cost: float


def reference_of(setting: Setting) -> Reference:
    """The plan in hand, judged and priced anew.

    Raises
    ------
    UsageError
        It breaks a rule, or leaves demands unserved: what costs more or less than it would mean nothing.
    """
    assert setting.plan is not None  # the question needs one
    session = setting.session
    choice = choice_from_plan(session.problem, setting.plan.document())
    if not serves_all(choice):
        undone = int((choice.provider < 0).sum())
        told = (
            f"the plan leaves {undone} demands unserved, and it is compared with plans that serve all: give such a plan"
        )
        raise UsageError(told)
    found = session.ground.evaluator.evaluate(session.problem.decode(choice))
    if not found.ok:
        broken = ", ".join(sorted({v.rule for v in found.violations}))
        raise UsageError(
            f"the plan breaks rules of the case ({broken}): solve the case, or give a plan that keeps them"
        )
    session.keep_choice(choice)
    return Reference(choice, found.cost["total"])


def check_epsilon(epsilon: float) -> None:
    """Refuse what is no amount.

    Raises
    ------
    UsageError
    """
    if not 0 <= epsilon < math.inf:
        raise UsageError(f"epsilon is a number, 0 or more, not {epsilon}: {EPSILON_HELP}")


def epsilon_of(epsilon: float, cost: float) -> float:
    """Money a year that counts as nothing: below 1 it is a share of the plan's cost."""
    return epsilon * abs(cost) if epsilon < 1 else epsilon


def check_names(case: Case, *, entity: str, service: str | None = None, provider: str = "") -> None:
    """Refuse ids that the case does not have, all at once.

    Parameters
    ----------
    case : Case
    entity : str
    service : str, optional
        With it, the entity must have a demand for it.
    provider : str
        An id, ``OWN``, or nothing.

    Raises
    ------
    InputError
    """
    if issues := list(_unknown(case, entity, service, provider)):
        raise InputError(issues)


def _unknown(case: Case, entity: str, service: str | None, provider: str) -> Iterator[Issue]:
    known: list[tuple[str, str, Any]] = [("entity", entity, case.entity)]
    known += [] if service is None else [("service", service, case.service)]
    known += [("provider", provider, {**case.provider, OWN: None})] if provider else []
    missing = [(column, value, table) for column, value, table in known if value not in table]
    for column, value, table in missing:
        told = f"no {column} {value!r} in the case. {did_you_mean(value, table)}".strip()
        yield Issue("unknown_id", "error", told, "use an id of the case", column=column, value=value)
    wanted = {s for e, s in case.demand if e == entity}
    gone = {column for column, _, _ in missing}
    if "entity" not in gone and (not wanted or (service not in wanted | {None} and "service" not in gone)):
        told = f"{entity} has no demand" + (f" for {service}" if service else "")
        remedy = f"{entity} needs: {', '.join(sorted(wanted))}" if wanted else f"{entity} needs nothing in this case"
        yield Issue("no_demand", "error", told, remedy, column="service", value=service or "")


def entity_named(case: Case, entity: str) -> str:
    """Name and id of an entity, for a sentence."""
    return _named(case.entity[entity].name, entity)


def service_named(case: Case, service: str) -> str:
    """Name and id of a service, for a sentence."""
    return _named(case.service[service].name, service)


def provider_named(case: Case, provider: str) -> Any:
    """Name and id of a provider, for a sentence."""
    return phrase("own capacity") if provider == OWN else _named(case.provider[provider].name, provider)


def _named(name: str, key: str) -> str:
    return f"{name} ({key})" if name and name != key else key
