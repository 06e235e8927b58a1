"""Every finding about what a command is given beside the case: plan documents and lists made by hand."""

from __future__ import annotations

from typing import Final

from optimizer.tables.checks.kinds import Kind

__all__ = ["PLAN_CATALOGUE", "PLAN_KINDS"]

PLAN_KINDS: Final[tuple[Kind, ...]] = (
    Kind("file_not_readable", "error", "the operating system refused to give the file", "Check the path."),
    Kind("malformed_json", "error", "the file is not JSON", "Mend the syntax at the place named."),
    Kind("not_a_plan", "error", "the document is no plan, or one of another kind", "Give the plan.json of a solve."),
    Kind(
        "plan_not_readable",
        "error",
        "something in the plan is missing, of the wrong kind, or does not add up",
        "Give the plan.json as it was written.",
    ),
    Kind(
        "plan_of_another_case",
        "error",
        "the plan answers another case than the one given",
        "Give the case that was solved, or solve this one.",
    ),
    Kind("no_demand", "error", "the entity has no demand for the service", "Remove the row or add a demand."),
    Kind(
        "volume_not_of_case",
        "warning",
        "a list made by hand has a volume that is not that of the case, which alone counts",
        "Change the volume in the case's demands, or leave the column out.",
    ),
)
PLAN_CATALOGUE: Final[dict[str, Kind]] = {k.code: k for k in PLAN_KINDS}
