"""Set-up of candidates, a year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.costs.base import (
    Charge,
    CostTerm,
    by_effort,
    opened_or_closed,
)
from optimizer.model.costs.one_off import setup_amount
from optimizer.model.program.block import Term
from optimizer.model.program.links import on_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Floats
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.layout import Layout
    from optimizer.model.served import Served
    from optimizer.model.tally import Tally


def columns(layout: Layout) -> Term:
    """Candidates opened: Σ setup_cost_p · annuity · o_p, spread over horizon_years."""
    return Term(on_columns(layout, (layout.o, layout.problem.sites.setup)))


def amount(x: Problem, t: Tally) -> float:
    """Money a year of a plan."""
    return float(x.sites.setup[t.site_open & x.sites.is_candidate].sum())


def charges(x: Served) -> Iterator[Charge]:
    """Set-up cost of each candidate opened, by effort."""
    if not x.as_baseline:
        for p, members in x.at_sites.items():
            if amount := setup_amount(x, p):
                yield by_effort(x, amount * x.annuity(x.case.policy.horizon_years), members)


def change(x: Moves) -> Floats:
    """Set-up of candidates opened and closed."""
    return opened_or_closed(x.problem.sites.setup, x)


TERM: Final = CostTerm("setup_annualised", columns, amount, charges, change)
