"""How many Secretariat sites are open, and one in each zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.names import ZONES
from optimizer.model.program.block import entries, keys, keys_of_one, limit
from optimizer.model.rules.base import Broken, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally


def rows(layout: Layout) -> Iterator[Block]:
    """Open Secretariat sites within limits, min ≤ Σ o_p ≤ max, and Σ_{p in zone} o_p ≥ 1 for each zone."""
    scalars, sites = layout.problem.scalars, layout.problem.sites
    counted = np.flatnonzero(sites.is_secretariat & (layout.o >= 0))
    content = entries((0, layout.o[counted], 1.0))
    if scalars.site_min is not None:
        low = float(scalars.site_min)
        yield limit("site_count", "", keys_of_one(), content, lower=low, part="least", unit="sites")
    if scalars.site_max is not None:
        high = float(scalars.site_max)
        yield limit("site_count", "", keys_of_one(), content, upper=high, part="most", unit="sites")
    if scalars.zones:
        content = entries((sites.zone[counted], layout.o[counted], 1.0))
        zones = keys(np.arange(len(ZONES)))
        yield limit("site_count", "a", zones, content, lower=1.0, part="zone", unit="sites")


def excess(x: Problem, t: Tally) -> Found:
    """Open Secretariat sites within limits, and one in each zone; amount in sites."""
    mine = t.site_open & x.sites.is_secretariat
    number, least, most = int(mine.sum()), x.scalars.site_min, x.scalars.site_max
    out: Found = []
    if least is not None and number < least:
        out.append(Broken("site_count", float(least - number), {"value": number, "least": least}))
    if most is not None and number > most:
        out.append(Broken("site_count", float(number - most), {"value": number, "limit": most}))
    if x.scalars.zones:
        empty = sorted(set(range(len(ZONES))) - set(x.sites.zone[mine].tolist()))
        out += [Broken("site_count", 1.0, {"zone": ZONES[z]}) for z in empty]
    return out


def keeps(x: Moves) -> Bools | None:
    """Open Secretariat sites within limits, and one in each zone."""
    rules, sites, opened = x.problem.scalars, x.problem.sites, x.counts.opened
    opens = x.opens & sites.is_secretariat[x.join.provider] & ~sites.is_required[x.join.provider]
    closes = x.closes & sites.is_secretariat[x.leave.provider] & ~sites.is_required[x.leave.provider]
    number = int(opened.sum()) + opens.astype(np.int64) - closes
    holds = np.ones(len(number), np.bool_)
    if rules.site_min is not None:
        holds &= number >= rules.site_min
    if rules.site_max is not None:
        holds &= number <= rules.site_max
    for zone in range(len(ZONES)) if rules.zones else ():
        here = sites.zone == zone
        more = (opens & here[x.join.provider]).astype(np.int64) - (closes & here[x.leave.provider])
        holds &= int((opened & here).sum()) + more > 0
    return holds


RULE: Final = Rule("site_count", rows, excess, keeps)
