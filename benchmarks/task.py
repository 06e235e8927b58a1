"""What is to be measured: an instance that can be built, a limit for each backend, a value to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.instance import Instance, Known

__all__ = ["PEERS", "Task"]

PEERS = ("engine", "highs", "cbc", "cpsat", "scip")
"""The engine and those it is measured against, in the order in which they run."""


@dataclass(frozen=True, eq=False)
class Task:
    """One instance and the backends that are to solve it.

    Parameters
    ----------
    family, instance, kind : str
        Names; kind as in ``Instance``.
    build : callable
        Reads or makes the instance; called once, when its turn comes.
    limits : mapping
        Backend to seconds, in the order of the run.
    known : Known, optional
    suite : str
        Empty for files from elsewhere.
    after : callable, optional
        Makes the changed instance: the cell is a cold run to ``gap`` and a warm one on this, each
        with the whole limit (``benchmarks.resolve``).
    gap : float
    """

    family: str
    instance: str
    kind: str
    build: Callable[[], Instance]
    limits: Mapping[str, float]
    known: Known | None = None
    suite: str = ""
    after: Callable[[], Instance] | None = None
    gap: float = 0.0

    def worst(self, backend: str) -> float:
        """Seconds that a cell may take."""
        return self.limits[backend] * (1 if self.after is None else 2)
