"""Reading a case: source → raw cells → values → checks → case. All problems are reported at once."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from importlib.resources import as_file
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.domain.errors import InputError
from optimizer.domain.policy import POLICY_KEYS
from optimizer.domain.time.stills import stills_of
from optimizer.tables.build import build_case
from optimizer.tables.canonical import sort_tables
from optimizer.tables.checks.agreements import check_agreements
from optimizer.tables.checks.amounts import check_amounts
from optimizer.tables.checks.coverage import check_assumptions, check_coverage
from optimizer.tables.checks.decisions import check_current, check_decisions
from optimizer.tables.checks.findings import Findings
from optimizer.tables.checks.keys import check_keys, check_references
from optimizer.tables.checks.lines import check_lines
from optimizer.tables.checks.paths import check_figures, check_paths, check_products
from optimizer.tables.checks.rows import check_rows
from optimizer.tables.checks.time import check_time
from optimizer.tables.parse.columns import parse_tables
from optimizer.tables.parse.policy import parse_policy
from optimizer.tables.places.geocoding import NominatimGeocoder
from optimizer.tables.places.locate import locate_all
from optimizer.tables.presence import only_present
from optimizer.tables.raw import DEFAULT_LIMITS, Limits, RawCase, ReadOptions
from optimizer.tables.schema import TABLES
from optimizer.tables.sources.document_source import read_document
from optimizer.tables.sources.sources import read_bytes, read_source
from optimizer.tables.sources.strays import report_strays
from optimizer.tables.sources.text import code_page
from optimizer.tables.volumes import settle_volumes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue
    from optimizer.domain.policy import Policy
    from optimizer.tables.checks.parsed import ParsedTables
    from optimizer.tables.places.geocoding import Geocoder

__all__ = ["case_from_bytes", "case_from_raw", "case_from_tables", "read_case", "validate_case"]

log = logging.getLogger(__name__)


def read_case(
    path: str | Path,
    *,
    allow_online: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    geocoder: Geocoder | None = None,
    encoding: str = "",
) -> tuple[Case, tuple[Issue, ...]]:
    """Read and check a case.

    Parameters
    ----------
    path : str or Path
        Folder of CSV files with ``policy.toml``, zip of such a folder, XLSX workbook or JSON document; or the name of
        a packaged case (``data.names()``), when nothing of that name is there.
    allow_online : bool, default False
        Look up cities that the gazetteer lacks in an online service.
    limits : Limits
        How much input is accepted; default 64 MB a file, 2,000,000 rows a table.
    geocoder : Geocoder, optional
        Service for ``allow_online``; default Nominatim.
    encoding : str, optional
        Code page of files that are not UTF-8, e.g. ``cp1252``. Without it such files are refused; it is never guessed.

    Returns
    -------
    case : Case
    issues : tuple of Issue
        Warnings and information; never errors.

    Raises
    ------
    InputError
        With every finding when any is an error.
    UsageError
        ``encoding`` is no code page.
    """
    options = ReadOptions(limits, code_page(encoding))
    findings = Findings()
    with _packaged_or_path(Path(path)) as found:
        raw = read_source(found, options, findings)
    return case_from_raw(raw, findings, _online(allow_online, geocoder))


def case_from_bytes(
    data: bytes,
    file: str,
    *,
    name: str = "",
    allow_online: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    geocoder: Geocoder | None = None,
    encoding: str = "",
) -> tuple[Case, tuple[Issue, ...]]:
    """Read and check a case from the content of a ``.zip``, ``.xlsx`` or ``.json`` file, as ``read_case`` does."""
    options = ReadOptions(limits, code_page(encoding))
    findings = Findings()
    raw = read_bytes(data, file, options, findings)
    raw.name = name or Path(file).stem
    return case_from_raw(raw, findings, _online(allow_online, geocoder))


def case_from_tables(
    tables: Mapping[str, Any],
    *,
    name: str = "",
    allow_online: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    geocoder: Geocoder | None = None,
) -> tuple[Case, tuple[Issue, ...]]:
    """Check a case given as plain values, as ``read_case`` does.

    Parameters
    ----------
    tables : mapping
        Table name to a list of mappings (column to text, number, bool, date or flat list), and
        ``policy`` to a mapping. ``Case.tables`` has this form. Row numbers count from 1.
    name : str
    allow_online, limits, geocoder
        As in ``read_case``.
    """
    findings = Findings()
    raw = read_document(tables, "", limits, findings)
    raw.name = name
    return case_from_raw(raw, findings, _online(allow_online, geocoder))


def validate_case(
    path: str | Path,
    *,
    allow_online: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    geocoder: Geocoder | None = None,
    encoding: str = "",
) -> tuple[Issue, ...]:
    """Every finding about a case, errors first; raises nothing about the input. Parameters as in ``read_case``."""
    try:
        return read_case(path, allow_online=allow_online, limits=limits, geocoder=geocoder, encoding=encoding)[1]
    except InputError as error:
        return error.issues


@contextmanager
def _packaged_or_path(path: Path) -> Iterator[Path]:
    """Give the path itself, or the packaged case of that name when no such path exists."""
    import data

    if os.path.exists(path) or len(path.parts) != 1 or str(path) not in data.names():
        yield path
        return
    with as_file(data.case_path(str(path))) as found:
        yield found


def _online(allow: bool, geocoder: Geocoder | None) -> Geocoder | None:
    return (geocoder or NominatimGeocoder()) if allow else None


def case_from_raw(raw: RawCase, findings: Findings, geocoder: Geocoder | None = None) -> tuple[Case, tuple[Issue, ...]]:
    """Interpret, check and build; every check runs before anything is raised."""
    if not raw.tables and findings.has_errors():
        findings.raise_errors()  # nothing could be read: the tables are not missing
    report_strays(raw, findings)
    policy = parse_policy(raw.policy, raw.file, findings)
    tables = parse_tables(raw, findings)
    check_keys(tables, ((t.name, t.key) for t in TABLES), findings)
    check_references(tables, _REFERENCES, findings)
    for name in ("entities", "providers"):
        locate_all(tables[name], findings, geocoder)
    active = settle_volumes(tables, policy, findings)
    _check(tables, policy, active, findings)
    findings.raise_errors()
    sort_tables(tables)
    case = build_case(tables, policy, raw.name)
    if policy.horizon is not None:
        check_products(case, tables, findings)
        findings.raise_errors()
        stills = stills_of(case)
        check_figures(case, stills, tables, findings)
        findings.raise_errors()
        case = only_present(case, stills, tables, findings)
    case = case.with_issues(findings.issues())
    log.info("case %s read: %d demands, %d offers", case.name, len(case.demands), len(case.offers))
    return case, case.issues


_REFERENCES = [(t.name, c.name, c.type, c.refers) for t in TABLES for c in t.columns if c.refers]
_SCHEMA = {t.name: (t.key, frozenset(t.column)) for t in TABLES}


def _check(tables: ParsedTables, policy: Policy, active: set[tuple[str, str]], findings: Findings) -> None:
    check_rows(tables, findings)
    check_lines(tables, findings)
    check_current(tables, active, findings)
    check_decisions(tables, active, findings, dated=policy.horizon is not None)
    check_coverage(tables, policy, active, findings)
    check_amounts(tables, policy, active, findings)
    check_time(tables, policy, active, findings)
    check_paths(tables, findings)
    check_assumptions(tables, _SCHEMA, {k.name for k in POLICY_KEYS}, findings)
    check_agreements(tables, policy, findings)
