"""Reading and writing cases. Names load on first use; tables and columns are described in ``TABLES.md``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optimizer.tables.patch import apply_patch
    from optimizer.tables.raw import Limits
    from optimizer.tables.read import case_from_bytes, case_from_tables, read_case, validate_case
    from optimizer.tables.template import write_template
    from optimizer.tables.write import write_case

__all__ = [
    "Limits",
    "apply_patch",
    "case_from_bytes",
    "case_from_tables",
    "read_case",
    "validate_case",
    "write_case",
    "write_template",
]

_HOME = {
    "Limits": "raw",
    "apply_patch": "patch",
    "case_from_bytes": "read",
    "case_from_tables": "read",
    "read_case": "read",
    "validate_case": "read",
    "write_case": "write",
    "write_template": "template",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'optimizer.tables' has no attribute {name!r}")
    return getattr(import_module(f"optimizer.tables.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
