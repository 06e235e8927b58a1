"""Points of a curve that have no plan at all: told by a proof, before anyone looks for a plan in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.solvers.diagnose.finding import LARGE_PAIRS
from optimizer.solvers.diagnose.instances import instances_of, prepare
from optimizer.solvers.diagnose.narrow import relaxation_has_none
from optimizer.studies.conflict import searching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.session import Session
    from optimizer.studies.base import Setting

__all__ = ["REFUTED", "refuted_points"]

REFUTED: Final = "no plan keeps this limit: without whole numbers already the rules contradict each other (proven)"
"""What is told of such a point."""
_PART: Final = 12
"""One proof may take one in so many seconds of the study,"""
_MOST_S: Final = 30.0
"""and no more than this."""


def refuted_points(setting: Setting, nested: Sequence[Session | None]) -> int:
    """How many of nested points, the tightest first, are proven to have no plan.

    What the tighter ask for, the looser ask less of: points are asked about in growing steps from the tightest, then by
    halves, so that few are asked about in vain. Small cases are not asked about, a solver tells of them at once; nor
    are cases that may leave demands unserved, which always have a plan.

    Parameters
    ----------
    setting : Setting
    nested : sequence of Session or None
        The case at each point; ``None`` where the policy itself refuses it.
    """
    problem = setting.session.problem
    if len(problem.pairs.demand) <= LARGE_PAIRS or problem.scalars.allow_unserved:
        return 0
    low, high, step = 0, len(nested), 1  # all before ``low`` have none; from ``high`` on it is not shown
    growing = True
    while low < high and not setting.budget.over and not setting.watch.stopped:
        at = min(low + step, high) - 1 if growing else (low + high) // 2
        if _has_none(setting, nested[at]):
            low, step = at + 1, 2 * step
        else:
            high, growing = at, False
    return low


def _has_none(setting: Setting, point: Session | None) -> bool:
    if point is None:
        return True
    share = setting.budget.share(_PART)
    ground = prepare(point.case, point.problem)
    search = searching(setting, ground).on(ground, _MOST_S if share is None else min(share, _MOST_S))
    return relaxation_has_none(search, instances_of(ground))
