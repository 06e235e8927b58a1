"""Rules of the table ``paths``: that rows name figures, and what they make of them in every period."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.policy import POLICY_KEYS
from optimizer.domain.time.figures import ANY, Paths, key_parts, number_part
from optimizer.domain.time.stills import PATH_COLUMNS, POLICY_PATHS
from optimizer.domain.time_rows import PathRow
from optimizer.tables.checks.findings import did_you_mean
from optimizer.tables.schema import MONEY_MAX, TABLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.time.stills import Still
    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.checks.parsed import ParsedTable, ParsedTables

__all__ = ["check_figures", "check_paths", "check_products"]

_KINDS: Final = ("value", "factor", "growth")
MULTIPLIED_MAX: Final = 500
"""Factors and growths of one figure between two values; the arithmetic is exact, and its numbers grow with each."""


def check_paths(tables: ParsedTables, findings: Findings) -> None:
    """Each row changes one figure, or several, of the case, in one way, and no other row does the same."""
    table = tables["paths"]
    first: dict[tuple[Any, ...], int] = {}
    for at in list(table.good("table", "key", "column", "from", *_KINDS)):
        given = [kind for kind in _KINDS if table[kind][at] is not None]
        if len(given) != 1:
            told = f"the row gives {' and '.join(given) or 'none of the three'}"
            table.report(findings, "path_amounts", told, at, given[0] if given else "value")
            table.bad.setdefault("value", set()).add(at)
            continue
        if not _names_figures(tables, at, findings):
            table.bad.setdefault("key", set()).add(at)
            continue
        width = _width(table["table"][at])
        key = (table["table"][at], key_parts(table["key"][at], width), table["column"][at], table["from"][at], given[0])
        earlier = first.setdefault(key, at)
        if earlier != at:
            told = f"the same figure, day and {given[0]} as in row {table.rows[earlier]}"
            table.report(findings, "path_repeated", told, at, "key", first=table.rows[earlier])


def _width(name: str) -> int:
    """Parts of a table's key."""
    return 1 if name == "policy" else len(TABLE_NAMES[name].key)


def _names_figures(tables: ParsedTables, at: int, findings: Findings) -> bool:
    """Whether a row names figures that may change; reports if not."""
    table = tables["paths"]
    name, key, column = table["table"][at], table["key"][at], table["column"][at]
    columns = POLICY_PATHS if name == "policy" else PATH_COLUMNS.get(name, ())
    if not columns:
        known = sorted({*PATH_COLUMNS, "policy"})
        _nowhere(table, at, "table", name, known, ", ".join(known), findings)
        return False
    if column not in columns:
        _nowhere(table, at, "column", column, columns, ", ".join(columns), findings)
        return False
    if name == "policy":
        if key.strip() != ANY:
            _nowhere(table, at, "key", key, (ANY,), ANY, findings)
        return bool(key.strip() == ANY)
    return _known_key(tables, at, findings)


def _known_key(tables: ParsedTables, at: int, findings: Findings) -> bool:
    table = tables["paths"]
    named = tables[table["table"][at]]
    keys = TABLE_NAMES[named.name].key
    parts = key_parts(table["key"][at], len(keys))
    if len(parts) != len(keys):
        _nowhere(table, at, "key", table["key"][at], (), "|".join(keys), findings)
        return False
    if not named.is_whole(*keys):
        return True
    rows = zip(*([_plain(v) for v in named[column]] for column in keys), strict=True)
    if any(all(part in (ANY, cell) for part, cell in zip(parts, row, strict=True)) for row in rows):
        return True
    known = {"|".join(row) for row in zip(*([_plain(v) for v in named[column]] for column in keys), strict=True)}
    _nowhere(table, at, "key", table["key"][at], sorted(known), ", ".join(PATH_COLUMNS[named.name]), findings)
    return False


def _plain(value: Any) -> str:
    return number_part(value) if isinstance(value, float) else str(value)


def _nowhere(
    table: ParsedTable, at: int, column: str, word: str, known: Sequence[str], columns: str, findings: Findings
) -> None:
    guess = did_you_mean(word, known)
    table.report(
        findings, "path_nowhere", f"{word!r} is no {column} of a figure", at, column, guess=guess, columns=columns
    )


def check_products(case: Case, tables: ParsedTables, findings: Findings) -> None:
    """No figure is multiplied without end; the first that is, is told, before any figure is worked out."""
    paths, table = Paths(case.paths), tables["paths"]
    for name, column, key in _changed(case, paths):
        run, last = 0, None
        for row in paths.of(name, column, key):
            run, last = (0, None) if row.value is not None else (run + 1, row)
            if last is not None and run == MULTIPLIED_MAX + 1:
                at = next(at for at, one in enumerate(case.paths) if one is last)
                count = sum(r.value is None for r in paths.of(name, column, key))
                told = f"{name} {'|'.join(key)}: {column} is multiplied {count:,} times"
                table.report(findings, "path_too_long", told, at, last.kind, most=str(MULTIPLIED_MAX))
                return


