"""A pair that is refused, lifted for one demand: a lock by decision on it, and what stands against that withdrawn.

A lock sets every filter aside but two facts, that a service is not offered and that a provider is closed. Decisions
that speak of many demands are written out, so that for all others everything is as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.answer import told
from optimizer.domain.names import LOCK_CANNOT_OVERRIDE
from optimizer.model.eligibility.lifts import lift_of
from optimizer.model.eligibility.reasons import explain_refusals, said_by
from optimizer.studies.decided import without_decisions

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.model.problem import Problem
    from optimizer.session import Session

__all__ = ["Against", "lifted", "locked_at", "what_stands_against", "withdrawn"]

Row = dict[str, Any]

REASON = "asked by a study"


@dataclass(frozen=True, slots=True)
class Against:
    """One thing that stands against a pair.

    Parameters
    ----------
    code : str
        A refusal out of ``REFUSALS``, or ``lock``: the demand is locked to another provider.
    message : str
        With the figures, or with the decision's reason.
    action : str
        What would lift it for good.
    fact : bool
        No decision lifts it.
    """

    code: str
    message: str
    action: str
    fact: bool

    def as_row(self) -> Row:
        """Plain mapping."""
        return {"code": self.code, "message": self.message, "what_lifts_it": self.action}


def what_stands_against(case: Case, problem: Problem, demand: int, provider: int) -> tuple[Against, ...]:
    """Refusals of a pair with their reasons, and a lock of the demand to another provider."""
    out = [
        Against(
            r["code"],
            r["message"],
            lift_of(case, problem, demand, provider, r["code"]).action,
            r["code"] in LOCK_CANNOT_OVERRIDE,
        )
        for r in explain_refusals(case, problem, demand, provider)
    ]
    locked = int(problem.locked[demand])
    if locked >= 0 and locked != provider:
        key, who = _key(problem, demand), problem.provider_name(locked)
        rows = [r for r in case.decisions if r.action == "lock" and key in case.demands_named(r.entity, r.service)]
        why = "; ".join(said_by(r) for r in rows)
        message = told("a decision locks it to {provider}: {why}", provider=who, why=why)
        out.append(Against("lock", message, told("withdraw the lock to {provider}", provider=who), False))
    return tuple(out)


def lifted(session: Session, demand: int, provider: int) -> Session:
    """The case with a demand locked to a provider by decision, and the decisions against that withdrawn."""
    return _decided(session, demand, provider, lock=True)


def withdrawn(session: Session, demand: int) -> Session:
    """The case without the lock of a demand."""
    return _decided(session, demand, -1, lock=False)


def locked_at(problem: Problem, demand: int) -> Problem:
    """The problem with the lock of a demand left out, where single moves are looked for."""
    import dataclasses

    locked = np.array(problem.locked)
    locked[demand] = -1
    return dataclasses.replace(problem, locked=locked)


def _key(problem: Problem, demand: int) -> tuple[str, str]:
    e, s = problem.demand_entity[demand], problem.demand_service[demand]
    return problem.entity_ids[e], problem.service_ids[s]


def _decided(session: Session, demand: int, provider: int, *, lock: bool) -> Session:
    case, problem = session.case, session.problem
    key, who = _key(problem, demand), "" if provider < 0 else problem.provider_name(provider)
    rows = without_decisions(case, lambda row: [key] if row.action == "lock" or row.provider == who else [])
    if lock:
        rows.append({"action": "lock", "entity": key[0], "service": key[1], "provider": who, "reason": REASON})
    return session.vary(decisions=rows)
