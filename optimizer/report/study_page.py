"""The answer to a study as one HTML page: its sentences, its tables, what was asked."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from optimizer.report.blocks import Column, Facts, Row, Section, Table
from optimizer.report.figures import DASH, decimal, money
from optimizer.report.html import environment, resource
from optimizer.report.wording import humanise

__all__ = ["render_study"]

_MONEY: Final = ("lower", "upper", "saving", "extra_cost", "cost")
_POINTS: Final = ("status", "lower", "upper", "detail")


def render_study(answer: Mapping[str, Any], name: str) -> str:
    """Return the page as text.

    Parameters
    ----------
    answer : mapping
        ``designate.study/1``; its plans are not needed.
    name : str
        Heading.
    """
    script = resource("page.js").strip()
    tables = [_table(title, rows) for title, rows in answer["tables"].items() if rows]
    points = [{**p["at"], **{k: p[k] for k in _POINTS}} for p in answer["points"]]
    if points and "points" not in answer["tables"]:
        tables.append(_table("points", points))
    asked = [(humanise(k), _text(k, v)) for k, v in answer["question"].items()]
    return (
        environment()
        .get_template("study.html.j2")
        .render(
            name=name,
            kind=humanise(answer["kind"]),
            sentences=answer["sentences"],
            sections=[*tables, Section("question", "The question", blocks=[Facts(asked)])],
            case_hash=answer["case_hash"],
            style=resource("page.css").strip(),
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> Section:
    """Columns of single figures and words; what is nested stands in the document."""
    every = list(dict.fromkeys(k for r in rows for k in r))
    names = [n for n in every if not any(isinstance(r.get(n), Mapping | list | tuple) for r in rows)]
    columns = tuple(Column(humanise(n), numeric=any(_is_number(r.get(n)) for r in rows)) for n in names)
    cells: list[Row] = [[_text(n, r.get(n)) for n in names] for r in rows]
    return Section(f"table-{title}", humanise(title), blocks=[Table(columns, cells, "rows")])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(name: str, value: Any) -> str:
    if value is None or value == []:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_text(name, v) for v in value)
    if isinstance(value, int | float):
        return money(float(value)) if name in _MONEY else decimal(float(value), 2 if value != int(value) else 0)
    return str(value)
