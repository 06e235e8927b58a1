"""Findings about ranges: rows that say how uncertain a figure is."""

from __future__ import annotations

from typing import Final

from optimizer.tables.checks.kinds import Kind

__all__ = ["RANGE_CATALOGUE"]

_KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "range_outside",
        "error",
        "a figure lies outside the range that is given for it",
        "Widen low and high so that {figure} lies between them, or correct the figure.",
    ),
    Kind(
        "no_ranges",
        "error",
        "no row says how uncertain a figure is",
        "Give low and high to the figures in assumptions or paths that are uncertain.",
    ),
    Kind(
        "range_not_a_figure",
        "error",
        "a range is given for something that is no number, or cannot vary",
        "Leave low and high blank, or name a column of numbers that is no part of a key and no coordinate.",
    ),
)

RANGE_CATALOGUE: Final[dict[str, Kind]] = {k.code: k for k in _KINDS}
"""Kinds by code."""
