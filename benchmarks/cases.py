"""Cases as instances: packaged ones, seeded variations of them, and generated ones of any size."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import data
from benchmarks.instance import Instance, Judgement
from data.generator import generate, write_case
from optimizer.model.build import build_problem
from optimizer.tables import read_case
from optimizer.testing import edited
from optimizer.verify.checker import Evaluator

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.model.parts import Choice

__all__ = ["SPREAD", "case_instance", "every", "generated", "packaged", "vary"]

SPREAD = 0.2
"""A variation multiplies each volume by something between 1 − SPREAD and 1 + SPREAD."""


@lru_cache(maxsize=2)
def packaged(name: str) -> Case:
    """A packaged case."""
    return read_case(data.case_path(name))[0]


def generated(entities: int, services: int, providers: int, seed: int) -> Case:
    """A generated case, through its tables like any other."""
    with TemporaryDirectory() as folder:
        write_case(generate(entities, services, providers, seed), Path(folder))
        return read_case(folder)[0]


def vary(case: Case, seed: int, spread: float = SPREAD) -> Case:
    """The case with other volumes: noise on each demand, the sum of each service as before.

    Parameters
    ----------
    case : Case
    seed : int
        The same seed gives the same case on every machine.
    spread : float
        Largest relative change before the sums are brought back, 0 to 1.

    Returns
    -------
    Case
        Volumes have two decimals and are at least 0.01.
    """
    rng = Random(f"{case.name} {seed}")
    drawn = [d.volume * rng.uniform(1 - spread, 1 + spread) for d in case.demands]
    before: dict[str, float] = {}
    after: dict[str, float] = {}
    for demand, volume in zip(case.demands, drawn, strict=True):
        before[demand.service] = before.get(demand.service, 0.0) + demand.volume
        after[demand.service] = after.get(demand.service, 0.0) + volume
    demands = tuple(
        replace(d, volume=max(0.01, round(v * before[d.service] / after[d.service], 2)))
        for d, v in zip(case.demands, drawn, strict=True)
    )
    return edited(case, demands=demands, name=f"{case.name}-{seed}")


def every(case: Case, step: int) -> Case:
    """Every so manieth entity of the case, for a quick look; capacities stay."""
    kept = {e.id for e in case.entities[::step]}
    return edited(
        case,
        entities=tuple(e for e in case.entities if e.id in kept),
        demands=tuple(d for d in case.demands if d.entity in kept),
        current=tuple(c for c in case.current if c.entity in kept),
        decisions=tuple(d for d in case.decisions if d.entity in kept),
        name=f"{case.name}, every {step}th entity",
    )


class _Judge:
    """The product's verifier on bare assignments, prepared when first asked."""

    def __init__(self, instance_case: Case) -> None:
        self.case = instance_case

    @cached_property
    def evaluator(self) -> Evaluator:
        return Evaluator(self.case)


def case_instance(family: str, name: str, case: Case) -> Instance:
    """Arrays of a case, judged by the verifier."""
    problem, judge = build_problem(case), _Judge(case)

    def verdict(choice: Choice) -> Judgement:
        found = judge.evaluator.evaluate(problem.decode(choice))
        broken = found.violations
        return Judgement(found.ok, found.cost["total"], str(broken[0]) if broken else "")

    return Instance(family, name, "case", problem, verdict)
