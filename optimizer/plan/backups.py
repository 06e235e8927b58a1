"""Backups for demands that name none: whoever has room for all that falls to it, as far as that can be found.

What is lost with one provider does not add to what is lost with another, so each is looked at alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.resources import added

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem

__all__ = ["MOST_STEPS", "with_backups"]

MOST_STEPS: Final = 5000
"""Namings tried for the demands of one provider where the first one does not fit."""


def with_backups(problem: Problem, choice: Choice) -> Ints:
    """Name a backup where one is needed and none is given: eligible, abroad, running the service, with room.

    Large demands come first, and each gets whose site has most room. Where that does not fit, other namings are
    tried; where none is found that fits, the first stays, without those that nobody can take.

    Parameters
    ----------
    problem : Problem
    choice : Choice
        Backups that it names stay.

    Returns
    -------
    ndarray of shape (n_demands,)
        Provider index, −1 where none is needed or nobody may be named.
    """
    backup = choice.backup.copy()
    need = problem.critical & (choice.provider >= 0) & (choice.provider < problem.n_providers)
    for lost in np.unique(choice.provider[need & (backup < 0)]).tolist():
        mine = np.flatnonzero(need & (choice.provider == lost))
        falling = _Falling(problem, choice, lost)
        for d in mine[(backup[mine] >= 0) & (backup[mine] < problem.n_providers)].tolist():
            falling.put(d, int(backup[d]))
        blank = mine[backup[mine] < 0]
        ordered = blank[np.argsort(-problem.minutes[blank], kind="stable")].tolist()
        for d, other in falling.named(ordered).items():
            backup[d] = other
    return backup


class _Falling:
    """Room that others have for the work of one lost provider, in the whole numbers of ``Problem.exact``."""

    def __init__(self, problem: Problem, choice: Choice, lost: int) -> None:
        self.problem, self.lost = problem, lost
        self.volume, self.minutes = problem.exact.volume.tolist(), problem.exact.site.amount.tolist()
        served = np.flatnonzero((choice.provider >= 0) & (choice.provider < problem.n_providers))
        line = problem.lines.index[choice.provider[served], problem.demand_service[served]]
        on, there = line[line >= 0], served[line >= 0]
        n_lines, exact = len(problem.lines.provider), problem.exact
        self.runs: Bools = np.bincount(on, minlength=n_lines) > 0
        self.line = (exact.line.most - added(on, exact.volume[there], n_lines)).tolist()
        minutes = added(choice.provider[served], exact.site.amount[served], problem.n_providers)
        self.site = (exact.site.most - minutes).tolist()
        self.steps = 0

    def options(self, d: int) -> list[int]:
        """Who may be named for a demand, room aside."""
        problem, n = self.problem, self.problem.n_providers
        line = problem.lines.index[:, problem.demand_service[d]]
        may = (problem.refusals[d, :n] == 0) & (line >= 0) & (problem.sites.country != problem.sites.country[self.lost])
        may[may] = self.runs[line[may]]
        return [int(q) for q in np.flatnonzero(may)]

    def put(self, d: int, other: int, times: int = 1) -> None:
        """Let a demand fall to ``other``; −1 times takes it back."""
        line = self.problem.lines.index[other, self.problem.demand_service[d]]
        if line >= 0:  # one that was given may not even offer the service
            self.line[line] -= times * self.volume[d]
        self.site[other] -= times * self.minutes[d]

    def fits(self, d: int, other: int) -> bool:
        """Whether ``other`` has room for a demand beside what falls to it already."""
        line = self.problem.lines.index[other, self.problem.demand_service[d]]
        return bool(self.volume[d] <= self.line[line] and self.minutes[d] <= self.site[other])

    def named(self, demands: list[int]) -> dict[int, int]:
        """A backup of each demand that has any to choose from."""
        options = {d: found for d in demands if (found := self.options(d))}
        first, whole = self._by_room(options)
        return first if whole else self._tried(options) or first

    def _by_room(self, options: dict[int, list[int]]) -> tuple[dict[int, int], bool]:
        """Whoever has most room, of those that fit where any does; and whether all fit. Room is as before."""
        out, whole = {}, True
        for d, others in options.items():
            fitting = [q for q in others if self.fits(d, q)]
            whole &= bool(fitting)
            out[d] = max(fitting or others, key=lambda q: (self.site[q], -q))
            self.put(d, out[d])
        for d, other in out.items():
            self.put(d, other, -1)
        return out, whole

    def _tried(self, options: dict[int, list[int]]) -> dict[int, int]:
        """A naming that fits, found by trying one after another; empty where none was found."""
        demands, out, at = list(options), dict[int, int](), [0]
        for _ in range(MOST_STEPS):
            d = demands[len(at) - 1]
            others = options[d]
            if at[-1] < len(others):
                other = others[at[-1]]
                at[-1] += 1
                if self.fits(d, other):
                    self.put(d, other)
                    out[d] = other
                    if len(out) == len(demands):
                        return out
                    at.append(0)
                continue
            at.pop()
            if not at:
                break
            back = demands[len(at) - 1]
            self.put(back, out.pop(back), -1)
        return {}
