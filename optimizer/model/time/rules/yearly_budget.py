"""One-off costs of a year stay within its budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.time.rows import total
from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """Undiscounted one-off cost of a planning year, risk aside ≤ amount."""
    for row in x.joint.case.budgets:
        periods = [t for t, stage in enumerate(x.joint.stages) if stage.period.planning_year == row.year]
        if periods:
            x.rows.at_most("yearly_budget", (str(row.year),), total(x.one_offs[t] for t in periods), row.amount)


RULE: Final = TimeRule("yearly_budget", rows)
