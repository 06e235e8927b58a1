"""Exit codes, and the one place where errors become them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from optimizer.cli.streams import written
from optimizer.domain.errors import (
    BackendRefused,
    BackendUnavailable,
    DesignateError,
    InputError,
    OptionsRefused,
    UsageError,
    VerificationFailed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "BAD_INPUT",
    "INFEASIBLE",
    "INTERNAL",
    "NOT_VERIFIED",
    "NO_PLAN",
    "OK",
    "exit_code_of",
    "fail",
    "fail_with",
    "of_error",
    "worst",
]

OK, INTERNAL, BAD_INPUT, INFEASIBLE, NO_PLAN, NOT_VERIFIED = range(6)
"""0 plan, 1 internal failure, 2 bad input or usage, 3 infeasible, 4 no plan in the limits, 5 verification failed."""

_WORST_FIRST = (INTERNAL, NOT_VERIFIED, BAD_INPUT, NO_PLAN, INFEASIBLE, OK)
"""For several cases in one call: what failed comes before what is an answer."""


def worst(codes: Iterable[int]) -> int:
    """The worst of several exit codes: internal failure, not verified, bad input, no plan, infeasible, plan."""
    return min(codes, key=_WORST_FIRST.index, default=OK)


def exit_code_of(plan: Mapping[str, Any]) -> int:
    """Exit code that a plan document stands for."""
    solution = plan["status"]["solution"]
    if plan["verification"]["mismatches"]:
        return NOT_VERIFIED
    if solution == "infeasible":
        return INFEASIBLE
    if solution == "no_solution":
        return INTERNAL if plan["status"]["stopped_by"] == "error" else NO_PLAN
    return OK if plan["verification"]["ok"] else NOT_VERIFIED


def of_error(error: DesignateError) -> int:
    """Exit code of an error."""
    if isinstance(error, InputError | UsageError | BackendRefused | BackendUnavailable):
        return BAD_INPUT
    return NOT_VERIFIED if isinstance(error, VerificationFailed) else INTERNAL


def fail(error: DesignateError, as_json: bool) -> NoReturn:
    """Say what went wrong (all of it) and leave with the right code."""
    if isinstance(error, OptionsRefused) and not as_json:
        from optimizer.report.console import plain

        for issue in error.issues:
            told = plain(f"{issue.place}: {issue.message}: {issue.remedy} ({issue.code})")
            print(f"designate: {told}", file=sys.stderr)  # noqa: T201
        raise SystemExit(of_error(error))
    if isinstance(error, InputError) and not as_json:
        from rich.console import Console

        from optimizer.report.terminal import print_issues

        print_issues(error.issues, Console(stderr=True))
        raise SystemExit(of_error(error))
    issues = [i.as_dict() for i in getattr(error, "issues", ())]  # a refusal of a service may have some too
    told = str(error) if as_json else f"{error} ({error.code})"
    fail_with(error.code, told, of_error(error), as_json, issues)


def fail_with(code: str, told: str, leave: int, as_json: bool, issues: Sequence[Mapping[str, Any]] = ()) -> NoReturn:
    """One line on standard error, or an object on standard output as long as that takes it; then leave."""
    document = {"error": code, "message": told, "issues": list(issues)}
    if not (written(json.dumps(document, indent=1) + "\n" if as_json else "") and as_json):
        print(f"designate: {told}", file=sys.stderr)  # noqa: T201
    raise SystemExit(leave)
