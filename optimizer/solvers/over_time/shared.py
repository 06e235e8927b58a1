"""What the ascent of all prices together works on, as it is sent to its child process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.solvers.over_time.courses import Courses, Limits
    from optimizer.solvers.over_time.intervals import Openings

__all__ = ["Shared"]


@dataclass(frozen=True, eq=False)
class Shared:
    """What the ascent works on.

    Parameters
    ----------
    problems : tuple of Problem
        The relaxed problem of each period, without a price on being away.
    demands : tuple of ndarray
        Which demand of the case each one is.
    weight : ndarray of shape (n_periods,)
    first : ndarray of shape (n_periods, n_demands)
        Charges of being away to begin with.
    there : ndarray of shape (n_periods, n_demands), bool
    courses : Courses
    limits : Limits
    openings : Openings
    """

    problems: tuple[Problem, ...]
    demands: tuple[Ints, ...]
    weight: Floats
    first: Floats
    there: Bools
    courses: Courses
    limits: Limits
    openings: Openings
