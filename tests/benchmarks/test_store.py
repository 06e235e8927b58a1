"""Rows on disk: plain values alone, and none lost however a run ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import run as running
from benchmarks.instance import Judgement
from benchmarks.measure import measure
from benchmarks.rows import FIELDS, finish
from benchmarks.run import Order, run_tasks
from benchmarks.store import Store, read_results, refuse_unless_plain
from benchmarks.task import Task
from optimizer.solvers.pool import ChildPool
from optimizer.solvers.registry import SPECS
from tests.benchmarks.fakes import spec

ROOT = Path(__file__).parents[2]


def row(instance: str, **given):
    """A row as the product makes them."""
    plain = dict.fromkeys(FIELDS)
    plain.update(family="f", instance=instance, problem="gap-min", backend="highs", limit_s=1.0, seed=0, threads=1)
    plain.update(objective=5.0, best_bound=4.0, verified=True, stopped_by="time", time_total=1.0, trace=[])
    return {**plain, **given}


def test_a_backend_that_tells_numpy_numbers_leaves_plain_rows(by_hand, tmp_path, monkeypatch):
    instance = replace(by_hand("sscflp_holmberg"), judge=lambda choice: Judgement(True, 45.0))
    task = Task(instance.family, instance.name, instance.kind, lambda: instance, {"engine": 30.0})
    with ChildPool({**SPECS, "engine": spec("numpy")}) as pool:
        monkeypatch.setattr(running, "measure", lambda *given: measure(*given, pool))
        monkeypatch.setattr(running, "prepare", lambda backend: None)
        rows = run_tasks([task], Order(tmp_path / "r.json", tell=lambda line: None, threads=1))
    assert rows[0]["best_bound"] == 38.0
    assert len(rows[0]["trace"]) > 3
    refuse_unless_plain(rows, "rows")
    finished = finish(rows)
    refuse_unless_plain(finished, "rows")
    assert finished[0]["bound_ok"] is True
    assert read_results(tmp_path / "r.json") == finished


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"verified": np.True_}, "row.verified"),
        ({"objective": np.float64(5.0)}, "row.objective"),
        ({"trace": [[0.1, np.float64(1.0), None]]}, r"row.trace\[0\]\[1\]"),
        ({"machine": {"cores": np.int64(2)}}, "row.machine.cores"),
        ({"trace": ((0.1, 1.0, None),)}, "row.trace"),
    ],
)
def test_what_is_no_plain_value_is_refused_by_name_and_what_was_stored_stays(tmp_path, given, told):
    store = Store(tmp_path / "r.json", resume=False)
    store.add(row("first"))
    with pytest.raises(TypeError, match=f"^{told} is "):
        store.add(row("second", **given))
    assert [r["instance"] for r in read_results(tmp_path / "r.json")] == ["first"]
    assert [r["instance"] for r in Store(tmp_path / "r.json", resume=True).rows] == ["first"]


KILLED = """
import os, signal, sys
from pathlib import Path
from benchmarks.store import Store
from tests.benchmarks.test_store import row

def end(self):
    os.kill(os.getpid(), signal.SIGKILL)

store = Store(Path(sys.argv[1]), resume=False)
store.add(row("first"))
Store.merge = end
store.add(row("second"))
"""


def test_a_run_killed_before_its_last_step_has_lost_no_row(tmp_path):
    out = tmp_path / "r.json"
    done = subprocess.run([sys.executable, "-c", KILLED, str(out)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [r["instance"] for r in read_results(out)] == ["first"]
    again = Store(out, resume=True)
    assert {key[1] for key in again.done} == {"first", "second"}
    again.merge()
    assert [r["instance"] for r in read_results(out)] == ["first", "second"]


def test_rows_put_aside_twice_are_both_kept(tmp_path):
    out = tmp_path / "r.json"
    for name in ("first", "second", "third"):
        Store(out, resume=False).add(row(name))
    names = ("r.jsonl.old", "r.jsonl.old.2", "r.jsonl")
    kept = [json.loads((tmp_path / n).read_text())["instance"] for n in names]
    assert kept == ["first", "second", "third"]
