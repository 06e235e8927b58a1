"""Prices of limits, and the mean of what solutions use of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats

__all__ = ["Copies", "Row"]


class Row:
    """Limits of one kind: a price at or above 0 each, none where a limit is infinite.

    Parameters
    ----------
    limit : ndarray
    scale : ndarray
        Of the steps of each price.
    """

    def __init__(self, limit: Floats, scale: Floats) -> None:
        bounded = np.isfinite(limit)
        self.scale, self.limit = np.where(bounded, scale, 0.0), np.where(bounded, limit, 0.0)
        self.now, self.centre, self.mean, self.slope = (np.zeros_like(self.limit) for _ in range(4))

    def aim(self) -> float:
        """Slopes from the mean; their part of the squared length."""
        still = (self.mean <= self.limit) & (self.centre <= 0)
        self.slope = np.where(still, 0.0, self.mean - self.limit)
        return float((self.slope**2 * self.scale).sum())

    def step(self, step: float) -> None:
        """Try prices at a step from the centre."""
        self.now = np.maximum(self.centre + step * self.slope * self.scale, 0.0)

    def blend(self, used: Floats, part: float) -> None:
        """Move the mean towards what a solution uses."""
        self.mean = self.mean + part * (used - self.mean)

    def keep(self) -> None:
        """Let the prices tried be the centre."""
        self.centre = self.now

    @property
    def worth(self) -> float:
        """What the limits are worth at the prices tried."""
        return float((self.now * self.limit).sum())


class Copies:
    """Prices of any sign on the difference of two copies of a variable, and the means of both.

    Parameters
    ----------
    first : ndarray
        Prices to begin with.
    scale : ndarray
    weight : ndarray
        What a price counts in the sum.
    """

    def __init__(self, first: Floats, scale: Floats, weight: Floats) -> None:
        self.scale, self.weight = scale, weight
        self.now, self.centre = first.copy(), first
        self.of_period, self.of_path, self.slope = (np.zeros_like(first) for _ in range(3))

    def aim(self) -> float:
        """Slopes from the means; their part of the squared length."""
        np.subtract(self.of_period, self.of_path, out=self.slope)
        return float(np.einsum("i,i,i,i->", self.slope.ravel(), self.slope.ravel(), self.scale.ravel(), self.wide))

    @property
    def wide(self) -> Floats:
        """The weight of each price."""
        return np.broadcast_to(self.weight, self.now.shape).ravel()

    def step(self, step: float) -> None:
        """Try prices at a step from the centre."""
        np.multiply(self.slope, self.scale, out=self.now)
        self.now *= step
        self.now += self.centre

    def keep(self) -> None:
        """Let the prices tried be the centre."""
        self.centre = self.now.copy()
