"""Checked columns to the frozen case."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import compress, starmap
from typing import TYPE_CHECKING, Any

from optimizer.domain.agreements import Agreement, Indicator, Measurement, Survey, scores_of
from optimizer.domain.case import Case
from optimizer.domain.time_rows import (
    Budget,
    Commitment,
    Freeze,
    PathRow,
    Precedence,
    ProfileRow,
    StaffingRow,
)
from optimizer.domain.types import (
    Assumption,
    CurrentRow,
    Decision,
    Demand,
    Entity,
    Offer,
    Provider,
    Service,
    Tier,
    WorkPattern,
)
from optimizer.tables.canonical import canonical_tables
from optimizer.tables.places.reference import countries

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.domain.agreements import Score
    from optimizer.domain.issues import Issue
    from optimizer.domain.policy import Policy
    from optimizer.tables.checks.parsed import ParsedTable, ParsedTables
    from optimizer.tables.places.locate import Located

__all__ = ["build_case"]


def build_case(tables: ParsedTables, policy: Policy, name: str, issues: tuple[Issue, ...] = ()) -> Case:
    """Case from sorted tables without errors, places and volumes settled.

    A case with a horizon keeps all entities: ``only_present`` leaves out what is there in no period.
    """
    entities = _located(Entity, tables["entities"], _ENTITY)
    present = [policy.horizon is not None or e.in_case(policy.as_of) for e in entities]
    providers = _located(Provider, tables["providers"], _PROVIDER)
    codes = {x.place.country for x in (*entities, *providers)}
    agreements, indicators, measurements = (
        _rows(Agreement, tables["agreements"]),
        _rows(Indicator, tables["indicators"]),
        _rows(Measurement, tables["measurements"]),
    )
    scores = {}
    if policy.service_level_from == "measurements":
        scores = scores_of(agreements, indicators, measurements, policy.as_of)
    return Case(
        policy=policy,
        entities=tuple(compress(entities, present)),
        services=_rows(Service, tables["services"]),
        demands=_demands(tables["demands"]),
        providers=tuple(providers),
        offers=tuple(_measured(o, scores.get(o.key)) for o in _rows(Offer, tables["offers"])),
        tiers=_rows(Tier, tables["tiers"]),
        current=_rows(CurrentRow, tables["current"]),
        decisions=_rows(Decision, tables["decisions"]),
        assumptions=_rows(Assumption, tables["assumptions"]),
        countries={c: countries()[c] for c in sorted(codes)},
        absent_entities=tuple(e for e, there in zip(entities, present, strict=True) if not there),
        tables=canonical_tables(tables, policy),
        name=name,
        issues=issues,
        paths=_rows(PathRow, tables["paths"]),
        profiles=_rows(ProfileRow, tables["profiles"]),
        staffing=_rows(StaffingRow, tables["staffing"]),
        freezes=_rows(Freeze, tables["freezes"]),
        precedence=_rows(Precedence, tables["precedence"]),
        budgets=_rows(Budget, tables["budgets"]),
        commitments=_rows(Commitment, tables["commitments"]),
        agreements=agreements,
        indicators=indicators,
        measurements=measurements,
        surveys=_rows(Survey, tables["surveys"]),
    )


def _measured(offer: Offer, score: Score | None) -> Offer:
    """The offer with the service level that was measured, to six decimals, in place of the stated one."""
    return offer if score is None else replace(offer, service_level=round(float(score.score), 6))


def _rows(make: type[Any], table: ParsedTable) -> tuple[Any, ...]:
    """Objects whose fields are called like the columns, ``from_`` like ``from``."""
    return tuple(starmap(make, zip(*(table[f.name.rstrip("_")] for f in fields(make)), strict=True)))


_ENTITY = [
    "id",
    "name",
    "headcount",
    "kind",
    "organisation",
    "languages",
    "hardship_class",
    "start",
    "end",
    "lead_preference",
    "profile",
]
_PROVIDER = [
    "id",
    "name",
    "kind",
    "status",
    "organisation",
    "languages",
    "capacity_fte",
    "base_fte",
    "min_fte",
    "setup_cost",
    "site_fixed_cost",
    "cost_per_fte",
    "hardship_class",
    "start",
    "end",
    "absorb_fte",
    "exit_cost",
    "rent",
    "rent_free_until",
    "reserve_opening",
    "reserve_min",
]


def _located(make: Callable[..., Any], table: ParsedTable, names: list[str]) -> list[Any]:
    """Entities or providers, with place and working time."""
    places: list[Located] = table["located"]
    hours = zip(table["work_start"], table["work_end"], strict=True)
    patterns = [WorkPattern(p.time_zone, *h, p.weekend) for p, h in zip(places, hours, strict=True)]
    rows = zip(*(table[n] for n in names), strict=True)
    return [
        make(place=p.place, work=work, **dict(zip(names, row, strict=True)))
        for p, work, row in zip(places, patterns, rows, strict=True)
    ]


def _demands(table: ParsedTable) -> tuple[Demand, ...]:
    """Active demands only."""
    columns = ("entity", "service", "settled", "basis", "own_unit_cost", "own_fixed_cost")
    rows = zip(*(table[c] for c in columns), strict=True)
    return tuple(starmap(Demand, compress(rows, table["active"])))
