"""One case, many solves: what follows from the case is made once, and anew only where a change reaches it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from optimizer.model.build import scalars_of
from optimizer.pipeline import Ground, solve_case
from optimizer.plan.given import choice_from_plan
from optimizer.plan.plan import Plan
from optimizer.solvers.accept.confirm import serves_all
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.process import ChildPool
from optimizer.tables.limits import LIMITS
from optimizer.tables.replace import replace
from optimizer.verify.checker import Evaluator

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from optimizer.domain.case import Case
    from optimizer.domain.params import SolveParams
    from optimizer.model.problem import Problem

__all__ = ["Session"]

_Key = tuple[tuple[str, str, str | None, str | None], ...]

MOST_PLANS: Final = 1000
"""Verified plans that are kept; beyond it the oldest goes."""


class Session:
    """A case with its arrays, its verifier, its children and the verified plans found so far.

    Sessions made of one another by ``vary`` share children and plans; the one that was made first ends the children.

    Parameters
    ----------
    case : Case
    pool : ChildPool, optional
        Children to use; default its own, ended by ``close`` or at the end of a ``with`` block.

    Examples
    --------
    >>> import optimizer
    >>> with optimizer.Session(optimizer.example("tiny")) as session:
    ...     free = session.solve()
    ...     still = session.vary(policy={"max_moves": 2}).solve()
    >>> len(free.moves), len(still.moves)
    (4, 2)
    """

    def __init__(self, case: Case, *, pool: ChildPool | None = None) -> None:
        self.case = case
        self.pool = pool or ChildPool()
        self._owned = pool is None
        self._plans: dict[_Key, Plan] = {}
        self._costs: dict[_Key, float | None] = {}
        self._ground: Ground | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the children, where they are the session's own."""
        if self._owned:
            self.pool.close()

    @property
    def ground(self) -> Ground:
        """Arrays and verifier of the case, made when first asked for."""
        if self._ground is None:
            self._ground = Ground.of(self.case)
        return self._ground

    @property
    def problem(self) -> Problem:
        """Arrays of the case."""
        return self.ground.problem

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Verified plans found in this session and those it was varied from and into, oldest first."""
        return tuple(self._plans.values())

    def vary(self, *, policy: Mapping[str, Any] | None = None, **tables: Any) -> Session:
        """A session on a changed case, sharing children and plans.

        Limits of the policy (``optimizer.tables.limits.LIMITS``) reach the arrays without reading anything anew;
        other changes are read and checked as any case, with distances and calendars that are known already.

        Parameters
        ----------
        policy, **tables
            As ``optimizer.replace`` takes them.

        Raises
        ------
        InputError, UsageError
            As ``optimizer.replace`` does.
        """
        case = replace(self.case, policy=policy, **tables)
        other = Session(case, pool=self.pool)
        other._plans = self._plans
        if self._ground is not None and not tables and set(policy or {}) <= LIMITS:
            problem = dataclasses.replace(self._ground.problem, scalars=scalars_of(case.policy))
            other._ground = Ground(problem, Evaluator(case))
        return other

    def solve(
        self,
        params: SolveParams | None = None,
        *,
        start: Plan | None = None,
        watch: Watch | None = None,
        name: str = "",
    ) -> Plan:
        """Solve the case, from the cheapest plan in hand that keeps its rules unless another is given.

        Parameters
        ----------
        params : SolveParams, optional
        start : Plan, optional
        watch : Watch, optional
            Its pool, if it has one, is used instead of the session's.
        name : str, optional
        """
        watch = watch or Watch()
        if watch.pool is None:
            watch = dataclasses.replace(watch, pool=self.pool)
        begin = start or self.cheapest()
        document = solve_case(
            self.case,
            params,
            start=None if begin is None else begin.document(),
            issues=self.case.issues,
            watch=watch,
            name=name,
            ground=self.ground,
        )
        plan = Plan.from_document(document, self.case)
        self.keep(plan)
        return plan

    def keep(self, plan: Plan) -> None:
        """Add a plan to those in hand; one that is not whole or not verified is left out."""
        if not plan.ok:
            return
        key = tuple((a.entity, a.service, a.provider, a.backup) for a in plan.assignments)
        self._plans.pop(key, None)
        self._plans[key] = plan
        while len(self._plans) > MOST_PLANS:
            del self._plans[next(iter(self._plans))]

    def cheapest(self) -> Plan | None:
        """The plan in hand that costs least under this case and keeps its rules; checked and priced anew.

        A plan found for another case may break rules of this one, or cost something else here. One that serves
        only a part of the demands is none: it would always be the cheapest.
        """
        costs = [(self._cost(key, plan), plan) for key, plan in self._plans.items()]
        held = [(cost, plan) for cost, plan in costs if cost is not None]
        return min(held, key=lambda pair: pair[0], default=(0.0, None))[1]

    def _cost(self, key: _Key, plan: Plan) -> float | None:
        """What a plan costs under this case; ``None`` where it breaks a rule, or serves a part only."""
        if key not in self._costs:
            choice = choice_from_plan(self.problem, plan.document())
            found = self.ground.evaluator.evaluate(self.problem.decode(choice)) if serves_all(choice) else None
            self._costs[key] = found.cost["total"] if found is not None and found.ok else None
        return self._costs[key]
