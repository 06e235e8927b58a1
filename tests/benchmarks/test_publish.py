"""The report and what is published of it, on rows made by hand."""

from __future__ import annotations

import json
import re

import pytest

from benchmarks.plots import gap_over_time, growth, performance_profile
from benchmarks.publish import BEGIN, END, LARGEST_BYTES, PAGE, publish
from benchmarks.registry import suite
from benchmarks.report import render, write_report
from benchmarks.rows import FIELDS
from benchmarks.store import read_results
from optimizer.errors import UsageError
from tests.cli.terminal import inside

MACHINE = {"processor": "Abacus", "cores": 2, "threads": 2, "memory_gb": 4.0, "system": "Linux", "python": "3.11.7"}


def row(family, instance, backend="engine", pairs=100, **given):
    base = dict.fromkeys(FIELDS)
    base.update(
        family=family,
        instance=instance,
        backend=backend,
        problem="case",
        limit_s=60.0,
        time_total=60.0,
        stopped_by="time",
        threads=2,
        seed=0,
        pairs=pairs,
        verified=True,
        objective=100.0,
        best_bound=99.0,
        gap_rel=0.01,
        time_to_first=pairs / 1000,
        peak_rss_mb=100 + pairs / 1000,
        machine=MACHINE,
        versions={"designate-optimizer": "0.1.0"},
        detail="",
        trace=[[pairs / 1000, 120.0, 80.0], [pairs / 500, 100.056789123, 99.0]],
    )
    made = {**base, **given}
    return made if made["objective"] is not None or "verified" in given else {**made, "verified": None}


@pytest.fixture
def rows():
    """Every kind of cell: run, no plan, refused, failed, refuted, re-solved; three sizes; a family with peers."""
    peers = [
        row("secretariat", "secretariat", b, objective=c, best_bound=None, gap_rel=None)
        for b, c in (("highs", 110.0), ("cpsat", None))
    ]
    sizes = [row("scaling", n, pairs=p) for n, p in (("100x8x16", 6000), ("1000x12x30", 150_000), ("x", 2_000_000))]
    return [
        row("secretariat", "secretariat"),
        *peers,
        row("secretariat", "secretariat", "cbc", stopped_by="refused", objective=None, trace=[]),
        row("cflp_orlib", "cap63", problem="sscflp", best_known=99.5, best_known_status="optimal"),
        row(
            "cflp_orlib", "cap63", "scip", problem="sscflp", stopped_by="error", objective=None, verified=None, trace=[]
        ),
        row("cflp_orlib", "cap63", "highs", problem="sscflp", objective=None, verified=False),
        row("resolve", "rco", target_gap=0.01, cold_s=20.0, warm_s=1.0),
        *sizes,
    ]


@pytest.fixture
def page(tmp_path):
    file = tmp_path / "README.md"
    file.write_text(f"# Before\n\n{BEGIN}\nold figures\n{END}\n\n# After\n")
    return file


def test_every_cell_says_what_became_of_it(rows):
    page = render(rows, suite("daily"))
    for words in ("| refused |", "| error |", "plan refuted", "no plan", "cold 20 s, warm 1 s", "| not run |"):
        assert words in page
    assert page.count("not run") > 30
    line = next(x for x in page.splitlines() if x.startswith("| a20100 |"))
    assert line.count("not run") == 5


def test_targets_with_their_verdicts(rows):
    page = render(rows, suite("daily"))
    verdicts = [x.rsplit("|", 2)[1].strip() for x in page.splitlines() if x.startswith("|") and "≤" in x]
    assert {"met", "missed", ""} >= set(verdicts)
    assert "| TBED1 | ≤ 0.3 % of best known at 300 s | not run |  |" in page
    assert "cheaper on 1 of 1 cases with peers | met |" in page
    assert "rco: 5.0% of 20 s to 1.00% | met |" in page
    assert re.search(r"time to a gap of 5% pairs\^1\.00; time to the first plan pairs\^1\.00.*\| met \|", page)


def test_published_files(rows, page, tmp_path):
    tasks, folder = suite("daily"), tmp_path / "results"
    written = publish(rows, tasks, folder, page)
    assert {p.name for p in written} == {
        "report.md",
        "profile.svg",
        "gap.svg",
        "growth.svg",
        "results.json",
        "README.md",
    }
    assert all(p.stat().st_size <= LARGEST_BYTES for p in written)
    kept = read_results(folder / "results.json")
    assert [tuple(r) for r in kept] == [FIELDS] * len(rows)
    assert kept[0]["trace"][-1] == [0.2, 100.0568, 99.0]
    text = page.read_text()
    assert text.startswith("# Before\n")
    assert text.endswith("# After\n")
    assert "old figures" not in text
    for words in ("Abacus", "| Seed | 0 |", "designate-optimizer 0.1.0", "![Growth with size](results/growth.svg)"):
        assert words in text
    cells = sum(len(t.limits) for t in tasks)
    assert f"10 of {cells} cells were run, {cells - 10} not." in text
    for name in re.findall(r"\]\((results/[^)]+)\)", text):
        assert (page.parent / name).is_file()
    publish(rows, tasks, folder, page)
    assert page.read_text() == text


def test_what_is_kept_is_enough_to_make_the_pages_anew(rows, page, tmp_path):
    folder = tmp_path / "results"
    publish(rows, suite("daily"), folder, page)
    made = [page, *(p for p in sorted(folder.iterdir()) if p.name != "results.json")]
    first = [p.read_bytes() for p in made]
    publish(read_results(folder / "results.json"), suite("daily"), folder, page)
    assert [p.read_bytes() for p in made] == first


def test_a_page_without_a_place(rows, page, tmp_path):
    page.write_text("# Nothing\n")
    with pytest.raises(UsageError, match="no place for results"):
        publish(rows, [], tmp_path / "results", page)
    assert not (tmp_path / "results").exists()


def test_the_readme_has_its_place():
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text.index(BEGIN) < text.index(END)


def test_plots_have_what_the_rows_have(rows):
    spec = performance_profile([{**r, "reference": 100.0} for r in rows]).to_dict()
    assert spec["title"].endswith("2 instances")
    panels = gap_over_time(rows).to_dict()["concat"]
    assert [p["title"] for p in panels] == ["scaling/x", "secretariat", "cflp_orlib/cap63"]
    grown = growth(rows).to_dict()["hconcat"]
    assert [p["title"] for p in grown] == [
        "seconds to a proven gap of 5%",
        "seconds to the first plan",
        "peak memory, MB",
    ]
    assert performance_profile([]) is gap_over_time([]) is growth([]) is None


def test_a_report_of_no_rows(tmp_path):
    (file,) = write_report([], suite("daily"), tmp_path)
    assert "No rows." in file.read_text()


def test_the_command(rows, page, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.publish.publish.__defaults__", (tmp_path / "out", page))
    results = tmp_path / "r.json"
    results.write_text(json.dumps(rows))
    shown = inside("bench", "publish", results, "--suite", "daily", "--json")
    assert shown.returncode == 0, shown.stderr
    assert str(page) in shown.json["files"]
    assert inside("bench", "publish", tmp_path / "none.json").returncode == 2
