"""What arithmetic can say of a dynamic case before any solve: each period by itself, as a steady case.

Rules between periods only take plans away, so a period that no plan can serve proves that there is no path.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from optimizer.domain.issues import Issue
from optimizer.solvers.diagnose.between import Between
from optimizer.solvers.diagnose.between_words import conflict_over_time_issues
from optimizer.solvers.diagnose.conflict import LIMIT_S, conflict_findings
from optimizer.solvers.diagnose.structural import structural_findings

if TYPE_CHECKING:
    from optimizer.domain.params import SolveParams
    from optimizer.model.time.joint import JointProblem, Stage
    from optimizer.solvers.accept.over_time import Judge
    from optimizer.solvers.accept.watch import Watch

__all__ = ["conflicts_over_time", "findings_of_period", "findings_over_time"]


def findings_over_time(joint: JointProblem) -> list[Issue]:
    """Findings of all periods; one that several share is told once, with the first of them and their number."""
    found: dict[tuple[str, str, str], list[tuple[int, Issue]]] = {}
    for t, stage in enumerate(joint.stages, 1):
        for issue in structural_findings(stage.case, stage.problem):
            found.setdefault((issue.code, issue.table, issue.value or issue.message), []).append((t, issue))
    return [_told(members) for members in found.values()]


def _told(members: list[tuple[int, Issue]]) -> Issue:
    first, issue = members[0]
    more = f" and {len(members) - 1} more" if len(members) > 1 else ""
    return replace(issue, message=f"period {first}{more}: {issue.message}")


def conflicts_over_time(
    joint: JointProblem, params: SolveParams, judge: Judge, watch: Watch, left_s: float | None
) -> list[Issue]:
    """Rules in conflict of a case without any path, in words a planner can act on.

    Where a period cannot be served whatever stands before and after it, what a steady case would be told of it;
    else the rules between periods that are needed for the conflict.

    Parameters
    ----------
    joint : JointProblem
    params, judge, watch
        As in ``solve_joint``.
    left_s : float, optional
        Seconds that the caller has left.
    """
    limit = LIMIT_S if left_s is None else min(LIMIT_S, left_s)
    search = Between(joint, params, judge, watch, limit)
    if search.within_periods() == "infeasible":
        found = _of_periods(joint, params, watch)
        if found:
            return found
    shrunk = search.shrunk()
    if shrunk is not None:
        return list(conflict_over_time_issues(joint, shrunk))
    text = f"which rules are in conflict was not found within {limit:g} s"
    return [Issue("conflict_not_found", "warning", text, "give a longer time limit")]


def _of_periods(joint: JointProblem, params: SolveParams, watch: Watch) -> list[Issue]:
    """Findings of the first period that cannot be served by itself."""
    for stage in joint.stages:
        found = findings_of_period(stage, params, watch)
        if any(i.code == "rule_conflict" for i in found):
            return found
    return []


def findings_of_period(stage: Stage, params: SolveParams, watch: Watch) -> list[Issue]:
    """Rules in conflict of a period as a steady case, with its dates."""
    when = f"period {stage.period.number} ({stage.period.begin:%d %B %Y} to {stage.period.end:%d %B %Y})"
    found = conflict_findings(stage.case, stage.problem, params, watch)
    return [replace(i, message=f"{when}: {i.message}") for i in found]
