"""Random why-not questions about the Secretariat: time to the first interval, to the end, its width; HiGHS from cold.

One session, warm: the plan and the prices are there before the clock starts, as they are for a planner who asks.
"""

from __future__ import annotations

import dataclasses
import json
import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import optimizer as dg
from benchmarks.machine import machine, versions
from optimizer.model.conditions import fixed
from optimizer.solvers.accept.solve import Watch, solve
from optimizer.studies.ask import study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Asked", "measure"]


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is measured.

    Parameters
    ----------
    case : str
        A packaged case.
    questions, peers : int
        Random questions, and how many of them HiGHS is asked as well.
    solve_s, limit_s : float
        For the plan that is asked about; for each question.
    threads, seed : int
    """

    case: str = "secretariat"
    questions: int = 100
    peers: int = 3
    solve_s: float = 60.0
    limit_s: float = 45.0
    threads: int = 2
    seed: int = 0


def measure(asked: Asked, out: Path, say: Callable[[str], object], note: str = "") -> dict[str, Any]:
    """Ask, and write the figures to ``out`` after every question, so that nothing is lost.

    Parameters
    ----------
    asked : Asked
    out : Path
    say : callable
        Gets a line for each question.
    note : str, optional
        What else ran on the machine.
    """
    params = dg.SolveParams(time_limit_s=asked.solve_s, threads=asked.threads, seed=asked.seed)
    with dg.Session(dg.example(asked.case)) as session:
        plan = session.solve(params)
        began = time.monotonic()
        session.pair_bounds(30.0)
        found: dict[str, Any] = {
            "began": datetime.now(UTC).isoformat(timespec="seconds"),
            "note": note,
            "asked": dataclasses.asdict(asked),
            "machine": machine(),
            "versions": versions("engine"),
            "plan": {"cost": plan.bounds.objective, "gap_rel": plan.bounds.gap_rel},
            "prices_s": round(time.monotonic() - began, 2),
            "rows": [],
        }
        for number, pair in enumerate(_pairs(session, asked)):
            row = _one(session, plan, pair, asked)
            if number < asked.peers:
                row |= _peer(session, pair, asked)
            found["rows"].append(row)
            out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
            say(f"{number + 1} of {asked.questions}: {row}")
    return found


def _pairs(session: dg.Session, asked: Asked) -> list[int]:
    """Random eligible pairs that the plan does not have, the same for a seed."""
    problem = session.problem
    held = session.held()
    taken = set() if held is None else set(enumerate(held.choice.provider.tolist()))
    pairs = zip(problem.pairs.demand.tolist(), problem.pairs.provider.tolist(), strict=True)
    others = [k for k, pair in enumerate(pairs) if pair not in taken]
    return random.Random(asked.seed).sample(others, min(asked.questions, len(others)))


def _one(session: dg.Session, plan: dg.Plan, pair: int, asked: Asked) -> dict[str, Any]:
    problem, began = session.problem, time.monotonic()
    first: list[float] = []
    watch = Watch(on_progress=lambda _news: first.append(time.monotonic() - began))
    d, p = int(problem.pairs.demand[pair]), int(problem.pairs.provider[pair])
    entity = problem.entity_ids[problem.demand_entity[d]]
    service = problem.service_ids[problem.demand_service[d]]
    provider = problem.provider_name(p)
    params = dg.SolveParams(time_limit_s=None, threads=asked.threads, seed=asked.seed)
    answer = study(
        "why_not",
        session,
        plan,
        params=params,
        time_limit=asked.limit_s,
        watch=watch,
        entity=entity,
        service=service,
        provider=provider,
    )
    point = answer.points[0]
    ends = None if point.lower is None or point.upper is None else point.upper - point.lower
    return {
        "entity": entity,
        "service": service,
        "provider": provider,
        "status": point.status,
        "first_s": round(first[0], 3) if first else None,
        "end_s": round(time.monotonic() - began, 3),
        "width": None if ends is None else round(ends, 2),
        "width_rel": None if ends is None or not point.upper else ends / point.upper,
    }


def _peer(session: dg.Session, pair: int, asked: Asked) -> dict[str, Any]:
    """The same condition by HiGHS on the whole program, from nothing, with the same time."""
    problem, began = session.problem, time.monotonic()
    d, p = int(problem.pairs.demand[pair]), int(problem.pairs.provider[pair])
    params = dg.SolveParams(backend="highs", time_limit_s=asked.limit_s, threads=asked.threads)
    found = solve(session.case, fixed(problem, {d: p}), params, evaluator=session.ground.evaluator)
    wide = None if found.objective is None or found.bound is None else found.objective - found.bound
    return {"highs_s": round(time.monotonic() - began, 2), "highs_plan": found.objective, "highs_width": wide}
