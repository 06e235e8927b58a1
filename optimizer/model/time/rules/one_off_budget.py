"""One-off costs of the horizon stay within budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.time.rows import total
from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """Undiscounted one-off cost of all periods, risk aside ≤ one_off_budget."""
    budget = x.joint.policy.one_off_budget
    if budget is not None:
        x.rows.at_most("one_off_budget", (), total(x.one_offs), budget)


RULE: Final = TimeRule("one_off_budget", rows)
