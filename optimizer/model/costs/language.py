"""Languages that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.types import exact
from optimizer.model.costs.base import (
    Charge,
    CostTerm,
    alone,
    of_pair,
    on_eligible,
)
from optimizer.model.program.block import Term
from optimizer.model.program.links import on_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.case import Case
    from optimizer.model.aliases import Floats
    from optimizer.model.costs.some import SomePairs
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.layout import Layout
    from optimizer.model.served import Served
    from optimizer.model.tally import Tally


def columns(layout: Layout) -> Term:
    """Missing languages: Σ language_cost_rate · v_d · u_ps · missing_dp · x_dp.

    u_ps is the unit cost of the line's first tier, fee included; missing_dp the number of languages that the
    provider lacks (rule ``all``), or 1 where it shares none (rule ``any``).
    """
    return on_pairs(layout, layout.problem.pairs.language)


def amount(x: Problem, t: Tally) -> float:
    """Money a year of a plan."""
    return on_eligible(x.pairs.language, t)


def charges(x: Served) -> Iterator[Charge]:
    """Mode ``price``: rate · volume · u_ps · missing languages, by the service's rule."""
    policy = x.case.policy
    rate = exact(policy.language_cost_rate if policy.language_mode == "price" else 0.0)
    if rate:
        for d, e, p in x.remote():
            key = x.problem.provider_ids[p], x.demands[d].service
            number = _missing(x.case, x.problem.entity_ids[e], *key)
            if number and key in x.case.first_prices:
                yield alone(rate * exact(x.demands[d].volume) * x.case.first_prices[key] * number, d)


def _missing(case: Case, entity: str, provider: str, service: str) -> int:
    """Languages that count as missing."""
    wanted, rule = case.entity[entity].languages, case.service[service].language_rule
    lacking = len(wanted - case.provider[provider].languages)
    if rule == "any":
        return int(bool(wanted) and lacking == len(wanted))
    return lacking if rule == "all" else 0


def change(x: Moves) -> Floats:
    """Languages that are missing."""
    return of_pair(x.problem.pairs.language, x)


def per_pair(x: SomePairs) -> Floats:
    """Mode ``price``: language_cost_rate · volume · u_ps · m; m by the service's rule."""
    rate = x.policy.language_cost_rate if x.policy.language_mode == "price" else 0.0
    if not rate or not len(x.lines.provider):
        return np.zeros(len(x.demand))
    rule = np.array([s.language_rule for s in x.columns.services], np.str_)
    d = x.demand[x.site]
    service = x.columns.demands.service[d]
    number = np.where(rule[service] == "all", x.columns.missing_languages[x.cell], x.columns.none_shared[x.cell])
    number[rule[service] == "none"] = 0
    line = x.lines.index[x.provider[x.site], service]
    price = np.where(line >= 0, x.lines.first_unit_cost[line], 0.0)
    return x.spread(rate * x.columns.demands.volume[d] * price * number)


TERM: Final = CostTerm("language", columns, amount, charges, change)
