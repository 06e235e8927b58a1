"""Faults as drills: what is counted, what is shown, and every drill done in small."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks import service_page
from benchmarks.drills import page
from benchmarks.drills.books import Job
from benchmarks.drills.cluster import NoPostgres, binaries
from benchmarks.drills.command import listed
from benchmarks.drills.registry import DRILLS
from benchmarks.drills.run import STORES, chosen, run
from benchmarks.drills.tally import Check, Counts, Harm, Moments, Row, count, promised, throughput
from optimizer.domain.errors import UsageError
from tests.cli.terminal import inside

EXACT = ("jobs lost", "jobs done twice", "jobs begun again without need", "submissions refused for good")
"""Promises that no other work on the machine can break."""
MACHINE = {"processor": "Abacus", "cores": 2, "memory_gb": 4.0, "system": "Linux", "python": "3.11.7"}


def job(number: int, worker: str = "w1", start: float = 0.0, end: float = 1.0, status: str = "succeeded") -> Job:
    return Job(f"p{number}", f"job={number}", status, float(number), start, end, 1, worker)


def test_throughput_is_the_pace_of_all_workers_wherever_the_window_begins() -> None:
    steady = [job(n, worker, end=n + off) for n in range(1, 11) for worker, off in (("w1", 0.0), ("w2", 0.5))]
    assert throughput(steady, 0.0, 11.0) == pytest.approx(2.0)
    assert throughput(steady, 2.7, 8.1) == pytest.approx(2.0)
    stopped = [j for j in steady if j.worker == "w1" or j.finished < 4.0]
    assert throughput(stopped, 0.0, 11.0) == pytest.approx(1.0 + 2 / 9.5), "who stops is counted to the end"
    assert throughput(steady[:1], 0.0, 11.0) == 0.0


def test_jobs_are_counted_around_a_fault() -> None:
    before = [job(n, start=10 + n, end=11 + n) for n in range(5)]
    hit = job(5, start=15.5, end=30.0)
    overtaken = job(6, start=29.0, end=31.5)
    jumped = job(7, start=16.0, end=19.0)
    after = [job(n, start=24 + n, end=25 + n) for n in range(8, 12)]
    gone = job(12, status="failed", start=36.0, end=37.0)
    jobs = [*before, hit, overtaken, jumped, *after, gone]
    at = Moments(before=10.0, began=16.0, ended=20.0, settled=32.0, after=40.0)
    outcomes = {j.id: 1 for j in jobs} | {"p3": 2}
    begun = {j.name: 1 for j in jobs} | {"job=5": 2}
    counts = count(jobs, outcomes, begun, [j.id for j in jobs] + ["p99"], at)
    assert (counts.submitted, counts.final, counts.lost, counts.done_twice, counts.begun_again) == (14, 13, 2, 1, 1)
    assert (counts.fault_s, counts.final_s) == (4.0, 11.5), "until the last that it met, or held back, was final"
    never = [job(5, start=15.5, end=math.nan, status="running") if j.id == "p5" else j for j in jobs]
    left = count(never, outcomes, begun, [j.id for j in jobs], at)
    assert (left.lost, left.final, left.final_s) == (2, 12, 20.0), "what never ends is waited for to the last"
    assert counts.during == pytest.approx(1 / 4)
    assert counts.before == pytest.approx(1.0)


def test_each_promise_stands_beside_what_was_kept_of_it() -> None:
    counts = Counts(10, 10, 1, 0, 3, 4.0, 1.0, 3.9, 5.0, 11.0)
    kept = {c.what: c.kept for c in promised(counts, Harm(0.0, cut_short=2), 5.0, 0)}
    assert kept == {
        "jobs lost": False,
        "jobs done twice": True,
        "jobs begun again without need": False,
        "submissions refused for good": True,
        "recovery": False,
        "last job final after the fault": False,
    }
    assert not Check("no figure", math.nan, 1.0).kept


def found(*rows: Row, began: str = "2026-11-30T10:00:00+00:00") -> dict[str, Any]:
    """Figures of a run as the command writes them."""
    sizes = {"job_s": 1.0, "lease_s": 5.0, "heartbeat_s": 1.0, "poll_s": 0.1}
    return {
        "began": began,
        "machine": MACHINE,
        "versions": {"designate-optimizer": "0.1.0"},
        "scale": "full",
        "sizes": sizes,
        "apart": "network namespaces",
        "note": "in a test",
        "rows": [r.as_dict() for r in rows],
    }


def fault(drill: str, lost: int = 0, store: str = "postgres") -> Row:
    counts = Counts(1234, 1234, lost, 0, 1, 3.2, 2.4, 3.19, 0.1, 6.0)
    return Row(drill, store, 4, 80.0, promised(counts, Harm(0.0, 1), 5.0, 0), counts)


LOAD = Row("fairness", "postgres", 4, 60.0, (Check("a neighbour's job starts after", 0.4, 1.2, "s"),))


def test_the_page_shows_every_row_and_what_was_missed() -> None:
    text = page.table(found(fault("worker-dead"), fault("stale-recovery", lost=2), LOAD))
    lines = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("| `")}
    assert lines["`worker-dead`"].endswith("| 1,234 | 0 | 0 | 3.20 | 2.40 | 3.19 | 99.7 | 1.20 | kept |")
    assert lines["`stale-recovery` (dbos-transact-py #742)"].endswith("| **missed**: jobs lost 2 |")
    assert lines["`fairness`"] == "| `fairness` | postgres | a neighbour's job starts after | ≤ 1.2 s | 0.4 s | kept |"
    assert "| Workers apart by | network namespaces |" in text
    assert "| Note | in a test |" in text
    assert "| Taken | 2026-11-30T10:00:00+00:00 |" in text


def test_what_is_done_anew_takes_the_place_of_what_was_published(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n")
    page.publish(found(fault("worker-dead", lost=3), LOAD), tmp_path, readme)
    page.publish(found(fault("worker-dead"), began="2026-12-01T10:00:00+00:00"), tmp_path, readme)
    text = readme.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert text.count("`worker-dead`") == 1
    assert "jobs lost 3" not in text
    assert "`fairness`" in text, "what was not done anew stays"
    kept = json.loads((tmp_path / "drills.json").read_text())
    assert [[r["drill"] for r in each["rows"]] for each in kept] == [["fairness"], ["worker-dead"]]
    readme.write_text("no marks")
    with pytest.raises(UsageError, match="no place"):
        page.publish(found(LOAD), tmp_path, readme)


def test_the_documented_list_is_that_of_the_registry() -> None:
    text = service_page.PAGE.read_text(encoding="utf-8")
    assert text.index(page.BEGIN) < text.index(page.END)
    section = text[text.index("## Faults as drills") : text.index(page.BEGIN)]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| ([^|]+) \|", section, flags=re.MULTILINE)
    assert [name for name, _ in rows] == list(DRILLS)
    stores = {"PostgreSQL": ("postgres",), "SQLite": ("sqlite",), "both": ("postgres", "sqlite")}
    assert [stores[where.strip()] for _, where in rows] == [d.stores for d in DRILLS.values()]


def test_every_drill_says_what_it_does() -> None:
    shown = inside("bench", "drills", "--list", "--json")
    assert shown.returncode == 0
    assert shown.json == json.loads(json.dumps(listed()))
    assert all(re.fullmatch(r"[A-Z].{20,}\.", d["about"]) for d in listed())


@pytest.mark.parametrize(
    ("store", "only", "told"),
    [
        ("oracle", (), "no store"),
        ("sqlite", ("nothing",), "no drill"),
        ("sqlite", ("pool-exhausted",), "not on sqlite"),
    ],
)
def test_what_cannot_be_done_is_refused(store: str, only: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        chosen(store, only)


@pytest.mark.slow
def test_the_command_does_the_smallest_drill_and_writes_its_figures(tmp_path: Path) -> None:
    out = tmp_path / "drills.json"
    words = ("--store", "sqlite", "--only", "sqlite-second-server", "--scale", "small", "--out", out)
    ended = inside("bench", "drills", *words, "--note", "in a test")
    assert ended.returncode == 0, ended
    assert "| `sqlite-second-server` (dbos-transact-py #541) | sqlite |" in ended.stdout
    figures = json.loads(out.read_text())
    (row,) = figures["rows"]
    assert row["passed"]
    assert (row["drill"], row["store"], figures["note"]) == ("sqlite-second-server", "sqlite", "in a test")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("store", "name"), [(store, d.name) for store in STORES for d in DRILLS.values() if store in d.stores]
)
def test_every_drill_in_small_loses_nothing(store: str, name: str) -> None:
    if store == "postgres":
        try:
            binaries()
        except NoPostgres as error:
            pytest.skip(f"NOT TESTED: drills on PostgreSQL; {error}")
    told: list[str] = []
    (row,) = run(chosen(store, [name]), store, scale="small", say=told.append)["rows"]
    checks = {c["what"]: c for c in row["checks"]}
    assert "comes to its end" not in checks, told
    if row["counts"] is not None:
        assert [checks[what]["found"] for what in EXACT] == [0, 0, 0, 0], told
        assert row["counts"]["submitted"] >= row["workers"]
        assert row["counts"]["after"] > 0
    assert all(math.isfinite(c["found"]) for c in row["checks"])
