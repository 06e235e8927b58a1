"""Irreducible conflicts: sets of rule instances that cannot be kept together, and none of them is idle.

Deletion by halves: whatever can be left out while the rest stays infeasible is left out. What a solver
says is feasible is a plan, checked in exact arithmetic; what it says is infeasible is confirmed for the
final set by a second solver.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from optimizer.domain.errors import BackendFailed, BackendRefused, BackendUnavailable
from optimizer.model.cuts import add_cuts
from optimizer.solvers.base import Request
from optimizer.solvers.diagnose.programs import broken, give_way, program_of
from optimizer.solvers.process import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence, Set

    from optimizer.domain.params import BackendName, SolveParams
    from optimizer.model.aliases import Floats
    from optimizer.model.parts import Choice
    from optimizer.model.program.program import Program
    from optimizer.solvers.accept.solve import Watch
    from optimizer.solvers.base import Outcome
    from optimizer.solvers.diagnose.instances import Ground, Instance
    from optimizer.verify.checker import Evaluator

__all__ = ["NOT_MEASURED", "Conflict", "GiveWay", "Search", "shrink"]

SOLVER: Final[BackendName] = "highs"
SECOND: Final[BackendName] = "scip"
RAY: Final = "optimizer.solvers.ray:Ray"
MAX_CUT_ROUNDS = 5
NOT_MEASURED = ("refusal", "required")
"""Instances that hold or do not hold: there is nothing to measure."""

_AS_SUMS = ("mean_overlap_min", "mean_distance_max")
"""Means: their row is a sum weighted by effort, and the plan that misses it least need not have the best mean."""

Answer = Literal["infeasible", "feasible", "unknown"]


@dataclass(frozen=True, eq=False)
class GiveWay:
    """A plan that keeps all of a conflict but one instance, and breaks that one as little as can be.

    Parameters
    ----------
    amount : Fraction
        The most by which the instance's limit is missed, exactly, in the unit of the rule; for locks, backups
        and bundles, how many are broken.
    named : tuple of (entity, service or bundle)
        What is broken, where the rule speaks of such things.
    least : bool
        Whether a solver proved that less does not do.
    """

    amount: Fraction
    named: tuple[tuple[str, str], ...]
    least: bool


@dataclass(frozen=True, eq=False)
class Conflict:
    """Instances that no plan keeps together.

    Parameters
    ----------
    instances : tuple of Instance
    needed : frozenset of Instance
        Those for which a plan that keeps all the others was seen and checked exactly.
    confirmed : bool
        A second solver says as well that no plan keeps them all.
    amounts : dict
        For the instances that can be measured: how far each must give way if the others stay.
    alone : dict
        For those of them where that is possible and was found: how far each must give way if every other rule of
        the case stays, so that there is a plan.
    """

    instances: tuple[Instance, ...]
    needed: frozenset[Instance]
    confirmed: bool
    amounts: dict[Instance, GiveWay] = field(default_factory=dict)
    alone: dict[Instance, GiveWay] = field(default_factory=dict)

    @property
    def irreducible(self) -> bool:
        """Whether each instance is known to be needed."""
        return len(self.needed) == len(self.instances)


class Search:
    """Answers of a solver about sets of instances, within a time.

    Parameters
    ----------
    ground : Ground
    evaluator : Evaluator
        Of the same case.
    params : SolveParams
        Threads, memory and seed.
    watch : Watch
    limit_s : float
        For all answers together.
    """

    def __init__(self, ground: Ground, evaluator: Evaluator, params: SolveParams, watch: Watch, limit_s: float) -> None:
        self.ground, self.evaluator, self.watch = ground, evaluator, watch
        self._params = dataclasses.replace(params, backend=SOLVER, gap_rel=0.0, work_limit=None, backend_options={})
        self._ends = time.monotonic() + limit_s

    @property
    def over(self) -> bool:
        """Whether there is no time left, or nobody waits any more."""
        return self.watch.stopped or time.monotonic() >= self._ends

    def on(self, ground: Ground, limit_s: float | None = None) -> Search:
        """The same search on other ground, ending when this one does or in so many seconds."""
        left = self._ends - time.monotonic()
        return Search(ground, self.evaluator, self._params, self.watch, left if limit_s is None else min(left, limit_s))

    def hurry(self, limit_s: float) -> None:
        """End in so many seconds, unless the end is nearer."""
        self._ends = min(self._ends, time.monotonic() + limit_s)

    def ask(self, kept: Set[Instance]) -> Answer:
        """Whether a plan keeps all the instances; ``unknown`` when the time is over."""
        return "unknown" if self.over else self._answer(program_of(self.ground, kept), kept)[0]

    def plan(self, kept: Set[Instance]) -> tuple[Answer, Choice | None]:
        """The same with the plan behind ``feasible``."""
        return ("unknown", None) if self.over else self._answer(program_of(self.ground, kept), kept)[:2]

    def fewest_refused(self, kept: Set[Instance]) -> tuple[Answer, Choice | None]:
        """A plan that keeps all the instances and uses few pairs that are refused, or that there is no plan."""
        program = program_of(self.ground, kept)
        pairs, refusals = program.problem.pairs, self.ground.problem.refusals
        refused = (refusals[pairs.demand, pairs.provider] != 0).astype(np.float64)
        cost = program.c.copy()
        cost[: program.n_pairs] = refused
        cost[program.layout.backups.column] = refused[program.layout.backups.other]
        answer, choice, _ = self._answer(dataclasses.replace(program, c=cost), kept)
        return answer, choice

    def _answer(
        self, program: Program, kept: Set[Instance], solver: BackendName = SOLVER
    ) -> tuple[Answer, Choice | None, bool]:
        """The answer, the plan behind ``feasible``, and whether that plan is proven to be the best."""
        for _ in range(MAX_CUT_ROUNDS):
            outcome = None if self.over else self._run(solver, program)
            if outcome is None:
                break
            if outcome.choice is None:
                return ("infeasible" if outcome.infeasible else "unknown"), None, False
            faults = broken(self.ground, self.evaluator, kept, outcome.choice)
            if not faults:
                return "feasible", outcome.choice, outcome.stopped_by == "finished"
            places = [(v.rule, v.provider, v.service) for _, v in faults if v is not None]
            program = add_cuts(program, program.problem, outcome.choice, places)
        return "unknown", None, False

    def run(self, program: Program) -> Outcome | None:
        """What the solver says of a program; ``None`` when the time is over or the solver failed."""
        return None if self.over else self._run(SOLVER, program)

    def ray(self, program: Program) -> Floats | None:
        """A multiplier for each row that shows that no values keep all the rows, integers or not; ``None``: none."""
        outcome = None if self.over else self._run(SOLVER, program, RAY)
        return None if outcome is None else outcome.ray

    def _run(self, backend: BackendName, program: Program, target: str | None = None) -> Outcome | None:
        left = max(0.1, self._ends - time.monotonic())
        params = dataclasses.replace(self._params, backend=backend, time_limit_s=left)
        try:
            request = Request(program.problem, program, params)
            return run(backend, request, cancelled=self.watch.cancelled, pool=self.watch.pool, target=target)
        except (BackendFailed, BackendRefused, BackendUnavailable):
            return None

    def confirmed(self, kept: Set[Instance]) -> bool:
        """Whether another solver, too, finds that no plan keeps all the instances."""
        return not self.over and self._answer(program_of(self.ground, kept), kept, SECOND)[0] == "infeasible"

    def least(self, conflict: Set[Instance], instance: Instance) -> GiveWay | None:
        """How far an instance must give way when the rest of its conflict is kept; ``None``: not found."""
        choice, proven = self.least_plan(conflict, instance)
        return None if choice is None else self.amount(conflict, instance, choice, proven=proven)

    def least_plan(self, conflict: Set[Instance], instance: Instance) -> tuple[Choice | None, bool]:
        """The plan behind ``least``, and whether it is proven that less does not do."""
        program = give_way(program_of(self.ground, conflict), instance)
        _, choice, proven = self._answer(program, conflict - {instance})
        return choice, proven

    def amount(self, conflict: Set[Instance], instance: Instance, choice: Choice, *, proven: bool) -> GiveWay | None:
        """How far a plan makes an instance give way."""
        faults = [v for i, v in broken(self.ground, self.evaluator, {instance}, choice) if i == instance]
        named = tuple(sorted({(v.entity, v.service) for v in faults if v is not None and v.entity}))
        if instance.rule in ("lock", "backup"):
            return GiveWay(Fraction(len(named)), named, proven)
        if instance.rule == "site_count":
            return GiveWay(Fraction(self._missed(conflict, choice)), named, proven)
        amounts = [v.amount for v in faults if v is not None]
        if not amounts:
            return None
        proven &= instance.rule not in _AS_SUMS
        whole = sum(amounts, Fraction(0)) if instance.rule == "bundle_together" else max(amounts)
        return GiveWay(whole, named, proven)

    def _missed(self, conflict: Set[Instance], choice: Choice) -> int:
        """Number of sites by which a plan misses its limit."""
        rules, sites = self.ground.problem.scalars, self.ground.problem.sites
        used = {p for p in choice.provider.tolist() if 0 <= p < self.ground.problem.n_providers}
        required = {i.key[0] for i in conflict if i.rule == "required"}
        number = sum(bool(sites.is_secretariat[p]) for p in used | required)
        lack = (rules.site_min or 0) - number
        return max(lack, number - (rules.site_max if rules.site_max is not None else number), 1)


def shrink(search: Search, pool: Sequence[Instance], part: Sequence[Instance]) -> tuple[list[Instance], set[Instance]]:
    """Instances of the pool that stay infeasible without what is idle of a part, and those known to be needed of it.

    Whole rules first: what is left is then quick to ask about.
    """
    kept = set(pool)
    needed: set[Instance] = set()
    left: list[tuple[list[Instance], bool]] = []
    for segment in _segments(part):
        answer = search.ask(frozenset(kept.difference(segment)))
        if answer == "infeasible":
            kept.difference_update(segment)
        else:
            left.append((segment, answer == "feasible"))
    for segment, known in left:
        _thin(search, kept, segment, needed, known)
    return [i for i in pool if i in kept], needed


def _thin(search: Search, kept: set[Instance], segment: list[Instance], needed: set[Instance], known: bool) -> None:
    """Take out of ``kept`` what of the segment is not needed, and note single instances that are.

    ``known``: a plan keeps all but the segment, as was seen before.
    """
    answer = "feasible" if known else search.ask(frozenset(kept.difference(segment)))
    if answer == "infeasible":
        kept.difference_update(segment)
    elif len(segment) == 1:
        needed.update(segment if answer == "feasible" else ())
    elif not search.over:
        first, second = segment[: len(segment) // 2], segment[len(segment) // 2 :]
        _thin(search, kept, first, needed, False)
        _thin(search, kept, second, needed, answer == "feasible" and kept.isdisjoint(first))


def _segments(pool: Iterable[Instance]) -> list[list[Instance]]:
    """Instances of one rule together: whole rules fall away at once."""
    return [list(members) for _, members in groupby(pool, key=lambda i: (i.rule, i.part))]
