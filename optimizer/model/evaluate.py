"""Cost of a plan, term by term, with the structures that rules and reports look at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.model import costs
from optimizer.model.rules import Broken, check
from optimizer.model.tally import dispersion_loss, line_cost, take

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem

__all__ = ["Broken", "CostBreakdown", "check", "dispersion_loss", "evaluate", "line_cost"]


@dataclass(frozen=True, eq=False)
class CostBreakdown:
    """What a plan costs a year and what it looks like.

    Parameters
    ----------
    terms : dict
        Money a year by name, all of ``COST_TERMS`` in their order.
    line_volume, line_cost : ndarray of shape (n_lines,)
        Primary volume of this case, and what it costs (term ``service``).
    site_minutes : ndarray of shape (n_providers,)
        Primary work a year.
    site_open : ndarray of shape (n_providers,), bool
        The site has a primary demand or is required.
    relations : ndarray of shape (n_entities, n_providers), bool
        The entity deals with the provider (own capacity is none).
    handovers : ndarray of shape (n_bundles,)
        Distinct sources − 1 by bundle group id, own capacity one source.
    service_providers : ndarray of shape (n_services,)
        n_s: providers with a primary demand of the service.
    moves : ndarray of shape (n_demands,), bool
        The demand has a source today and another one in the plan.
    one_off_transition, one_off_setup : float
        Money, once.
    unserved : ndarray of shape (n_demands,), bool
    unpriced : ndarray of shape (n_demands,), bool
        The pair is not eligible: its own, distance, overlap, language and transition costs are
        missing here (``optimizer.model.pair_costs.price_pairs`` knows them).
    """

    terms: dict[str, float]
    line_volume: Floats
    line_cost: Floats
    site_minutes: Floats
    site_open: Bools
    relations: Bools
    handovers: Ints
    service_providers: Ints
    moves: Bools
    one_off_transition: float
    one_off_setup: float
    unserved: Bools
    unpriced: Bools

    @property
    def total(self) -> float:
        """Objective: sum of all terms."""
        return math.fsum(self.terms.values())

    @property
    def running(self) -> float:
        """Total without the annualised one-off terms."""
        return self.total - self.terms["transition_annualised"] - self.terms["setup_annualised"]

    @property
    def one_off(self) -> float:
        """One-off cost of the plan: moves and set-ups."""
        return self.one_off_transition + self.one_off_setup


def evaluate(problem: Problem, choice: Choice) -> CostBreakdown:
    """Cost of a plan by term (design 3), whether or not it keeps the rules.

    Parameters
    ----------
    problem : Problem
    choice : Choice
        Unserved demands cost nothing.

    Returns
    -------
    CostBreakdown
    """
    tally = take(problem, choice)
    by_line = line_cost(problem.lines, tally.line_volume)
    pairs, at = problem.pairs, tally.pair[tally.pair >= 0]
    opened = tally.site_open & problem.sites.is_candidate
    return CostBreakdown(
        terms={term.name: term.amount(problem, tally) for term in costs.TERMS},
        line_volume=tally.line_volume,
        line_cost=by_line,
        site_minutes=tally.site_minutes,
        site_open=tally.site_open,
        relations=tally.relations,
        handovers=tally.handovers,
        service_providers=tally.service_providers,
        moves=tally.moves,
        one_off_transition=float(pairs.one_off[at].sum()),
        one_off_setup=float(problem.sites.setup_one_off[opened].sum()),
        unserved=tally.provider < 0,
        unpriced=(tally.provider >= 0) & (tally.pair < 0),
    )
