"""Full costs by provider and service: what a list of prices has to recover."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.money.amounts import half_up, spread
from optimizer.money.leaves import CHARGED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.money.leaves import Share, YearCosts

__all__ = ["FullCost", "Line", "full_costs"]

Line = tuple[str, str]
"""(provider, service)."""


@dataclass(frozen=True, slots=True)
class FullCost:
    """Full cost of one provider's service in the year, cents.

    Parameters
    ----------
    line : (provider, service)
    shares : tuple of Share
        Clients that it serves, by id.
    terms : mapping of str to int
        Cents by term of ``CHARGED``.
    provision : int
        For risk and liability; no cost of the plan.
    provisions : tuple of int
        The same by client, in the order of ``shares``.
    carried_in : int
        What rounding left of the year before.
    """

    line: Line
    shares: tuple[Share, ...]
    terms: Mapping[str, int]
    provision: int
    provisions: tuple[int, ...]
    carried_in: int

    @property
    def volume(self) -> Fraction:
        """Units served in the year."""
        return sum((s.volume for s in self.shares), Fraction(0))

    @property
    def total(self) -> int:
        """Full cost, cents."""
        return sum(self.terms.values()) + self.provision + self.carried_in

    @property
    def own(self) -> list[int]:
        """What each client would bear of it by itself, cents: its leaves and its part of the provision."""
        return [s.charged + provision for s, provision in zip(self.shares, self.provisions, strict=True)]


def full_costs(year: YearCosts, carried: Mapping[Line, int]) -> tuple[FullCost, ...]:
    """Full costs of a year by provider and service.

    Parameters
    ----------
    year : YearCosts
    carried : mapping of (provider, service) to int
        Cents left of the year before. A line that has ended keeps them: it has a cost and no volume.
    """
    lines: dict[Line, list[Share]] = defaultdict(list)
    for share in year.shares:
        if not share.is_own:
            lines[share.provider, share.service].append(share)
    left = {line for line, cents in carried.items() if cents}
    return tuple(_full(line, tuple(lines.get(line, ())), carried.get(line, 0)) for line in sorted({*lines, *left}))


def _full(line: Line, shares: tuple[Share, ...], carried_in: int) -> FullCost:
    terms = {term: sum(s.cents.get(term, 0) for s in shares) for term in CHARGED}
    exact = [s.provision for s in shares]
    return FullCost(line, shares, terms, half_up(sum(exact, Fraction(0))), tuple(spread(exact)), carried_in)
