"""The catalogue and the code say the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

import data.tables
import optimizer.tables as package
from optimizer.domain.policy import POLICY_KEYS, Policy
from optimizer.tables.checks.catalogue import CATALOGUE, KINDS
from optimizer.tables.checks.findings import Findings
from optimizer.tables.parse.policy import parse_policy
from optimizer.tables.raw import RawPolicy
from optimizer.tables.schema import TABLES

ROOT = Path(str(files(package)))
GIVEN = tuple(ROOT.parent / folder for folder in ("cli", "plan", "domain"))
"""What reads plans and lists beside a case, and looks at options."""
REPORTERS = {"add", "report", "_refuse", "CellError", "Issue", "_nowhere", "_unused"}


def nodes(*roots: Path) -> Iterator[ast.AST]:
    """Everything in the code of reading and checking, the catalogue itself apart."""
    for path in (path for root in (ROOT, *roots) for path in root.rglob("*.py")):
        if not path.name.endswith("kinds.py"):
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def texts_in_the_code() -> set[str]:
    """Every string constant."""
    return {n.value for n in nodes(*GIVEN) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def codes_reported() -> set[str]:
    """Constants that look like codes among the first arguments of every call that reports a finding."""
    calls = [n for n in nodes() if isinstance(n, ast.Call)]
    named = [c for c in calls if getattr(c.func, "attr", getattr(c.func, "id", "")) in REPORTERS]
    constants = [a.value for c in named for a in c.args[:3] if isinstance(a, ast.Constant)]
    return {v for v in constants if isinstance(v, str) and re.fullmatch(r"[a-z]+(_[a-z]+)+", v)}


def test_every_code_is_used() -> None:
    assert sorted(set(CATALOGUE) - texts_in_the_code()) == []


def test_every_code_that_is_reported_is_in_the_catalogue() -> None:
    columns = {c.name for t in TABLES for c in t.columns}
    assert sorted(codes_reported() - set(CATALOGUE) - columns) == []


def test_codes_are_distinct_and_tell_the_way_out() -> None:
    assert len(CATALOGUE) == sum(map(len, KINDS.values())) >= 60
    assert all(k.meaning and k.remedy.endswith(".") for k in CATALOGUE.values())


def test_the_packaged_cases_use_the_same_columns() -> None:
    steady, over_time = data.tables.COLUMNS, data.tables.COLUMNS_OVER_TIME
    both = {name: {*steady.get(name, ()), *over_time.get(name, ())} for name in (*steady, *over_time)}
    known = {t.name: set(t.column) for t in TABLES}
    assert {name: columns - known[name] for name, columns in both.items() if columns - known[name]} == {}
    assert set(steady) <= set(known)


def test_every_policy_key_can_be_read_back_from_its_own_default() -> None:
    findings = Findings()
    mapping = Policy().as_mapping()
    entries = [(k, [] if v == () else str(v), None) for k, v in mapping.items() if not isinstance(v, (dict, list))]
    assert parse_policy(RawPolicy("policy.toml", entries), "", findings) == Policy()
    assert findings.issues() == ()
    assert set(mapping) <= {k.name for k in POLICY_KEYS}


def test_public_names_are_there() -> None:
    assert all(getattr(package, name) for name in package.__all__)
    assert dir(package) == sorted(package.__all__)
    with pytest.raises(AttributeError):
        package.nothing  # noqa: B018
