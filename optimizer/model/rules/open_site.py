"""Work only at a site that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, implied, keys, limit, summed
from optimizer.model.program.links import carried, numbering
from optimizer.model.rules.base import Broken, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally


def rows(layout: Layout) -> Iterator[Block]:
    """Work only at an open site: y_ps ≤ o_p, or x_dp ≤ o_p where the line has no y.

    Where an open site is rewarded (least number of sites, zones): o_p ≤ Σ x_dp, unless required.
    """
    problem, o = layout.problem, layout.o
    lines, pairs = problem.lines, problem.pairs
    with_y = np.flatnonzero((layout.y >= 0) & (o[lines.provider] >= 0))
    index = keys(lines.provider[with_y], lines.service[with_y])
    yield implied("open_site", "ps", index, layout.y[with_y], o[lines.provider[with_y]], part="")
    bare = np.flatnonzero((layout.line >= 0) & (np.append(layout.y, -1)[layout.line] < 0))
    bare = bare[o[pairs.provider[bare]] >= 0]
    form = summed if layout.options.linking == "aggregated" else implied
    index = keys(pairs.demand[bare], pairs.provider[bare])
    yield form("open_site", "dp", index, bare, o[pairs.provider[bare]], part="")
    rewarded = problem.scalars.zones or problem.scalars.site_min is not None
    tied = np.flatnonzero((o >= 0) & problem.sites.is_secretariat & ~problem.sites.is_required & rewarded)
    row = np.where(layout.line >= 0, numbering(tied, problem.n_providers)[pairs.provider], -1)
    content = entries((np.arange(len(tied)), o[tied], 1.0), carried(row, np.full(len(row), -1.0)))
    yield limit("open_site", "p", keys(tied), content, upper=0.0, part="used")


def excess(x: Problem, t: Tally) -> Found:
    """No work at a closed site; amount in minutes."""
    bad = np.flatnonzero((t.site_minutes > 0) & x.sites.is_closed)
    return [Broken("open_site", float(t.site_minutes[p]), {"provider": p}) for p in bad.tolist()]


RULE: Final = Rule("open_site", rows, excess)
