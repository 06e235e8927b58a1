"""Findings about single cells and about places."""

from __future__ import annotations

from typing import Final

from optimizer.tables.checks.kinds import Kind

__all__ = ["CELL_KINDS"]

CELL_KINDS: Final[tuple[Kind, ...]] = (
    Kind("required_value", "error", "a required cell is blank", "Fill in {column}."),
    Kind("reason_missing", "error", "a decision has no reason", "Say why; the reason is shown with the decision."),
    Kind(
        "bad_number",
        "error",
        "the cell is not a number",
        "{hint}Write digits and a decimal sign (a point; a comma where semicolons or tabs separate cells), no mark "
        "between thousands, no unit or percent sign.",
    ),
    Kind(
        "ambiguous_number",
        "error",
        "the cell may be meant in thousands or with decimals",
        "{hint}Write one of the two.",
    ),
    Kind("negative_number", "error", "a number that must not be negative is", "Give a number of 0 or more."),
    Kind("not_positive", "error", "a number that must be above 0 is not", "Give a number above 0."),
    Kind("too_many_decimals", "error", "a number has more than six decimals", "Round it to six decimals."),
    Kind("not_whole", "error", "a whole number has decimals", "Give a number without decimals."),
    Kind("out_of_range", "error", "a number is outside its limits", "Give a number from {minimum} to {maximum}."),
    Kind("bad_flag", "error", "the cell is neither yes nor no", "Write yes or no."),
    Kind("bad_date", "error", "the cell is not a date", "{hint}Write the date as YYYY-MM-DD, e.g. 2026-07-01."),
    Kind("bad_time", "error", "the cell is not a time of day", "{hint}Write the time as HH:MM, from 00:00 to 23:59."),
    Kind("bad_weekday", "error", "the cell names no day of the week", "Write days as Mon;Tue;Wed;Thu;Fri;Sat;Sun."),
    Kind(
        "bad_time_zone",
        "error",
        "the time zone is not in the IANA list",
        "{guess}Write an IANA name such as Africa/Nairobi.",
    ),
    Kind(
        "zone_without_place",
        "warning",
        "the time zone is a fixed offset or a name that stands for no place",
        "Name the zone of the place, such as Africa/Nairobi.",
    ),
    Kind("bad_language", "error", "the language is not an ISO 639-1 code", "{guess}Write two letters such as en;fr."),
    Kind(
        "bad_country",
        "error",
        "the country is not an ISO 3166-1 alpha-2 code",
        "{guess}Write two letters such as KE; Kosovo is XK.",
    ),
    Kind(
        "unknown_region",
        "error",
        "the region is neither a country code nor an M49 name",
        "{guess}Write alpha-2 codes or M49 names such as Eastern Africa.",
    ),
    Kind("unknown_choice", "error", "the cell is none of the values allowed", "{guess}Write one of: {choices}."),
    Kind(
        "bad_id",
        "error",
        "an id holds ; or | or a line break, or begins or ends with a space",
        "Use letters, digits, spaces inside, and - _ . / only.",
    ),
    Kind("reserved_id", "error", "an id has a meaning of its own (OWN, *, kind:…)", "Choose another id."),
    Kind("text_too_long", "error", "a text is longer than allowed", "Shorten it to {maximum} characters."),
    Kind(
        "bad_character",
        "error",
        "a cell holds control characters or broken Unicode",
        "Retype the cell without it; a � means that text was lost earlier.",
    ),
    Kind("repeated_item", "warning", "a list names an item twice", "Remove the repetition."),
    Kind("bad_coordinate", "error", "the cell is not an angle", "Write decimal degrees such as -1.2921, or 1°17′S."),
    Kind(
        "coordinate_range",
        "error",
        "latitude or longitude is beyond its limits",
        "Give {column} from {minimum} to {maximum} degrees; check that the two are not swapped.",
    ),
    Kind("half_coordinates", "error", "only one of latitude and longitude is given", "Give both, or a city."),
    Kind(
        "place_missing", "error", "there is neither a city nor coordinates", "Fill in city, or latitude and longitude."
    ),
    Kind(
        "unknown_place",
        "error",
        "the gazetteer does not know the city",
        "{guess}Give latitude, longitude, country and time_zone.",
    ),
    Kind(
        "ambiguous_place",
        "error",
        "several places have this name",
        "Give country, or latitude and longitude of one of: {candidates}.",
    ),
    Kind(
        "country_differs",
        "error",
        "the city lies in another country than the one given",
        "Correct country or city; known: {candidates}.",
    ),
    Kind(
        "place_chosen",
        "warning",
        "one of several places of this name was taken, by far the clearest",
        "Check it; if it is wrong give latitude and longitude. Others: {candidates}.",
    ),
    Kind("place_by_other_name", "info", "the city was found under another name of a place", "Check it."),
    Kind(
        "place_found_online",
        "warning",
        "the city was looked up in an online service",
        "Check it and write latitude, longitude, country and time_zone into the table.",
    ),
    Kind(
        "geocoder_failed",
        "error",
        "the online place service gave no answer",
        "Try again later or give latitude and longitude.",
    ),
    Kind("country_from_place", "info", "the country was taken from the place", "Fill in country to be explicit."),
    Kind("country_unknown", "error", "no country is given and no known place is near", "Fill in country."),
    Kind(
        "point_far_from_country",
        "warning",
        "the coordinates lie more than 100 km outside the country",
        "{hint}Check latitude, longitude and country.",
    ),
    Kind(
        "point_far_from_city",
        "warning",
        "the coordinates, which win, lie far from the city that is named",
        "Check city, latitude and longitude; known is {nearest}.",
    ),
    Kind(
        "time_zone_from_nearest",
        "warning",
        "the time zone was taken from the nearest known place",
        "Check it and fill in time_zone.",
    ),
    Kind("time_zone_missing", "error", "no time zone is given and no known place is near", "Fill in time_zone."),
    Kind(
        "country_without_data",
        "error",
        "the packaged country table has no entry for the country",
        "Use the code of the country that administers the territory.",
    ),
)
"""In the order of reading: any cell, then places."""
