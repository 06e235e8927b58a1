"""Places compared by weighted criteria: normalised values, weighted sums, stability of ranks under other weights.

Scores and the smallest change of a weight are exact fractions of the figures given; only the draws are floats.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["CONCENTRATION", "DRAWS", "Criterion", "Scored", "Turn", "acceptability", "scored", "turns"]

DRAWS: Final = 10_000
CONCENTRATION: Final = 50
"""Sum of the parameters of the distribution that weights are drawn from, Dirichlet(50 · preset)."""


@dataclass(frozen=True)
class Criterion:
    """What places are compared by.

    Parameters
    ----------
    id, group, unit : str
    higher : bool
        More is better.
    worst, best : Fraction, optional
        Ends of the scale; ``None``: over the shortlist.
    name : str
        As a reader knows it; the id where the table gives none.
    """

    id: str
    group: str
    unit: str
    higher: bool
    worst: Fraction | None
    best: Fraction | None
    name: str = ""

    def ends(self, values: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
        """Worst and best, over the shortlist where they are not given."""
        low, high = (min, max) if self.higher else (max, min)
        return low(values) if self.worst is None else self.worst, high(values) if self.best is None else self.best


@dataclass(frozen=True)
class Scored:
    """Places by score.

    Parameters
    ----------
    places : tuple of str
        Best first; ties by name.
    utility : mapping of (place, criterion) to Fraction
        0 at the worst end, 1 at the best; values beyond an end count as the end.
    weights : mapping of str to Fraction
        Sum 1; criteria without weight are left out.
    score : mapping of str to Fraction
    """

    places: tuple[str, ...]
    utility: Mapping[tuple[str, str], Fraction]
    weights: Mapping[str, Fraction]
    score: Mapping[str, Fraction]


def scored(
    criteria: Mapping[str, Criterion],
    values: Mapping[tuple[str, str], Fraction],
    weights: Mapping[str, Fraction],
    places: Sequence[str],
) -> Scored:
    """Normalise, weigh and add up.

    Parameters
    ----------
    criteria : mapping
    values : mapping of (place, criterion) to Fraction
        One for each place and each criterion that has a weight.
    weights : mapping
        0 or more, not all 0; scaled to sum 1.
    places : sequence of str
        The shortlist.
    """
    whole = sum(weights.values(), Fraction(0))
    share = {c: w / whole for c, w in weights.items() if w > 0}
    utility: dict[tuple[str, str], Fraction] = {}
    for c in share:
        worst, best = criteria[c].ends([values[p, c] for p in places])
        for p in places:
            at = Fraction(1) if worst == best else (values[p, c] - worst) / (best - worst)
            utility[p, c] = min(max(at, Fraction(0)), Fraction(1))
    score = {p: sum((w * utility[p, c] for c, w in share.items()), Fraction(0)) for p in places}
    return Scored(tuple(sorted(places, key=lambda p: (-score[p], p))), utility, share, score)


def acceptability(result: Scored, seed: int, draws: int = DRAWS) -> NDArray[np.float64]:
    """Share of draws of weights in which each place has each rank: shape (places, ranks), both in order of score.

    Weights are drawn from Dirichlet(50 · weights); those that are 0 stay 0. Ties go to the name that is first.
    """
    names, n = list(result.weights), len(result.places)
    alpha = CONCENTRATION * np.array([float(result.weights[c]) for c in names])
    drawn = np.random.default_rng(seed).dirichlet(alpha, draws)
    by_name = sorted(range(n), key=lambda i: result.places[i])
    utility = np.array([[float(result.utility[result.places[i], c]) for c in names] for i in by_name])
    order = np.argsort(-(drawn @ utility.T), axis=1, kind="stable")
    counts = np.zeros((n, n))
    for rank in range(n):
        counts[:, rank] = np.bincount(np.array(by_name)[order[:, rank]], minlength=n)
    return counts / draws


@dataclass(frozen=True)
class Turn:
    """Where one weight changes the winner, the others in proportion.

    Parameters
    ----------
    criterion : str
    weight, level : Fraction
        As it is, and where another place draws level; beyond it that place wins.
    place : str
    """

    criterion: str
    weight: Fraction
    level: Fraction
    place: str

    @property
    def change(self) -> Fraction:
        """How far the weight moves."""
        return abs(self.level - self.weight)


def turns(result: Scored) -> list[Turn]:
    """For each criterion the smallest change of its weight that changes the winner, smallest first; exact."""
    found = [t for c in result.weights for t in [_turn(result, c)] if t is not None]
    return sorted(found, key=lambda t: (t.change, t.criterion))


def _turn(result: Scored, criterion: str) -> Turn | None:
    """The nearest weight at which another place draws level with the winner and passes it."""
    weight, first = result.weights[criterion], result.places[0]
    if weight == 1:
        return None  # nothing else has a proportion
    ahead = {p: _line(result, criterion, first, p) for p in result.places[1:]}
    out: list[Turn] = []
    for place, (rest, own) in ahead.items():
        # the lead at weight t is rest · (1 − t) + own · t
        if rest == own:
            continue
        level = rest / (rest - own)
        falls_beyond = (own < rest and level < 1) or (own > rest and level > 0)
        if 0 <= level <= 1 and falls_beyond:
            out.append(Turn(criterion, weight, level, place))
    return min(out, key=lambda t: (t.change, -result.score[t.place], t.place), default=None)


def _line(result: Scored, criterion: str, one: str, other: str) -> tuple[Fraction, Fraction]:
    """Lead of one place over another by all other criteria together, in proportion, and by this one alone."""
    weight = result.weights[criterion]
    own = result.utility[one, criterion] - result.utility[other, criterion]
    return (result.score[one] - result.score[other] - weight * own) / (1 - weight), own
