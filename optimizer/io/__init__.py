"""Reading and writing cases. Names load on first use; tables and columns are described in ``TABLES.md``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optimizer.io.files import write_text_atomic
    from optimizer.io.patch import apply_patch
    from optimizer.io.plan_tables import plan_table_csv, plan_workbook, write_plan_tables
    from optimizer.io.raw import Limits
    from optimizer.io.read import case_from_bytes, case_from_tables, read_case, validate_case
    from optimizer.io.template import write_template
    from optimizer.io.write import write_case

__all__ = [
    "Limits",
    "apply_patch",
    "case_from_bytes",
    "case_from_tables",
    "plan_table_csv",
    "plan_workbook",
    "read_case",
    "validate_case",
    "write_case",
    "write_plan_tables",
    "write_template",
    "write_text_atomic",
]

_HOME = {
    "Limits": "raw",
    "apply_patch": "patch",
    "case_from_bytes": "read",
    "case_from_tables": "read",
    "plan_table_csv": "plan_tables",
    "plan_workbook": "plan_tables",
    "read_case": "read",
    "validate_case": "read",
    "write_case": "write",
    "write_plan_tables": "plan_tables",
    "write_template": "template",
    "write_text_atomic": "files",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'optimizer.io' has no attribute {name!r}")
    return getattr(import_module(f"optimizer.io.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
