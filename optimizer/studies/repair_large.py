"""Repairs of large cases: sets of choices that meet every conflict found, until one leaves a plan."""

from __future__ import annotations

import dataclasses
from itertools import combinations
from typing import TYPE_CHECKING, Final

from optimizer.domain.errors import InputError
from optimizer.solvers.diagnose.instances import instances_of, prepare
from optimizer.solvers.diagnose.narrow import infeasible_part, relaxation_has_none
from optimizer.solvers.diagnose.repairs import key_of
from optimizer.studies.conflict import searching
from optimizer.studies.repair_changes import Give, change_of, gives_of, step_of
from optimizer.studies.search import least

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction

    from optimizer.model.parts import Choice
    from optimizer.session import Session
    from optimizer.solvers.diagnose.instances import Ground, Instance
    from optimizer.solvers.diagnose.irreducible import Search
    from optimizer.studies.base import Setting
    from optimizer.studies.hardness import Hardness

__all__ = ["Found", "Hitting", "smallest"]

SETS_S: Final = 60.0
"""For the search for sets, or a third of the study's time if that is less."""
PLAN_S: Final = 10.0
"""For one search for a plan."""
MOST_CHOICES: Final = 3
PROOFS: Final = 6
"""Figures that a proof is sought for, and half as many that a plan is sought for."""
_ANY_PLAN: Final = 1e300

_Set = frozenset[tuple[str, tuple[int, ...], str]]


@dataclasses.dataclass(frozen=True, eq=False)
class Found:
    """A set of choices given up, with a plan that keeps everything else."""

    gives: list[Give]
    choice: Choice


class Hitting:
    """Sets of choices that share one with each conflict known.

    Each conflict is proven. A set is told only where each of its choices is alone in meeting one of them: then no part
    of it suffices.
    """

    def __init__(self, setting: Setting, hardness: Hardness, pool: Sequence[Instance]) -> None:
        self.setting, self.ground, self.pool = dataclasses.replace(setting, book=None), hardness.ground, pool
        share = setting.budget.share(3)
        self.search = searching(setting, self.ground)
        self.looking = self.search.on(self.ground, SETS_S if share is None else min(share, SETS_S))
        self.facts = frozenset(i for i in pool if hardness.is_fact(i))
        self.conflicts: list[_Set] = []
        self.taken: list[_Set] = []
        self.tried = 0
        self.facts_alone = self.every = False

    def sets(self, most: int) -> Iterator[Found]:
        """Sets with a plan, those of fewest choices first, until there are enough or the time is over."""
        found = 0
        while found < most and not self.looking.over:
            asked = self._next()
            if asked is None:
                self.every = not self.looking.over and all(len(c) <= MOST_CHOICES for c in self.taken)
                return
            given = [i for i in self.pool if key_of(i) in asked and i not in self.facts]
            up = set(given)
            part = infeasible_part(self.looking, [i for i in self.pool if i not in up], self.facts)
            if part is not None:
                self.conflicts.append(frozenset(key_of(i) for i in part - self.facts))
                self.facts_alone = self.facts_alone or not self.conflicts[-1]
                continue
            if self.looking.over or not self.conflicts:
                return
            self.taken.append(asked)
            self.tried += 1
            plan = self._plan(given)
            if plan is not None:
                found += 1
                yield plan

    def _next(self) -> _Set | None:
        """The set to ask about next: of fewest choices, limits before refused pairs."""
        named = sorted({k for c in self.conflicts for k in c}, key=lambda k: (k[0] == "refusal", k))
        for size in range(MOST_CHOICES + 1):
            for n, some in enumerate(combinations(named, size)):
                if n % 1024 == 1023 and self.looking.over:  # hundreds of choices make millions of sets
                    return None
                asked = frozenset(some)
                if any(old <= asked for old in self.taken) or not all(c & asked for c in self.conflicts):
                    continue
                if all(any(c & asked == {k} for c in self.conflicts) for k in asked):
                    return asked
        return None

    def _plan(self, given: Sequence[Instance]) -> Found | None:
        """A plan where the set is given up wholly, with what it then needs."""
        held = {row: self._held(row) for row in (i.key[0] for i in given if i.rule == "lock")}
        whole = [Give(i, named=held[i.key[0]]) if i.rule == "lock" else Give(i) for i in given]
        choice = plan_of(self.setting, _varied(self.setting, self.ground, whole))
        if choice is None:
            return None
        evaluator = self.setting.session.ground.evaluator
        return Found(gives_of(self.ground, evaluator, given, choice), choice)

    def _held(self, row: int) -> tuple[tuple[str, str], ...]:
        problem = self.ground.problem
        at = [d for number, d, _ in self.ground.locks if number == row]
        return tuple(
            (problem.entity_ids[problem.demand_entity[d]], problem.service_ids[problem.demand_service[d]]) for d in at
        )


