"""Who does the work, by category, and what the limit on national officers costs (design D 24)."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from optimizer.domain.types import exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from optimizer.domain.time_rows import StaffingRow

__all__ = ["Crew", "crews"]


class Crew(NamedTuple):
    """Shares of categories in the effort of one source, the limit kept, and what keeping it costs.

    Parameters
    ----------
    shares : mapping of category to Fraction
        They sum to 1.
    compliance : Fraction
        Money a year for one FTE of effort: e · max(0, cost of P − cost of NPO), where e = max(0, NPO −
        npo_share_max · (P + NPO)) is done by P.
    """

    shares: Mapping[str, Fraction]
    compliance: Fraction


def crews(rows: Iterable[StaffingRow], npo_share_max: float | None) -> dict[str, Crew]:
    """The crew of each source that ``staffing`` names, by provider id or ``OWN``."""
    shares: dict[str, dict[str, Fraction]] = defaultdict(dict)
    costs: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for row in rows:
        shares[row.provider][row.category] = exact(row.share)
        costs[row.provider][row.category] = exact(row.cost_per_fte)
    return {source: _crew(shares[source], costs[source], npo_share_max) for source in shares}


def _crew(shares: dict[str, Fraction], costs: dict[str, Fraction], npo_share_max: float | None) -> Crew:
    if npo_share_max is None:
        return Crew(shares, Fraction(0))
    officers, professionals = shares.get("NPO", Fraction(0)), shares.get("P", Fraction(0))
    excess = max(Fraction(0), officers - exact(npo_share_max) * (professionals + officers))
    dearer = Fraction(0)
    if "P" in costs and "NPO" in costs:
        dearer = max(Fraction(0), costs["P"] - costs["NPO"])
    kept = {**shares, "NPO": officers - excess, "P": professionals + excess} if excess else shares
    return Crew(kept, excess * dearer)
