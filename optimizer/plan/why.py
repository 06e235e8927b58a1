"""Why one demand is served by whom: every provider, refused with what lifts it or priced, without a solve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.arrays.build import build_problem
from optimizer.arrays.lifts import lift_of, lockable
from optimizer.arrays.reasons import explain_exemptions, explain_refusals
from optimizer.domain.issues import Issue
from optimizer.errors import InputError
from optimizer.plan.given import choice_from_plan
from optimizer.plan.option import OptionPricer
from optimizer.validation.findings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from optimizer.arrays.problem import Problem
    from optimizer.domain.case import Case

__all__ = ["SCHEMA", "Why", "WhyOption", "WhyRefusal", "why"]

SCHEMA = "designate.why/1"


@dataclass(frozen=True, slots=True)
class WhyRefusal:
    """One reason why a provider may not serve the demand.

    Parameters
    ----------
    code : str
        Out of ``REFUSALS``.
    message : str
        The reason with its figures.
    figure, limit : float, str or None
        What was found and what the rule allows, in the unit of the rule (km, hours, money a unit …).
    action : str
        What would lift it, with the amount.
    change : dict
        The cell to change: ``table``, ``key``, ``column``, ``value`` (``None`` where a person must say).
    """

    code: str
    message: str
    figure: float | str | None
    limit: float | str | None
    action: str
    change: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping."""
        return {
            "code": self.code,
            "message": self.message,
            "figure": self.figure,
            "limit": self.limit,
            "action": self.action,
            "change": dict(self.change),
        }


