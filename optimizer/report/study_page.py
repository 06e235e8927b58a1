"""The answer to a study as one HTML page: its sentences, its tables, what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from optimizer.report.blocks import Facts, Section
from optimizer.report.language import word
from optimizer.report.pages import render_page
from optimizer.report.study_blocks import said, table_section
from optimizer.report.study_cells import cell_text, titled

__all__ = ["render_study"]

_POINTS: Final = ("status", "lower", "upper", "detail")


def render_study(answer: Mapping[str, Any], name: str, language: str = "en") -> str:
    """Return the page as text.

    Parameters
    ----------
    answer : mapping
        ``designate.study/1``; its plans are not needed.
    name : str
        Heading.
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    tables = [table_section(title, rows, language) for title, rows in answer["tables"].items() if rows]
    points = [{**p["at"], **{k: p[k] for k in _POINTS}} for p in answer["points"]]
    if points and "points" not in answer["tables"]:
        tables.append(table_section("points", points, language))
    asked = [(titled(k, language), cell_text(k, v, language)) for k, v in answer["question"].items()]
    return render_page(
        "study.html.j2",
        "page",
        language,
        name=name,
        kind=titled(answer["kind"], language),
        sentences=said(answer, language),
        sections=[*tables, Section("question", word("The question", language), blocks=[Facts(asked)])],
        case_hash=answer["case_hash"],
    )
