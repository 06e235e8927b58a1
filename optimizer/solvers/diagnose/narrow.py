"""Conflicts of large cases: a proof of the relaxation names the few demands and rules that matter.

On those alone the questions are small. What they say is infeasible is so for the whole case, since the rules that are
looked at first only ever ask less of fewer demands; what they say is feasible is seen as a plan of the whole case
before it counts.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.solvers.diagnose.completed import completed
from optimizer.solvers.diagnose.instances import keep_demands
from optimizer.solvers.diagnose.irreducible import NOT_MEASURED, Conflict, shrink
from optimizer.solvers.diagnose.programs import broken, program_of, rows_of
from optimizer.solvers.diagnose.refutation import refutes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence, Set

    from optimizer.model.aliases import Ints
    from optimizer.model.parts import Choice
    from optimizer.solvers.diagnose.instances import Instance
    from optimizer.solvers.diagnose.irreducible import Answer, GiveWay, Search

__all__ = ["infeasible_part", "narrow_conflict", "relaxation_has_none"]

RAY_S: Final = 30.0
"""For one proof of the relaxation; most take a second."""
_LESS_OF_FEWER: Final = frozenset(
    (
        ("refusal", ""),
        ("lock", ""),
        ("line_capacity", ""),
        ("site_capacity", ""),
        ("max_providers_per_entity", ""),
        ("agency_share", ""),
        ("required", ""),
        ("site_count", "most"),
        ("exposure_max_fte", ""),
    )
)
"""Rules that a plan still keeps when some of its demands are left out; of most a limit, none is a least amount."""


def narrow_conflict(
    search: Search, pool: Sequence[Instance], facts: Set[Instance] = frozenset(), *, measured: bool = True
) -> Conflict | None:
    """One conflict, found on few demands; ``None`` where the relaxation alone does not show that there is one.

    Parameters
    ----------
    search, pool, facts, measured
        As ``finding.find_conflict`` takes them.
    """
    found: _Narrow | None = None
    while True:
        seen = _seen(search, [i for i in pool if (i.rule, i.part) in _LESS_OF_FEWER])
        if seen is None:  # the time is over: what was found before stands, one of its rules idle
            return None if found is None else found.conflict(measured=False)
        found = _Narrow(search, *seen, facts)
        idle = found.idle()
        if idle is None:
            return found.conflict(measured=measured)
        kept = frozenset(found.kept) - {idle} | (facts if idle not in facts else frozenset())
        pool = [i for i in pool if i in kept]  # infeasible without it: shown by a solver


def infeasible_part(search: Search, pool: Sequence[Instance], facts: Set[Instance]) -> frozenset[Instance] | None:
    """Few instances of a pool that a solver says no plan keeps together; ``None``: the relaxation shows none."""
    seen = _seen(search, [i for i in pool if (i.rule, i.part) in _LESS_OF_FEWER])
    if seen is None:
        return None
    demands, some = seen
    inner, kept = search.on(keep_demands(search.ground, demands)), some
    if inner.ask(frozenset(some)) != "infeasible":
        return None
    for part in ([i for i in some if i not in facts], [i for i in some if i in facts]):
        kept, _ = shrink(inner, kept, part)
    return frozenset(kept)


def relaxation_has_none(search: Search, kept: Iterable[Instance]) -> bool:
    """Whether a proof is at hand that no plan keeps all the instances."""
    return _seen(search, [i for i in kept if (i.rule, i.part) in _LESS_OF_FEWER]) is not None


def _seen(search: Search, pool: Sequence[Instance]) -> tuple[Ints, list[Instance]] | None:
    """Demands and instances that a proof of the relaxation speaks of; ``None``: there is none."""
    program = program_of(search.ground, frozenset(pool))
    ray = search.on(search.ground, RAY_S).ray(program)
    if ray is None or len(ray) != program.n_rows or not refutes(program, ray):
        return None
    used = np.abs(ray) > 1e-9 * max(float(np.abs(ray).max(initial=0.0)), 1e-300)
    demands: set[int] = set()
    for block in program.blocks:
        if block.rule in ("assign_once", "lock"):
            demands.update(block.index[used[block.start : block.stop], 0].tolist())
    some = [
        i
        for i in pool
        if (i.key[0] in demands if i.rule == "refusal" else i.rule == "required" or used[rows_of(program, i)[0]].any())
    ]
    return np.array(sorted(demands), np.int64), some


class _Narrow:
    """A conflict on the demands that a proof speaks of, each of its rules looked at on the whole case too."""

    def __init__(self, search: Search, demands: Ints, some: list[Instance], facts: Set[Instance]) -> None:
        self.search, self.facts, self.every_fact = search, frozenset(facts & set(some)), frozenset(facts)
        self.inner = search.on(keep_demands(search.ground, demands))
        self.refuted = self.inner.ask(frozenset(some)) == "feasible"
        kept = some
        for part in ([i for i in some if i not in facts], [i for i in some if i in facts]):
            kept, _ = shrink(self.inner, kept, part)
        self.kept = kept
        self.needed: set[Instance] = set()
        self.confirmed = self._confirmed()

    def _confirmed(self) -> bool:
        """A second solver says so of the demands that matter, and the first of the whole case."""
        kept = frozenset(self.kept)
        return self.inner.confirmed(kept) and self.search.ask(kept) == "infeasible"

    def idle(self) -> Instance | None:
        """An instance without which the others are infeasible all the same; all others seen to be needed are noted.

        Of a choice all facts count as others.
        """
        for i in self.kept:
            answer = self._without(i)
            if answer == "feasible":
                self.needed.add(i)
            elif answer == "infeasible":
                return i
        return None

    def _without(self, instance: Instance) -> Answer:
        """Whether a plan of the whole case keeps all but one."""
        others = frozenset(self.kept) - {instance}
        whole = others if instance in self.facts else others | self.every_fact
        answer, choice = self.inner.plan(others if instance in self.facts else others | self.facts)
        if answer == "infeasible":
            return answer
        if choice is not None and self._whole(whole, choice) is not None:
            return "feasible"
        return self.search.ask(whole)

    def _whole(self, kept: Set[Instance], choice: Choice) -> Choice | None:
        """The plan with the other demands where they keep the instances; ``None``: it does not do."""
        ground = self.search.ground
        full = completed(ground, kept, choice)
        good = full is not None and not broken(ground, self.search.evaluator, kept, full)
        return full if good else None

    def conflict(self, *, measured: bool) -> Conflict | None:
        """What was found, with how far each choice must give way."""
        if not self.kept or self.refuted:
            return None
        found, irreducible = frozenset(self.kept), len(self.needed) == len(self.kept)
        free = [i for i in self.kept if measured and irreducible and i.rule not in NOT_MEASURED and i not in self.facts]
        amounts = {i: way for i in free if (way := self._least(found, i)) is not None}
        return Conflict(tuple(self.kept), frozenset(self.needed), self.confirmed, amounts)

    def _least(self, found: frozenset[Instance], instance: Instance) -> GiveWay | None:
        """What one must give on the few demands is the least for all, where a whole plan gives no more."""
        choice, proven = self.inner.least_plan(found, instance)
        if choice is None:
            return None
        way = self.inner.amount(found, instance, choice, proven=proven)
        full = self._whole(found - {instance}, choice)
        if full is None or way is None:
            return self.search.least(found, instance)
        whole = self.search.amount(found, instance, full, proven=proven)
        return None if whole is None else dataclasses.replace(whole, least=proven and whole.amount == way.amount)
