"""What a study found as parts of a page: sentences and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from optimizer.domain.answer import Sentence
from optimizer.report.blocks import Block, Column, Note, Row, Section, Table
from optimizer.report.language import in_language, word
from optimizer.report.study_cells import LONG, cell_text, is_number, titled
from optimizer.report.wording import humanise

__all__ = ["said", "study_section", "table_section"]

_TITLES: Final = {
    "why": "Why this provider",
    "why_not": "What it costs to have it elsewhere",
    "why_worse": "What an office loses, and what making it whole costs",
    "flip": "What would have to change",
    "safe": "Which assignments are safe",
    "rule_price": "What each rule costs",
    "conflict": "Which rules are in conflict",
    "repair": "What mends the case",
    "continuity": "If a site is lost",
    "location": "Where a centre could be",
    "curve": "What one limit more is worth",
    "pareto": "What better service costs",
    "scenarios": "Scenarios",
    "regret": "If the world turns out otherwise",
    "changed": "Why two plans differ",
}


def study_section(answer: Mapping[str, Any], language: str = "en") -> Section:
    """What a study found as one section of a report: its sentences, then its tables."""
    told: list[Block] = [Note(text) for text in said(answer, language)]
    tables = [
        block
        for title, rows in answer["tables"].items()
        if rows
        for block in table_section(title, rows, language).blocks
    ]
    what = ", ".join(str(v) for v in answer["question"].values() if isinstance(v, str) and v)
    name = word(_TITLES.get(answer["kind"], humanise(answer["kind"])), language)
    title = f"{name}: {what}" if what else name
    return Section(f"study-{answer['kind']}", title, blocks=[*told, *tables])


def said(answer: Mapping[str, Any], language: str = "en") -> list[str]:
    """The sentences as text."""
    found = [
        Sentence(s["text"], s["template"], s["values"]) if isinstance(s, Mapping) else Sentence(s)
        for s in answer["sentences"]
    ]
    return [in_language(sentence, language) for sentence in found]


def table_section(title: str, rows: Sequence[Mapping[str, Any]], language: str = "en") -> Section:
    """Columns of single figures and words; what is nested stands in the document."""
    every = list(dict.fromkeys(k for r in rows for k in r))
    plain = [n for n in every if n not in LONG and any(r.get(n) is not None for r in rows)]
    names = [n for n in plain if not any(isinstance(r.get(n), Mapping | list | tuple) for r in rows)]
    columns = tuple(Column(titled(n, language), numeric=any(is_number(r.get(n)) for r in rows)) for n in names)
    cells: list[Row] = [[cell_text(n, r.get(n), language) for n in names] for r in rows]
    table = Table(columns, cells, word("rows", language), titled(title, language))
    return Section(f"table-{title}", titled(title, language), blocks=[table])
