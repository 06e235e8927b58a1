"""One case, many solves: what follows from the case is made once, and anew only where a change reaches it."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from optimizer.domain.params import SolveParams
from optimizer.domain.steady import only_steady
from optimizer.model.build import scalars_of
from optimizer.model.conditions import within
from optimizer.model.evaluate import check, evaluate
from optimizer.pipeline import Ground, solve_case
from optimizer.plan.plan import SCHEMA, Plan
from optimizer.solvers.accept.confirm import serves_all
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.bounds import bounds_of_pairs
from optimizer.solvers.pool import ChildPool, common_pool
from optimizer.stating import state_case
from optimizer.tables.policy_limits import LIMITS
from optimizer.tables.replace import replace
from optimizer.verify.checker import Evaluator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from optimizer.domain.case import Case
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.solvers.base import PairBounds

__all__ = ["Held", "Session", "assignments_of"]

_Row = tuple[str, str, str, str]

MOST_PLANS: Final = 1000
"""Verified plans that are kept; beyond it the oldest goes."""
SLACK: Final = 1.0
"""How far the price of the model may be from that of the verifier, money a year; far more than floats lose."""


class _Key(tuple[_Row, ...]):
    """The rows of a plan as a key: thousands of them, whose hash is found once."""

    def __hash__(self) -> int:
        if not hasattr(self, "_hash"):
            self._hash = super().__hash__()
        return self._hash


class Held(NamedTuple):
    """A plan in hand as the session's case prices it: verified, every rule kept, every demand served."""

    cost: float
    choice: Choice


def assignments_of(problem: Problem, choice: Choice) -> dict[str, Any]:
    """The rows of a plan as a document has them, and nothing else of it."""
    names = ("entity", "service", "provider", "backup")
    return {"assignments": [dict(zip(names, row, strict=True)) for row in problem.decode(choice)]}


