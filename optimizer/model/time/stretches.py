"""Stretches of a path: periods in which a demand has one source and backup, and what stands before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.program import Path

__all__ = ["Stretch", "Stretches", "stretches_of"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Periods (from 0) in which a demand has one source and backup; those in which it is absent are left out."""

    d: int
    source: int
    backup: int
    periods: tuple[int, ...]


def stretches_of(joint: JointProblem, provider: Ints, backup: Ints) -> Iterator[Stretch]:
    """Stretches of a path, by demand and time; one goes on over periods in which the demand is absent."""
    for d, presence in enumerate(joint.presence):
        start = 0
        for k, t in enumerate(presence):
            now = provider[t, d], backup[t, d]
            last = k + 1 == len(presence)
            if last or now != (provider[presence[k + 1], d], backup[presence[k + 1], d]):
                yield Stretch(d, int(now[0]), int(now[1]), presence[start : k + 1])
                start = k + 1


@dataclass(frozen=True, eq=False)
class Stretches:
    """The stretches of a path that somebody serves, as arrays of shape (n_stretches,).

    Parameters
    ----------
    number : ndarray
        Place among all stretches of the path, as ``stretches_of`` gives them.
    demand, source : ndarray
    first, last : ndarray
        Periods, from 0.
    before : ndarray
        Source that the demand had last, today's at first; −1 where it begins.
    after, then : ndarray
        Source that it has next and from which period on; −1 where the stretch is its last.
    covers : ndarray of shape (n_stretches, n_periods), bool
        Periods of the stretch in which the demand is present.
    """

    number: Ints
    demand: Ints
    source: Ints
    first: Ints
    last: Ints
    before: Ints
    after: Ints
    then: Ints
    covers: Bools

    @classmethod
    def of(cls, joint: JointProblem, path: Path) -> Stretches:
        """Those of a path."""
        served = [(k, s) for k, s in enumerate(stretches_of(joint, path.provider, path.backup)) if s.source >= 0]
        covers = np.zeros((len(served), joint.n_periods), np.bool_)
        rows = np.full((len(served), 8), -1, np.int64)
        for i, (k, s) in enumerate(served):
            covers[i, list(s.periods)] = True
            known = i > 0 and served[i - 1][1].d == s.d
            before = served[i - 1][1].source if known else int(joint.current[s.d])
            rows[i, :6] = k, s.d, s.source, s.periods[0], s.periods[-1], before
            if known:
                rows[i - 1, 6:] = s.source, s.periods[0]
        names = ("number", "demand", "source", "first", "last", "before", "after", "then")
        return cls(**dict(zip(names, rows.T, strict=True)), covers=covers)
