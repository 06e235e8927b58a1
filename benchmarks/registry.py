"""Registered specs: what is measured, with which limits, and in which suite.

``smoke`` is every spec in a small form for a few seconds; ``daily`` a fixed, stratified subset
that fits into 90 minutes with all peers; ``release`` everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import cases
from benchmarks.foreign import foreign_tasks, read_known
from benchmarks.instance import Known
from benchmarks.task import PEERS, Task
from optimizer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.instance import Instance

__all__ = ["DAILY_BUDGET_S", "INSTANCES", "SUITES", "BenchSpec", "specs", "suite"]

INSTANCES = Path(__file__).parent / "instances"
SUITES = ("smoke", "daily", "release")
DAILY_BUDGET_S = 90 * 60
VARIATIONS = 5
SCALING = ((100, 8, 16), (1000, 12, 30), (10_000, 12, 40), (50_000, 20, 60))
"""Entities, services, providers."""
SCALING_SEED = 1

Limits = dict[str, float]
_SMOKE: Limits = {"engine": 2.0, "highs": 2.0}


@dataclass(frozen=True, eq=False)
class BenchSpec:
    """One instance that is measured again and again.

    Parameters
    ----------
    name, family, kind : str
        Kind as in ``Instance``.
    build : callable
        Reads or makes the instance.
    limits : mapping
        Suite to backend to seconds: who runs how long where.
    known : Known, optional
        Best known value with status and source.
    smoke : callable, optional
        A small stand-in for the smoke suite; default the instance itself.
    """

    name: str
    family: str
    kind: str
    build: Callable[[], Instance]
    limits: Mapping[str, Mapping[str, float]]
    known: Known | None = None
    smoke: Callable[[], Instance] | None = None

    @property
    def suites(self) -> tuple[str, ...]:
        """Suites it belongs to."""
        return tuple(s for s in SUITES if s in self.limits)

    @property
    def best_known(self) -> float | None:
        """Value to compare with."""
        return self.known.value if self.known else None

    @property
    def status(self) -> str:
        """``optimal``, ``best_known`` or nothing."""
        return self.known.status if self.known else ""

    @property
    def source(self) -> str:
        """Who published the value."""
        return self.known.source if self.known else ""

    def backends(self, suite_name: str) -> tuple[str, ...]:
        """Who runs it in a suite."""
        return tuple(self.limits.get(suite_name, {}))

    def task(self, suite_name: str) -> Task:
        """What a suite runs."""
        small = suite_name == "smoke" and self.smoke is not None
        build = self.smoke if small and self.smoke else self.build
        known = None if small else self.known
        return Task(self.family, self.name, self.kind, build, self.limits[suite_name], known, suite_name)


def _all(seconds: float, **other: float) -> Limits:
    """The same limit for engine and peers, but for those named (0 = not run)."""
    limits = {b: other.get(b, seconds) for b in PEERS}
    return {b: s for b, s in limits.items() if s > 0}


_DAILY: dict[str, tuple[str, ...]] = {
    "cflp_orlib": ("cap63", "cap92"),
    "sscflp_holmberg": ("p21", "p55"),
    "sscflp_delmaire": ("p7", "p33"),
    "sscflp_gadegaard": ("50-100-r5-1",),
    "gap_orlib": ("a20100", "c10100", "d10100"),
    "gap_yagiura": ("e05100",),
    "pmedcap": ("pmedcap11",),
}
"""What of the packaged files runs every day; all of them run for a release."""


def _literature() -> list[BenchSpec]:
    found = []
    for task in foreign_tasks(INSTANCES, read_known(INSTANCES / "known_values.csv"), {}):
        limits: dict[str, Limits] = {"smoke": _SMOKE, "release": _all(300.0)}
        if task.instance in _DAILY.get(task.family, ()):
            limits["daily"] = _all(60.0)
        found.append(BenchSpec(task.instance, task.family, task.kind, task.build, limits, task.known))
    return found


def _packaged(name: str) -> list[BenchSpec]:
    """A packaged case and its variations."""
    heavy = name == "secretariat"
    long = _all(600.0, engine=300.0) if heavy else _all(300.0)
    daily = long if heavy else {"engine": 60.0, "highs": 60.0, "cpsat": 60.0}
    limits = {"smoke": _SMOKE, "daily": daily, "release": long}
    found = [BenchSpec(name, name, "case", partial(_case, name, 0), limits, smoke=partial(_case, name, 0, 24))]
    for seed in range(1, VARIATIONS + 1):
        limits = {"smoke": _SMOKE, "release": long}
        if heavy:
            limits["daily"] = {"engine": 60.0}
        label = f"{name}-{seed}"
        made = BenchSpec(label, name, "case", partial(_case, name, seed), limits, smoke=partial(_case, name, seed, 24))
        found.append(made)
    return found


def _case(name: str, seed: int, step: int = 1) -> Instance:
    case = cases.packaged(name)
    if seed:
        case = cases.vary(case, seed)
    if step > 1:
        case = cases.every(case, step)
    return cases.case_instance(name, f"{name}-{seed}" if seed else name, case)


_SCALING_LIMITS: tuple[dict[str, Limits], ...] = (
    {"smoke": _SMOKE, "daily": _all(60.0), "release": _all(300.0)},
    {"smoke": _SMOKE, "daily": {"engine": 120.0}, "release": _all(600.0)},
    {"smoke": _SMOKE, "daily": {"engine": 600.0}, "release": {"engine": 600.0, "highs": 600.0}},
    {"smoke": _SMOKE, "release": {"engine": 3600.0}},
)


def _scaling() -> list[BenchSpec]:
    return [
        BenchSpec(
            "x".join(str(n) for n in size),
            "scaling",
            "case",
            partial(_generated, size),
            limits,
            smoke=partial(_generated, (8, min(3, size[1]), 5 + i)),
        )
        for i, (size, limits) in enumerate(zip(SCALING, _SCALING_LIMITS, strict=True))
    ]


def _generated(size: tuple[int, int, int]) -> Instance:
    name = "x".join(str(n) for n in size)
    return cases.case_instance("scaling", name, cases.generated(*size, seed=SCALING_SEED))


def specs() -> tuple[BenchSpec, ...]:
    """All registered specs: cases first, then growth, then the literature."""
    return (*_packaged("secretariat"), *_packaged("rco"), *_scaling(), *_literature())


def suite(name: str) -> list[Task]:
    """What a suite runs, in its order.

    Raises
    ------
    UsageError
        No such suite.
    """
    if name not in SUITES:
        raise UsageError(f"unknown suite {name!r}; choose one of {', '.join(SUITES)}")
    return [s.task(name) for s in specs() if name in s.suites]
