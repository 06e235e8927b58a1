"""Backups for an assignment that is given: whoever runs the service abroad and has the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.parts import Choice
from optimizer.model.rules.loads import loaded, worked
from optimizer.model.tally import take
from optimizer.model.time.program import Path
from optimizer.model.time.staying import carried_path

if TYPE_CHECKING:
    from optimizer.model.aliases import Ints
    from optimizer.model.problem import Problem
    from optimizer.model.time.joint import JointProblem

__all__ = ["carried_over", "name_backups", "needy"]


def carried_over(joint: JointProblem, path: Path) -> Path | None:
    """A path of other dates as one of the case, with backups wherever they can be named; it may break rules."""
    found = carried_path(joint, path)
    if found is None:
        return None
    last = np.full(joint.n_demands, -1, np.int64)
    for t, stage in enumerate(joint.stages):
        demand, here = stage.demand, found.provider[t, stage.demand]
        known = found.backup[t, demand]
        if (known[needy(stage.problem, here)] < 0).any():
            known, _ = name_backups(stage.problem, here, np.where(known >= 0, known, last[demand]))
        found.backup[t, demand] = last[demand] = known
    return found


def needy(problem: Problem, provider: Ints) -> Ints:
    """Demands that must name a backup."""
    if not problem.scalars.backup:
        return np.zeros(0, np.int64)
    return np.flatnonzero(problem.critical & (provider >= 0) & (provider < problem.n_providers))


def name_backups(problem: Problem, provider: Ints, before: Ints) -> tuple[Ints, int]:
    """Backup of each demand, −1 for none, and how many are missing.

    The work of each lost provider is dealt out largest first: to the backup of the period before where that still
    suits, else to who has most room left for it.

    Parameters
    ----------
    problem : Problem
    provider : ndarray of shape (n_demands,)
    before : ndarray of shape (n_demands,)
        Backups of the period before, −1 for none.
    """
    out = np.full(problem.n_demands, -1, np.int64)
    needs = needy(problem, provider)
    if not len(needs):
        return out, 0
    room = _Room(problem, provider)
    for lost in np.unique(provider[needs]).tolist():
        room.lose(lost)
        mine = needs[provider[needs] == lost]
        for d in mine[np.argsort(-problem.minutes[mine], kind="stable")].tolist():
            out[d] = room.deal(d, int(before[d]))
    return out, int((out[needs] < 0).sum())


class _Room:
    """What is left at lines and sites when one provider is lost."""

    def __init__(self, problem: Problem, provider: Ints) -> None:
        self.problem = problem
        tally = take(problem, Choice(provider, np.full(problem.n_demands, -1, np.int64)))
        self.line = problem.exact.line.most - loaded(problem, tally)
        self.site = problem.exact.site.most - worked(problem, tally)
        self.runs = np.append(tally.line_volume > 0, False)
        self.lose(-1)

    def lose(self, provider: int) -> None:
        """Begin again: another provider is lost."""
        self.lost = provider
        self.line_left, self.site_left = self.line.copy(), self.site.copy()

    def deal(self, d: int, before: int) -> int:
        """Backup of a demand, which takes its room; −1 when nobody suits."""
        problem = self.problem
        pairs = problem.pairs.provider[problem.pairs.start[d] : problem.pairs.start[d + 1]]
        q = pairs[(pairs < problem.n_providers) & (pairs != self.lost)]
        line = problem.lines.index[q, problem.demand_service[d]]
        fits = self.runs[line] & (problem.sites.country[q] != problem.sites.country[self.lost])
        volume, minutes = problem.exact.volume[d], problem.exact.site.amount[d]
        fits &= (self.line_left[line] >= volume) & (self.site_left[q] >= minutes)
        if not fits.any():
            return -1
        q, line = q[fits], line[fits]
        at = int(np.argmax(np.where(q == before, np.inf, self.site_left[q].astype(np.float64))))
        self.line_left[line[at]] -= volume
        self.site_left[q[at]] -= minutes
        return int(q[at])
