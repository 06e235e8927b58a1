"""What a client paid before, and why that changes. All of it in whole cents, parts adding up to their change."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.domain.names import OWN
from optimizer.money.amounts import amount_of, half_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.money.before import Paid
    from optimizer.money.leaves import Share

__all__ = ["Change", "Now", "change_of"]


@dataclass(frozen=True, slots=True)
class Now:
    """What is charged for a service: cents, and the shares of who serves it.

    Parameters
    ----------
    charged : sequence of (Share, cents)
    own : sequence of Share
        Done by the client itself.
    """

    charged: Sequence[tuple[Share, int]]
    own: Sequence[Share]

    @property
    def cents(self) -> int:
        """Cents in all."""
        return sum(cents for _, cents in self.charged)

    @property
    def volume(self) -> Fraction:
        """Units that are charged."""
        return sum((s.volume for s, _ in self.charged), Fraction(0))

    @property
    def own_volume(self) -> Fraction:
        """Units that the client does itself."""
        return sum((s.volume for s in self.own), Fraction(0))


@dataclass(frozen=True, slots=True)
class Change:
    """A change and its parts, cents; ``before``, ``volume_before``: what was paid, and for how many units."""

    before: int
    volume_before: Fraction
    volume: int
    provider: int
    price: int

    @property
    def total(self) -> int:
        """The change."""
        return self.volume + self.provider + self.price


def change_of(now: Now, paid: Paid) -> Change:
    """The change from what was paid before, by cause.

    Volume: the difference in units at the price of before. Provider: at those that did not serve before, the price of
    now less that of before, times their units; also where the client now does the work itself. Price: the same at
    those that did. What a client does itself now and did before is on neither side.
    """
    was_own = OWN in paid.providers
    counted = now.volume + (0 if was_own else now.own_volume)
    units = counted if paid.volume is None else paid.volume
    before = amount_of(paid.price, units) if paid.cents is None else paid.cents
    total = now.cents - before
    volume = half_up((counted - units) * paid.price * 100)
    elsewhere = [(s, c) for s, c in now.charged if s.provider not in paid.providers]
    moved = sum((c - s.volume * paid.price * 100 for s, c in elsewhere), Fraction(0))
    moved -= 0 if was_own else now.own_volume * paid.price * 100
    stayed = len(elsewhere) < len(now.charged)
    rest = total - volume
    provider = half_up(moved) if stayed else rest
    if not stayed and not now.charged and not now.own:  # nothing is asked for any more: all of it is volume
        volume, provider = total, 0
    return Change(before, units, volume, provider, rest - provider if stayed else 0)
