"""What may be wrong with the tables of a location study, and how to mend it."""

from __future__ import annotations

from typing import Final

from optimizer.tables.checks.kinds import Kind

__all__ = ["LOCATION_CATALOGUE"]


def _error(code: str, meaning: str, remedy: str) -> Kind:
    return Kind(code, "error", meaning, remedy)


LOCATION_KINDS: Final[tuple[Kind, ...]] = (
    _error(
        "tables_not_found",
        "there is neither a folder nor a JSON document",
        "Give a folder with criteria.csv, scores.csv and weights.csv.",
    ),
    _error("table_not_readable", "a document is not JSON", "Mend the JSON document."),
    _error("table_missing", "one of the three tables is not there", "Add it."),
    _error("table_empty", "a table has no rows", "Add rows to it."),
    _error("missing_column", "a table lacks a column that it must have", "Add it."),
    _error("unknown_column", "a table has a column that it may not have", "Columns are {known}."),
    _error("bad_number", "a figure is no number", "Give a number."),
    _error("missing_value", "a row does not say what it is about", "Name it."),
    _error("duplicate_id", "the same thing is given twice", "Keep one, or tell them apart."),
    _error("bad_direction", "a direction is neither of the two", "Write higher or lower."),
    _error(
        "scale_reversed",
        "the ends of a scale do not go with its direction",
        "Give both ends, exchange them, or change direction.",
    ),
    _error("unknown_reference", "a row names what criteria do not have", "Add it to criteria, or correct the name."),
    _error("negative", "a weight is below 0", "Give 0 or more."),
    _error("no_weight", "a preset weighs nothing", "Give one."),
    _error("unknown_preset", "there are no such weights", "Choose one of {known}."),
    _error("unknown_place", "there are no scores of a place", "Add rows to scores, or choose another place."),
    _error("few_places", "there is nothing to compare", "Name more places."),
    _error("missing_score", "a place has no value of a criterion that counts", "Give the value{more}."),
)
LOCATION_CATALOGUE: Final = {kind.code: kind for kind in LOCATION_KINDS}
