"""Every cost term of the model, one file each: its columns, its amount, who bears it, its change by a move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.costs import (
    dispersion,
    distance,
    handover,
    interface,
    language,
    overlap,
    own,
    service,
    setup_annualised,
    site,
    transition_annualised,
)
from optimizer.model.costs.base import Charge, CostTerm

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats
    from optimizer.model.moves.single_moves import Moves

__all__ = ["TERMS", "Charge", "CostTerm", "extra_cost"]

TERMS: Final[tuple[CostTerm, ...]] = (
    service.TERM,
    own.TERM,
    site.TERM,
    interface.TERM,
    handover.TERM,
    distance.TERM,
    overlap.TERM,
    language.TERM,
    dispersion.TERM,
    transition_annualised.TERM,
    setup_annualised.TERM,
)
"""Every term, in the order of ``COST_TERMS`` of the domain."""


def extra_cost(x: Moves) -> Floats:
    """Change of the total by each move, money a year; shape (n_moves,)."""
    return np.asarray(np.sum([term.change(x) for term in TERMS], axis=0), np.float64)
