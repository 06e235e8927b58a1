"""What a path does between periods, as expressions of the program: departures, switches, arrivals.

Everything here is 0 or 1 in every plan, in both directions: a rule may reward or punish it.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.model.time.rows import ONE, ZERO, Expression, total

if TYPE_CHECKING:
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.rows import Rows

__all__ = ["Departure", "Switches"]


class Departure(NamedTuple):
    """A demand leaves a source at the beginning of a period (both from 0); forced when the source is not eligible."""

    t: int
    d: int
    source: int
    before: int
    """Period before in which the demand was present; −1 where the source is today's."""
    forced: bool
    happens: Expression


class Switches:
    """Switches of a joint problem.

    Parameters
    ----------
    joint : JointProblem
    rows : Rows
        Takes the columns and rows that define them.
    first : list of int
        First column of each period.
    """

    def __init__(self, joint: JointProblem, rows: Rows, first: list[int]) -> None:
        self.joint, self.rows, self.first = joint, rows, first
        self.departures = tuple(self._departures())

    def x(self, t: int, d: int, source: int) -> Expression:
        """The demand is served by the source in the period."""
        pair = self.joint.pair(t, d, source)
        return ZERO if pair < 0 else Expression.of(self.first[t] + pair)

    def names(self, t: int, *more: str) -> tuple[str, ...]:
        """Names of a row or column: the period's number first."""
        return (str(t + 1), *more)

    def _departures(self) -> list[Departure]:
        out = []
        for d, presence in enumerate(self.joint.presence):
            for k, t in enumerate(presence):
                if k == 0:
                    today = int(self.joint.current[d])
                    if today >= 0:
                        out.append(self._from_today(t, d, today))
                    continue
                out += [self._from(t, d, source, presence[k - 1]) for source in self.joint.sources(presence[k - 1], d)]
        return out

    def _from_today(self, t: int, d: int, today: int) -> Departure:
        stays = self.x(t, d, today)
        forced = self.joint.pair(t, d, today) < 0
        return Departure(t, d, today, -1, forced, ONE.plus(stays.times(-1.0)))

    def _from(self, t: int, d: int, source: int, before: int) -> Departure:
        was, stays = self.x(before, d, source), self.x(t, d, source)
        forced = self.joint.pair(t, d, source) < 0
        if forced:
            return Departure(t, d, source, before, True, was)
        names = self.names(t, *self.joint.keys[d], self.joint.name(source))
        left = self.rows.both("path", "leaves", names, was, ONE.plus(stays.times(-1.0)))
        return Departure(t, d, source, before, False, left)

    @cached_property
    def left(self) -> dict[tuple[int, int], list[Departure]]:
        """Departures by (period, demand)."""
        out: dict[tuple[int, int], list[Departure]] = defaultdict(list)
        for departure in self.departures:
            out[departure.t, departure.d].append(departure)
        return out

    def switches(self, t: int, d: int) -> Expression:
        """The demand switches at the beginning of the period."""
        return total(x.happens for x in self.left.get((t, d), ()))

    def unforced(self, t: int, d: int) -> Expression:
        """It switches, and its old source could have gone on."""
        return total(x.happens for x in self.left.get((t, d), ()) if not x.forced)

    def arrives(self, t: int, d: int, source: int) -> Expression:
        """The demand switches to the source, or begins there."""
        known = self._arrivals.get((t, d, source))
        if known is None:
            known = self._arrivals[t, d, source] = self._arrives(t, d, source)
        return known

    @cached_property
    def _arrivals(self) -> dict[tuple[int, int, int], Expression]:
        return {}

    def _arrives(self, t: int, d: int, source: int) -> Expression:
        presence, now = self.joint.presence[d], self.x(t, d, source)
        k = presence.index(t)
        if k == 0:
            return ZERO if source == self.joint.current[d] else now
        was = self.x(presence[k - 1], d, source)
        if was.fixed:
            return now
        names = self.names(t, *self.joint.keys[d], self.joint.name(source))
        return self.rows.both("path", "arrives", names, now, ONE.plus(was.times(-1.0)))

    def effort(self, t: int, d: int) -> float:
        """FTE a year of a demand in a period."""
        return float(self.joint.stages[t].effort[d])

    @cached_property
    def all_switches(self) -> list[Expression]:
        """By period: how many demands switch."""
        present = [np.flatnonzero(row >= 0).tolist() for row in self.joint.local]
        return [total(self.switches(t, d) for d in demands) for t, demands in enumerate(present)]
