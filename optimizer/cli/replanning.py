"""What ``designate reoptimise`` reads, runs, writes and prints."""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.cli import output
from optimizer.cli.exits import OK, exit_code_of
from optimizer.errors import UsageError
from optimizer.io.files import write_text_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from optimizer.domain.case import Case
    from optimizer.params import SolveParams

__all__ = ["Targets", "exit_code", "prepare", "read_budgets", "run", "show", "write"]


@dataclass(frozen=True, slots=True)
class Targets:
    """Files to write, as far as asked."""

    result: Path | None
    case: Path | None
    plan: Path | None


def read_budgets(text: str) -> list[int]:
    """``0,1,2`` as numbers; ``UsageError`` for anything else."""
    try:
        wanted = [int(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"--budgets is a list of whole numbers such as 0,1,2,5,10, not {text!r}") from None
    if min(wanted) < 0:
        raise UsageError("--budgets are extra moves, 0 or more")
    return wanted


def prepare(case: Path, result: Path | None, new_case: Path | None, plan: Path | None) -> Targets:
    """Try every target before anything is solved."""
    given = [p for p in (result, new_case, plan) if p is not None]
    if len({p.resolve() for p in given}) < len(given):
        raise UsageError("--out, --new-case and --new-plan name one file twice")
    if new_case is not None and new_case.suffix != ".json":
        raise UsageError(f"{new_case} does not end in .json")
    for path in given:
        if os.path.exists(case) and path.resolve() == case.resolve():
            raise UsageError(f"{path} is the case; name another file")
        output.prepare(case, path, None, None)
    return Targets(result, new_case, plan)


def run(
    case: Case, plan: Mapping[str, Any], events: Any, params: SolveParams, budgets: list[int], *, quiet: bool
) -> dict[str, Any]:
    """Re-optimise with progress on a terminal; Ctrl-C keeps what is found."""
    from optimizer.cli.interrupts import Interrupts
    from optimizer.cli.progress import ProgressLine
    from optimizer.replan.run import reoptimise
    from optimizer.solving.solve import Watch

    logging.getLogger("optimizer").addHandler(logging.NullHandler())
    with Interrupts() as stop, ProgressLine(quiet=quiet) as line:
        return reoptimise(case, plan, events, params, budgets=budgets, watch=Watch(on_progress=line, cancelled=stop))


def write(result: Mapping[str, Any], targets: Targets) -> None:
    """Write what was asked for; a plan only when there is one."""
    for path, content in ((targets.result, result), (targets.case, result["case"])):
        if path is not None:
            write_text_atomic(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    if targets.plan is not None and result["plans"]:
        write_text_atomic(targets.plan, json.dumps(result["plans"][0], indent=1, ensure_ascii=False) + "\n")


def exit_code(result: Mapping[str, Any]) -> int:
    """That of the first point's plan; 0 when nothing changed."""
    return exit_code_of(result["plans"][0]) if result["plans"] else OK


def show(result: Mapping[str, Any], as_json: bool) -> None:
    """The result on standard output, as text or as JSON."""
    if as_json:
        plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
        json.dump(result, sys.stdout, indent=1, ensure_ascii=plain)
        sys.stdout.write("\n")
        return
    from rich.console import Console

    from optimizer.report.replan_console import print_reoptimisation

    print_reoptimisation(result, Console())
