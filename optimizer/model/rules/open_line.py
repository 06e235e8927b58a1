"""Work only on a line that is offered and open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, implied, keys, limit, summed
from optimizer.model.program.links import carried, numbering
from optimizer.model.rules.base import Broken, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Ints
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally


def rows(layout: Layout) -> Iterator[Block]:
    """Volume only on an open line: x_dp ≤ y_ps; and y_ps ≤ Σ x_dp where being open is rewarded.

    That an offer exists is part of eligibility. Rewards are backups ("already running") and
    dispersion losses that fall with more providers.
    """
    problem, y = layout.problem, layout.y
    pair_y = np.append(y, -1)[layout.line]
    at = np.flatnonzero(pair_y >= 0)
    yield from _linked(layout, "open_line", at, pair_y[at])
    service = problem.lines.service
    critical = np.bincount(problem.demand_service[problem.critical], minlength=len(problem.service_ids)) > 0
    tied = np.flatnonzero((y >= 0) & (critical | layout.levels.falling)[service])
    row = numbering(tied, len(service))[layout.line]
    content = entries((np.arange(len(tied)), y[tied], 1.0), carried(row, np.full(len(row), -1.0)))
    index = keys(problem.lines.provider[tied], service[tied])
    yield limit("open_line", "ps", index, content, upper=0.0, part="used")


def _linked(layout: Layout, rule: str, at: Ints, large: Ints) -> Iterator[Block]:
    """Rows x ≤ large for pairs ``at``, in the form that ``linking`` asks for."""
    pairs, units = layout.problem.pairs, layout.units
    index = keys(pairs.demand[at], pairs.provider[at])
    if layout.options.linking == "aggregated":
        yield summed(rule, "dp", index, at, large, part="")
        return
    if layout.options.linking == "small":
        capacity = units.line_capacity[layout.line[at]]
        kept = ~(np.isfinite(capacity) & (units.take[at] > 0.25 * capacity))
        at, large, index = at[kept], large[kept], index[kept]
    yield implied(rule, "dp", index, at, large, part="")


def excess(x: Problem, t: Tally) -> Found:
    """No demand at a provider without an offer; amount 1 each."""
    bad = np.flatnonzero((t.provider >= 0) & (t.provider < x.n_providers) & (t.line < 0))
    return [Broken("open_line", 1.0, {"demand": d, "provider": int(t.provider[d])}) for d in bad.tolist()]


RULE: Final = Rule("open_line", rows, excess)
