"""A scenario file: what is changed in each run, as TOML or the same as a mapping; every problem at once.

::

    [base]
    case = "secretariat"                      # optional: the case it is meant for; told where another is taken

    [[scenario]]
    name = "no agencies"
    policy = { agency_share_max = 0 }
    change = [{ table = "demands", where = { "entity.kind" = "mission" }, column = "volume", times = 1.2 }]
    patch = { tables = { decisions = { add = [{ action = "lock", entity = "ECA", reason = "host agreement" }] } } }

    [[grid]]
    name = "growth"
    axes = [{ label = "volume", table = "demands", where = { entity = "*" }, column = "volume", times = [0.9, 1, 1.1] },
            { label = "sites", policy = "site_count.max", set = [1, 2, 3] }]
    seeds = [0, 1]
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.answer import Sentence
from optimizer.domain.errors import InputError
from optimizer.tables.changes import ACTIONS, policy_changes
from optimizer.tables.checks.kinds import Kind
from optimizer.tables.checks.problems import Problems
from optimizer.tables.schema import POLICY_TABLE
from optimizer.tables.sources.policy_source import toml_line
from optimizer.tables.sources.toml_text import toml_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optimizer.session import Session

__all__ = ["SCENARIO_CATALOGUE", "Run", "Scenarios", "parse_scenarios", "read_scenarios"]

SCENARIO_KINDS: Final[tuple[Kind, ...]] = (
    Kind("scenario_syntax", "error", "a scenario file is not TOML", "Correct the line that is named."),
    Kind(
        "scenario_structure",
        "error",
        "a scenario file has something other than a scenario file has",
        "See docs/studies/scenarios.md for what a file may have.",
    ),
    Kind("scenario_name", "error", "two runs of a scenario file have one name, or one has none", "Give each its own."),
    Kind("scenario_seed", "error", "seeds or repeats are not whole numbers", "Give whole numbers, 0 or more."),
    Kind("scenario_empty", "error", "a scenario file has no run", "Add a [[scenario]] or a [[grid]]."),
    Kind(
        "scenario_too_many", "error", "a scenario file has more runs than allowed", "Raise --limit, or leave some out."
    ),
)
SCENARIO_CATALOGUE: Final = {kind.code: kind for kind in SCENARIO_KINDS}

MOST_REPEATS: Final = 1000

_OF_FILE: Final = {"base", "scenario", "grid"}
_OF_BASE: Final = {"case", "options"}
_OF_SCENARIO: Final = {"name", "policy", "change", "patch", "seeds", "repeats"}
_OF_GRID: Final = {"name", "axes", "repeats", "seeds"}
_OF_AXIS: Final = {"label", "policy", "table", "where", "column", *ACTIONS}


@dataclass(frozen=True, slots=True)
class Run:
    """One case to be solved.

    Parameters
    ----------
    name : str
        A ``Sentence`` where it is of a packaged set, so that it can be said in other languages.
    changes : tuple of mapping
        As ``optimizer.tables.changes`` takes them.
    patch : mapping
        Rows to add, change or remove, before the changes.
    seed : int, optional
        In place of the study's.
    at : mapping
        Label of each axis and its value, of a grid.
    """

    name: str
    changes: tuple[Mapping[str, Any], ...] = ()
    patch: Mapping[str, Any] | None = None
    seed: int | None = None
    at: Mapping[str, Any] | None = None

    def of(self, base: Session) -> Session:
        """The base under this run's changes.

        Raises
        ------
        InputError
            With every problem of the changes, or of the case that they make.
        """
        patch = dict(self.patch or {})
        tables, policy = dict(patch.get("tables") or {}), dict(patch.get("policy") or {})
        own = [c for c in self.changes if c.get("table") == POLICY_TABLE and "set" in c and "." not in c["column"]]
        if len(own) == len(self.changes):  # limits of the policy reach the arrays without reading anything anew
            return base.vary(policy=policy | {c["column"]: c["set"] for c in own}, **tables)
        return base.vary(policy=policy, changes=self.changes, **tables)


@dataclass(frozen=True, slots=True)
class Scenarios:
    """A scenario file: the case it is meant for, options of its solves, its runs in order."""

    case: str
    options: Mapping[str, Any]
    runs: tuple[Run, ...]


def read_scenarios(text: str, limit: int = 1000) -> Scenarios:
    """A scenario file of its text.

    Raises
    ------
    InputError
        With every problem.
    """
    try:
        content = toml_of(text)
    except tomllib.TOMLDecodeError as error:
        problems = Problems(SCENARIO_CATALOGUE)
        problems.add("scenario_syntax", str(error), row=toml_line(str(error), text))
        raise InputError(problems.found) from None
    return parse_scenarios(content, limit)


def parse_scenarios(content: Mapping[str, Any], limit: int = 1000) -> Scenarios:
    """A scenario file of its content.

    Raises
    ------
    InputError
        With every problem.
    """
    problems = Problems(SCENARIO_CATALOGUE)
    _keys(content, _OF_FILE, "the file", problems)
    base = _mapping(content.get("base", {}), "base", problems)
    _keys(base, _OF_BASE, "base", problems)
    count = _size(content)
    if count > limit:
        problems.add("scenario_too_many", f"{count:,} runs, at most {limit:,}")
        raise InputError(problems.found)
    runs = [run for n, s in enumerate(_listed(content, "scenario", problems), 1) for run in _scenario(s, n, problems)]
    runs += [run for n, g in enumerate(_listed(content, "grid", problems), 1) for run in _grid(g, n, problems)]
    _names(runs, problems)
    if not runs and not problems.found:
        problems.add("scenario_empty", "there is no run in the file")
    problems.raise_errors()
    return Scenarios(str(base.get("case", "")), _mapping(base.get("options", {}), "options", problems), tuple(runs))


def _size(content: Mapping[str, Any]) -> int:
    """Number of runs, as far as the shape lets it be told; nothing is made for it."""
    nothing = Problems(SCENARIO_CATALOGUE)
    scenarios, grids = _listed(content, "scenario", nothing), _listed(content, "grid", nothing)
    count = sum(len(_seeds(s, "", None)) for s in scenarios if isinstance(s, Mapping))
    for grid in (g for g in grids if isinstance(g, Mapping)):
        size = len(_seeds(grid, "", None))
        for axis in (a for a in _listed(grid, "axes", nothing) if isinstance(a, Mapping)):
            values = [axis[a] for a in ACTIONS if isinstance(axis.get(a), list)]
            size *= max([1, *map(len, values)])
        count += size
    return count


def _scenario(given: Any, number: int, problems: Problems) -> Iterator[Run]:
    where = f"scenario {number}"
    scenario = _mapping(given, where, problems)
    _keys(scenario, _OF_SCENARIO, where, problems)
    patch = scenario.get("patch")
    if patch is not None and (not isinstance(patch, Mapping) or set(patch) - {"tables", "policy"}):
        problems.add("scenario_structure", f"patch of {where} has something other than tables and policy")
        patch = None
    policy = _mapping(scenario.get("policy", {}), f"policy of {where}", problems)
    changes = scenario.get("change", [])
    if not isinstance(changes, list):
        problems.add("scenario_structure", f"change of {where} is not a list", column="change")
        changes = []
    seeds = _seeds(scenario, where, problems)
    given_name = scenario.get("name", "")
    name = given_name if isinstance(given_name, Sentence) else str(given_name).strip()
    for seed in seeds:
        told = name if len(seeds) == 1 else f"{name}, seed {seed}"
        yield Run(told, (*policy_changes(policy), *changes), patch, seed)


def _grid(given: Any, number: int, problems: Problems) -> Iterator[Run]:
    where = f"grid {number}"
    grid = _mapping(given, where, problems)
    _keys(grid, _OF_GRID, where, problems)
    name = str(grid.get("name", "")).strip()
    axes = [_axis(a, f"axis {i} of {where}", problems) for i, a in enumerate(_listed(grid, "axes", problems), 1)]
    seeds = _seeds(grid, where, problems)
    for seed in seeds:
        for point in itertools.product(*axes):
            at = {label: value for label, value, _ in point}
            told = [name, *(f"{label} {_shown(value)}" for label, value in at.items())]
            told += [f"seed {seed}"] * (len(seeds) > 1)
            yield Run(", ".join(t for t in told if t), tuple(change for _, _, change in point), None, seed, at)


def _axis(given: Any, where: str, problems: Problems) -> list[tuple[str, Any, dict[str, Any]]]:
    """Label, value and change of each point of an axis."""
    axis = _mapping(given, where, problems)
    _keys(axis, _OF_AXIS, where, problems)
    acts = [a for a in ACTIONS if a in axis]
    key = axis.get("policy")
    if len(acts) != 1 or not isinstance(axis.get(acts[0]), list) or not axis[acts[0]]:
        problems.add("scenario_structure", f"{where} needs one of set, times, plus with a list of values")
        return []
    if (key is None) == ("table" not in axis):
        problems.add("scenario_structure", f"{where} needs a policy key, or table and column")
        return []
    place = {"table": POLICY_TABLE, "column": str(key)} if key is not None else _place(axis)
    label = str(axis.get("label") or key or axis.get("column", ""))
    return [(label, value, place | {acts[0]: value}) for value in axis[acts[0]]]


def _place(axis: Mapping[str, Any]) -> dict[str, Any]:
    return {k: axis[k] for k in ("table", "where", "column") if k in axis}


def _seeds(given: Mapping[str, Any], where: str, problems: Problems | None) -> Sequence[int | None]:
    """Seeds of a run's repeats; one ``None`` where nothing is asked for."""
    seeds, repeats = given.get("seeds"), given.get("repeats")
    if seeds is None and repeats is None:
        return (None,)
    if isinstance(seeds, list) and seeds and all(type(s) is int and s >= 0 for s in seeds):
        return seeds
    if seeds is None and type(repeats) is int and 1 <= repeats <= MOST_REPEATS:
        return range(repeats)
    if problems is not None:
        told = f"seeds = {seeds!r}" if seeds is not None else f"repeats = {repeats!r}"
        problems.add("scenario_seed", f"{where}: {told}")
    return (None,)


def _names(runs: Sequence[Run], problems: Problems) -> None:
    seen: set[str] = set()
    for run in runs:
        if not run.name:
            problems.add("scenario_name", "a run has no name", column="name")
        elif run.name.casefold() in seen:
            problems.add("scenario_name", f"{run.name!r} is there twice", column="name", value=run.name)
        seen.add(run.name.casefold())


def _shown(value: Any) -> str:
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)


def _keys(given: Mapping[str, Any], known: set[str], where: str, problems: Problems) -> None:
    if extra := sorted(map(str, set(given) - known)):
        told = f"{where} has {', '.join(extra)}; it may have {', '.join(sorted(known))}"
        problems.add("scenario_structure", told, column=extra[0])


def _mapping(given: Any, where: str, problems: Problems) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    problems.add("scenario_structure", f"{where} is not a table of keys and values")
    return {}


def _listed(given: Mapping[str, Any], key: str, problems: Problems) -> list[Any]:
    found = given.get(key, [])
    if isinstance(found, list):
        return found
    problems.add("scenario_structure", f"{key} is not a list; write [[{key}]]", column=key)
    return []
