"""An open candidate carries its least effort in target periods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.time.rows import Expression, total
from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """Σ m_d x_dpt ≥ min_p · o_pt for candidates; minima of lines are rows of the periods."""
    for t, stage in enumerate(x.joint.stages):
        year = x.joint.policy.minutes_per_fte_year
        for p, name in enumerate(x.joint.provider_ids):
            least = float(stage.min_fte[p]) * year
            if least <= 0:
                continue
            minutes, pairs = stage.problem.minutes, stage.problem.pairs
            work = total(
                Expression.of(x.first[t] + i, float(minutes[pairs.demand[i]]))
                for i in (pairs.provider == p).nonzero()[0].tolist()
            )
            x.rows.at_least("minimum_volume", x.names(t, name), work.plus(x.open[t][p].times(-least)), 0.0)


RULE: Final = TimeRule("minimum_volume", rows)
