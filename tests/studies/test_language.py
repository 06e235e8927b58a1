"""Sentences in every language: each template of the sources is there, with the same names in braces."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import optimizer
import optimizer as dg
from optimizer.domain.answer import told
from optimizer.report.language import LANGUAGES, in_language
from optimizer.studies.words import about, between, money, phrase, say, share

STUDIES = Path(optimizer.__file__).parent / "studies"
PRINTED = ("compare_page", "study_console", "moving", "replan_console", "diff_console")
REPORT = (
    *("changes", "detail", "findings", "flowmap", "headline", "html", "losers", "money", "moves", "naming", "numbers"),
    *("network", "proof", "ranges", "ranges_console", "ranges_words", "tiles", "wording", "workbook", "worldmap"),
    *("country_console", "country_map", "country_words", "shares_console", "shares_words"),
    *("charging", "ledger_out", "ledger_page", "prices_console", "prices_page", "statement_page"),
    *(f"time/{name}" for name in ("cash", "gantt", "headline", "load", "page", "people", "periods", "words")),
)
"""Files of reports, and of what money and time say on the terminal; words without braces are looked at in the page."""
TOLD = [
    *(STUDIES.parent / "model" / "eligibility" / name for name in ("reasons.py", "lifts.py")),
    *(STUDIES.parent / "verify" / name for name in ("rules.py", "backups.py", "quality.py")),
    STUDIES.parent / "plan" / "option.py",
    STUDIES / "missions" / "reasons.py",
    *(STUDIES.parent / "report" / f"{name}.py" for name in (*PRINTED, *REPORT)),
    *(STUDIES.parent / "solvers" / "diagnose" / name for name in ("wording.py", "wording_limits.py")),
]
"""Refusals, what lifts them, broken rules, and rules in conflict: said in studies, and on their own."""
OTHERS = [language for language in LANGUAGES if language != "en"]


def templates() -> set[str]:
    """Every text that a study hands to ``say`` or ``phrase``, or keeps with names in braces for them."""
    found: set[str] = set()
    for path in (*STUDIES.rglob("*.py"), *TOLD):
        other = "missions" in path.parts or path.name in ("words.py", "location_kinds.py")  # findings are English
        if other and path not in TOLD:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        filled = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        for node in ast.walk(tree):
            called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and called in ("say", "phrase", "told", "counted", "some", "tell", "many"):
                several = node.args[:3] if called in ("counted", "some", "many") else node.args[:1]
                given = (part for argument in several for part in ast.walk(argument))
                found |= {c.value for c in given if isinstance(c, ast.Constant) and isinstance(c.value, str)}
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in filled:
                text = node.value
                if "\n" not in text and "{" in text and '"' not in text and "`" not in text and names(text):
                    found.add(text)
    for page in (STUDIES.parent / "report" / "templates").glob("*.j2"):
        found |= set(re.findall(r"""\bt\(["'](.+?)["']\)""", page.read_text("utf-8")))
    bare = {re.sub(r"\{(\w+):[^{}]*\}", r"{\1}", text) for text in found}
    return {text for text in bare if " " in text or names(text)}


def names(template: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}
    except ValueError:
        return set()


def catalogue(language: str) -> dict[str, str]:
    with (STUDIES.parent / "locale" / f"{language}.po").open("rb") as file:
        out: dict[str, str] = {}
        for message in read_po(file, locale=language):
            if isinstance(message.id, str):
                out |= {message.id: str(message.string)} if message.id else {}
            else:  # both forms, each with its own
                out |= dict(zip(message.id, message.string or (), strict=True))
        return out


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
    assert french[0].startswith("Transferts, 0 au plus : le coût annuel minimal est")
    assert [s.as_dict()["template"] for s in answer.sentences]


def test_rules_in_conflict_are_told_in_french_with_what_lifts_them() -> None:
    """Neither the refusals nor what to do stays in English; figures are written the French way."""
    language = dg.study("conflict", dg.example("infeasible-language"), time_limit=60)
    lock = dg.study("conflict", dg.example("infeasible-lock"), time_limit=60)
    said = " ".join(in_language(s, "fr") for s in (*language.sentences, *lock.sentences))
    centre = "Service centre, Addis Ababa"
    assert f"{centre} ne peut assurer Payroll de Office Echo : il manque à {centre} : pt" in said
    assert "relever capacity d’au moins 440 payslip, à 1\N{NARROW NO-BREAK SPACE}440" in said
    assert "retirer le verrou" in said


def test_a_sentence_keeps_its_english_and_its_figures() -> None:
    made = told("{name} is {km:,.1f} km away, {part:.1%} of {unit}", name="X", km=1234.0, part=0.125, unit=told("{a}"))
    assert made == "X is 1,234.0 km away, 12.5% of {a}"
    assert made.template == "{name} is {km} km away, {part} of {unit}"
    outer = say("{what}!", what=made)
    assert outer == "X is 1,234.0 km away, 12.5% of {a}!"
    assert in_language(outer, "fr").replace("\N{NARROW NO-BREAK SPACE}", " ").startswith("X is 1 234 km away, 12,5")
    assert outer.as_dict()["values"]["what"]["values"]["km"] == 1234.0
