"""Files of ours and of others: what they are, how large, how they are kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from api.web import assets
from tests.api.web.conftest import Filled
from tests.api.web.reading import Reader

STATIC = Path(assets.__file__).parent / "static"
VENDOR = {
    # as npm has them: htmx.org 2.0.11, htmx-ext-sse 2.2.4
    "htmx.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
    "sse.min.js": "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136",
}


def test_files_of_others_are_unchanged_and_have_their_licences_beside() -> None:
    scripts = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (STATIC / "vendor").glob("*.js")}
    assert scripts == VENDOR
    for name in VENDOR:
        licence = STATIC / "vendor" / f"{name.partition('.')[0]}.LICENSE.txt"
        assert "Permission to use, copy, modify, and/or distribute this software" in licence.read_text()


def test_style_sheet_and_script_are_small() -> None:
    assert len((STATIC / "app.css").read_bytes()) <= 20_000
    assert len((STATIC / "charts.css").read_bytes()) <= 2_500
    assert len((STATIC / "app.js").read_bytes()) <= 3_000


@pytest.mark.parametrize("name", sorted(assets.FILES))
def test_a_file_is_kept_for_good_under_the_name_of_its_content(filled: Filled, name: str) -> None:
    answer = Reader(filled.house).ask("GET", assets.place(name))
    assert answer.status_code == 200
    assert answer.content == assets.content(name)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == assets.FILES[name]


def test_nothing_else_is_served_as_a_file(filled: Filled) -> None:
    for name in ("../app.py", "vendor/README.md", "%2e%2e/site.py", "templates/base.html"):
        assert Reader(filled.house).ask("GET", f"/static/x/{name}").status_code == 404


def test_the_style_sheet_has_no_address_of_another_host() -> None:
    for name in ("app.css", "charts.css", "app.js", "icon.svg"):
        text = (STATIC / name).read_text().replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text
        assert "@import" not in text
