"""Every finding about patches, events and applied plans, once; and what collects them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.issues import Issue, has_errors, sort_issues
from optimizer.errors import InputError
from optimizer.validation.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["REPLAN_CATALOGUE", "REPLAN_KINDS", "Problems"]

REPLAN_KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "patch_structure",
        "error",
        "a patch is not of the shape of a patch",
        "Give an object with `tables` (table: add, change, remove) and `policy` (key: value, null = default).",
    ),
    Kind("patch_unknown_table", "error", "a patch names a table that no case has", "{guess}Tables are: {tables}."),
    Kind(
        "patch_unknown_column",
        "error",
        "a patch names a column that the table does not have",
        "{guess}Remove or rename the column.",
    ),
    Kind(
        "patch_unknown_policy",
        "error",
        "a patch names a policy key that does not exist",
        "{guess}Remove or rename the key.",
    ),
    Kind("patch_key_missing", "error", "a row of a patch does not give its whole key", "Give {key}."),
    Kind(
        "patch_no_such_row",
        "error",
        "the row to change or remove is not in the case",
        "Correct the key, or add the row.",
    ),
    Kind("patch_row_exists", "error", "the row to add is in the case already", "Change it instead."),
    Kind(
        "patch_key_changed",
        "error",
        "rows of this table have no key, so none can be changed",
        "Remove the row, giving all its cells, and add the new one.",
    ),
    Kind("patch_twice", "error", "one patch touches a row twice", "Say it once."),
    Kind(
        "patch_place_settled",
        "info",
        "the place changed, so what followed from the old one is looked up again",
        "Give latitude, longitude, time_zone and weekend if the tables are not right.",
    ),
    Kind("events_structure", "error", "the events are not of the shape of events", "Give {shape}."),
    Kind(
        "event_date",
        "error",
        "an event has no date of the form YYYY-MM-DD",
        "{hint}Write the date as YYYY-MM-DD, e.g. 2026-07-01.",
    ),
    Kind(
        "event_unknown_entity",
        "error",
        "the event names an entity that the case does not have",
        "{guess}Correct the id, or start the entity first.",
    ),
    Kind(
        "event_entity_exists",
        "error",
        "an entity that starts is in the case already, with other values",
        "Use a `change`, or another id.",
    ),
    Kind(
        "event_start_later",
        "error",
        "the entity's start is after the date of the event",
        "Leave start blank, or send the event with that date.",
    ),
    Kind("event_conflict", "error", "two events contradict each other", "Keep one of {first} and {second}."),
    Kind("event_repeated", "info", "the same event was given twice and counts once", "Nothing need be done."),
    Kind(
        "event_already_applied",
        "info",
        "the event has been applied before and changes nothing",
        "Nothing need be done.",
    ),
    Kind(
        "event_sets_as_of",
        "error",
        "a change sets the policy's as_of, which the dates of the events set",
        "Leave as_of out of the patch.",
    ),
    Kind(
        "event_late",
        "warning",
        "the event is dated before the case's as_of, which stays",
        "Check the date if unexpected.",
    ),
    Kind(
        "plan_not_this_case",
        "error",
        "the applied plan is not a plan of this case",
        "Give the case and the plan that belong together.",
    ),
    Kind(
        "plan_not_readable",
        "error",
        "the applied plan is not a designate.plan/1 document with assignments",
        "Give the plan.json as it was written.",
    ),
    Kind(
        "max_moves_below_least",
        "error",
        "the policy allows fewer moves than any plan needs",
        "Raise max_moves to {least}, or remove it.",
    ),
    Kind(
        "max_moves_caps_budget",
        "info",
        "the policy's max_moves holds: it is smaller than m* and the budget",
        "Raise max_moves to allow more.",
    ),
)

REPLAN_CATALOGUE: Final[dict[str, Kind]] = {k.code: k for k in REPLAN_KINDS}


class Problems:
    """Findings of one call; errors are raised together at the end."""

    def __init__(self) -> None:
        self.found: list[Issue] = []

    def add(
        self,
        code: str,
        message: str,
        *,
        table: str = "",
        row: int | None = None,
        column: str = "",
        value: str = "",
        **facts: Any,
    ) -> None:
        """Record one; ``facts`` fill the remedy's placeholders."""
        kind = REPLAN_CATALOGUE[code]
        remedy = kind.remedy.format_map(defaultdict(str, facts))
        self.found.append(
            Issue(code, kind.severity, message, remedy, table=table, row=row, column=column, value=value[:200])
        )

    def raise_errors(self, more: Iterable[Issue] = ()) -> None:
        """Raise ``InputError`` with everything found when any is an error."""
        everything = [*self.found, *more]
        if has_errors(everything):
            raise InputError(sort_issues(everything))
