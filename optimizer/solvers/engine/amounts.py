"""Resources as whole numbers for the kernels.

Volumes are held in millionths of a unit and minutes in millionths of a minute, as floats with
whole values: sums of them are exact (below 2**53), so that "within capacity" is decided without
any tolerance and moves can be undone without drift. Minutes finer than that, and amounts whose
sums are beyond 2**53, are rounded inwards: what the kernels accept keeps the rules, and what they
refuse by less than the rounding is looked at again (``Searcher.price``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.solvers.engine.near import near

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Floats
    from optimizer.model.problem import Problem
    from optimizer.model.resources import Resource
    from optimizer.model.resources import Wholes as Amounts
    from optimizer.solvers.engine.near import Near

__all__ = ["MICRO", "Resourced", "Whole", "resourced"]

MICRO = 1e6


class Whole(NamedTuple):
    """One resource for the kernels: amounts, limits and least amounts in millionths, all multiples of one step.

    ``rounded``: some amount is not what it stands for.
    """

    amount: Floats
    most: Floats
    least: Floats
    extra: Floats
    rounded: bool


class Resourced(NamedTuple):
    """All resources for the kernels; ``agency``, ``budget``, ``exposure`` and ``share`` are limits, infinite without
    the rule."""

    line: Whole
    site: Whole
    agency: float
    one_off: Floats
    setup: Floats
    budget: float
    exposure: float
    share: float
    close: Near
    rounded: bool


def resourced(problem: Problem, *, outwards: bool = False) -> Resourced:
    """Count resources in millionths.

    Rounded inwards where need be: a plan within these limits is within the true ones. With ``outwards``
    it is the other way round, as bounds want it.
    """
    exact, lines, sites = problem.exact, problem.lines, problem.sites
    line = _whole(exact.line, np.isfinite(lines.capacity), outwards)
    site = _whole(exact.site, np.isfinite(sites.capacity_minutes), outwards)
    budget = None if exact.budget is None else _whole(exact.budget, np.ones(1, np.bool_), outwards)
    close = near(problem, outwards=outwards)
    return Resourced(
        line=line,
        site=site,
        agency=_most(exact.agency, outwards),
        one_off=np.zeros(problem.n_pairs) if budget is None else budget.amount,
        setup=np.zeros(problem.n_providers) if budget is None else budget.extra,
        budget=np.inf if budget is None else float(budget.most[0]),
        exposure=_most(exact.exposure, outwards),
        share=_most(exact.share, outwards),
        close=close,
        rounded=line.rounded or site.rounded or close.rounded or (budget is not None and budget.rounded),
    )


def _most(resource: Resource | None, outwards: bool) -> float:
    """The one limit of a resource, infinite without the rule."""
    return np.inf if resource is None else float(_whole(resource, np.ones(1, np.bool_), outwards).most[0])


def _whole(resource: Resource, limited: NDArray[np.bool_], outwards: bool) -> Whole:
    per = resource.unit * int(MICRO)
    total = (int(resource.amount.sum()) + int(resource.extra.sum())) * per + len(resource.amount)
    step = 2 ** max(0, int(total).bit_length() - 52)
    up, down = per.numerator, per.denominator * step
    amount, extra = (_multiples(a, up, down, outwards) for a in (resource.amount, resource.extra))
    parts = ((amount, resource.amount), (extra, resource.extra))
    rounded = 0 if down == 1 else sum(int((n * down != a.astype(object) * up).sum()) for n, a in parts)
    most = resource.most.astype(object) * up // down
    least = -(-resource.least.astype(object) * up // down)
    least = np.where(least > 0, least + (-rounded if outwards else rounded), least)
    return Whole(
        amount=(amount * step).astype(np.float64),
        most=np.where(limited, (most * step).astype(np.float64), np.inf),
        least=(least * step).astype(np.float64),
        extra=(extra * step).astype(np.float64),
        rounded=rounded > 0,
    )


def _multiples(amount: Amounts, up: int, down: int, outwards: bool) -> Amounts:
    """Amount · up / down in whole numbers, rounded up, or down with ``outwards``."""
    if down == 1:
        return amount * up
    return amount.astype(object) * up // down if outwards else -(-amount.astype(object) * up // down)
