"""``CODES.md``: every code of findings about input, with severity, meaning and remedy."""

from __future__ import annotations

from docs.made.markdown import remedy, table
from optimizer.tables.checks.catalogue import KINDS

__all__ = ["codes_page"]

_HEAD = """# Codes of findings about input

Made by `python -m docs.build` from `optimizer/tables/checks/catalogue.py`; do not edit.
"""


def codes_page() -> str:
    """The whole page."""
    out = [_HEAD]
    for chapter, kinds in KINDS.items():
        rows = [(f"`{k.code}`", k.severity, k.meaning, remedy(k.remedy)) for k in kinds]
        out.append(f"## {chapter}\n\n{table(('Code', 'Severity', 'Meaning', 'Remedy'), rows)}")
    return "\n".join(out)
