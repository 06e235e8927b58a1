"""Designate: who should provide which support service to whom.

The public names load on first use, so that ``import optimizer`` is instant.

Examples
--------
>>> import optimizer
>>> sorted(optimizer.__all__)[:3]
['Case', 'InputError', 'SolveParams']
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from optimizer.version import __version__ as __version__

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.errors import InputError
    from optimizer.io import read_case, validate_case
    from optimizer.params import SolveParams
    from optimizer.pipeline import price_case, solve_case
    from optimizer.plan.why import why
    from optimizer.report import diff, write_report
    from optimizer.verify.checker import verify

__all__ = [
    "Case",
    "InputError",
    "SolveParams",
    "diff",
    "price_case",
    "read_case",
    "solve_case",
    "validate_case",
    "verify",
    "why",
    "write_report",
]

_HOME = {
    "Case": "optimizer.domain.case",
    "InputError": "optimizer.errors",
    "SolveParams": "optimizer.params",
    "diff": "optimizer.report",
    "price_case": "optimizer.pipeline",
    "read_case": "optimizer.io",
    "solve_case": "optimizer.pipeline",
    "validate_case": "optimizer.io",
    "verify": "optimizer.verify.checker",
    "why": "optimizer.plan.why",
    "write_report": "optimizer.report",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'optimizer' has no attribute {name!r}")
    found = getattr(import_module(_HOME[name]), name)
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
