"""Text cells of CSV files that a spreadsheet would take for formulas: an apostrophe before them, taken off when read.

Every text has one escaped form and every escaped form one text: what begins with apostrophes before such a sign gets
one more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["escape_formula", "unescape_formula", "unescaped"]

_SIGNS: Final = "[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
"""The last four are wide forms, which spreadsheets of East Asia take for the narrow ones."""
_AT_RISK: Final = re.compile(f"'*{_SIGNS}")
_ESCAPED: Final = re.compile(f"'+{_SIGNS}")


def escape_formula(value: Any) -> Any:
    """Text that a spreadsheet would execute, made harmless by a leading apostrophe; any other value as it is.

    >>> escape_formula("=1+1"), escape_formula("'=1+1"), escape_formula(-5)
    ("'=1+1", "''=1+1", -5)
    """
    return f"'{value}" if isinstance(value, str) and _AT_RISK.match(value) else value


def unescape_formula(text: str) -> str:
    """The text of which ``escape_formula`` made this one; any other text as it is."""
    return text[1:] if _ESCAPED.match(text) else text


def unescaped(cells: Sequence[str]) -> Sequence[str]:
    """A column of cells, each without its escape; the very column where none has one, which is nearly always."""
    if not any(cell.startswith("'") for cell in cells):
        return cells
    return [unescape_formula(cell) for cell in cells]
