"""Which backends there are, what they can do, and which one ``auto`` takes.

Nothing here imports a solver: availability comes from package metadata, the classes are named
by ``module:Class`` and loaded in the child process only. ``highspy`` (and ``pulp``, which
imports it) must never share a process with ``ortools``: both bring a ``libhighs.so.1``, of
different versions. Backends of one ``family`` may share a child.
"""

from __future__ import annotations

import importlib.metadata
import types
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from optimizer.domain.errors import BackendRefused, BackendUnavailable, UsageError
from optimizer.model import costs, rules
from optimizer.solvers.base import Capability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.params import SolveParams
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.model.program.program import Program

__all__ = ["LARGE_PAIRS", "SPECS", "Spec", "available", "capabilities", "check", "choose", "spec", "versions"]

_C = Capability
_COMMON = _C.TIME_LIMIT | _C.MEMORY_LIMIT | _C.WARM_START | _C.BOUND | _C.OPTIMALITY | _C.THREADS | _C.SEED
_PROOF = _C.PROVES_INFEASIBILITY

PULP_NONZEROS = 400_000
"""Matrix entries up to which PuLP's row-by-row translation is worth its time and memory."""

LARGE_PAIRS = 2000
"""Eligible pairs up to which ``auto`` takes the exact solver on the whole program."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A backend, described without importing it.

    Parameters
    ----------
    target : str
        ``module:Class`` or ``module:Class:argument``, loaded in the child.
    family : str
        Which native library world it lives in; one child serves one family.
    distributions : tuple of (name, least version)
    capabilities : Capability
    needs_program : bool
        Works on ``Request.program``; the engine builds its own.
    max_nonzeros : int, optional
        Programs with more matrix entries are refused.
    grandchildren : bool
        Starts processes of its own, whose memory counts too.
    whole_numbers : bool
        Works in exact whole numbers, without tolerances.
    knows : frozenset of str, optional
        Rules and cost terms that it has code for; ``None``: whatever the program says.
    """

    target: str
    family: str
    distributions: tuple[str, ...]
    capabilities: Capability
    needs_program: bool = True
    max_nonzeros: int | None = None
    grandchildren: bool = False
    whole_numbers: bool = False
    knows: frozenset[str] | None = None


_ENGINE_KNOWS = frozenset(
    {
        "assign_once",
        "line_capacity",
        "site_capacity",
        "open_line",
        "open_site",
        "max_providers_per_entity",
        "bundle_together",
        "agency_share",
        "site_count",
        "minimum_volume",
        "backup",
        "max_moves",
        "one_off_budget",
        "mean_overlap_min",
        "mean_distance_max",
        "worse_off_max",
        "exposure_max_fte",
        "site_share_max",
        "lock",
        "service",
        "own",
        "site",
        "interface",
        "handover",
        "distance",
        "overlap",
        "language",
        "dispersion",
        "transition_annualised",
        "setup_annualised",
    }
)
"""What the engine's search, prices and bounds have code for."""

SPECS: Mapping[str, Spec] = types.MappingProxyType(
    {
        "engine": Spec(
            target="optimizer.solvers.engine.backend:EngineBackend",
            family="highs",
            distributions=("highspy",),
            capabilities=_COMMON | _C.WORK_LIMIT | _C.INCUMBENTS,
            needs_program=False,
            knows=_ENGINE_KNOWS,
        ),
        "highs": Spec(
            target="optimizer.solvers.highs:HighsBackend",
            family="highs",
            distributions=("highspy",),
            capabilities=_COMMON | _PROOF | _C.INCUMBENTS,
        ),
        "cbc": Spec(
            target="optimizer.solvers.pulp_backend:CbcBackend",
            family="highs",
            distributions=("PuLP",),
            capabilities=_COMMON | _PROOF,
            max_nonzeros=PULP_NONZEROS,
            grandchildren=True,
        ),
        "pulp-highs": Spec(
            target="optimizer.solvers.pulp_backend:PulpHighsBackend",
            family="highs",
            distributions=("PuLP", "highspy"),
            capabilities=_COMMON | _PROOF | _C.INCUMBENTS,
            max_nonzeros=PULP_NONZEROS,
        ),
        "cpsat": Spec(
            target="optimizer.solvers.cpsat:CpSatBackend",
            family="ortools",
            distributions=("ortools",),
            capabilities=_COMMON | _PROOF | _C.WORK_LIMIT | _C.INCUMBENTS,
            whole_numbers=True,
        ),
        "scip": Spec(
            target="optimizer.solvers.scip:ScipBackend",
            family="ortools",
            distributions=("ortools",),
            capabilities=(_COMMON | _PROOF) & ~_C.THREADS,
        ),
    }
)


def spec(name: str, specs: Mapping[str, Spec] = SPECS) -> Spec:
    """Return the description of a backend; ``UsageError`` for an unknown name."""
    try:
        return specs[name]
    except KeyError:
        raise UsageError(f"unknown backend {name!r}; choose one of {', '.join(specs)}") from None


