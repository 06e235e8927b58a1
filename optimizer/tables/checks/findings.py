"""Collects findings: one place that turns a code and its facts into an ``Issue``."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue, has_errors, sort_issues
from optimizer.tables.checks.catalogue import CATALOGUE
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SHOWN_VALUE", "Findings", "did_you_mean", "nearest", "short"]

LISTED_PER_KIND: Final = 100
"""Findings of one code in one column that are listed; the rest is counted."""

LISTED_IN_ALL: Final = 1000
"""Findings that are listed in all, but for the first of each code in each table; the rest is counted."""

LONGEST_WORD: Final = 200
"""Characters of a word for which a likely meaning is looked for: the time for it grows with their square."""

SHOWN_VALUE: Final = 200
"""Characters of an offending value that are shown."""

SHOWN_MESSAGE: Final = 1000
"""Characters of a message, which may quote such a value."""

_UNSHOWN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
"""Control characters and halves of surrogate pairs: a finding may quote them, no file or database may hold them."""


class Findings:
    """Every finding of one reading; errors are raised together at the end."""

    def __init__(self) -> None:
        self._issues: list[Issue] = []
        self._met: set[tuple[str, str]] = set()
        self._listed: Counter[tuple[str, str, str]] = Counter()
        self._more: Counter[tuple[str, str, str]] = Counter()
        self._file: dict[tuple[str, str, str], str] = {}

    def add(
        self,
        code: str,
        message: str,
        *,
        table: str = "",
        file: str = "",
        row: int | None = None,
        column: str = "",
        value: str = "",
        **facts: Any,
    ) -> None:
        """Record one finding.

        Parameters
        ----------
        code : str
            A code of the catalogue, which gives severity and remedy.
        message : str
            What is wrong, with the figures.
        table, file, row, column, value
            Where, as in ``Issue``.
        **facts
            Fill the remedy's placeholders; a fact that is missing stays blank.
        """
        of = table if table in TABLE_NAMES or table == POLICY_TABLE else ""  # others have no groups
        group = (code, of, column)
        full = len(self._issues) >= LISTED_IN_ALL and (code, of) in self._met
        if full or self._listed[group] >= LISTED_PER_KIND:
            rest = (code, of, "" if full else column)
            self._more[rest] += 1
            self._file.setdefault(rest, _visible(file))
            return
        self._met.add((code, of))
        self._listed[group] += 1
        kind = CATALOGUE[code]
        known = defaultdict(str, {"table": table, "column": column, "value": value, **facts})
        remedy = kind.remedy.format_map(known)
        parts = (short(message), short(remedy), table, file, column, short(value, SHOWN_VALUE))
        told = [_visible(t) for t in parts]
        message, remedy, table, file, column, shown = told
        self._issues.append(Issue(code, kind.severity, message, remedy, table, file, row, column, shown))

    def repeat(self, issue: Issue) -> None:
        """Take over a finding of an earlier reading."""
        self._issues.append(issue)

    def has_errors(self) -> bool:
        """Whether anything found so far forbids solving."""
        return has_errors(self._issues)

    def issues(self) -> tuple[Issue, ...]:
        """Everything found, errors first, then by place."""
        rest = [self._counted(group, n) for group, n in sorted(self._more.items())]
        return tuple(sort_issues([*self._issues, *rest]))

    def _counted(self, group: tuple[str, str, str], more: int) -> Issue:
        """One finding for all of a kind that are not listed."""
        code, table, column = group
        kind = CATALOGUE["too_many_problems"]
        told = f"{more:,} more findings of {code}"
        return Issue(kind.code, kind.severity, told, kind.remedy, table, self._file[group], column=_visible(column))

    def raise_errors(self) -> None:
        """Raise when anything found forbids solving.

        Raises
        ------
        InputError
            With every finding, warnings included.
        """
        if self.has_errors():
            raise InputError(self.issues())


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'x'? `` for the nearest known words, or nothing."""
    if len(word) > LONGEST_WORD:
        return ""
    by_fold = {k.casefold(): k for k in known}
    asked = word.casefold()
    near = get_close_matches(asked, by_fold, n=2, cutoff=0.7)
    if not near and len(asked) > 1:  # a short form: hr for hr_admin, UNHQ for UNHQ-DOS
        near = [k for k in by_fold if k.startswith(asked)][:2]
    return f"Did you mean {' or '.join(repr(by_fold[n]) for n in near)}? " if near else ""


def nearest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str:
    """The one known word that is nearest to another, ``""`` when none is near (1 = the same)."""
    if len(word) > LONGEST_WORD:
        return ""
    by_fold = {k.casefold(): k for k in known}
    near = get_close_matches(word.casefold(), by_fold, n=1, cutoff=cutoff)
    return by_fold[near[0]] if near else ""


def short(text: str, most: int = SHOWN_MESSAGE) -> str:
    """The beginning of a text that is longer than it may be."""
    return text if len(text) <= most else text[:most] + "…"


def _visible(text: str) -> str:
    """With a visible mark for what cannot be shown."""
    return text if text.isprintable() else _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", text)
