"""What it costs and breaks if one demand goes to one provider and all else stays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.answer import told
from optimizer.model.eligibility.pairs import BIT
from optimizer.model.eligibility.reasons import said_by
from optimizer.model.evaluate import evaluate
from optimizer.model.pair_costs import price_pairs
from optimizer.model.parts import Choice
from optimizer.model.rules import check
from optimizer.verify.checker import Evaluator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.model.problem import Problem
    from optimizer.verify.findings import Violation

__all__ = ["OptionPricer", "Priced"]

ALONE: Final = frozenset(
    {
        "line_capacity",
        "site_capacity",
        "max_providers_per_entity",
        "agency_share",
        "max_moves",
        "one_off_budget",
        "exposure_max_fte",
        "site_share_max",
    }
)
"""Rules that more assignments can only break further: broken by one pair alone, they are by any plan with it."""


FACTS: Final = BIT["not_offered"] | BIT["own_not_given"]
"""Refusals of pairs that have no price at all."""


@dataclass(frozen=True, slots=True)
class Priced:
    """One option: see ``optimizer.plan.why.WhyOption``."""

    cost: Mapping[str, float]
    extra_cost: float | None
    backup: str
    breaks: tuple[Mapping[str, Any], ...]


class OptionPricer:
    """Prices every provider of one demand.

    Parameters
    ----------
    case, problem : Case, Problem
    demand : int
    choice : Choice, optional
        The plan; without it nothing else is assigned.
    """

    def __init__(self, case: Case, problem: Problem, demand: int, choice: Choice | None) -> None:
        nobody = np.full(problem.n_demands, -1, np.int64)
        self.case, self.problem, self.demand, self.given = case, problem, demand, choice is not None
        self.plan = Choice(nobody, nobody) if choice is None else choice
        self._without = evaluate(problem, self._with(-1, -1)).terms
        self._total = self._total_of_plan()
        self._evaluator = Evaluator(case)

    @property
    def chosen(self) -> str | None:
        """Who serves the demand in the plan."""
        p = int(self.plan.provider[self.demand])
        return None if p < 0 else self.problem.provider_name(p)

    def price(self, provider: int) -> Priced:
        """Cost, extra cost and broken rules with the demand at an eligible provider."""
        here = provider == int(self.plan.provider[self.demand])
        backup = int(self.plan.backup[self.demand]) if here else self._best_backup(provider)
        choice = self._with(provider, backup)
        result = evaluate(self.problem, choice)
        more = {name: amount - self._without[name] for name, amount in result.terms.items()}
        cost = {name: round(amount, 2) + 0.0 for name, amount in more.items()}
        cost["total"] = round(math.fsum(more.values()), 2) + 0.0
        return Priced(
            cost=cost,
            extra_cost=round(result.total - self._total, 2) + 0.0 if self.given and self._total is not None else None,
            backup="" if backup < 0 else self.problem.provider_name(backup),
            breaks=() if here and self.given else tuple(self._told(v) for v in self._breaks(choice)),
        )

    def _total_of_plan(self) -> float | None:
        """Total of the plan, money a year; ``None`` where the pair it has for the demand has no price."""
        total, p = evaluate(self.problem, self.plan).total, int(self.plan.provider[self.demand])
        if p < 0 or int(self.problem.pair_index(self.demand, p)) >= 0:
            return total
        if self.problem.refusals[self.demand, p] & FACTS:
            return None
        found = price_pairs(self.case, self.problem, np.array([self.demand]), np.array([p]))
        terms = (found.own, found.distance, found.overlap, found.language, found.transition)
        return total + math.fsum(float(t[0]) for t in terms)

    def _with(self, provider: int, backup: int) -> Choice:
        """The plan with the demand at a provider (−1: unserved)."""
        who, second = self.plan.provider.copy(), self.plan.backup.copy()
        who[self.demand], second[self.demand] = provider, backup
        return Choice(who, second)

    def _best_backup(self, provider: int) -> int:
        """The plan's backup where it serves, else the first that breaks least; −1 where none is called for."""
        problem, d = self.problem, self.demand
        if not (self.given and problem.critical[d]) or provider == problem.n_providers:
            return -1
        abroad = problem.sites.country != problem.sites.country[provider]
        fit = np.flatnonzero((problem.refusals[d, :-1] == 0) & abroad).tolist()
        today = int(self.plan.backup[d])
        options = sorted((q for q in fit if q != provider), key=lambda q: (q != today, q))
        broken = (
            (sum(b.amount for b in check(problem, self._with(provider, q)) if b.rule == "backup"), i)
            for i, q in enumerate(options)
        )
        best = min(broken, default=None)
        return -1 if best is None else options[best[1]]

    @cached_property
    def _already(self) -> dict[tuple[str, ...], float]:
        """What the plan breaks as it is."""
        if not self.given:
            return {}
        return {_key(v): float(v.amount) for v in self._evaluator.violations(self.problem.decode(self.plan))}

    def _breaks(self, choice: Choice) -> list[Violation]:
        """Rules that the plan does not break already, or breaks by less."""
        rows = self.problem.decode(choice)
        if self.given:
            found = self._evaluator.violations(rows)
            return [v for v in found if float(v.amount) > self._already.get(_key(v), 0.0)]
        key, found = rows[self.demand][:2], self._evaluator.violations([rows[self.demand]])
        return [v for v in found if v.rule in ALONE or (v.rule == "lock" and (v.entity, v.service) == key)]

    def _told(self, v: Violation) -> Mapping[str, Any]:
        """A violation as in the plan document; of a lock, with the decision's reason."""
        rows = [
            r
            for r in self.case.decisions
            if v.rule == "lock"
            and r.action == "lock"
            and (v.entity, v.service) in self.case.demands_named(r.entity, r.service)
        ]
        why = "; ".join(said_by(r) for r in rows)
        message = told("{what} (decision: {why})", what=v.message, why=why) if why else v.message
        return {**v.as_dict(), "message": message}


def _key(v: Violation) -> tuple[str, ...]:
    """What a violation is about; the side of a limit, a zone or a lost site is in its words alone."""
    kind = v.message.split(",")[0] if v.rule == "backup" else v.message.rpartition(", ")[2]
    return v.rule, v.entity, v.service, v.provider, kind if v.rule in ("backup", "site_count") else ""
