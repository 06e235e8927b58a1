"""Sentences in every language: each template of the sources is there, with the same names in braces."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import optimizer
import optimizer as dg
from optimizer.studies.words import LANGUAGES, about, between, in_language, money, phrase, say, share

STUDIES = Path(optimizer.__file__).parent / "studies"
OTHERS = [language for language in LANGUAGES if language != "en"]


def templates() -> set[str]:
    """Every text that a study hands to ``say`` or ``phrase``, or keeps with names in braces for them."""
    found: set[str] = set()
    for path in STUDIES.rglob("*.py"):
        if "missions" in path.parts or path.name in ("words.py", "location_kinds.py"):  # findings are English
            continue
        tree = ast.parse(path.read_text("utf-8"))
        filled = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", "phrase"):
                found |= {
                    c.value for c in ast.walk(node.args[0]) if isinstance(c, ast.Constant) and isinstance(c.value, str)
                }
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in filled:
                text = node.value
                if "\n" not in text and "{" in text and '"' not in text and "`" not in text and names(text):
                    found.add(text)
    return {text for text in found if " " in text or names(text)}


def names(template: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}
    except ValueError:
        return set()


def catalogue(language: str) -> dict[str, str]:
    with (STUDIES.parent / "locale" / f"{language}.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale=language) if m.id}


@pytest.mark.parametrize("language", OTHERS)
def test_every_template_is_there(language: str) -> None:
    held = catalogue(language)
    assert len(templates()) > 60
    assert sorted(t for t in templates() if t not in held) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_same_names(language: str) -> None:
    assert [t for t, other in catalogue(language).items() if names(t) != names(other)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_translated_that_is_not_said(language: str) -> None:
    """Phrases without a figure may come from tables of names."""
    assert sorted(t for t in set(catalogue(language)) - templates() if names(t)) == []


def test_numbers_are_written_as_the_language_writes_them() -> None:
    said = say(
        "{name}: {cost}, {exact}, {near}, {part}, {n}",
        name=phrase("the data"),
        cost=between(1234.5, 99_999, "USD"),
        exact=money(1234.5, "USD"),
        near=about(41_234, 100_000, "USD"),
        part=share(0.125),
        n=1234.5,
    )
    assert said == "the data: USD 1,000 to 100,000, USD 1,234.50, USD 40,000, 12.5%, 1,234.5"
    french = in_language(said, "fr").replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")
    assert french == "les données: de 1 000 à 100 000 USD, 1 234,50 USD, 40 000 USD, 12,5 %, 1 234,5"


def test_an_answer_can_be_read_in_french() -> None:
    answer = dg.study("curve", dg.example("tiny"), over="moves", values=(0, 4), time_limit=60)
    french = [in_language(s, "fr") for s in answer.sentences]
    assert french[0].startswith("Au plus 0 transferts : le coût annuel minimal est")
    assert [s.as_dict()["template"] for s in answer.sentences]
