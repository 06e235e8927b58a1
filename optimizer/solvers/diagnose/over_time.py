"""What arithmetic can say of a dynamic case before any solve: each period by itself, as a steady case.

Rules between periods only take plans away, so a period that no plan can serve proves that there is no path.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from optimizer.solvers.diagnose.structural import structural_findings

if TYPE_CHECKING:
    from optimizer.domain.issues import Issue
    from optimizer.model.time.joint import JointProblem

__all__ = ["findings_over_time"]


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
