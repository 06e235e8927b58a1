"""Designate: who should provide which support service to whom.

The public names load on first use, so that ``import optimizer`` is instant.

Examples
--------
>>> import optimizer
>>> optimizer.example("tiny").name
'tiny'
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from optimizer.version import __version__ as __version__

if TYPE_CHECKING:
    from optimizer.country.ask import bos
    from optimizer.country.values import CountryAnswer
    from optimizer.domain.case import Case
    from optimizer.domain.errors import (
        BackendError,
        DesignateError,
        HorizonNotTaken,
        InputError,
        OptionsRefused,
        UsageError,
        VerificationFailed,
    )
    from optimizer.domain.params import SolveParams
    from optimizer.front import Comparison, compare, example, price, range_of, read, replan, solve, write_report
    from optimizer.ledger.book import Ledger
    from optimizer.ledger.values import LedgerReport
    from optimizer.money.agreement_values import AgreementRegister
    from optimizer.money.agreements import agreements
    from optimizer.money.ask import price_list, statements
    from optimizer.money.statement_values import Statements
    from optimizer.money.values import PriceList
    from optimizer.pipeline import solve_case
    from optimizer.plan.plan import Plan
    from optimizer.plan.ranges import RangeOfPlan
    from optimizer.plan.time.plan import PlanOverTime
    from optimizer.plan.why import why
    from optimizer.report.compare import diff
    from optimizer.session import Session
    from optimizer.shares.ask import fair_shares
    from optimizer.shares.values import FairShares
    from optimizer.stating import price_case
    from optimizer.studies.ask import study
    from optimizer.studies.replanning.run import Replanned
    from optimizer.tables import validate_case as validate
    from optimizer.tables import write_case as write
    from optimizer.tables.read import read_case
    from optimizer.tables.replace import replace
    from optimizer.verify.documents import verify

__all__ = [
    "AgreementRegister",
    "BackendError",
    "Case",
    "Comparison",
    "CountryAnswer",
    "DesignateError",
    "FairShares",
    "HorizonNotTaken",
    "InputError",
    "Ledger",
    "LedgerReport",
    "OptionsRefused",
    "Plan",
    "PlanOverTime",
    "PriceList",
    "RangeOfPlan",
    "Replanned",
    "Session",
    "SolveParams",
    "Statements",
    "UsageError",
    "VerificationFailed",
    "agreements",
    "bos",
    "compare",
    "diff",
    "example",
    "fair_shares",
    "price",
    "price_case",
    "price_list",
    "range_of",
    "read",
    "read_case",
    "replace",
    "replan",
    "solve",
    "solve_case",
    "statements",
    "study",
    "validate",
    "verify",
    "why",
    "write",
    "write_report",
]

_HOME = {
    "AgreementRegister": "optimizer.money.agreement_values",
    "BackendError": "optimizer.domain.errors",
    "Case": "optimizer.domain.case",
    "Comparison": "optimizer.front",
    "CountryAnswer": "optimizer.country.values",
    "DesignateError": "optimizer.domain.errors",
    "FairShares": "optimizer.shares.values",
    "HorizonNotTaken": "optimizer.domain.errors",
    "InputError": "optimizer.domain.errors",
    "Ledger": "optimizer.ledger.book",
    "LedgerReport": "optimizer.ledger.values",
    "OptionsRefused": "optimizer.domain.errors",
    "Plan": "optimizer.plan.plan",
    "PlanOverTime": "optimizer.plan.time.plan",
    "PriceList": "optimizer.money.values",
    "RangeOfPlan": "optimizer.plan.ranges",
    "Replanned": "optimizer.studies.replanning.run",
    "Session": "optimizer.session",
    "SolveParams": "optimizer.domain.params",
    "Statements": "optimizer.money.statement_values",
    "UsageError": "optimizer.domain.errors",
    "VerificationFailed": "optimizer.domain.errors",
    "agreements": "optimizer.money.agreements",
    "bos": "optimizer.country.ask",
    "compare": "optimizer.front",
    "diff": "optimizer.report.compare",
    "example": "optimizer.front",
    "fair_shares": "optimizer.shares.ask",
    "price": "optimizer.front",
    "price_case": "optimizer.stating",
    "price_list": "optimizer.money.ask",
    "range_of": "optimizer.front",
    "read": "optimizer.front",
    "read_case": "optimizer.tables.read",
    "replace": "optimizer.tables.replace",
    "replan": "optimizer.front",
    "solve": "optimizer.front",
    "solve_case": "optimizer.pipeline",
    "statements": "optimizer.money.ask",
    "study": "optimizer.studies.ask",
    "validate": "optimizer.tables.read:validate_case",
    "verify": "optimizer.verify.documents",
    "why": "optimizer.plan.why",
    "write": "optimizer.tables.write:write_case",
    "write_report": "optimizer.front",
}
"""Where each name lives; behind a colon its name there, where that differs."""


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'optimizer' has no attribute {name!r}")
    home, _, called = _HOME[name].partition(":")
    found = getattr(import_module(home), called or name)
    package = sys.modules.get(f"{__name__}.{name}")
    if package is not None:  # the way to its modules goes on through the function: import optimizer.verify.checker as c
        vars(found).update({n: m for n, m in vars(package).items() if isinstance(m, ModuleType)})
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


class _Public(ModuleType):
    """A module whose public names are not replaced by packages of the same name when these are imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Public
