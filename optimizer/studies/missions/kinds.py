"""Every finding about patches, events and applied plans, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.tables.checks.kinds import Kind
from optimizer.tables.checks.patch_kinds import PATCH_KINDS

if TYPE_CHECKING:
    pass

__all__ = ["REPLAN_CATALOGUE", "REPLAN_KINDS"]

REPLAN_KINDS: Final[tuple[Kind, ...]] = (
    *PATCH_KINDS,
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
