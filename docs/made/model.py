"""The made part of ``docs/model.md``: who may serve, what it costs, which rules hold."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from docs.made.markdown import prose, table
from optimizer.domain.names import KEEP_CURRENT_EXEMPTS, LOCK_CANNOT_OVERRIDE, REFUSALS
from optimizer.model import costs, rules
from optimizer.model.eligibility.filters import FILTERS
from optimizer.model.time.rules import BETWEEN_PERIODS

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.costs.base import CostTerm
    from optimizer.model.rules.base import Rule
    from optimizer.model.time.rules import TimeRule

__all__ = ["model_chapters"]

_ELIGIBLE = """## Who may serve

Settled before anything is optimised, in `optimizer/model/eligibility/filters.py`: a pair of demand and provider with a
refusal has no x. The last column says what sets a refusal aside: a decision that locks the demand to the provider, or
the policy's `keep_current` for the pair that is there today.

"""

_COSTS = """## Costs

Money a year; the objective is the sum of all terms. Each term is one file in `optimizer/model/costs`.
"""

_RULES = """## Rules

Each rule is one file in `optimizer/model/rules`.
"""


_OVER_TIME = """## Planning over time

A case with `[horizon]` is one program over all periods t (`optimizer/model/time`). Each period has the columns, costs
and rules above with its own figures; its running cost counts L, its length in years, and everything is discounted by
δ_t from its middle: Σ_t δ_t · (L · running cost of t + one-off costs of t). Annuities are off. Rules about the aim
(`minimum_volume`, `site_count`, zones, `max_providers_per_entity`, `agency_share`, `bundle_together`, `backup`) bind
from `target_from` on.

A demand *switches* (s_dt = 1) where its source differs from the last one it had, today's at first. The switch is
*forced* where the old source is not eligible in t; u_dt is an unforced one. A demand without a source of today begins
anywhere, which is no switch.

"""

_MONEY = (
    (
        "site",
        "fixed cost and rent while a site is open: required, while it may serve; a candidate, from its first work to"
        " its end; any other, from its first work (one of today's: from the start) to its last, gaps included",
    ),
    (
        "npo_compliance",
        "what the limit `npo_share_max` costs: a_dt · e · max(0, cost of P − cost of NPO), e the share of officers"
        " beyond it",
    ),
    (
        "transition",
        "Σ s_dt · a_dt · elements · (1 + contingency_rate), times `big_bang_cost_factor` in a big bang; 0 where the"
        " source that is left has no price",
    ),
    ("setup, exit", "a candidate's first work; the first period after a site closes"),
    (
        "double_running",
        "handover_months / 12 · first-tier cost at the source that is left, for a demand that was there in the period"
        " before, or in the first",
    ),
    ("risk", "big_bang_probability · big_bang_failure_cost, where a big bang takes effect"),
)
"""Money that a steady case does not have."""


def model_chapters() -> str:
    """Four chapters, from names and docstrings of the model."""
    parts = [_ELIGIBLE + _refusals(), _COSTS, *map(_term, costs.TERMS), _RULES, *map(_rule, rules.RULES)]
    money = table(("Money", "What it is"), _MONEY)
    between = "Rules between periods, one file each:\n\n" + _between_periods()
    return "\n".join([*parts, _OVER_TIME + money, between])


def _between_periods() -> str:
    rows = [(_linked(rule), prose(rule.rows)) for rule in BETWEEN_PERIODS]
    return table(("Rule", "Its rows"), rows)


def _linked(rule: TimeRule) -> str:
    module = inspect.getmodule(rule.rows)
    assert module is not None  # a function of a file
    return f"[`{rule.name}`](../{module.__name__.replace('.', '/')}.py)"


def _refusals() -> str:
    found = {function.__name__: function for function, _ in FILTERS}
    rows = [(f"`{name}`", prose(found[name]), _exemption(name)) for name in REFUSALS]
    return table(("Refusal", "Refused is", "Exemption"), rows)


def _exemption(name: str) -> str:
    if name in LOCK_CANNOT_OVERRIDE:
        return "none"
    return "a lock; `keep_current`" if name in KEEP_CURRENT_EXEMPTS else "a lock"


def _term(term: CostTerm) -> str:
    return _entry(term.name, term.columns, f"Who bears it: {prose(term.charges)}")


def _rule(rule: Rule) -> str:
    return _entry(rule.name, rule.rows, f"Checked in a plan: {prose(rule.excess)}")


def _entry(name: str, formula: Callable[..., object], more: str) -> str:
    module = inspect.getmodule(formula)
    assert module is not None  # a function of a file
    code = f"[{name}.py](../{module.__name__.replace('.', '/')}.py)"
    return f"### `{name}`\n\n{prose(formula)}\n\n{more} {code}\n"
