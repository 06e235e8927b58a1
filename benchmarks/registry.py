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
from benchmarks.resolve import FAMILY, grown
from benchmarks.task import PEERS, Task
from optimizer.domain.errors import UsageError

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
SMOKE_STEP = 24
"""Every so manieth entity of a packaged case in the smoke suite."""
RESOLVE_SEED = 1

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
    after : callable, optional
        For a re-solve: makes the changed instance, of every so manieth entity.
    gap : float
        Relative gap that a re-solve is timed to.
    """

    name: str
    family: str
    kind: str
    build: Callable[[], Instance]
    limits: Mapping[str, Mapping[str, float]]
    known: Known | None = None
    smoke: Callable[[], Instance] | None = None
    after: Callable[[int], Instance] | None = None
    gap: float = 0.0

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
        after = None if self.after is None else partial(self.after, SMOKE_STEP if small else 1)
        limits = self.limits[suite_name]
        return Task(self.family, self.name, self.kind, build, limits, known, suite_name, after, self.gap)


def _all(seconds: float, **other: float) -> Limits:
    """The same limit for engine and peers, but for those named (0 = not run)."""
    limits = {b: other.get(b, seconds) for b in PEERS}
    return {b: s for b, s in limits.items() if s > 0}


_QUICK, _LONG = 15.0, 30.0
_DAILY: dict[str, dict[str, Limits]] = {
    "cflp_orlib": {"cap63": _all(_QUICK)},
    "sscflp_holmberg": {"p10": _all(_QUICK), "p31": _all(_QUICK)},
    "sscflp_delmaire": {"p7": _all(_QUICK), "p33": _all(_LONG)},
    "sscflp_gadegaard": {"50-100-r5-1": _all(_LONG)},
    "sscflp_tbed1": {"i300_17": {"engine": 120.0}},
    "gap_orlib": {"a20100": _all(_QUICK), "d10100": _all(_LONG)},
    "gap_yagiura": {"e05100": _all(_LONG)},
    "pmedcap": {"pmedcap11": _all(_QUICK)},
}
"""What of the packaged files runs every day: small ones that most solvers prove at once, and a few hard ones.
All of them run for a release."""


def _literature() -> list[BenchSpec]:
    found = []
    for task in foreign_tasks(INSTANCES, read_known(INSTANCES / "known_values.csv"), {}):
        limits: dict[str, Limits] = {"smoke": _SMOKE, "release": _all(300.0)}
        daily = _DAILY.get(task.family, {}).get(task.instance)
        if daily is not None:
            limits["daily"] = daily
        found.append(BenchSpec(task.instance, task.family, task.kind, task.build, limits, task.known))
    return found


def _packaged(name: str) -> list[BenchSpec]:
    """A packaged case and its variations. CBC refuses ``secretariat``: it only has to say so."""
    heavy = name == "secretariat"
    long = _all(600.0, engine=300.0) if heavy else _all(300.0)
    daily = {**long, "cbc": 10.0} if heavy else {"engine": 60.0}
    limits = {"smoke": _SMOKE, "daily": daily, "release": long}
    small = partial(_case, name, step=SMOKE_STEP)
    found = [BenchSpec(name, name, "case", partial(_case, name), limits, smoke=small)]
    for seed in range(1, VARIATIONS + 1):
        limits = {"smoke": _SMOKE, "release": long}
        if heavy:
            limits["daily"] = {"engine": 60.0}
        label = f"{name}-{seed}"
        varied, small = partial(_case, name, seed), partial(_case, name, seed, SMOKE_STEP)
        found.append(BenchSpec(label, name, "case", varied, limits, smoke=small))
    return found


def _case(name: str, seed: int = 0, step: int = 1) -> Instance:
    case = cases.packaged(name)
    if seed:
        case = cases.vary(case, seed)
    if step > 1:
        case = cases.every(case, step)
    return cases.case_instance(name, f"{name}-{seed}" if seed else name, case)


_RESOLVE: tuple[tuple[str, float, float], ...] = (("rco", 0.01, 45.0), ("secretariat", 0.015, 75.0))
"""Case, gap, seconds for each of the two runs."""


def _resolves() -> list[BenchSpec]:
    """Re-solve after a change to one entity."""
    return [
        BenchSpec(
            name,
            FAMILY,
            "case",
            partial(_before, name, 1),
            {"smoke": {"engine": 2.0}, "daily": {"engine": seconds}, "release": {"engine": 4 * seconds}},
            smoke=partial(_before, name, SMOKE_STEP),
            after=partial(_after, name),
            gap=gap,
        )
        for name, gap, seconds in _RESOLVE
    ]


def _before(name: str, step: int) -> Instance:
    return cases.case_instance(FAMILY, name, cases.every(cases.packaged(name), step))


def _after(name: str, step: int) -> Instance:
    return cases.case_instance(FAMILY, name, grown(cases.every(cases.packaged(name), step), RESOLVE_SEED))


_SCALING_LIMITS: tuple[dict[str, Limits], ...] = (
    {"smoke": _SMOKE, "daily": _all(30.0), "release": _all(300.0)},
    {"smoke": _SMOKE, "daily": {"engine": 60.0}, "release": _all(600.0)},
    {"smoke": _SMOKE, "daily": {"engine": 300.0}, "release": {"engine": 600.0, "highs": 600.0}},
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
    """All registered specs: cases first, then re-solves, growth, and the literature."""
    return (*_packaged("secretariat"), *_packaged("rco"), *_resolves(), *_scaling(), *_literature())


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
