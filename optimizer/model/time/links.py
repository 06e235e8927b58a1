"""What ties periods together: switches, open sites, commitments, big bangs, one-off money."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from optimizer.domain.types import exact
from optimizer.model.time.openings import Openings
from optimizer.model.time.rows import ZERO, Expression, total

__all__ = ["Links", "OneOffs"]


class OneOffs(NamedTuple):
    """One-off money of a period, undiscounted, by element."""

    transition: Expression
    setup: Expression
    exit: Expression
    double_running: Expression


class Links(Openings):
    """All that rules between periods speak of."""

    @cached_property
    def bangs(self) -> list[Expression]:
        """By period: some demand switches unforced; empty unless the policy asks for a big bang."""
        if self.joint.policy.transition_mode != "big_bang":
            return []
        out = []
        for t in range(self.joint.n_periods):
            switches = [self.unforced(t, d) for d in range(self.joint.n_demands) if (t, d) in self.left]
            out.append(self.rows.either("big_bang", "bang", self.names(t), switches))
        return out

    @cached_property
    def elements(self) -> list[OneOffs]:
        """One-off money of every period by element."""
        return [
            OneOffs(self._transition(t), self._sites(t, opening=True), self._sites(t, opening=False), self._double(t))
            for t in range(self.joint.n_periods)
        ]

    @cached_property
    def one_offs(self) -> list[Expression]:
        """One-off money of every period, undiscounted, risk aside."""
        return [total(parts) for parts in self.elements]

    @cached_property
    def risk(self) -> float:
        """What a big bang costs by its risk, money."""
        policy = self.joint.policy
        return float(exact(policy.big_bang_probability) * exact(policy.big_bang_failure_cost))

    def _transition(self, t: int) -> Expression:
        """Moves at their elements; leaving a source that has no price costs nothing."""
        stage = self.joint.stages[t]
        return total(
            left.happens.times(float(stage.effort[left.d]) * stage.per_fte)
            for (at, _), departures in self.left.items()
            if at == t
            for left in departures
            if np.isfinite(stage.leaving[left.d, left.source])
        )

    def _sites(self, t: int, *, opening: bool) -> Expression:
        stage = self.joint.stages[t]
        happens, price = (self.opens, stage.setup) if opening else (self.closes, stage.exit)
        return total(happens(t, p).times(float(price[p])) for p in range(self.joint.n_providers) if price[p])

    def _double(self, t: int) -> Expression:
        """Months beside the old source, for demands that were there in the period before (or in the first one)."""
        months, stage = self.joint.policy.handover_months / 12.0, self.joint.stages[t]
        if not months:
            return ZERO
        return total(
            left.happens.times(months * float(stage.leaving[left.d, left.source]))
            for (at, _), departures in self.left.items()
            if at == t
            for left in departures
            if np.isfinite(stage.leaving[left.d, left.source]) and (left.before == t - 1 or t == 0)
        )
