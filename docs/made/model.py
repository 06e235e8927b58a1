"""The made part of ``docs/model.md``: who may serve, what it costs, which rules hold."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from docs.made.markdown import prose, table
from optimizer.domain.names import KEEP_CURRENT_EXEMPTS, LOCK_CANNOT_OVERRIDE, REFUSALS
from optimizer.model import costs, rules
from optimizer.model.eligibility.filters import FILTERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.costs.base import CostTerm
    from optimizer.model.rules.base import Rule

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


def model_chapters() -> str:
    """Three chapters, from names and docstrings of the model."""
    parts = [_ELIGIBLE + _refusals(), _COSTS, *map(_term, costs.TERMS), _RULES, *map(_rule, rules.RULES)]
    return "\n".join(parts)


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
