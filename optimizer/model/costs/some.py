"""Given pairs with all that the terms of pairs depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.domain.policy import Policy
    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.columns import Columns
    from optimizer.model.parts import Lines

__all__ = ["SomePairs"]


@dataclass(frozen=True, eq=False)
class SomePairs:
    """Given pairs with all that their terms depend on; ``site`` excludes own capacity."""

    columns: Columns
    lines: Lines
    km: Floats
    overlap_hours: Floats
    demand: Ints
    provider: Ints
    site: Ints
    """Positions among the given pairs that are not own capacity."""

    @property
    def policy(self) -> Policy:
        """Policy of the case."""
        return self.columns.case.policy

    @property
    def cell(self) -> tuple[Ints, Ints]:
        """(entity, provider) of the pairs in ``site``."""
        return self.columns.demands.entity[self.demand[self.site]], self.provider[self.site]

    def spread(self, values: Floats) -> Floats:
        """Values of ``site`` among zeros for own capacity."""
        out = np.zeros(len(self.demand))
        out[self.site] = values
        return out
