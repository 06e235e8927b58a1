"""The engine made to treat every case as a large one: prices, neighbourhoods and fixing before any exact end.

Small cases go to the exact solver at once; with this their answers come from the parts that work on
large cases, and enumeration can check those. Loaded in a child process by name.
"""

from __future__ import annotations

from dataclasses import replace

from optimizer.solvers.engine import strategy
from optimizer.solvers.engine.backend import EngineBackend
from optimizer.solvers.registry import SPECS

FORCED = {"SMALL_PAIRS": -1, "TINY_PAIRS": -1}
LARGE = "engine-large"
WITH_LARGE = {**SPECS, LARGE: replace(SPECS["engine"], target="tests.engine.large_path:LargePath", family="large")}
"""Backends for a pool, the forced engine among them."""


class LargePath(EngineBackend):
    """As in production above the sizes that are handed over whole."""

    def solve(self, request, report, cancelled):
        for name, value in FORCED.items():
            assert hasattr(strategy, name), f"the engine has no {name} any more: force the large path otherwise"
            setattr(strategy, name, value)
        return super().solve(request, report, cancelled)
