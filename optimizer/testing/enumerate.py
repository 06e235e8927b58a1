"""Every plan of a small case that keeps every rule, with its exact cost: the least is the optimum.

Written from the definitions (``docs/model.md``), all plans at once in whole numbers. It shares eligibility, prices
of pairs and the rules on means, places and shares with the verifier and nothing with model and solvers, so it may
judge both.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from optimizer.domain.types import MICRO
from optimizer.testing.grid import Grid
from optimizer.testing.namings import Namings
from optimizer.testing.prices import costs
from optimizer.testing.quality import quality_holds
from optimizer.verify.checker import Evaluator
from optimizer.verify.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from optimizer.domain.case import Case

__all__ = ["MAX_PLANS", "PlanFound", "Row", "best_plan", "enumerate_plans"]

Row = tuple[str, str, str, str]
"""(entity, service, provider, backup); an empty provider: unserved."""

MAX_PLANS = 400_000
_NEAR = frozenset({"mean_overlap_min", "mean_distance_max", "worse_off_max", "exposure_max_fte", "site_share_max"})


@dataclass(frozen=True)
class PlanFound:
    """A plan that keeps every rule.

    Parameters
    ----------
    rows : tuple of (entity, service, provider, backup)
        In the order of the case; as ``Evaluator`` takes them.
    cost : Fraction
        Total cost, money a year, exact but for measured distances and hours.
    moves : int
        Demands that change provider.
    one_off : Fraction
        One-off cost of moves and set-ups, money, not annualised.
    sites : tuple of str
        Sites that are open, in the order of the case.
    unserved : Fraction
        Effort that nobody serves, FTE; 0 unless the policy allows it.
    """

    rows: tuple[Row, ...]
    cost: Fraction
    moves: int
    one_off: Fraction
    sites: tuple[str, ...]
    unserved: Fraction

    @property
    def choice(self) -> dict[tuple[str, str], str]:
        """Provider by (entity, service)."""
        return {(e, s): p for e, s, p, _ in self.rows}


def enumerate_plans(
    case: Case, *, backups: Literal["one", "all"] = "one", max_plans: int = MAX_PLANS
) -> list[PlanFound]:
    """Every plan that keeps every rule, best first: least unserved effort, then least cost.

    Parameters
    ----------
    case : Case
    backups : {"one", "all"}
        Where critical demands need a backup: one naming that keeps the rule for each choice of providers, or
        each such naming as a plan of its own. Backups cost nothing.
    max_plans : int
        Most choices of providers to look at; six demands at four providers are 15,625.

    Returns
    -------
    list of PlanFound
        Empty: the case is infeasible.

    Raises
    ------
    ValueError
        There are more choices than ``max_plans``.

    Examples
    --------
    >>> from optimizer.testing import enumerate_plans, random_case
    >>> plans = enumerate_plans(random_case(7, feasible=True))
    >>> plans[0].cost <= plans[-1].cost
    True
    """
    return list(_ordered(case, backups == "all", max_plans))


def best_plan(case: Case, *, max_plans: int = MAX_PLANS) -> PlanFound | None:
    """The first plan of ``enumerate_plans``; ``None``: the case is infeasible."""
    return next(_ordered(case, False, max_plans), None)


def _ordered(case: Case, every_naming: bool, max_plans: int) -> Iterator[PlanFound]:
    grid = Grid(Facts(case), max_plans)
    grid.keep(grid.keeps())
    grid.keep(quality_holds(grid))
    if not len(grid.who):
        return
    amount, below = costs(grid)
    unserved = grid.unserved()
    order = np.lexsort((amount, unserved))
    namings, describe = Namings(grid), _Describer(grid)
    good = _near(case)
    for i in order.tolist():
        for backups in namings.of(i):
            found = describe(i, backups, Fraction(int(amount[i]), below), int(unserved[i]))
            if good(found):
                yield found
            if not every_naming:
                break


def _near(case: Case) -> Callable[[PlanFound], bool]:
    """Rules on means, worse-off entities, exposed places and shares, as the verifier judges them."""
    policy = case.policy
    limits = (policy.mean_overlap_min, policy.mean_distance_max, policy.worse_off_max, policy.exposure_max_fte)
    if policy.site_share_max is None and not any(limit is not None for limit in limits):
        return lambda _: True
    evaluator = Evaluator(case)
    return lambda plan: not any(v.rule in _NEAR for v in evaluator.violations(plan.rows))


class _Describer:
    """Turns a line of the grid into a plan of names."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.moved, self.open = grid, grid.moved(), grid.open()
        self.spent = grid.one_off()
        self.fte = grid.minutes_per_fte * MICRO

    def __call__(self, i: int, backups: tuple[str, ...], cost: Fraction, unserved: int) -> PlanFound:
        grid = self.grid
        served = zip(grid.demands, grid.names_of(i), backups, strict=True)
        return PlanFound(
            rows=tuple((*d.key, p, q) for d, p, q in served),
            cost=cost,
            moves=int(self.moved[i].sum()),
            one_off=Fraction(*self.spent[i]),
            sites=tuple(s for s, is_open in zip(grid.sites, self.open[i].tolist(), strict=True) if is_open),
            unserved=Fraction(unserved, self.fte),
        )