def _varied(setting: Setting, ground: Ground, gives: Sequence[Give]) -> Session | None:
    try:
        return setting.session.vary(**change_of(ground, gives))
    except InputError:
        return None


def plan_of(setting: Setting, session: Session | None) -> Choice | None:
    """A plan of a changed case, if one is found in a short search."""
    if session is None:
        return None
    limit = setting.params.time_limit_s
    short = dataclasses.replace(setting.params, time_limit_s=PLAN_S if limit is None else min(limit, PLAN_S))
    quick = dataclasses.replace(setting, params=short)
    return least(quick, session, session.problem, enough=_ANY_PLAN).choice


def smallest(setting: Setting, search: Search, found: Found) -> tuple[list[Give], list[Fraction | None]]:
    """Amounts as small as plans were found for, and of each the nearest that is proven not to do."""
    setting = dataclasses.replace(setting, book=None)
    gives = found.gives
    short: list[Fraction | None] = []
    for n in range(len(gives)):
        if gives[n].today is None or gives[n].becomes is None:
            short.append(None)
            continue
        low = _proven_short(setting, search, gives, n)
        gives = _lowered(setting, search, gives, n, low)
        short.append(low)
    return gives, short


def _with(gives: Sequence[Give], n: int, figure: Fraction) -> list[Give]:
    return [*gives[:n], dataclasses.replace(gives[n], becomes=figure), *gives[n + 1 :]]


def _between(low: Fraction, high: Fraction, step: Fraction) -> Fraction | None:
    """A figure in the middle, in whole steps; ``None``: there is none."""
    middle = round((low + high) / 2 / step) * step
    return middle if min(low, high) < middle < max(low, high) else None


def _proven_short(setting: Setting, search: Search, gives: Sequence[Give], n: int) -> Fraction:
    """The nearest figure that a proof of the relaxation says does not do; today's does not."""
    low, high, step = gives[n].today, gives[n].becomes, step_of(gives[n])
    assert low is not None
    assert high is not None
    for _ in range(PROOFS):
        middle = None if search.over else _between(low, high, step)
        if middle is None:
            break
        varied = _varied(setting, search.ground, _with(gives, n, middle))
        if varied is None:
            break
        ground = prepare(varied.case, varied.problem)
        if relaxation_has_none(search.on(ground, PLAN_S), instances_of(ground)):
            low = middle
        else:
            high = middle
    return low


def _lowered(setting: Setting, search: Search, gives: list[Give], n: int, low: Fraction) -> list[Give]:
    """The amounts with one as small as a plan is found for."""
    ground, step = search.ground, step_of(gives[n])
    evaluator = setting.session.ground.evaluator
    for _ in range(PROOFS // 2):
        high = gives[n].becomes
        middle = None if high is None or search.over else _between(low, high, step)
        choice = None if middle is None else plan_of(setting, _varied(setting, ground, _with(gives, n, middle)))
        if middle is None:
            break
        if choice is None:  # not shown not to do: the next is nearer to what is known to do
            low = middle
        else:
            gives = gives_of(ground, evaluator, [g.instance for g in gives], choice)
    return gives
