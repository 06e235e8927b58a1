"""For tests, ours and those of users: cases by hand. Imports no test library."""

from __future__ import annotations

from optimizer.testing.typed import case_of, edited, tables_of

__all__ = ["case_of", "edited", "tables_of"]