def _changed(case: Case, paths: Paths) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Table, column and key of every figure of a column that changes, also of those that are blank."""
    for name, columns in PATH_COLUMNS.items():
        touched = [column for column in columns if paths.touches(name, column)]
        for _, key in _rows(case, name) if touched else ():
            yield from ((name, column, key) for column in touched)
    yield from (("policy", column, (ANY,)) for column in POLICY_PATHS if paths.touches("policy", column))


def check_figures(case: Case, stills: Iterable[Still], tables: ParsedTables, findings: Findings) -> None:
    """Every figure of every period lies within its limits, tiers fall, nothing blank is multiplied; once a path."""
    if not case.paths:
        return
    paths, table, told = Paths(case.paths), tables["paths"], set[tuple[str, int]]()
    position = {row: at for at, row in enumerate(case.paths)}

    def report(code: str, message: str, row: PathRow, **facts: str) -> None:
        if (code, position[row]) not in told:
            told.add((code, position[row]))
            table.report(findings, code, message, position[row], row.kind, **facts)

    _blanks(case, paths, report)
    for still in stills:
        for name, column, key, figure in _figures(still.figures, paths):
            rows = [r for r in paths.of(name, column, key) if r.from_ <= still.period.begin]
            low, high = _limits(name, column)
            shown = f"{name} {'|'.join(key)}: {column} is {figure:g} in period {still.period.number}"
            if rows and not low <= figure <= high:
                report("path_out_of_range", shown, rows[-1], minimum=f"{low:g}", maximum=f"{high:g}")
            if len(growths := [r for r in rows if r.growth is not None]) > 1:
                report("path_two_growths", f"{shown}, by {len(growths)} growths", growths[-1])
        _tiers(still, paths, report)


def _limits(name: str, column: str) -> tuple[float, float]:
    if name == "policy":
        key = next(k for k in POLICY_KEYS if k.name == column.partition(".")[0])
        return 0.0, key.maximum if key.maximum is not None else MONEY_MAX
    schema = TABLE_NAMES[name].column[column]
    low = 1e-6 if schema.above else schema.minimum or 0.0
    return low, MONEY_MAX if schema.maximum is None else schema.maximum


def _figures(case: Case, paths: Paths) -> Iterator[tuple[str, str, tuple[str, ...], float]]:
    """Every figure of a column that changes: table, column, key, amount; blanks left out."""
    for name, columns in PATH_COLUMNS.items():
        touched = [column for column in columns if paths.touches(name, column)]
        for row, key in _rows(case, name) if touched else ():
            for column in touched:
                figure = getattr(row, column)
                if figure is not None:
                    yield name, column, key, figure
    for column in POLICY_PATHS:
        figure = _policy_figure(case, column)
        if figure is not None:
            yield "policy", column, (ANY,), figure


def _policy_figure(case: Case, column: str) -> Any:
    head, _, part = column.partition(".")
    value = getattr(case.policy, head)
    return getattr(value, part) if part else value


def _rows(case: Case, name: str) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Rows of a table with their keys as text."""
    for row in getattr(case, name):
        yield row, tuple(_plain(getattr(row, part)) for part in TABLE_NAMES[name].key)


def _blanks(case: Case, paths: Paths, report: Any) -> None:
    """A factor or growth of an exact key needs a figure: its own, or a value of an earlier row."""
    for name, columns in PATH_COLUMNS.items():
        for column in columns:
            if not paths.touches(name, column):
                continue
            for row, key in _rows(case, name):
                blank = getattr(row, column) is None or (column == "volume" and row.basis == "estimated")
                for path in paths.of(name, column, key) if blank else ():
                    if path.value is not None:
                        break
                    if ANY not in key_parts(path.key, len(key)):
                        report("path_on_blank", f"{name} {'|'.join(key)}: {column} is blank", path, of=name)
    for column in POLICY_PATHS:
        if _policy_figure(case, column) is None:
            for path in paths.of("policy", column, (ANY,)):
                if path.value is not None:
                    break
                report("path_on_blank", f"policy: {column} is not given", path, of="policy.toml")


def _tiers(still: Still, paths: Paths, report: Any) -> None:
    """Unit costs of a line do not rise with volume."""
    if not paths.touches("tiers", "unit_cost"):
        return
    lines: dict[tuple[str, str], list[Any]] = {}
    for tier in still.figures.tiers:
        lines.setdefault((tier.provider, tier.service), []).append(tier)
    for tiers in lines.values():
        for before, after in pairwise(sorted(tiers, key=lambda t: t.from_volume)):
            key = (after.provider, after.service, number_part(after.from_volume))
            rows = [
                *paths.of("tiers", "unit_cost", key),
                *paths.of("tiers", "unit_cost", (*key[:2], number_part(before.from_volume))),
            ]
            if after.unit_cost > before.unit_cost and rows:
                told = (
                    f"{'|'.join(key)}: {after.unit_cost:g} after {before.unit_cost:g} in period {still.period.number}"
                )
                report("path_tier_rising", told, rows[-1])
