"""What the command writes and prints. Files are written whole or not at all."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from optimizer.domain.errors import UsageError
from optimizer.domain.steady import is_over_time
from optimizer.files import is_special, write_text_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue
    from optimizer.verify.checker import VerificationReport

__all__ = [
    "echo",
    "note_stop",
    "prepare",
    "prepare_folder",
    "show_diff",
    "show_digest",
    "show_done",
    "show_issues",
    "show_plan",
    "show_rows",
    "show_verification",
    "show_why",
    "write_plan",
]


def prepare(case: Path, out: Path | None, tables: Path | None, report: Path | None) -> None:
    """Make the folders of all targets and try them, before hours are spent solving."""
    files = [path for path in (out, report) if path is not None]
    for path in files:
        if os.path.isdir(path):
            raise UsageError(f"{path} is a folder; name a file")
    if tables is not None and os.path.exists(tables) and not tables.is_dir():
        raise UsageError(f"{tables} is a file; name a folder")
    places = [path.resolve() for path in files]
    if len(set(places)) < len(places):
        raise UsageError("the plan and the report cannot go into one file")
    if tables is not None and tables.resolve() == case.resolve():
        raise UsageError(f"{tables} holds the case; its tables would be overwritten, name another folder")
    inputs = {case.resolve(), *(f.resolve() for f in (case.iterdir() if case.is_dir() else ()) if _is_input(f))}
    for path in files:
        if path.resolve() in inputs:
            raise UsageError(f"{path} is part of the case; name another file")
    for path in files if tables is None else [*files, tables]:
        if is_special(path):
            continue  # a device or a pipe is written into, its folder is not
        prepare_folder(path.parent)
        if len(os.fsencode(path.name)) > 255:
            raise UsageError(f"{path.name[:40]}… is too long for a file's name")


def _is_input(path: Path) -> bool:
    return path.suffix.lower() in (".csv", ".toml", ".xlsx")


def prepare_folder(folder: Path) -> None:
    """Make a folder and try to write into it; ``UsageError`` when that does not go."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"cannot write into {folder}: {error.strerror}") from error


def write_plan(
    plan: dict[str, Any],
    case: Case,
    out: Path | None,
    tables: Path | None,
    report: Path | None,
    language: str = "en",
) -> None:
    """Write the plan document, its tables and its report, as asked; workbook and report in a language."""
    if out is not None:
        write_text_atomic(out, json.dumps(plan, indent=1, ensure_ascii=False) + "\n")
    if tables is not None:
        from optimizer.plan.tables import write_plan_tables
        from optimizer.report.workbook import plan_book

        write_plan_tables(plan, tables, plan_book(plan, case, language))
    if report is not None:
        from optimizer.report import write_report

        write_report(plan, case, report, language=language)


def show_plan(plan: Mapping[str, Any], as_json: bool) -> None:
    """The plan's summary on standard output, or the whole document as JSON."""
    if as_json:
        echo(plan)
        return
    from rich.console import Console

    from optimizer.report.terminal import print_infeasible, print_summary
    from optimizer.report.time.console import print_over_time

    if is_over_time(plan):
        print_over_time(plan, Console())
        return
    show = print_infeasible if plan["status"]["solution"] == "infeasible" else print_summary
    show(plan, Console())


def note_stop(plan: Mapping[str, Any]) -> None:
    """Say on standard error what went wrong on the way to a plan, if anything did."""
    if plan["status"]["stopped_by"] in ("error", "memory"):
        held = "no plan so far" if plan["bounds"]["objective"] is None else "the best plan so far is kept"
        what = plan["status"]["detail"].partition("; its last output")[0]
        typer.echo(f"designate: {what}; {held}", err=True)


def show_done(text: str, as_json: bool, **facts: object) -> None:
    """What a command that only writes files has done."""
    if as_json:
        echo(facts)
    else:
        typer.echo(text)


def show_issues(issues: Sequence[Issue], as_json: bool) -> None:
    """Validation findings."""
    if as_json:
        echo({"ok": not any(i.severity == "error" for i in issues), "issues": [i.as_dict() for i in issues]})
        return
    from rich.console import Console

    from optimizer.report.terminal import print_issues

    print_issues(issues, Console())


def show_verification(report: VerificationReport, as_json: bool, *, over_time: bool = False) -> None:
    """What the verifier says."""
    if as_json:
        echo(report.as_dict())
        return
    for line in verification_lines(report, over_time=over_time):
        typer.echo(line)


def verification_lines(report: VerificationReport, *, over_time: bool = False) -> list[str]:
    """The verifier's report as text, one finding a line; one line in all for a plan of another case."""
    if not report.rules:
        stated, here = (m[:12] for m in (report.mismatches[0].stated, report.mismatches[0].recomputed))
        return [f"NOT verified: the plan was made for another case, {stated}…, and this one is {here}…"]
    lines = [f"{'verified' if report.ok else 'NOT verified'} (checker {report.checker_version})"]
    for rule in report.rules:
        mark = "ok  " if not rule.violations else "BAD "
        lines.append(f"  {mark}{rule.rule}: {rule.checked} checked, {len(rule.violations)} violation(s)")
        lines += [f"        {v}" for v in rule.violations[:20]]
    lines += [f"  MISMATCH {m.path}: stated {m.stated!r}, recomputed {m.recomputed!r}" for m in report.mismatches[:50]]
    if len(report.mismatches) > 50:
        lines.append(f"  ... and {len(report.mismatches) - 50} more mismatches")
    if report.cost_recomputed is not None:
        span = "over the whole time" if over_time else "a year"
        lines.append(f"  total recomputed: {report.cost_recomputed['total']:,.2f} {span}")
    return lines


def show_rows(
    columns: Sequence[str], rows: Sequence[Sequence[str]], raw: Sequence[Mapping[str, Any]], none: str, as_json: bool
) -> None:
    """A list as a table; as JSON, ``items`` as they came."""
    if as_json:
        echo({"items": list(raw)})
        return
    if not rows:
        typer.echo(none)
        return
    from rich.console import Console

    from optimizer.report.console import grid

    Console().print(grid([(c, False) for c in columns], rows))


def show_digest(digest: Mapping[str, Any], as_json: bool) -> None:
    """What schedules brought."""
    if as_json:
        echo(digest)
        return
    from rich.console import Console

    from optimizer.report.digest_console import print_digest

    print_digest(digest, Console())


def show_diff(changes: Mapping[str, Any], as_json: bool) -> None:
    """What changed between two plans."""
    if as_json:
        echo(changes)
        return
    from rich.console import Console

    from optimizer.report.terminal import print_diff

    print_diff(changes, Console())


def show_why(answer: Mapping[str, Any], as_json: bool) -> None:
    """Every provider of one demand."""
    if as_json:
        echo(answer)
        return
    from rich.console import Console

    from optimizer.report.why_console import print_why

    print_why(answer, Console())


def echo(value: Mapping[str, Any]) -> None:
    """A document on standard output; only ASCII where the terminal cannot show more."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    json.dump(value, sys.stdout, indent=1, ensure_ascii=plain)
    sys.stdout.write("\n")