@cache
def _installed(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def available(specs: Mapping[str, Spec] = SPECS) -> tuple[str, ...]:
    """Names of the backends whose libraries are installed."""
    return tuple(n for n, s in specs.items() if all(_installed(d) for d in s.distributions))


def versions(name: str, specs: Mapping[str, Spec] = SPECS) -> dict[str, str]:
    """Installed version of each distribution behind a backend."""
    return {d: _installed(d) or "not installed" for d in spec(name, specs).distributions}


def capabilities(name: str, specs: Mapping[str, Spec] = SPECS) -> Capability:
    """What the backend declares."""
    return spec(name, specs).capabilities


def check(
    name: str,
    params: SolveParams,
    start: Choice | None = None,
    program: Program | None = None,
    specs: Mapping[str, Spec] = SPECS,
    *,
    problem: Problem | None = None,
) -> None:
    """Refuse what the backend cannot do, before anything is built or sent.

    Raises
    ------
    UsageError
        No backend of that name.
    BackendUnavailable
        A library behind it is not installed.
    BackendRefused
        It lacks a capability the request needs; says which, and which backends have it.
    """
    wanted = spec(name, specs)
    missing = [d for d in wanted.distributions if not _installed(d)]
    if missing:
        others = ", ".join(available(specs)) or "none"
        raise BackendUnavailable(f"backend {name} needs {', '.join(missing)}, not installed; available: {others}")
    for capability, why in _needs(params, start):
        if capability not in wanted.capabilities:
            _refuse(name, capability, why, specs)
    if problem is not None and (strange := unknown(wanted, problem)):
        knowing = tuple(n for n in available(specs) if not unknown(specs[n], problem))
        raise BackendRefused(
            f"backend {name} does not know {', '.join(strange)}; these do: {', '.join(knowing)}", "rules", knowing
        )
    if not wanted.needs_program and problem is not None and _backups_by_pair(problem):
        whole = tuple(n for n in available(specs) if specs[n].needs_program)
        raise BackendRefused(
            f"backend {name} takes one volume for each demand where backups are asked for, here they depend on the"
            f" provider; these take them: {', '.join(whole)}",
            "pair_volumes",
            whole,
        )
    if program is not None and wanted.max_nonzeros is not None and program.a.nnz > wanted.max_nonzeros:
        raise BackendRefused(
            f"backend {name} takes programs of up to {wanted.max_nonzeros:,} matrix entries, this one has"
            f" {program.a.nnz:,}; without that limit: {', '.join(_unlimited(specs))}",
            "size",
            _unlimited(specs),
        )


def unknown(wanted: Spec, problem: Problem) -> list[str]:
    """Rules that are on in a problem, and cost terms, that a backend has no code for."""
    if wanted.knows is None:
        return []
    names = [rule.name for rule in rules.RULES if rule.on(problem)] + [term.name for term in costs.TERMS]
    return [name for name in names if name not in wanted.knows] + ["side conditions"] * bool(problem.side)


def _backups_by_pair(problem: Problem) -> bool:
    """Whether backups meet volumes that depend on the provider (see ``Pairs.volume``)."""
    return problem.pairs.volume is not None and problem.scalars.backup and bool(problem.critical.any())


def _needs(params: SolveParams, start: Choice | None) -> list[tuple[Capability, str]]:
    asked = (
        (params.time_limit_s is not None, _C.TIME_LIMIT, "a time limit"),
        (params.work_limit is not None, _C.WORK_LIMIT, "a work limit"),
        (params.memory_limit_mb is not None, _C.MEMORY_LIMIT, "a memory limit"),
        (params.threads > 1, _C.THREADS, f"{params.threads} threads"),
        (params.seed != 0, _C.SEED, f"seed {params.seed}"),
        (start is not None, _C.WARM_START, "a plan to start from"),
    )
    return [(capability, why) for yes, capability, why in asked if yes]


def _refuse(name: str, capability: Capability, why: str, specs: Mapping[str, Spec]) -> None:
    word = (capability.name or "").lower()
    others = tuple(n for n in available(specs) if capability in specs[n].capabilities)
    have = ", ".join(others) or "none of the installed ones"
    raise BackendRefused(f"backend {name} has no {word} and the request asks for {why}; it is in: {have}", word, others)


def _unlimited(specs: Mapping[str, Spec]) -> tuple[str, ...]:
    return tuple(n for n in available(specs) if specs[n].max_nonzeros is None)


def choose(
    n_pairs: int, params: SolveParams, specs: Mapping[str, Spec] = SPECS, *, problem: Problem | None = None
) -> tuple[str, str]:
    """Pick the backend for ``auto`` and say why, in words for the plan.

    Up to ``LARGE_PAIRS`` eligible pairs and without a work limit: ``highs`` on the whole program,
    which proves what it finds. Beyond: ``engine``. Where the first choice is not installed, the
    next one that can do what is asked, and knows every rule that is on in ``problem``.

    Raises
    ------
    BackendUnavailable
        No installed backend can do what the request asks.
    """
    able = [n for n in available(specs) if all(c in specs[n].capabilities for c, _ in _needs(params, None))]
    here = [n for n in able if problem is None or not unknown(specs[n], problem)]
    small = n_pairs <= LARGE_PAIRS and params.work_limit is None
    size = f"{n_pairs:,} eligible pairs, {'at most' if n_pairs <= LARGE_PAIRS else 'more than'} {LARGE_PAIRS:,}"
    order = ("highs", "cpsat", "engine") if small else ("engine", "cpsat", "highs")
    for name in (*order, "scip", "pulp-highs", "cbc"):
        if name in here:
            why = "exact on the whole program" if small else "bounds, construction and neighbourhood search"
            limit = "" if params.work_limit is None else "; a deterministic work limit is asked for"
            if name != order[0]:
                why = f"{order[0]} cannot be used here, next in order"
            return name, f"auto: {name} ({why}; {size}{limit})"
    raise BackendUnavailable(f"no installed backend can do what is asked; installed: {', '.join(available(specs))}")
