"""Rows and numberings that several rules and terms share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.program.block import Term, implied, keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout

__all__ = ["bundle_sources", "carried", "dealing_links", "numbering", "on_columns", "on_pairs", "source_links"]


def numbering(chosen: Ints, size: int) -> Ints:
    """Row of each chosen item, −1 for the others (−1 itself maps to −1)."""
    row = np.full(size + 1, -1, dtype=np.int64)
    row[chosen] = np.arange(len(chosen))
    return row


def carried(row: Ints, amount: Floats) -> tuple[Ints, Ints, Floats]:
    """Triplets Σ amount · x over the pairs that have a row."""
    at = np.flatnonzero(row >= 0)
    return row[at], at, amount[at]


def dealing_links(layout: Layout, rule: str) -> Iterator[Block]:
    """An entity deals with whoever serves it: x_dp ≤ z_ep."""
    pairs = layout.problem.pairs
    at = np.flatnonzero(layout.z >= 0)
    yield implied(rule, "dp", keys(pairs.demand[at], pairs.provider[at]), at, layout.z[at])


def source_links(layout: Layout, rule: str) -> Iterator[Block]:
    """A bundle uses the source of each of its demands: x_dp ≤ b_gp."""
    pairs = layout.problem.pairs
    at = np.flatnonzero(layout.b >= 0)
    yield implied(rule, "dp", keys(pairs.demand[at], pairs.provider[at]), at, layout.b[at])


def bundle_sources(layout: Layout) -> tuple[Ints, Ints, Ints]:
    """Bundle groups that have columns b, and for each column its row among them."""
    problem = layout.problem
    at = np.flatnonzero(layout.b >= 0)
    column, first = np.unique(layout.b[at], return_index=True)
    group, row = np.unique(problem.bundle[problem.pairs.demand[at[first]]], return_inverse=True)
    return group, row, column


def on_columns(layout: Layout, *parts: tuple[Ints, Floats | float]) -> Floats:
    """Cost vector out of (columns, amounts); column −1 is left out."""
    cost = np.zeros(layout.n_columns)
    for column, amount in parts:
        kept = column >= 0
        np.add.at(cost, column[kept], np.broadcast_to(amount, column.shape)[kept])
    return cost


def on_pairs(layout: Layout, amount: Floats) -> Term:
    """Term that is a plain sum over pairs."""
    return Term(on_columns(layout, (np.arange(layout.problem.n_pairs), amount)))
