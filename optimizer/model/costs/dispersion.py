"""Loss of scale by spreading a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.types import exact
from optimizer.model.costs.base import (
    Charge,
    CostTerm,
    by_group,
    by_volume,
)
from optimizer.model.program.block import Term, entries, keys, limit
from optimizer.model.program.links import on_columns
from optimizer.model.tally import dispersion_loss

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Floats
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.served import Served
    from optimizer.model.tally import Tally


def columns(layout: Layout) -> Term:
    """Loss of scale: Σ_s reference_s · loss(n_s), where n_s providers run the service.

    reference_s is all volume of the service at the mean unit cost of first tiers, without fee.
    One binary q_sj for each run of numbers low_j … high_j with equal loss: Σ_j q_sj = 1 and
    Σ_p y_ps ≤ Σ_j high_j q_sj; where the loss falls somewhere also Σ_p y_ps ≥ Σ_j low_j q_sj.
    """
    levels, lines = layout.levels, layout.problem.lines
    if not len(levels.service):
        return Term(np.zeros(layout.n_columns))
    chosen, row = np.unique(levels.service, return_inverse=True)
    of_service = np.full(len(layout.problem.service_ids), -1, dtype=np.int64)
    of_service[chosen] = np.arange(len(chosen))
    counted = np.flatnonzero((layout.y >= 0) & (of_service[lines.service] >= 0))
    running = (of_service[lines.service[counted]], layout.y[counted], 1.0)
    index = keys(chosen)
    one = limit("cost:dispersion", "s", index, entries((row, layout.q, 1.0)), lower=1.0, upper=1.0, part="one")
    high = entries(running, (row, layout.q, -levels.high))
    most = limit("cost:dispersion", "s", index, high, upper=0.0, part="most")
    low = entries(running, (row, layout.q, -levels.low))
    bottom = np.where(levels.falling[chosen], 0.0, -np.inf)
    blocks: tuple[Block, ...] = (one, most)
    if np.isfinite(bottom).any():
        blocks = (*blocks, limit("cost:dispersion", "s", index, low, lower=bottom, part="least"))
    return Term(on_columns(layout, (layout.q, levels.cost)), blocks=blocks)


def amount(x: Problem, t: Tally) -> float:
    """Money a year of a plan."""
    return float((dispersion_loss(x.scalars.dispersion_loss, t.service_providers) * x.reference).sum())


def charges(x: Served) -> Iterator[Charge]:
    """Loss at n_s providers · reference_s, by volume over what providers serve."""
    losses = x.case.policy.dispersion_loss
    if any(losses):
        at = x.at_site
        for s, members in by_group(x.problem.demand_service[at].tolist(), at.tolist()).items():
            loss = losses[min(int(x.tally.service_providers[s]), len(losses)) - 1]
            if loss:
                yield by_volume(x, exact(loss) * x.reference(x.problem.service_ids[s]), members)


def change(x: Moves) -> Floats:
    """Providers that run the service."""
    which = x.problem.demand_service[x.demand]
    before, table = x.counts.tally.service_providers[which], x.problem.scalars.dispersion_loss
    more = dispersion_loss(table, before + x.running_more) - dispersion_loss(table, before)
    return np.asarray(more * x.problem.reference[which], np.float64)


TERM: Final = CostTerm("dispersion", columns, amount, charges, change)
