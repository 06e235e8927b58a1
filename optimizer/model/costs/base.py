"""What a cost term is: one name for its columns, its amount, who bears it, and its change by a move."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from fractions import Fraction

    from optimizer.model.aliases import Floats
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Term
    from optimizer.model.program.layout import Layout
    from optimizer.model.served import Served
    from optimizer.model.tally import Tally

__all__ = [
    "Charge",
    "CostTerm",
    "alone",
    "by_effort",
    "by_group",
    "by_volume",
    "of_pair",
    "on_eligible",
    "opened_or_closed",
]


class Charge(NamedTuple):
    """Money a year, exact, and who bears it: demands by weight, or nobody (an empty required site)."""

    amount: Fraction
    members: Sequence[int]
    weights: Sequence[int]


@dataclass(frozen=True, slots=True)
class CostTerm:
    """One term of the cost, money a year.

    Solvers see floats. What a document says is counted in fractions of the decimals that were given, so that a
    cent is right at any size that the reader lets in; distances and shared hours are measured, not given: they
    enter as the floats that the arrays hold.

    Parameters
    ----------
    name : str
        As in ``COST_TERMS`` of the domain, in documents and reports.
    columns : callable
        Its part of the objective, with the rows that define it.
    amount : callable
        Money a year of a plan, as a float.
    charges : callable
        The same exactly, by whom it falls on.
    change : callable
        Change by each single move of a plan, shape (n_moves,).
    """

    name: str
    columns: Callable[[Layout], Term]
    amount: Callable[[Problem, Tally], float]
    charges: Callable[[Served], Iterator[Charge]]
    change: Callable[[Moves], Floats]


def by_group(group: Sequence[int], members: Sequence[int]) -> dict[int, list[int]]:
    """Members (demand indices) of each group, ``group`` in the order of ``members``."""
    out: dict[int, list[int]] = defaultdict(list)
    for d, g in zip(members, group, strict=True):
        out[g].append(d)
    return out


def by_effort(x: Served, amount: Fraction, members: Sequence[int]) -> Charge:
    return Charge(amount, members, [x.minutes[d] for d in members])


def by_volume(x: Served, amount: Fraction, members: Sequence[int]) -> Charge:
    return Charge(amount, members, [x.volumes[d] for d in members])


def alone(amount: Fraction, d: int) -> Charge:
    return Charge(amount, (d,), (1,))


def on_eligible(amount: Floats, t: Tally) -> float:
    """Sum over the pairs of a plan that are eligible; ``amount`` of shape (n_pairs,)."""
    return float(amount[t.pair[t.pair >= 0]].sum())


def of_pair(amount: Floats, x: Moves) -> Floats:
    """What the new pair of each move costs more than the old one; ``amount`` of shape (n_pairs,)."""
    return np.asarray(amount[x.pair] - amount[x.chosen], np.float64)


def opened_or_closed(cost: Floats, x: Moves) -> Floats:
    """Cost of sites that moves open less that of sites they close; ``cost`` of shape (n_providers,)."""
    return np.where(x.opens, cost[x.join.provider], 0.0) - np.where(x.closes, cost[x.leave.provider], 0.0)
