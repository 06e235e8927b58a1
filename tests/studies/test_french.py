"""Sentences of studies in French: every template of a study's answer is there, with the same figures in it."""

from __future__ import annotations

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


def phrases(value: Any) -> Iterator[str]:
    """Templates of a value, and of what is in it."""
    if isinstance(value, Mapping) and "phrase" in value:
        yield value["phrase"]
        for part in value["values"].values():
            yield from phrases(part)


@pytest.mark.parametrize(
    ("kind", "case", "question"),
    [
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
