"""Reading and writing cases: see ``optimizer.io.read`` and ``TABLES.md``."""

from optimizer.io.raw import Limits
from optimizer.io.read import case_from_bytes, case_from_tables, read_case, validate_case

__all__ = ["Limits", "case_from_bytes", "case_from_tables", "read_case", "validate_case"]