class Session:
    """A case with its arrays, its verifier, its children and the verified plans found so far.

    Sessions made of one another by ``vary`` share children and plans.

    Parameters
    ----------
    case : Case
    pool : ChildPool, optional
        Children to use; those of this process when left out, which end by themselves.

    Raises
    ------
    HorizonNotTaken
        The case has a horizon.

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
        only_steady(case)
        self.case = case
        self.pool = pool or common_pool()
        self._plans: dict[_Key, Plan | None] = {}
        self._costs: dict[_Key, float | None] = {}
        self._guesses: dict[_Key, float] = {}
        self._choices: dict[_Key, Choice] = {}
        self._ground: Ground | None = None
        self.judging_s = 0.0
        """Seconds that the verifier took for the last plan; 0 before the first one."""
        self._bounds: PairBounds | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of arrays and bounds; they are made anew when asked for."""
        self._ground = self._bounds = None

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
        return tuple(plan for plan in self._plans.values() if plan is not None)

    def vary(
        self,
        *,
        policy: Mapping[str, Any] | None = None,
        changes: Sequence[Mapping[str, Any]] = (),
        **tables: Any,
    ) -> Session:
        """A session on a changed case, sharing children and plans.

        Limits of the policy (``optimizer.tables.policy_limits.LIMITS``) reach the arrays without reading anything anew;
        other changes are read and checked as any case, with distances and calendars that are known already.

        Parameters
        ----------
        policy, changes, **tables
            As ``optimizer.replace`` takes them.

        Raises
        ------
        InputError, UsageError
            As ``optimizer.replace`` does.
        """
        case = replace(self.case, policy=policy, changes=changes, **tables)
        other = Session(case, pool=self.pool)
        other._plans = self._plans
        if self._ground is not None and not tables and not changes and set(policy or {}) <= LIMITS:
            problem = dataclasses.replace(self._ground.problem, scalars=scalars_of(case.policy))
            other._ground = Ground(case, problem, Evaluator(case))
        return other

    def alone(self) -> Session:
        """The same case with the same children and arrays, and no plan in hand."""
        other = Session(self.case, pool=self.pool)
        other._ground, other._bounds = self.ground, self._bounds
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
        begin = start.document() if start is not None else self._start()
        document = solve_case(
            self.case,
            params,
            start=begin,
            issues=self.case.issues,
            watch=watch,
            name=name,
            ground=self.ground,
        )
        plan = Plan.from_document(document, self.case)
        self.keep(plan)
        return plan

    def state(self, choice: Choice, bound: float | None, *, name: str = "") -> Plan:
        """The plan of a choice: priced, verified, and kept; as it was made before, or without runner-ups.

        Parameters
        ----------
        choice : Choice
            Keeps every rule of the case.
        bound : float, optional
            What any plan of the case costs at least, money a year.
        name : str, optional
        """
        made = self._plans.get(_Key(self.problem.decode(choice)))
        if made is not None and made.run.case_hash == self.case.case_hash and bound in (None, made.bounds.best_bound):
            return made
        document = state_case(self.ground, choice, bound, issues=self.case.issues, name=name)
        plan = Plan.from_document(document, self.case)
        self.keep(plan)
        return plan

    def keep(self, plan: Plan) -> None:
        """Add a plan to those in hand; one that is not whole or not verified is left out."""
        if plan.ok:
            self._keep(_Key((a.entity, a.service, a.provider or "", a.backup or "") for a in plan.assignments), plan)

    def keep_choice(self, choice: Choice) -> None:
        """Add a plan to those in hand, as indices; it is judged before it is used."""
        self._keep(_Key(self.problem.decode(choice)), None)

    def cost_of(self, choice: Choice) -> float | None:
        """What a plan costs under this case, money a year, by the verifier; asked once for each plan in hand.

        ``None`` where it breaks a rule or serves only a part. The plan is in hand afterwards.
        """
        key = _Key(self.problem.decode(choice))
        self._keep(key, None)
        return self._cost(key)

    def _keep(self, key: _Key, plan: Plan | None) -> None:
        plan = self._plans.pop(key, None) or plan
        self._plans[key] = plan
        while len(self._plans) > MOST_PLANS:
            oldest = next(iter(self._plans))
            del self._plans[oldest]
            for known in (self._costs, self._guesses, self._choices):
                known.pop(oldest, None)

    def cheapest(self) -> Plan | None:
        """The plan in hand that costs least under this case and keeps its rules; checked and priced anew.

        A plan found for another case may break rules of this one, or cost something else here. One that serves
        only a part of the demands is none: it would always be the cheapest.
        """
        priced = [(self._cost(key), plan) for key, plan in self._plans.items() if plan is not None]
        held = [(cost, plan) for cost, plan in priced if cost is not None]
        return min(held, key=lambda pair: pair[0], default=(0.0, None))[1]

    def held(self, problem: Problem | None = None, *, serving: int | None = None) -> Held | None:
        """The cheapest plan in hand, of those that keep the conditions of a problem where one is given.

        Parameters
        ----------
        problem : Problem, optional
            The session's own under conditions (``optimizer.model.conditions``).
        serving : int, optional
            Index of a provider that must have a demand.
        """
        best: Held | None = None
        for key in sorted(self._plans, key=self._guess):
            if best is not None and self._guess(key) > best.cost + SLACK:
                break
            choice = self._choice(key)
            suits = serving is None or bool((choice.provider == serving).any())
            cost = self._cost(key) if suits and (problem is None or within(problem, choice)) else None
            if cost is not None and (best is None or cost < best.cost):
                best = Held(cost, choice)
        return best

    def held_within(self, most: float) -> list[Held]:
        """Plans in hand that cost at most so much, cheapest first.

        Parameters
        ----------
        most : float
            Money a year.
        """
        near = [(i, key) for i, key in enumerate(self._plans) if self._guess(key) <= most + SLACK]
        costs = [(self._cost(key), i, key) for i, key in near]
        good = sorted((cost, i, key) for cost, i, key in costs if cost is not None and cost <= most)
        return [Held(cost, self._choice(key)) for cost, _, key in good]

    @property
    def priced(self) -> bool:
        """Whether the bounds of pairs are made already."""
        return self._bounds is not None

    def pair_bounds(self, seconds: float | None = None, watch: Watch | None = None) -> PairBounds:
        """What any plan, any plan with each pair and any plan without it costs at least, by the prices of relaxed rows.

        Made once; each bound is the relaxation evaluated anew under that one condition.

        Parameters
        ----------
        seconds : float, optional
            For the ascent of the prices, when they are made.
        watch : Watch, optional
        """
        if self._bounds is None:
            watch = watch or Watch()
            params = SolveParams(time_limit_s=seconds)
            self._bounds = bounds_of_pairs(self.problem, params, watch.pool or self.pool, watch.cancelled)
        return self._bounds

    def _start(self) -> dict[str, Any] | None:
        """The cheapest plan in hand, as a document to start from."""
        held = self.held()
        return None if held is None else {"schema": SCHEMA, **assignments_of(self.problem, held.choice)}

    def _choice(self, key: _Key) -> Choice:
        """The plan as indices of this case; nobody writes into it."""
        if key not in self._choices:
            made = self._choices[key] = self.problem.encode(list(key))
            for indices in (made.provider, made.backup):
                indices.setflags(write=False)
        return self._choices[key]

    def _guess(self, key: _Key) -> float:
        """The model's own price of a plan under this case, infinite where it breaks a rule or serves a part only.

        It takes a twentieth of the time of the verifier, which then judges only the plans that matter.
        """
        if key not in self._guesses:
            choice = self._choice(key)
            sound = serves_all(choice) and not check(self.problem, choice)
            self._guesses[key] = evaluate(self.problem, choice).total if sound else math.inf
        return self._guesses[key]

    def _cost(self, key: _Key) -> float | None:
        """What a plan costs under this case; ``None`` where it breaks a rule, or serves a part only."""
        if key not in self._costs:
            self._costs[key] = None
            if self._guess(key) < math.inf:
                rows = self.problem.decode(self._choice(key))  # demands of this case alone
                began = time.monotonic()
                found = self.ground.evaluator.evaluate(rows)
                self.judging_s = time.monotonic() - began
                self._costs[key] = found.cost["total"] if found.ok else None
        return self._costs[key]
