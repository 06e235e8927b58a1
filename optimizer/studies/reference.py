"""What a question about one demand of a plan is asked of: the plan in hand, its cost, the demand, the provider."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.answer import Sentence
from optimizer.domain.errors import InputError, OptionsRefused, UsageError
from optimizer.domain.issues import Issue
from optimizer.domain.names import OWN
from optimizer.domain.options import refused
from optimizer.plan.given import choice_from_plan
from optimizer.solvers.accept.confirm import serves_all
from optimizer.studies.words import listed, phrase, say
from optimizer.tables.checks.findings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
    "only_name",
    "provider_named",
    "reference_of",
    "refusals_told",
    "service_named",
    "with_names",
]

_WHOLE: Final = 2.0
"""Making a plan whole takes about so many times what judging it takes."""
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
    """The plan in hand, judged and priced by the verifier, once for the session; time to make the answer's plan whole
    is kept.

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
    cost = session.cost_of(choice)
    setting.budget.keep(_WHOLE * session.judging_s)
    if cost is None:
        found = session.ground.evaluator.evaluate(session.problem.decode(choice))
        broken = ", ".join(sorted({v.rule for v in found.violations}))
        raise UsageError(
            f"the plan breaks rules of the case ({broken}): solve the case, or give a plan that keeps them"
        )
    return Reference(choice, cost)


def check_epsilon(epsilon: float) -> None:
    """Refuse what is no amount.

    Raises
    ------
    UsageError
    """
    if not 0 <= epsilon < math.inf:
        told = f"epsilon is a number, 0 or more, not {epsilon}"
        raise OptionsRefused([refused("option_out_of_range", "epsilon", told, EPSILON_HELP)])


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
    """Name and id of a service, for a sentence; a bundle, which rules speak of in its place, has an id alone."""
    return _named(case.service[service].name, service) if service in case.service else service


def provider_named(case: Case, provider: str) -> Any:
    """Name and id of a provider, for a sentence."""
    return phrase("own capacity") if provider == OWN else _named(case.provider[provider].name, provider)


def refusals_told(case: Case, refusals: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Reasons of refusals one after the other, with names for ids."""
    return listed(with_names(case, r["message"]) for r in refusals)


def with_names(case: Case, said: str) -> str:
    """A finding as a sentence of a study: entities, services and providers by the names that the tables give them.

    Parameters
    ----------
    case : Case
    said : str
        A ``Sentence``, whose values may be sentences too: values called ``entity``, ``service``, ``provider``, ``lost``
        or ``other`` that are ids are named, and the ids kept in ``ids``. Other text is left as it is.
    """
    if not isinstance(said, Sentence) or not said.values:
        return said
    tables: dict[str, Mapping[str, Any]] = {"entity": case.entity, "service": case.service}
    tables |= dict.fromkeys(("provider", "lost", "other"), case.provider)
    values, ids = dict[str, Any](), dict(said.ids)
    for name, value in said.values.items():
        values[name] = with_names(case, value)
        table = tables.get(name, {})
        if isinstance(value, str) and not isinstance(value, Sentence) and value in table:
            values[name], ids[name] = only_name(table, value), value
        elif isinstance(values[name], Sentence):
            ids |= values[name].ids
    return say(said.template, ids, **values)


def only_name(table: Mapping[str, Any], key: str) -> str:
    """The name of a row of entities, services or providers; its id is with it only where another has that name."""
    name = table[key].name
    return name if name and sum(row.name == name for row in table.values()) == 1 else _named(name, key)


def _named(name: str, key: str) -> str:
    return f"{name} ({key})" if name and name != key else key
