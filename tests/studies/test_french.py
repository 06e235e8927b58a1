"""Sentences of studies in French: every template of a study's answer is there, with the same figures in it."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

import optimizer as dg

CATALOGUE = Path(dg.__file__).parent / "locale" / "fr.po"


def french() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale="fr") if m.id}


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_each_has_the_figures_of_its_english() -> None:
    assert [m for m, said in french().items() if names(m) != names(said)] == []


def test_each_template_of_a_study_has_its_french() -> None:
    """Those that are written where they are said; missions and ranges have words of their own."""
    studies = Path(dg.__file__).parent / "studies"
    said = {
        str(node.args[0].value)
        for file in studies.rglob("*.py")
        if not {"missions", "ranges"} & set(file.parts)
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", "phrase")
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert said
    assert said - set(french()) == set()


def phrases(value: Any) -> Iterator[str]:
    """Templates of a value, and of what is in it."""
    if isinstance(value, Mapping) and "phrase" in value:
        yield value["phrase"]
        for part in value["values"].values():
            yield from phrases(part)


@pytest.mark.parametrize(
    ("kind", "case", "question"),
    [
        ("why", "tiny", {"entity": "CHARLIE", "service": "payroll"}),
        ("rule_price", "infeasible-lock", {"rule": "lock"}),
        ("conflict", "infeasible-lock", {}),
        ("conflict", "infeasible-capacity", {"facts": ("site_capacity",)}),
        ("conflict", "tiny", {}),
        ("repair", "infeasible-lock", {}),
        ("repair", "infeasible-language", {}),
        ("repair", "infeasible-capacity", {"facts": ("site_capacity",)}),
        ("continuity", "tiny", {}),
        ("location", "tiny", {"places": ("Budapest", "Nairobi", "Pristina"), "impute": True}),
    ],
)
def test_answers_are_said_in_french(kind: str, case: str, question: dict[str, Any]) -> None:
    made = dg.example(case)
    plan = dg.solve(made, time_limit=60) if kind == "continuity" else None
    sentences = dg.study(kind, made, plan, time_limit=60, **question).sentences
    used = {s.template for s in sentences} | {p for s in sentences for v in s.values.values() for p in phrases(v)}
    assert used
    assert used - set(french()) == set()
