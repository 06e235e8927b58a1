"""What the command line prints."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from optimizer.domain.issues import Issue
from optimizer.domain.names import RULES
from optimizer.report.compare import diff
from optimizer.report.diff_console import _head as diff_head
from optimizer.report.terminal import print_diff, print_infeasible, print_issues, print_summary
from tests.report.conftest import KINDS, Library


def _console(**options: Any) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=80, **options), out


def _lines(out: io.StringIO) -> list[str]:
    lines = out.getvalue().splitlines()
    assert all(len(line) <= 80 for line in lines)
    return [line.rstrip() for line in lines]


@pytest.mark.parametrize("kind", KINDS)
def test_summary_fits_eighty_columns(library: Library, kind: str) -> None:
    """Any plan prints, in 80 columns, without control characters or colours in a pipe."""
    console, out = _console()
    print_summary(library.plan(kind), console)
    _lines(out)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202f]", out.getvalue())


def test_summary_says_what_matters(library: Library) -> None:
    """Status, proof, cost by term, saving, gap in money, verification, moves, sites, worse off, findings."""
    console, out = _console()
    plan = library.plan("usual")
    print_summary(plan, console)
    lines = _lines(out)
    assert lines[0] == "Valid plan  Test case"
    assert lines[1].startswith("Proven within 0.8 % (USD ")
    assert lines[3] == f"Verified: {len(RULES)} rules and every cost recomputed, no objection"
    running = next(line for line in lines if line.startswith("Running cost"))
    figures = [round(plan[k]["running"]) for k in ("baseline", "cost")]
    assert [int(x.replace(" ", "")) for x in re.split(r" {2,}", running)[1:3]] == figures
    text = "\n".join(lines)
    for words in (
        "Saving a year",
        "Payback",
        "Gap in money",
        "Centres open:",
        "Moves:",
        "Worse off:",
        "Findings: 3 warnings",
    ):
        assert words in text


def test_colours_respect_no_color(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR a terminal gets no colour codes."""
    monkeypatch.setenv("NO_COLOR", "1")
    console, out = _console(force_terminal=True)
    print_summary(library.plan("usual"), console)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", out.getvalue())
    monkeypatch.delenv("NO_COLOR")
    console, out = _console(force_terminal=True, color_system="standard")
    print_summary(library.plan("usual"), console)
    assert re.search(r"\x1b\[[0-9;]*3[0-7]", out.getvalue())


def test_issues_are_grouped_with_place_and_remedy() -> None:
    """Errors first; every error shown; five of a kind of warning; one remedy a group."""
    wrong = [
        Issue(
            "bad_number", "error", f"{v!r} is not a number", "write digits", file="tiers.csv", row=i, column="unit_cost"
        )
        for i, v in enumerate(("x", "[bold]y[/bold]"), start=7)
    ]
    noise = [Issue("not_used", "warning", f"column {i} is not used", file="entities.csv", row=i) for i in range(9)]
    console, out = _console()
    print_issues([*noise, *wrong], console)
    lines = _lines(out)
    assert lines[0] == "Findings: 2 errors, 9 warnings"
    assert lines[1:7] == [
        "tiers.csv",
        "  error bad_number  × 2",
        "    tiers.csv:7 [unit_cost]: 'x' is not a number",
        "    tiers.csv:8 [unit_cost]: '[bold]y[/bold]' is not a number",
        "    → write digits",
        "entities.csv",
    ]
    assert lines[-1] == "    and 4 more of this kind"


def test_no_issues_is_said() -> None:
    """Silence would leave doubt."""
    console, out = _console()
    print_issues([], console)
    assert _lines(out) == ["No findings."]


def test_infeasible_names_findings_and_amounts(library: Library) -> None:
    """Findings first, then what stays unserved."""
    console, out = _console()
    plan = library.plan("infeasible")
    print_infeasible(plan, console)
    text = "\n".join(_lines(out))
    assert text.startswith("No plan keeps every rule")
    assert "by 314.5 FTE" in text
    missing = [a for a in plan["assignments"] if a["provider"] is None]
    assert f"{len(missing)} of {len(plan['assignments'])} demands unserved" in text


def test_infeasible_without_any_plan(library: Library) -> None:
    """Even the least unserved plan may be missing."""
    console, out = _console()
    print_infeasible({**library.plan("nothing"), "assignments": []}, console)
    assert "No plan: not even one" in out.getvalue()


def test_plan_that_serves_nobody(library: Library) -> None:
    """The least unserved plan may leave out everything; that is still a plan."""
    console, out = _console()
    print_infeasible(library.plan("nothing"), console)
    assert "serves nobody" in out.getvalue()


@pytest.mark.parametrize("kind", ["usual", "hostile", "infeasible", "no_baseline", "nothing"])
def test_difference_prints(library: Library, kind: str) -> None:
    """Any two plans of a case can be compared on screen."""
    console, out = _console()
    print_diff(diff(library.plan(kind), library.plan(kind, seed=5)), console)
    assert "• Both plans answer the same case." in _lines(out)


def test_a_given_plan_that_breaks_rules_is_not_called_a_proof_beside_another() -> None:
    """The head of a comparison said ``No plan keeps every rule`` of it."""
    head = {
        "solution": "infeasible",
        "backend": "none",
        "name": "mine",
        "id": "1",
        "created": "now",
        "case_hash": "0" * 12,
    }
    assert "Plan given, breaks rules" in diff_head("A", head).plain
