"""How many Secretariat sites are open in a period, and one in each zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.domain.names import ZONES
from optimizer.model.time.rows import total
from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """min ≤ Σ o_pt ≤ max over open Secretariat sites, Σ_{p in zone} o_pt ≥ 1, in target periods."""
    count, zones = x.joint.policy.site_count, x.joint.policy.zones
    for t, stage in enumerate(x.joint.stages):
        if not stage.period.is_target or (count is None and not zones):
            continue
        sites = stage.problem.sites
        mine = [p for p in range(x.joint.n_providers) if sites.is_secretariat[p]]
        number = total(x.open[t][p] for p in mine)
        if count is not None and count.min is not None:
            x.rows.at_least("site_count", x.names(t, "least"), number, float(count.min))
        if count is not None and count.max is not None:
            x.rows.at_most("site_count", x.names(t, "most"), number, float(count.max))
        for zone, name in enumerate(ZONES) if zones else ():
            here = total(x.open[t][p] for p in mine if sites.zone[p] == zone)
            x.rows.at_least("site_count", x.names(t, name), here, 1.0)


RULE: Final = TimeRule("site_count", rows)
