"""What collects the findings of one call whose kinds stand in a catalogue."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue, has_errors, sort_issues
from optimizer.tables.checks.findings import SHOWN_VALUE, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from optimizer.tables.checks.kinds import Kind

__all__ = ["Problems"]


class Problems:
    """Findings of one call; errors are raised together at the end."""

    def __init__(self, catalogue: Mapping[str, Kind]) -> None:
        self._catalogue = catalogue
        self.found: list[Issue] = []

    def add(
        self,
        code: str,
        message: str,
        *,
        table: str = "",
        row: int | None = None,
        column: str = "",
        value: str = "",
        **facts: Any,
    ) -> None:
        """Record one; ``facts`` fill the remedy's placeholders."""
        kind = self._catalogue[code]
        remedy = short(kind.remedy.format_map(defaultdict(str, facts)))
        shown = short(value, SHOWN_VALUE)
        self.found.append(
            Issue(code, kind.severity, short(message), remedy, table=table, row=row, column=column, value=shown)
        )

    def raise_errors(self, more: Iterable[Issue] = ()) -> None:
        """Raise ``InputError`` with everything found when any is an error."""
        everything = [*self.found, *more]
        if has_errors(everything):
            raise InputError(sort_issues(everything))
