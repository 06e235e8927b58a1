"""What the rules about one demand let it do at the beginning of each period: stay, leave, come, begin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.time_rows import Freeze
    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.time.joint import JointProblem

__all__ = ["Ways"]


@dataclass(frozen=True, eq=False)
class Ways:
    """What each demand may do at the beginning of each period, by the rules about one demand.

    Parameters
    ----------
    joint : JointProblem
    """

    joint: JointProblem

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n_periods, n_demands, n_providers + 1)."""
        return self.joint.n_periods, self.joint.n_demands, self.joint.n_providers + 1

    @cached_property
    def pair(self) -> Bools:
        """The source is eligible in the period."""
        return self._of_pairs(lambda _: np.True_)

    @cached_property
    def holds(self) -> Bools:
        """The source is eligible, and no lock of the period says another one."""
        return self._of_pairs(lambda p: (p.locked[p.pairs.demand] < 0) | (p.locked[p.pairs.demand] == p.pairs.provider))

    @cached_property
    def new(self) -> Bools:
        """The source may be a new one, freezes aside."""
        out = self.holds.copy()
        for t, stage in enumerate(self.joint.stages):
            pairs = stage.problem.pairs
            out[t, stage.demand[pairs.demand], pairs.provider] &= stage.arrives
        return out

    def _of_pairs(self, says: object) -> Bools:
        out = np.zeros(self.shape, np.bool_)
        for t, stage in enumerate(self.joint.stages):
            pairs = stage.problem.pairs
            out[t, stage.demand[pairs.demand], pairs.provider] = says(stage.problem)  # type: ignore[operator]
        return out

    @cached_property
    def leaves(self) -> Bools:
        """The source may be left: nothing of it is frozen and no notice runs, or it is not eligible any more."""
        out = np.ones(self.shape, np.bool_)
        self._notice(out)
        for row, demands, source in self._freezes():
            wide = np.arange(self.shape[2]) if source is None else np.array([source])
            out[np.ix_(self._during(row), demands, wide)] = False
        out |= ~self.pair
        self._commit(out)
        return out

    @cached_property
    def comes(self) -> Bools:
        """The source may be switched to."""
        out = self.new.copy()
        for row, demands, source in self._freezes():
            if source is not None:
                out[np.ix_(self._during(row), demands, np.array([source]))] = False
        for (t, d), source in self.joint.committed.items():
            out[t, d, source] = self.new[t, d, source]
        return out

    def _notice(self, out: Bools) -> None:
        begins = [stage.period.begin for stage in self.joint.stages]
        for d, key in enumerate(self.joint.keys):
            today = int(self.joint.current[d])
            until = self.joint.case.current_of[key].notice_until if today >= 0 else None
            if until is not None:
                out[[t for t, begin in enumerate(begins) if begin < until], d, today] = False

    def _commit(self, out: Bools) -> None:
        """Before a commitment binds nothing but commitments is left to a demand; in its period it comes."""
        for t, d in self.joint.committed:
            out[:t, d, :] = False
        for t, d in self.joint.committed:
            out[t, d, :] = True

    def _freezes(self) -> Iterator[tuple[Freeze, Ints, int | None]]:
        for row in self.joint.case.freezes:
            covered = set(self.joint.case.demands_named(row.entity or "*", "" if row.service == "*" else row.service))
            demands = np.array([d for d, key in enumerate(self.joint.keys) if key in covered], np.int64)
            named = "" if row.provider == "*" else row.provider
            yield row, demands, self.joint.source_index[named] if named else None

    def _during(self, row: Freeze) -> Ints:
        return np.array(
            [t for t, s in enumerate(self.joint.stages) if row.from_ <= s.period.begin < row.until], np.int64
        )
