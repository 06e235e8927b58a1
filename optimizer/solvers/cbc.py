"""CBC as a program: its files, its command line, its log.

PuLP writes the model and the start and reads the solution; we start the program ourselves,
because PuLP waits for it without a way to stop it and throws its log away.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.errors import BackendFailed, BackendUnavailable
from optimizer.solvers.base import Progress

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from optimizer.domain.params import SolveParams, StopReason
    from optimizer.solvers.base import Incumbent
    from optimizer.solvers.pulp_model import PulpModel

__all__ = ["STATUS", "Job", "Log", "executable", "interrupt", "reading"]

STATUS: tuple[tuple[str, StopReason, bool, bool], ...] = (
    ("Optimal", "finished", True, False),
    ("Infeasible", "finished", False, True),
    ("Integer infeasible", "finished", False, True),
    ("Unbounded", "finished", False, False),
    ("Stopped on time (no integer solution", "time", False, False),
    ("Stopped on iterations (no integer solution", "work", False, False),
    ("Stopped on time", "time", True, False),
    ("Stopped on iterations", "work", True, False),
    ("Stopped on ctrl-c", "user", True, False),
)
"""Beginning of CBC's solution file → why it stopped, whether it holds a plan, whether none exists.

The first that fits counts; anything else: ``error``, no plan. CBC also says "on iterations"
when it was interrupted, so who interrupted it decides first.
"""

_TREE = re.compile(r"^Cbc0010I After .* on tree, (\S+) best solution, best possible (\S+) ")
_LOWER = re.compile(r"^Lower bound:\s+(\S+)")
_START = "MIPStart provided solution with cost"


def executable() -> str:
    """Path of CBC: the one in PuLP's wheel, else the one on the path."""
    import pulp

    own = str(getattr(getattr(pulp, "PULP_CBC_CMD", None), "pulp_cbc_path", ""))
    found = own if own and os.access(own, os.X_OK) else shutil.which("cbc")
    if not found:
        raise BackendUnavailable("no CBC: neither in PuLP's wheel nor on the path (pip install 'pulp>=3.3,<4')")
    return found


def interrupt(process: subprocess.Popen[str]) -> None:
    """Ask CBC to end and write its best plan."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)


def reading(status: str) -> tuple[StopReason, bool, bool]:
    """Why it stopped, whether there is a plan, whether it claims that none exists."""
    for beginning, why, held, infeasible in STATUS:
        if status.startswith(beginning):
            return why, held, infeasible
    return "error", False, False


@dataclass(frozen=True, eq=False)
class Job:
    """Files of one run in a folder of their own."""

    folder: Path
    model: PulpModel

    def write(self, start: NDArray[np.float64] | None) -> dict[str, str]:
        """Write model and start; returns PuLP's short name of every variable."""
        ordered, columns, rows, _ = self.model.problem.writeMPS(str(self.folder / "model.mps"), rename=1)
        if start is not None:
            self.model.set_values(start)
            self._solver().writesol(str(self.folder / "start.mst"), self.model.problem, ordered, columns, rows)
        names: dict[str, str] = columns
        return names

    def arguments(self, params: SolveParams, options: dict[str, Any], start: bool, left: float | None) -> list[str]:
        """CBC's command line after its own name."""
        out = [str(self.folder / "model.mps")]
        if start:
            out += ["-mips", str(self.folder / "start.mst")]
        if left is not None:
            out += ["-sec", f"{left:.3f}"]
        common: dict[str, object] = {"timeMode": "elapsed", "ratio": params.gap_rel, "allow": 0, "logLevel": 1}
        if params.threads > 1:
            common["threads"] = params.threads
        if params.seed:
            common |= {"randomSeed": params.seed, "randomCbcSeed": params.seed}
        for key, value in {**common, **options}.items():
            out += [f"-{key}", str(value)]
        return [*out, "-solve", "-printingOptions", "all", "-solution", str(self.folder / "plan.sol")]

    def read(self, names: dict[str, str]) -> tuple[str, NDArray[np.float64]]:
        """First line of the solution file, and the values it lists (the rest at their lower bound)."""
        path = self.folder / "plan.sol"
        if not path.exists():
            raise BackendFailed("CBC wrote no solution file")
        status = path.read_text().split("\n", 1)[0].strip()
        values = self._solver().readsol_MPS(str(path), None, self.model.problem.variables(), names, {})[1]
        return status, self.model.values(values)

    def _solver(self) -> Any:
        import pulp

        return pulp.COIN_CMD(msg=False)


class Log:
    """Reads CBC's log: best cost while it runs, the lower bound at the end."""

    def __init__(self, report: Callable[[Incumbent | Progress], None], offset: float) -> None:
        self.report, self.offset = report, offset
        self.began = time.monotonic()
        self.bound: float | None = None
        self.start_taken = False
        self.unknown = ""

    def read(self, line: str) -> None:
        """Take one line. Bounds inside the tree are not passed on: sub-searches print them too."""
        tree, lower = _TREE.match(line), _LOWER.match(line)
        self.start_taken = self.start_taken or _START in line
        if line.startswith("No match for"):
            self.unknown = line.strip()
        if tree:
            best = _number(tree[1])
            held = None if best is None else best + self.offset
            self.report(Progress(time.monotonic() - self.began, held, None, "branch and cut"))
        elif lower:
            claim = _number(lower[1])
            self.bound = None if claim is None else claim - max(1e-3, 2e-8 * abs(claim)) + self.offset


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e40 else None
