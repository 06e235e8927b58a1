"""What is compiled at installation is what solves need."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_after_the_warm_up_no_solve_compiles_anything() -> None:
    ran = subprocess.run([sys.executable, "-m", "tests.engine.compiling"], capture_output=True, text=True, timeout=600)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ""


ALONE = """
import functools
from optimizer.solvers.engine import backend, place
said, compiled = [], []
backend.make_ready = lambda say, cancelled: False
backend.place = lambda: place.Place(None, "no folder will do")
backend.warm_here = functools.cache(lambda: compiled.append(1))
for _ in range(2):
    backend.EngineBackend().prepare(said.append, lambda: False)
assert compiled == [1], compiled
assert len(said) == 1 and said[0].endswith("no folder will do"), said
compiled.clear(); backend.warm_here.cache_clear()
backend.EngineBackend().prepare(said.append, lambda: True)
assert compiled == [] and len(said) == 1, said
"""


def test_where_nothing_can_be_kept_each_process_compiles_once_before_its_clock_and_says_so() -> None:
    ran = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, timeout=600)
    assert ran.returncode == 0, ran.stderr
