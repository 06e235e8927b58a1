"""Pages in a real browser on the screen of a telephone: nothing makes them scroll sideways, in both languages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import optimizer as dg
from optimizer.report.compare_page import render_comparison
from optimizer.report.study_page import render_study

BROWSER = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
WIDE = 390
FRAMES = """<!doctype html><body>{frames}<script>
addEventListener("load", () => {{
  const found = {{}};
  for (const frame of document.querySelectorAll("iframe")) {{
    const page = frame.contentDocument.documentElement;
    found[frame.title] = [page.scrollWidth, page.clientWidth, frame.contentDocument.querySelectorAll("h1").length];
  }}
  const said = {{id: "found", textContent: JSON.stringify(found)}};
  document.body.append(Object.assign(document.createElement("pre"), said));
}});
</script></body>"""
"""Each page in a frame of its own: a window of the browser is never as narrow."""


def pages() -> dict[str, str]:
    case = dg.example("tiny")
    long = dg.replace(
        case, providers={"change": [{"id": "GVA", "name": "Division of Administration, Headquarters " * 4}]}
    )
    with dg.Session(long) as session:
        plan = session.solve()
        runs = dg.study("scenarios", session, plan, name="close-each-site", time_limit=60)
        safe = dg.study("safe", session, plan, time_limit=60)
    made = {f"comparison, {language}": render_comparison(runs, long, language) for language in ("en", "fr")}
    made |= {f"study, {language}": render_study(safe.as_dict(), "tiny", language) for language in ("en", "fr")}
    return made


def widths(folder: Path, made: dict[str, str]) -> dict[str, list[int]]:
    """Width of the content, of the frame, and number of headings, of each page."""
    frames = ""
    for number, (title, text) in enumerate(made.items()):
        (folder / f"{number}.html").write_text(text, "utf-8")
        frames += f'<iframe title="{title}" src="{number}.html" width="{WIDE}" height="2000"></iframe>'
    (folder / "frames.html").write_text(FRAMES.format(frames=frames), "utf-8")
    asked = [
        str(BROWSER),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--allow-file-access-from-files",
        "--dump-dom",
    ]
    shown = subprocess.run(
        [*asked, (folder / "frames.html").as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    found = re.search(r'<pre id="found">(.*?)</pre>', shown.stdout)
    assert found is not None, shown.stderr
    return dict(json.loads(found[1]))


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no browser is installed")
def test_no_page_scrolls_sideways_on_a_telephone(tmp_path: Path) -> None:
    made = pages()
    plan = dg.solve(dg.example("rco"), time_limit=10)
    made["report"] = dg.write_report(plan, tmp_path / "report.html").read_text("utf-8")
    made["wide"] = '<!doctype html><h1>Wide</h1><div style="width:900px">x</div>'
    found = widths(tmp_path, made)
    assert set(found) == set(made)
    assert all(headings == 1 for _, _, headings in found.values())
    assert [title for title, (content, frame, _) in found.items() if content > frame] == ["wide"]
