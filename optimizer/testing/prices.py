"""Exact cost of many plans at once: fractions brought to one denominator, then added as whole numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.types import exact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optimizer.testing.grid import Grid, Ints, Wholes

__all__ = ["costs"]

Part = tuple[list[Fraction], "Ints"]
"""Amounts, and for each plan the place of its own one among them."""


def costs(grid: Grid) -> tuple[Wholes, int]:
    """Total cost of each plan of the grid.

    Returns
    -------
    array of int
        Numerators.
    int
        The denominator of them all.
    """
    parts = list(_parts(grid))
    below = math.lcm(*(a.denominator for amounts, _ in parts for a in amounts))
    total = np.zeros(len(grid.who), object)
    for amounts, which in parts:
        whole = np.empty(len(amounts), object)
        whole[:] = [a.numerator * (below // a.denominator) for a in amounts]
        total += whole[which]
    return total, below


def _parts(grid: Grid) -> Iterator[Part]:
    yield from _pairs(grid)
    yield from _lines(grid)
    yield from _counts(grid)
    yield from _sites(grid)


def _pairs(grid: Grid) -> Iterator[Part]:
    """What depends on a demand and its provider alone."""
    for d, demand in enumerate(grid.demands):
        places, which = np.unique(grid.who[:, d], return_inverse=True)
        names = [grid.names[k] for k in places.tolist()]
        yield [sum(grid.facts.pair(demand, p), Fraction(0)) if p else Fraction(0) for p in names], which


def _lines(grid: Grid) -> Iterator[Part]:
    """Lines by volume, and the loss of a service by the number of those who run it."""
    running: dict[str, Ints] = {}
    for (provider, service), line in grid.facts.lines.items():
        volumes, which = _distinct(grid.line_volume(provider, service))
        yield [line.amount(v) for v in volumes], which
        runs = grid.on_line(provider, service).any(axis=1)
        running[service] = running.get(service, np.zeros(len(grid.who), np.int64)) + runs
    for service, number in running.items():
        yield [grid.facts.loss(service, n) for n in range(int(number.max(initial=0)) + 1)], number


def _counts(grid: Grid) -> Iterator[Part]:
    """Interfaces and hand-overs."""
    policy = grid.policy
    for rate, counts in ((policy.interface_cost, grid.relations()), (policy.handover_cost, grid.extra_sources())):
        number = counts.sum(axis=1)
        yield [n * exact(rate) for n in range(int(number.max(initial=0)) + 1)], number


def _sites(grid: Grid) -> Iterator[Part]:
    """Fixed cost of open sites, set-up of candidates."""
    opened, begun = grid.open(), grid.opened_candidates()
    for k, site in enumerate(grid.facts.sites.values()):
        yield [Fraction(0), site.cost], opened[:, k].astype(np.int64)
        yield [Fraction(0), exact(site.row.setup_cost) * grid.facts.annuity], begun[:, k].astype(np.int64)


def _distinct(amounts: Wholes) -> tuple[Sequence[int], Ints]:
    """Different amounts, and the place of each plan's own one among them."""
    values, which = np.unique(amounts, return_inverse=True)
    return [int(v) for v in values.tolist()], which
