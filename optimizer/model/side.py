"""A side condition: one linear row on who serves which demand, with exact whole coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.parts import Choice

__all__ = ["Side"]

_LARGEST: Final = 2.0**13
"""Largest coefficient in a program: a solver's tolerance is then small beside it."""
_GIVE: Final = 2.0**-26
"""More than all coefficients together are rounded by, less than solvers tell apart."""


@dataclass(frozen=True, eq=False)
class Side:
    """Σ amount over what a plan has ≥ least.

    Parameters
    ----------
    demand, provider : ndarray of shape (k,)
        Pairs, eligible or not; ``n_providers`` is own capacity. Those that are not named count nothing.
    amount : tuple of int, k of them
    least : int
    """

    demand: Ints
    provider: Ints
    amount: tuple[int, ...]
    least: int

    def total(self, choice: Choice) -> int:
        """What a plan comes to."""
        has = choice.provider[self.demand] == self.provider
        return sum(self.amount[i] for i in np.flatnonzero(has).tolist())

    def holds(self, choice: Choice) -> bool:
        """Whether a plan keeps it."""
        return self.total(choice) >= self.least

    def in_floats(self) -> tuple[Floats, float]:
        """Coefficients and limit for a program, scaled and a little looser: exactness comes afterwards."""
        scale = max((abs(a) for a in self.amount), default=1) or 1
        return np.array([a / scale * _LARGEST for a in self.amount]), self.least / scale * _LARGEST - _GIVE