@dataclass(frozen=True, slots=True)
class WhyOption:
    """One provider, or own capacity, for the demand.

    Parameters
    ----------
    provider : str
        Provider id or ``OWN``.
    verdict : str
        ``possible``; ``breaks`` (eligible, and a rule of the whole plan would be broken); ``refused``.
    chosen : bool
        The plan has it so.
    refusals : tuple of WhyRefusal
    by_decision : str
        How a decision could override the refusals; empty where none could, or none is needed.
    exempted : tuple of str
        Refusals that ``keep_current`` or a lock set aside.
    cost : dict or None
        Increment of each cost term and of the ``total``, money a year, when only this demand goes there:
        given the rest of the plan, or without a plan given that nothing else is assigned. So a site, a line's
        fixed cost, an interface count in full for the first who comes and not at all for the next, and a
        cheaper tier shows with those who share the line. ``None`` for a refused pair.
    extra_cost : float or None
        Change of the plan's total, money a year, if only this demand moved there; its backup may change.
        ``None`` without a plan, for a refused pair, and where the plan has the demand at a pair without a price.
    backup : str
        The backup that it would have.
    breaks : tuple of dict
        Rules that would newly be broken: ``rule``, ``message``, ``amount``, ``unit``, ``entity``, ``service``,
        ``provider``. Without a plan: those that any plan with this pair breaks.
    """

    provider: str
    verdict: str
    chosen: bool
    refusals: tuple[WhyRefusal, ...] = ()
    by_decision: str = ""
    exempted: tuple[str, ...] = ()
    cost: Mapping[str, float] | None = None
    extra_cost: float | None = None
    backup: str = ""
    breaks: tuple[Mapping[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping."""
        return {
            "provider": self.provider,
            "verdict": self.verdict,
            "chosen": self.chosen,
            "refusals": [r.as_dict() for r in self.refusals],
            "by_decision": self.by_decision,
            "exempted": list(self.exempted),
            "cost": None if self.cost is None else dict(self.cost),
            "extra_cost": self.extra_cost,
            "backup": self.backup or None,
            "breaks": [dict(b) for b in self.breaks],
        }


@dataclass(frozen=True, slots=True)
class Why:
    """The answer about one demand.

    Parameters
    ----------
    entity, service : str
    volume, effort_fte : float
        Units a year, FTE.
    currency : str
    case_hash : str
    plan : str or None
        ``run.id`` of the plan, ``None`` without one.
    chosen : str or None
        Who serves it in the plan.
    options : tuple of WhyOption
        Every provider and ``OWN``: possible ones by cost, then those that break a rule, then the refused.
    """

    entity: str
    service: str
    volume: float
    effort_fte: float
    currency: str
    case_hash: str
    plan: str | None
    chosen: str | None
    options: tuple[WhyOption, ...]

    def as_dict(self) -> dict[str, Any]:
        """Document ``designate.why/1``."""
        return {
            "schema": SCHEMA,
            "entity": self.entity,
            "service": self.service,
            "volume": self.volume,
            "effort_fte": self.effort_fte,
            "currency": self.currency,
            "case_hash": self.case_hash,
            "plan": self.plan,
            "chosen": self.chosen,
            "options": [o.as_dict() for o in self.options],
        }


def why(case: Case, entity: str, service: str, plan: Mapping[str, Any] | None = None) -> Why:
    """Every provider of one demand: refused and what lifts it, or what it costs. No solve is made.

    Parameters
    ----------
    case : Case
    entity, service : str
        Ids of a demand of the case.
    plan : mapping, optional
        A plan document of this case. With it come who is chosen, the extra cost of moving only this demand, and
        the rules that such a move would break.

    Returns
    -------
    Why

    Raises
    ------
    InputError
        The case has no such demand (near matches are named), or the plan answers another case.
    """
    issues = list(_unknown(case, entity, service)) or list(_other_case(case, plan))
    if issues:
        raise InputError(issues)
    problem = build_problem(case)
    d = problem.demand_index[entity, service]
    choice = None if plan is None else choice_from_plan(problem, plan)
    pricer = OptionPricer(case, problem, d, choice)
    options = [_option(case, problem, d, p, pricer) for p in range(problem.n_providers + 1)]
    return Why(
        entity=entity,
        service=service,
        volume=case.demand[entity, service].volume,
        effort_fte=round(float(problem.effort_fte[d]), 6),
        currency=case.policy.currency,
        case_hash=case.case_hash,
        plan=None if plan is None else str((plan.get("run") or {}).get("id", "")),
        chosen=pricer.chosen,
        options=tuple(sorted(options, key=_rank)),
    )


def _unknown(case: Case, entity: str, service: str) -> Iterator[Issue]:
    known = (("entity", entity, case.entity), ("service", service, case.service))
    missing = [(column, value, table) for column, value, table in known if value not in table]
    for column, value, table in missing:
        told = f"no {column} {value!r} in the case. {did_you_mean(value, table)}".strip()
        yield Issue("unknown_id", "error", told, "use an id of the case", column=column, value=value)
    if not missing and (entity, service) not in case.demand:
        of_entity = sorted(s for e, s in case.demand if e == entity)
        remedy = f"{entity} needs: {', '.join(of_entity)}" if of_entity else f"{entity} needs nothing in this case"
        told = f"{entity} has no demand for {service}"
        yield Issue("no_demand", "error", told, remedy, column="service", value=service)


def _other_case(case: Case, plan: Mapping[str, Any] | None) -> Iterator[Issue]:
    run = None if plan is None else plan.get("run")
    answered = run.get("case_hash") if isinstance(run, dict) else None
    if answered is not None and answered != case.case_hash:
        told = f"the plan answers another case ({str(answered)[:12]}, this one is {case.case_hash[:12]})"
        remedy = "give the case that was solved, or solve this one"
        yield Issue("plan_of_another_case", "error", told, remedy, column="case_hash", value=str(answered))


def _option(case: Case, problem: Problem, d: int, p: int, pricer: OptionPricer) -> WhyOption:
    name = problem.provider_name(p)
    chosen = pricer.chosen == name
    refusals = tuple(_refusal(case, problem, d, p, r) for r in explain_refusals(case, problem, d, p))
    if refusals:
        return WhyOption(name, "refused", chosen, refusals, _override(problem, d, name, refusals))
    priced = pricer.price(p)
    return WhyOption(
        provider=name,
        verdict="breaks" if priced.breaks and not chosen else "possible",
        chosen=chosen,
        exempted=tuple(f"{r['code']}: {r['message']}" for r in explain_exemptions(case, problem, d, p)),
        cost=priced.cost,
        extra_cost=priced.extra_cost,
        backup=priced.backup,
        breaks=priced.breaks,
    )


def _refusal(case: Case, problem: Problem, d: int, p: int, reason: Mapping[str, Any]) -> WhyRefusal:
    lift = lift_of(case, problem, d, p, reason["code"])
    change = {"table": lift.table, "key": lift.key, "column": lift.column, "value": lift.value}
    return WhyRefusal(reason["code"], reason["message"], reason["figure"], reason["limit"], lift.action, change)


def _override(problem: Problem, d: int, name: str, refusals: tuple[WhyRefusal, ...]) -> str:
    if not lockable(r.code for r in refusals):
        return ""
    entity = problem.entity_ids[problem.demand_entity[d]]
    service = problem.service_ids[problem.demand_service[d]]
    withdraw = "withdraw the decision that forbids it and " if any(r.code == "forbid" for r in refusals) else ""
    return f"{withdraw}lock {service} of {entity} to {name} by decision"


def _rank(option: WhyOption) -> tuple[int, float, int, str]:
    """Possible ones by cost, then those that break a rule, then the refused by number of reasons."""
    order = ("possible", "breaks", "refused").index(option.verdict)
    cost = option.cost["total"] if option.cost is not None else 0.0
    return order, cost, len(option.refusals), option.provider
