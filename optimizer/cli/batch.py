"""Several cases solved in one call: each with its own files, none lost by what happens to another."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.cli import output
from optimizer.cli.exits import INTERNAL, NO_PLAN, exit_code_of, of_error, worst
from optimizer.cli.interrupts import Interrupted, Interrupts
from optimizer.domain.errors import DesignateError, InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from optimizer.cli.options import Reading
    from optimizer.domain.params import SolveParams
    from optimizer.solvers.accept.solve import Watch

__all__ = ["Job", "Targets", "jobs_of", "run", "show"]

SCHEMA: Final = "designate.batch/1"
SHOWN: Final = ("run", "status", "bounds", "cost", "savings", "verification", "issues", "horizon")
"""Blocks of a plan that the table needs; whole plans of many large cases would fill the memory."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the outputs go, as far as asked: files for one case, folders for several."""

    out: Path | None
    tables: Path | None
    report: Path | None
    language: str = "en"

    def of(self, label: str) -> Targets:
        """Those of one of several cases."""
        return Targets(
            None if self.out is None else self.out / f"{label}.json",
            None if self.tables is None else self.tables / label,
            None if self.report is None else self.report / f"{label}.html",
            self.language,
        )

    def named(self) -> dict[str, str]:
        """Paths by what they hold, as text."""
        given = {"plan": self.out, "tables": self.tables, "report": self.report}
        return {k: str(p) for k, p in given.items() if p is not None}


@dataclass(frozen=True, slots=True)
class Job:
    """One case to solve, its label, its files."""

    case: Path
    label: str
    targets: Targets


def jobs_of(cases: Sequence[Path], targets: Targets) -> list[Job]:
    """One job for each case, every target tried before anything is solved.

    Raises
    ------
    UsageError
        A target is no folder, or cannot be written to.
    """
    for path in (targets.out, targets.report):
        if path is not None and (path.suffix.lower() in (".json", ".html") or path.is_file()):
            raise UsageError(f"{path} is a file; with several cases, name a folder that gets a file for each")
    jobs = [Job(c, name, targets.of(name)) for c, name in zip(cases, _labels(cases), strict=True)]
    for job in jobs:
        output.prepare(job.case, job.targets.out, job.targets.tables, job.targets.report)
    return jobs


def _labels(cases: Sequence[Path]) -> list[str]:
    """A name of its own for each case: that of its file or folder, with its parent's or a number where needed."""
    places = [c.resolve() for c in cases]
    names = [p.name if p.is_dir() else p.stem for p in places]
    often = Counter(n.casefold() for n in names)
    names = [f"{p.parent.name}-{n}" if often[n.casefold()] > 1 else n for p, n in zip(places, names, strict=True)]
    taken: set[str] = set()
    out = []
    for name in names:
        label, number = name, 1
        while label.casefold() in taken:  # some file systems do not tell A from a
            number += 1
            label = f"{name}-{number}"
        taken.add(label.casefold())
        out.append(label)
    return out


def run(
    jobs: Sequence[Job], params: SolveParams, *, name: str, how: Reading, quiet: bool, whole: bool = False
) -> dict[str, Any]:
    """Solve the cases one after the other in one pool of solver processes.

    Ctrl-C keeps the best plan of the case in hand and ends there; twice, it ends at once. What was done stays.

    Parameters
    ----------
    jobs : sequence of Job
    params : SolveParams
        The limits hold for each case.
    name : str
        Label of the runs.
    online : bool
        Look unknown places up over the network.
    quiet : bool
        Show no progress.
    whole : bool
        Keep whole plan documents in the result, not only what its table shows.

    Returns
    -------
    dict
        ``designate.batch/1``: ``exit_code`` (the worst one), ``runs``: for each case ``case``, ``label``,
        ``exit_code``, ``seconds``, ``files``, ``error`` (code, message, issues) or ``plan``, the plan document.
    """
    from optimizer.cli.progress import ProgressLine
    from optimizer.solvers.accept.solve import Watch

    logging.getLogger("optimizer").addHandler(logging.NullHandler())
    runs: list[dict[str, Any]] = []
    with Interrupts() as stop:
        for number, job in enumerate(jobs, 1):
            if stop.asked:
                break
            try:
                with ProgressLine(quiet=quiet, title=f"{number}/{len(jobs)} {job.label}") as line:
                    watch = Watch(on_progress=line, cancelled=stop)
                    row = _solved(job, params, watch, name, how)
                if row["plan"] is not None and not whole:
                    row["plan"] = {k: row["plan"][k] for k in SHOWN if k in row["plan"]}
                runs.append(row)
            except Interrupted:
                break
    told = "interrupted before there was an answer"
    runs += [_failed(j, "interrupted", told, NO_PLAN, 0.0) for j in jobs[len(runs) :]]
    return {"schema": SCHEMA, "exit_code": worst(r["exit_code"] for r in runs), "runs": runs}


def _solved(job: Job, params: SolveParams, watch: Watch, name: str, how: Reading) -> dict[str, Any]:
    """One case, whatever happens to it."""
    from optimizer.cli.options import read_case_of
    from optimizer.pipeline import solve_any

    began = time.monotonic()
    try:
        case, issues = read_case_of(job.case, how)
        plan = solve_any(case, params, issues=issues, watch=watch, name=name)
        output.write_plan(plan, case, job.targets.out, job.targets.tables, job.targets.report, job.targets.language)
    except DesignateError as error:
        found = [i.as_dict() for i in error.issues] if isinstance(error, InputError) else []
        return _failed(job, error.code, str(error), of_error(error), time.monotonic() - began, found)
    except Exception as error:  # the others must not be lost with it
        if os.environ.get("DESIGNATE_DEBUG"):
            raise
        told = f"internal failure: {type(error).__name__}: {error}"
        return _failed(job, "internal_error", told, INTERNAL, time.monotonic() - began)
    row = _row(job, exit_code_of(plan), time.monotonic() - began)
    return {**row, "files": job.targets.named(), "error": None, "plan": plan}


def _row(job: Job, code: int, seconds: float) -> dict[str, Any]:
    return {"case": str(job.case), "label": job.label, "exit_code": code, "seconds": round(seconds, 3)}


def _failed(
    job: Job, code: str, message: str, leave: int, seconds: float, issues: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    error = {"code": code, "message": message, "issues": list(issues)}
    return {**_row(job, leave, seconds), "files": {}, "error": error, "plan": None}


def show(result: Mapping[str, Any], as_json: bool) -> None:
    """The table of all cases and what went wrong, or everything as JSON with the plans in it."""
    if as_json:
        output.echo(result)
        return
    from rich.console import Console

    from optimizer.report.batch_console import print_batch

    print_batch(result, Console())
