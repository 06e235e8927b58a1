"""Every text of the pages is in French, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import api.web
from api.web.tongue import NAMES, Tongue, chosen, offered
from docs.made.webtexts import texts
from tests.api.web.conftest import Filled
from tests.api.web.reading import Reader

FILE = Path(api.web.__file__).parent / "locale" / "fr.po"
PLACES = re.compile(r"%\(\w+\)s")


def translated() -> dict[str | tuple[str, ...], tuple[str, ...]]:
    with FILE.open("rb") as file:
        found = list(read_po(file, locale="fr"))
    out = {}
    for message in found:
        if message.id:
            key = message.id if isinstance(message.id, str) else tuple(message.id)
            out[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return out


def test_every_text_is_translated_and_nothing_that_no_page_shows() -> None:
    shown, known = texts(), translated()
    assert len(shown) > 500
    assert {k: shown[k] for k in shown if k not in known} == {}
    assert [k for k in known if k not in shown] == []
    assert [k for k, forms in known.items() if not all(forms)] == []


def test_a_text_has_the_same_places_for_values_in_both_languages() -> None:
    for key, forms in translated().items():
        both = (key,) if isinstance(key, str) else key
        wanted = {p for text in both for p in PLACES.findall(text)}
        assert {p for text in forms for p in PLACES.findall(text)} == wanted, key


def test_no_text_stands_twice() -> None:
    ids = [line for line in FILE.read_text().splitlines() if line.startswith("msgid ") and line != 'msgid ""']
    assert len(ids) == len(set(ids))


def test_figures_and_dates_are_written_as_the_language_does() -> None:
    en, fr = Tongue("en"), Tongue("fr")
    assert (en.count(-1234567.4), fr.count(-1234567.4)) == ("−1,234,567", "−1\u202f234\u202f567")
    assert (en.decimal(0.125, 2), fr.decimal(2.5)) == ("0.12", "2,5")
    assert (en.short(27_700_000), en.long(27_700_000)) == ("27.7M", "27.7\u00a0million")
    assert fr.long(27_700_000) == "27,7\u00a0millions"
    assert (en.percent(0.0104), fr.percent(0.0104)) == ("1.0%", "1,0\u00a0%")
    assert (en.count(-0.2), en.count(3, plus=True), en.count(None), en.short(0)) == ("0", "+3", "–", "0")
    assert (en.span(1), en.span(90), en.span(600), fr.span(7200)) == (
        "1 second",
        "90 seconds",
        "10 minutes",
        "2 heures",
    )


def test_the_reader_chooses_the_language_else_the_browser() -> None:
    both = offered("en,fr")
    assert chosen("fr", "en", both).code == "fr"
    assert chosen(None, "de-DE,fr-CH;q=0.8,en;q=0.5", both).code == "fr"
    assert chosen("xx", "de", both).code == "en"
    assert offered("klingon") == ("en",)
    assert offered("es, ar,en") == ("ar", "en", "es")
    assert set(NAMES) == {"ar", "zh", "en", "fr", "ru", "es"}


def test_the_choice_stays_in_the_browser_and_leads_back(filled: Filled) -> None:
    reader = filled.reader("viewer")
    page = reader.get("/plans")
    answer = reader.ask("POST", "/language", data={**page.form("/language").fields, "language": "fr"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/plans")
    page = reader.get("/plans")
    assert '<html lang="fr" dir="ltr">' in page.text
    assert "Plans, le plus récent d’abord" in page.text
    form = {**page.form("/language").fields, "language": "en", "back": "//evil.example"}
    away = reader.ask("POST", "/language", data=form)
    assert away.headers["location"] == "/"


def test_a_language_that_is_not_complete_is_marked_as_english(filled: Filled) -> None:
    settings = filled.house.app.state.services.settings
    object.__setattr__(settings, "languages", "en,ar")
    try:
        page = Reader(filled.house).get("/sign-in", headers={"accept-language": "ar"})
    finally:
        object.__setattr__(settings, "languages", "en,fr")
    assert '<html lang="ar" dir="rtl">' in page.text
    assert '<body lang="en">' in page.text


@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_pages_in_french_hold_no_english_text_of_ours(filled: Filled, role: str) -> None:
    """Words that both languages have are left out, and what stands as English is marked as that."""
    reader = filled.reader(role)
    reader.cookies["designate_language"] = "fr"
    known = translated()
    wanted = [k for k, f in known.items() if isinstance(k, str) and len(k) > 14 and f[0] != k and "%" not in k]
    ids = filled.world.ids
    for path in (
        "/",
        "/cases",
        f"/cases/{ids['case']}",
        "/plans",
        f"/plans/{ids['plan']}",
        f"/plans/{ids['plan']}/decide",
    ):
        text = reader.get(path).text.replace("&#39;", "'")
        assert [k for k in wanted if f">{k}<" in text] == [], path
