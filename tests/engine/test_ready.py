"""All kernels before the clock: once, by one process, left at once when nobody wants them any more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time

import pytest

from optimizer.solvers.engine import ready
from optimizer.solvers.engine.place import READY, SUFFIX, Place


@pytest.fixture
def folder(tmp_path, monkeypatch):
    found = tmp_path / "kernels" / "key"
    found.mkdir(parents=True)
    monkeypatch.setattr(ready, "place", lambda: Place(found))
    return found


@pytest.fixture
def compiling(monkeypatch):
    """What compiling does is noted, and a file left, in its place."""
    calls = []

    def compile_(folder, cancelled):
        calls.append(folder)
        time.sleep(0.3)
        (folder / f"one{SUFFIX}").write_bytes(b"code")
        return True

    monkeypatch.setattr(ready, "_compile", compile_)
    return calls


def test_the_first_time_it_is_told_and_done_then_neither(folder, compiling):
    said = []
    assert ready.make_ready(said.append)
    assert len(said) == len(compiling) == 1
    assert said[0].startswith("preparing the engine, once, about ")
    assert ready.make_ready(said.append)
    assert len(said) == len(compiling) == 1


def test_many_that_want_it_at_once_wait_for_one(folder, compiling):
    done = []
    threads = [threading.Thread(target=lambda: done.append(ready.make_ready(lambda _: None))) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert done == [True] * 4
    assert len(compiling) == 1


@pytest.mark.parametrize("text", ["", "{}", '{"files": 9}', '{"files": "x"}', "[]"])
def test_a_folder_that_is_not_complete_is_completed(folder, compiling, text):
    (folder / READY).write_text(text)
    assert not ready.is_ready()
    assert ready.make_ready(lambda _: None)
    assert json.loads((folder / READY).read_text()) == {"files": 1}


def test_compiling_that_fails_is_not_called_ready(folder, monkeypatch):
    monkeypatch.setattr(ready, "_compile", lambda folder, cancelled: False)
    assert not ready.make_ready(lambda _: None)
    assert not (folder / READY).exists()


def test_who_cancels_while_another_compiles_waits_no_longer(folder, compiling):
    with ready._alone(folder, lambda: False):
        began = time.monotonic()
        assert not ready.make_ready(lambda _: None, lambda: time.monotonic() > began + 0.3)
    assert compiling == []


def test_cancelling_ends_the_processes_that_compile(folder, monkeypatch):
    monkeypatch.setattr(ready, "launcher", lambda *_: [sys.executable, "-c", "import time; time.sleep(600)"])
    started = []
    real = subprocess.Popen

    def popen(*given, **more):
        started.append(real(*given, **more))
        return started[-1]

    monkeypatch.setattr(ready.subprocess, "Popen", popen)
    began = time.monotonic()
    assert not ready.make_ready(lambda _: None, lambda: time.monotonic() > began + 1.0)
    assert len(started) == len(ready.PARTS)
    assert all(p.poll() is not None for p in started)


def test_what_older_versions_left_goes_after_a_while(folder, compiling):
    old, recent = folder.with_name("old"), folder.with_name("recent")
    for path, age in ((old, ready.KEPT_S + 60), (recent, ready.KEPT_S - 3600)):
        path.mkdir()
        (path / READY).write_text("{}")
        os.utime(path / READY, (time.time() - age,) * 2)
    assert ready.make_ready(lambda _: None)
    assert (old.exists(), recent.exists()) == (False, True)


def test_a_folder_in_use_is_noted_as_used(folder, compiling):
    ready.make_ready(lambda _: None)
    os.utime(folder / READY, (time.time() - 10 * ready.DAY_S,) * 2)
    ready.make_ready(lambda _: None)
    assert time.time() - (folder / READY).stat().st_mtime < 60


def test_where_nothing_can_be_kept_it_is_not_ready(monkeypatch):
    monkeypatch.setattr(ready, "place", lambda: Place(None, "nowhere"))
    assert not ready.is_ready()
    assert not ready.make_ready(lambda _: pytest.fail("nothing is begun that cannot be kept"))
