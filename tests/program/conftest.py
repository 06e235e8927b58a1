"""A solver in a process of its own, and cases to formulate."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from optimizer.model.program.naming import column_name, row_name
from optimizer.model.program.program import Program


class Highs:
    """One HiGHS child for the whole session."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("highs_child.py")
        self.child = subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, request: dict | None) -> dict:
        """Send a request and wait for the answer."""
        pickle.dump(request, self.child.stdin)
        self.child.stdin.flush()
        return pickle.load(self.child.stdout) if request is not None else {}

    def solve(self, program: Program, **more: object) -> dict:
        """Solve a program."""
        names = ("c", "a", "lower", "upper", "integer", "row_lower", "row_upper", "offset")
        return self.ask({**{n: getattr(program, n) for n in names}, **more})

    def read(self, path: Path) -> dict:
        """Solve a model file."""
        return self.ask({"file": str(path)})

    def close(self) -> None:
        """Stop the child and wait for it."""
        self.ask(None)
        self.child.stdin.close()
        self.child.wait(30)
        self.child.stdout.close()


@pytest.fixture(scope="session")
def highs() -> Iterator[Highs]:
    """HiGHS in its own process."""
    solver = Highs()
    yield solver
    solver.close()


def broken_rows(program: Program, values: np.ndarray, tolerance: float = 1e-6) -> list[str]:
    """Names of the rows and columns a vector breaks."""
    activity = program.a @ values
    bad = (activity < program.row_lower - tolerance) | (activity > program.row_upper + tolerance)
    out = [row_name(program, i) for i in np.flatnonzero(bad).tolist()]
    low, high = program.lower - tolerance, program.upper + tolerance
    return out + [column_name(program, j) for j in np.flatnonzero((values < low) | (values > high)).tolist()]


@pytest.fixture
def broken() -> Callable[..., list[str]]:
    """Checker of vectors."""
    return broken_rows
