"""One-off costs, money: of a move and of a site that is set up."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.domain.types import exact

if TYPE_CHECKING:
    from optimizer.model.served import Served


def move_amount(x: Served, d: int) -> Fraction:
    """One-off cost of a demand's move, money; 0 where today has no price to compare with."""
    return x.effort(d) * x.move_cost_per_fte if x.problem.current[d] >= 0 and x.priced_today(d) else Fraction(0)


def setup_amount(x: Served, p: int) -> Fraction:
    """Set-up cost of a site, money; 0 unless it is a candidate."""
    site = x.case.provider[x.problem.provider_ids[p]]
    return exact(site.setup_cost) if site.status == "candidate" else Fraction(0)
