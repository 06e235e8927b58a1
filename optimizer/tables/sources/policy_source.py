"""Policy from TOML, a mapping or a sheet of keys and values, as dotted keys and texts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from optimizer.tables.raw import RawPolicy
from optimizer.tables.sources.cell_text import cell_text
from optimizer.tables.sources.text import decode
from optimizer.tables.sources.toml_text import toml_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.tables.checks.findings import Findings

__all__ = ["policy_from_mapping", "policy_from_pairs", "read_policy_toml", "toml_line"]

_LINE = re.compile(r"at line (\d+)")
_SECTION = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_ENTRY = re.compile(r"\s*[\"']?([\w.-]+)[\"']?\s*=")
_NO_ROWS: Mapping[str, int] = MappingProxyType({})


def read_policy_toml(data: bytes, file: str, findings: Findings, encoding: str = "") -> RawPolicy | None:
    """Entries of a ``policy.toml``, each with its line."""
    text = decode(data, "policy", file, findings, encoding)
    if text is None:
        return None
    try:
        mapping = toml_of(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        _refused(str(error), text, file, findings)
        return None
    return policy_from_mapping(mapping, file, findings, _lines(text))


def toml_line(error: str, text: str) -> int:
    """The line that a text stops being TOML in: the last one where it ends too early."""
    found = _LINE.search(error)
    return int(found[1]) if found else max(len(text.splitlines()), 1)


def _refused(error: str, text: str, file: str, findings: Findings) -> None:
    """Report a text that is not TOML: a key given twice by its name and its two lines."""
    row = toml_line(error, text)
    first: dict[str, int] = {}
    for key, line in _entries(text):
        if line == row and key in first and "overwrite" in error:
            told = f"{key} is given twice"
            findings.add("policy_duplicate_key", told, table="policy", file=file, row=row, column=key, first=first[key])
            return
        first.setdefault(key, line)
    findings.add("toml_syntax", error, table="policy", file=file, row=row)


def _lines(text: str) -> dict[str, int]:
    """Line of each dotted key, as far as a simple reading finds it."""
    out: dict[str, int] = {}
    for key, line in _entries(text):
        out.setdefault(key, line)
    return out


def _entries(text: str) -> Iterator[tuple[str, int]]:
    """Dotted keys and their lines, those given twice as well."""
    prefix = ""
    for number, line in enumerate(text.splitlines(), 1):
        if section := _SECTION.match(line):
            prefix = section.group(1) + "."
        elif entry := _ENTRY.match(line):
            yield prefix + entry.group(1), number


def policy_from_mapping(content: Any, file: str, findings: Findings, rows: Mapping[str, int] = _NO_ROWS) -> RawPolicy:
    """Entries of a mapping, with their lines if known; one level of tables becomes dotted keys."""
    policy = RawPolicy(file)
    if not isinstance(content, Mapping):
        findings.add("json_structure", "policy is not an object", table="policy", file=file)
        return policy
    for key in getattr(content, "keys_twice", ()):
        findings.add(
            "json_duplicate_key", f"the key {key!r} is given twice", table="policy", file=file, column=key, key=key
        )
    for key, value in content.items():
        inner = value.items() if isinstance(value, Mapping) else [("", value)]
        for part, item in inner:
            name = f"{key}.{part}" if part else str(key)
            row = rows.get(name) or rows.get(str(key))
            entry = _entry(item)
            if entry is None:
                findings.add(
                    "nested_value",
                    f"{name} is not a plain value",
                    table="policy",
                    file=file,
                    row=row,
                    column=name,
                    value=str(item),
                )
            else:
                policy.entries.append((name, entry, row))
    return policy


def _entry(item: Any) -> str | list[str] | None:
    """Text or flat list of texts; ``None`` for anything deeper."""
    if not isinstance(item, (list, tuple)):
        return cell_text(item)
    texts = [None if isinstance(v, (list, tuple)) else cell_text(v) for v in item]
    return None if None in texts else [t for t in texts if t is not None]


def policy_from_pairs(pairs: list[tuple[str, str, int]], file: str, findings: Findings) -> RawPolicy:
    """Entries of a sheet of keys and values; lists are separated by ``;``, blank values skipped."""
    policy = RawPolicy(file)
    first: dict[str, int] = {}
    for key, value, row in pairs:
        name = key.strip()
        if name in first:
            findings.add(
                "policy_duplicate_key",
                f"{name} is given twice",
                table="policy",
                file=file,
                row=row,
                column=name,
                value=value,
                first=first[name],
            )
            continue
        first[name] = row
        if value.strip():
            policy.entries.append((name, value, row))
    return policy
