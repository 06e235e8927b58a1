"""Findings about planning over time."""

from __future__ import annotations

from typing import Final

from optimizer.tables.checks.kinds import Kind

__all__ = ["TIME_KINDS"]

TIME_KINDS: Final[tuple[Kind, ...]] = (
    Kind("horizon_incomplete", "error", "[horizon] lacks a part that it needs", "Give {parts} in [horizon]."),
    Kind("horizon_start", "error", "the horizon does not start on the first of a month", "Give the first of a month."),
    Kind(
        "horizon_years",
        "error",
        "the horizon does not lie in years that can be meant",
        "Let it begin in {first} or later, and end in {last} or before.",
    ),
    Kind(
        "time_without_horizon",
        "warning",
        "the table or column counts in cases with a horizon only",
        "Add [horizon] to the policy, or remove it.",
    ),
    Kind(
        "path_amounts",
        "error",
        "a path gives none or more than one of value, factor, growth",
        "Give exactly one of the three.",
    ),
    Kind(
        "path_nowhere",
        "error",
        "a path names no figure of the case that may change",
        "{guess}Name a table, the key joined by | (* for any) and one of: {columns}.",
    ),
    Kind("path_repeated", "error", "two paths do the same to a figure on one day", "Keep one; see row {first}."),
    Kind(
        "path_on_blank",
        "error",
        "a factor or growth of a figure that is blank",
        "Give the figure in {of}, or set it here with value.",
    ),
    Kind(
        "path_out_of_range",
        "error",
        "a path takes a figure beyond its limits",
        "Change the path so that the figure stays from {minimum} to {maximum}.",
    ),
    Kind(
        "path_tier_rising",
        "error",
        "paths make unit_cost rise with volume",
        "Change all tiers of the line alike, or lower the later one.",
    ),
    Kind(
        "path_too_long",
        "error",
        "a figure is multiplied too often",
        "Give the figure anew with value; between two values {most} factors and growths are taken.",
    ),
    Kind(
        "path_two_growths",
        "warning",
        "two growths hold for one figure: they compound",
        "Remove one if only one is meant.",
    ),
    Kind(
        "phase_beyond_calendar",
        "error",
        "a phase of an entity's profile goes beyond the calendar",
        "Leave {column} blank where nothing begins or ends, or give the day that is meant.",
    ),
    Kind("profile_unknown", "error", "an entity names a profile that is not there", "{guess}Add it to profiles."),
    Kind(
        "staffing_sum",
        "error",
        "the shares of a provider do not add up to 1",
        "Correct the shares; they add up to {sum}.",
    ),
    Kind("until_before_from", "error", "until is not after from", "Give a day after {start}."),
    Kind(
        "precedence_cycle",
        "error",
        "services wait for each other in a circle",
        "Remove one of the rows of the circle {circle}.",
    ),
    Kind("budget_after_end", "warning", "a budget of a year after the horizon", "Remove it, or lengthen the horizon."),
    Kind(
        "commitment_without_demand", "warning", "a commitment about no demand of the case", "Correct it or remove it."
    ),
    Kind(
        "demand_absent", "info", "a demand is there in no period of the horizon", "Check start, end, profile and paths."
    ),
    Kind(
        "double_running_twice",
        "warning",
        "double running is given by handover_months and by its element: it counts twice",
        "Use one of the two.",
    ),
)
"""In the order in which they are looked for."""
