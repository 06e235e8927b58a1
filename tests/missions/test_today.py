"""A case with an earlier applied plan in it, and events on such a case."""

from __future__ import annotations

import json
from importlib.resources import files

from optimizer.stating import price_case
from optimizer.studies.missions import apply_events, apply_to_current, today
from optimizer.tables import apply_patch
from optimizer.tables.read import case_from_tables

START, CLOSE = json.loads(files("data").joinpath("events/tiny.json").read_text())["events"]


def as_current(tables) -> set[tuple[str, str, str]]:
    return {(r["entity"], r["service"], r["provider"]) for r in tables["current"]}


def by_hand(case):
    """Today's arrangement as a plan document: priced, no solver."""
    return price_case(case, [(c.entity, c.service, c.provider) for c in case.current])


def test_events_one_after_the_other_come_to_what_they_come_to_at_once(tiny) -> None:
    plan = by_hand(tiny)
    at_once = apply_events(tiny, plan, [START, CLOSE]).case
    first = apply_events(tiny, plan, [START]).case
    second = apply_to_current(today(first, plan), [CLOSE]).case
    assert second.case_hash == at_once.case_hash


def test_a_demand_that_the_plan_does_not_know_has_no_provider_of_today(tiny) -> None:
    plan = by_hand(tiny)
    grown = apply_events(tiny, plan, [START]).case
    found = as_current(today(grown, plan))
    assert found == {(a["entity"], a["service"], a["provider"]) for a in plan["assignments"]}
    assert not any(entity == "ECHO" for entity, _, _ in found)


def test_the_plan_wins_over_what_a_newer_revision_says_of_today(tiny) -> None:
    plan = by_hand(tiny)
    row = tiny.tables["current"][0]
    other = next(
        p["id"]
        for p in tiny.tables["providers"]
        if p["id"] != row["provider"] and (p["id"], row["service"]) in tiny.offer
    )
    key = {k: row[k] for k in ("entity", "service")}
    newer, _ = apply_patch(tiny, {"tables": {"current": {"change": [{**key, "provider": other}]}}})
    assert as_current(today(newer, plan)) == as_current(tiny.tables)


def test_the_same_event_again_changes_nothing(tiny) -> None:
    happened = apply_to_current(tiny, [CLOSE])
    assert happened.changed
    again = apply_to_current(case_from_tables(happened.case.tables)[0], [CLOSE])
    assert not again.changed
