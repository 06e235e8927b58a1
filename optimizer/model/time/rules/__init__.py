"""Rules between periods, one file each; rules within a period are those of ``optimizer.model.rules``."""

from __future__ import annotations

from typing import Final

from optimizer.model.time.rules import (
    agency_saving,
    big_bang,
    committed,
    freeze,
    growth_limit,
    max_moves,
    max_moves_per_period,
    minimum_volume,
    notice,
    one_off_budget,
    one_switch,
    precedence,
    site_count,
    wave,
    yearly_budget,
)
from optimizer.model.time.rules.base import TimeRule

__all__ = ["BETWEEN_PERIODS", "TimeRule"]

BETWEEN_PERIODS: Final[tuple[TimeRule, ...]] = (
    agency_saving.RULE,
    site_count.RULE,
    minimum_volume.RULE,
    max_moves.RULE,
    one_off_budget.RULE,
    one_switch.RULE,
    notice.RULE,
    freeze.RULE,
    precedence.RULE,
    wave.RULE,
    growth_limit.RULE,
    yearly_budget.RULE,
    max_moves_per_period.RULE,
    committed.RULE,
    big_bang.RULE,
)
"""Every rule between periods."""
