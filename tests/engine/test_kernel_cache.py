"""Compiled forms on disk: found again, never trusted when damaged, and a disk that is full costs time alone."""

from __future__ import annotations

import multiprocessing
import pickle

import numba
import numpy as np
import pytest

from optimizer.solvers.engine import jit
from optimizer.solvers.engine.jit import KernelCache
from optimizer.solvers.engine.place import SUFFIX
from tests.effort import few


def double(x):
    return x + x


def compiled(folder):
    """The function as a new process would have it."""
    made = numba.njit(double)
    made._cache = KernelCache(double, folder)
    return made


def hits(kernel) -> int:
    return sum(kernel.stats.cache_hits.values())


def test_each_form_has_a_file_and_is_found_again(tmp_path):
    first = compiled(tmp_path)
    assert (first(2), first(2.5)) == (4, 5.0)
    assert hits(first) == 0
    assert len(list(tmp_path.iterdir())) == len(list(tmp_path.glob(f"*{SUFFIX}"))) == 2
    second = compiled(tmp_path)
    assert (second(3), second(0.5)) == (6, 1.0)
    assert hits(second) == 2


@pytest.mark.parametrize("spoil", few(["short", "another form", "empty", "other bytes", "no pickle"], 2))
def test_a_damaged_file_is_compiled_anew(tmp_path, spoil):
    compiled(tmp_path)(2)
    compiled(tmp_path)(2.5)
    one, other = sorted(tmp_path.glob(f"*{SUFFIX}"))
    whole = one.read_bytes()
    spoilt = {
        "short": whole[:-10],
        "empty": b"",
        "other bytes": whole[:100] + b"\0" * 50 + whole[150:],
        "another form": other.read_bytes(),
        "no pickle": jit.hashlib.sha256(b"x").digest() + b"x",
    }
    one.write_bytes(spoilt[spoil])
    again = compiled(tmp_path)
    assert (again(3), again(0.5)) == (6, 1.0)
    assert hits(again) == 1
    assert one.read_bytes() != spoilt[spoil]
    healed = compiled(tmp_path)
    assert (healed(3), healed(0.5)) == (6, 1.0)
    assert hits(healed) == 2


def test_a_disk_that_takes_nothing_is_told_and_the_result_is_there(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jit.os, "replace", full)
    monkeypatch.setattr(jit, "_complaints", [])
    assert compiled(tmp_path)(2) == 4
    assert len(jit.complaints()) == 1
    assert "No space left" in jit.complaints()[0]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_is_told_and_the_result_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(jit, "_complaints", [])
    assert compiled(tmp_path / "gone")(2) == 4
    assert len(jit.complaints()) == 1


def work(folder, number, out):
    kernel = compiled(folder)
    out.put((kernel(number), kernel(float(number)), kernel(np.float32(number))))


def test_processes_that_compile_at_once_leave_whole_files(tmp_path):
    context = multiprocessing.get_context("spawn")
    out = context.SimpleQueue()
    workers = [context.Process(target=work, args=(tmp_path, n, out)) for n in (1, 2, 3)]
    for w in workers:
        w.start()
    for w in workers:
        w.join(240)
    assert sorted(out.get() for _ in workers) == [(2, 2.0, 2.0), (4, 4.0, 4.0), (6, 6.0, 6.0)]
    assert len(list(tmp_path.iterdir())) == 3
    for path in tmp_path.iterdir():
        body = path.read_bytes()[32:]
        assert pickle.loads(body)[0].startswith(f"{__name__} ")
    again = compiled(tmp_path)
    again(7), again(7.0), again(np.float32(7))
    assert hits(again) == 3
