"""Choices from one seed: the same seed, the same choices, on every machine."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Draw"]

T = TypeVar("T")


class Draw:
    """Choices from one seed.

    Parameters
    ----------
    seed : int or str
    """

    def __init__(self, seed: int | str) -> None:
        self._rng = Random(seed)

    def pick(self, values: Sequence[T]) -> T:
        """One of the values."""
        return self._rng.choice(values)

    def maybe(self, values: Sequence[T], chance: float) -> T | None:
        """One of the values, or ``None``."""
        return self.pick(values) if self._rng.random() < chance else None

    def yes(self, chance: float) -> bool:
        """True about so often."""
        return self._rng.random() < chance

    def some(self, values: Sequence[T], most: int) -> frozenset[T]:
        """Up to ``most`` of the values."""
        return frozenset(self._rng.sample(values, self._rng.randint(0, most)))

    def between(self, low: float, high: float) -> float:
        """A number between two others, any of them as likely."""
        return self._rng.uniform(low, high)
