"""From when to when sites are open, as expressions of the program; 0 or 1 in every plan, in both directions."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from optimizer.model.time.rows import ONE, ZERO, Expression
from optimizer.model.time.switches import Switches

__all__ = ["Openings"]


class Openings(Switches):
    """Open sites of a joint problem, besides its switches."""

    @cached_property
    def serving(self) -> list[list[Expression]]:
        """By period and site: the site has work."""
        out = []
        for t, stage in enumerate(self.joint.stages):
            pairs = stage.problem.pairs
            work: dict[int, list[Expression]] = defaultdict(list)
            for i, source in enumerate(pairs.provider.tolist()):
                if source < self.joint.n_providers:
                    work[source].append(Expression.of(self.first[t] + i))
            out.append(
                [
                    self.rows.either("open_site", "serves", self.names(t, self.joint.provider_ids[p]), work[p])
                    for p in range(self.joint.n_providers)
                ]
            )
        return out

    @cached_property
    def begun(self) -> list[list[Expression]]:
        """By period and site: it has work in the period or had before."""
        return self._spread("begun", range(self.joint.n_periods), -1)

    @cached_property
    def goes_on(self) -> list[list[Expression]]:
        """By period and site: it has work in the period or will have."""
        return self._spread("goes_on", range(self.joint.n_periods - 1, -1, -1), 1)

    def _spread(self, kind: str, periods: range, step: int) -> list[list[Expression]]:
        out: list[list[Expression]] = [[] for _ in periods]
        for t in periods:
            for p, name in enumerate(self.joint.provider_ids):
                near = out[t + step][p] if 0 <= t + step < len(out) else ZERO
                parts = [self.serving[t][p], near]
                out[t].append(self.rows.either("open_site", kind, self.names(t, name), parts))
        return out

    @cached_property
    def open(self) -> list[list[Expression]]:
        """By period and site: the site is open, and paid for."""
        return [[self._open(t, p) for p in range(self.joint.n_providers)] for t in range(self.joint.n_periods)]

    def _open(self, t: int, p: int) -> Expression:
        status, serves = self.joint.case.providers[p].status, bool(self.joint.stages[t].serves[p])
        if status == "required":
            return ONE if serves else ZERO
        if status == "candidate":
            return ZERO if self._ended(t, p) else self.begun[t][p]
        if self.of_today[p]:
            return self.goes_on[t][p]
        names = self.names(t, self.joint.provider_ids[p])
        return self.rows.both("open_site", "open", names, self.begun[t][p], self.goes_on[t][p])

    @cached_property
    def of_today(self) -> list[bool]:
        """Sites that serve a demand of the case today."""
        used = set(self.joint.current.tolist())
        return [p in used for p in range(self.joint.n_providers)]

    def opens(self, t: int, p: int) -> Expression:
        """A candidate serves for the first time."""
        if self.joint.case.providers[p].status != "candidate":
            return ZERO
        before = self.begun[t - 1][p] if t else ZERO
        return self.begun[t][p].plus(before.times(-1.0))

    def closes(self, t: int, p: int) -> Expression:
        """The site was open in the period before and is no longer; today's that never serves closes in the first."""
        if t == 0:
            if self.joint.case.providers[p].status == "required" and any(s.serves[p] for s in self.joint.stages):
                return ZERO  # its start is still to come
            return ONE.plus(self.open[0][p].times(-1.0)) if self.of_today[p] else ZERO
        both = self.open[t - 1][p], self.open[t][p]
        if self.joint.case.providers[p].status == "candidate":
            return both[0] if self._ended(t, p) else ZERO
        if self.of_today[p] and self.joint.case.providers[p].status != "required":  # open from the first period on
            return both[0].plus(both[1].times(-1.0))
        names = self.names(t, self.joint.provider_ids[p])
        return self.rows.both("open_site", "closes", names, both[0], ONE.plus(both[1].times(-1.0)))

    def _ended(self, t: int, p: int) -> bool:
        """The site may no longer serve."""
        stages = self.joint.stages
        return not stages[t].serves[p] and any(bool(s.serves[p]) for s in stages[:t])
