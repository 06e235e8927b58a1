"""Which instances of a case are in conflict: a part that is infeasible already, then deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.solvers.diagnose.instances import instances_of
from optimizer.solvers.diagnose.irreducible import NOT_MEASURED, Conflict, shrink
from optimizer.solvers.diagnose.narrow import narrow_conflict

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from optimizer.solvers.diagnose.instances import Instance
    from optimizer.solvers.diagnose.irreducible import Search

__all__ = ["find_conflict", "find_conflicts"]

MAX_CONFLICTS = 3
ALONE_S: Final = 10.0
"""For finding how far single rules must give way for the whole case: a help, not worth a long wait."""
LARGE_PAIRS: Final = 2000
"""Pairs from which a proof of the relaxation comes first: whole programs are then slow to ask about."""


def find_conflicts(search: Search) -> list[Conflict]:
    """Up to three conflicts that share no instance; [] where the rules do not conflict or time ran out at once.

    The first is found among all instances, the next among those that are left.
    """
    pool, out = instances_of(search.ground), list[Conflict]()
    while len(out) < MAX_CONFLICTS and not search.over:
        found = find_conflict(search, pool)
        if found is None:
            break
        out.append(found)
        if not found.irreducible:
            break
        pool = [i for i in pool if i not in found.instances]
    _free_all(search, out)
    return out


def find_conflict(
    search: Search, pool: Sequence[Instance], facts: Set[Instance] = frozenset(), *, measured: bool = True
) -> Conflict | None:
    """One conflict among the instances of a pool; ``None`` where a plan keeps them all, or nothing was shown.

    Parameters
    ----------
    search : Search
    pool : sequence of Instance
        The first are the first to be dropped where there is a choice.
    facts : set of Instance
        Of the pool: dropped last, so that each of the others is needed although all of these are kept.
    measured : bool
        Find how far each instance that is no fact would have to give way.
    """
    if len(search.ground.full.pairs.demand) > LARGE_PAIRS:
        narrow = narrow_conflict(search, pool, facts, measured=measured)
        if narrow is not None or search.over:
            return narrow
    some = _enough(search, pool, facts)
    if some is None:
        return None
    kept: list[Instance] = list(some)
    needed: set[Instance] = set()
    for part in ([i for i in some if i not in facts], [i for i in some if i in facts]):
        kept, known = shrink(search, kept, part)
        needed |= known
    if not kept:
        return None
    found, irreducible = frozenset(kept), len(needed) == len(kept)
    free = [i for i in kept if measured and irreducible and i.rule not in NOT_MEASURED and i not in facts]
    amounts = {i: way for i in free if (way := search.least(found, i)) is not None}
    return Conflict(tuple(kept), frozenset(needed), search.confirmed(found), amounts)


def _free_all(search: Search, conflicts: Sequence[Conflict]) -> None:
    """Measure how far single rules must give way for the whole case: others may stand behind the conflict.

    Where two conflicts share no rule, no single one can free both.
    """
    if len(conflicts) != 1:
        return
    search.hurry(ALONE_S)
    (conflict,) = conflicts
    rules = frozenset(instances_of(search.ground))
    found = {i: search.least(rules, i) for i in conflict.amounts}
    conflict.alone.update({i: way for i, way in found.items() if way is not None})


def _enough(search: Search, pool: Sequence[Instance], facts: Set[Instance]) -> list[Instance] | None:
    """Part of the pool that is infeasible already; ``None`` where a plan keeps it all, or nothing was shown.

    Refusals are by far the most, and few of them matter: those of a demand come in when the plan with the
    fewest refused pairs uses one of them.
    """
    asked: set[int] = set()
    while True:
        some = [i for i in pool if i.rule != "refusal" or i.key[0] in asked or i in facts]
        answer, choice = search.fewest_refused(frozenset(some))
        if answer != "feasible" or choice is None:
            return some if answer == "infeasible" else None
        refused = {i.key for i in pool if i.rule == "refusal"}
        named = enumerate(zip(choice.provider.tolist(), choice.backup.tolist(), strict=True))
        used = {d for d, (p, q) in named if (d, p) in refused or (d, q) in refused}
        if not used - asked:
            return None
        asked |= used
