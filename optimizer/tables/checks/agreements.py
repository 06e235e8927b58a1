"""Service agreements within the tables: targets where they belong, service levels that follow from measurements."""

from __future__ import annotations

from dataclasses import fields
from itertools import starmap
from typing import TYPE_CHECKING, Any

from optimizer.domain.agreements import Agreement, Indicator, Measurement, scores_of

if TYPE_CHECKING:
    from optimizer.domain.policy import Policy
    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.checks.parsed import ParsedTable, ParsedTables

__all__ = ["check_agreements"]


def check_agreements(tables: ParsedTables, policy: Policy, findings: Findings) -> None:
    """A target where there is an indicator and nowhere else; offers whose level is measured are told."""
    table = tables["agreements"]
    for at in table.good("indicator", "target"):
        indicator, target = table["indicator"][at], table["target"][at]
        if bool(indicator) != (target is not None):
            told = f"{indicator} has no target" if indicator else f"a target of {target:g} of no indicator"
            table.report(findings, "agreement_target", told, at, "target" if indicator else "indicator")
    offers = tables["offers"]
    if policy.service_level_from == "measurements" and not findings.has_errors():
        rows = (_rows(kind, tables[name]) for kind, name in _ROWS)
        agreements, indicators, measurements = rows
        known = scores_of(agreements, indicators, measurements, policy.as_of)
        for at in offers.good("provider", "service"):
            score = known.get((offers["provider"][at], offers["service"][at]))
            if score is not None:
                stated = offers["service_level"][at]
                was = "none was stated" if stated is None else f"{stated:g} was stated"
                told = f"{float(score.score):.6f} from {score.measurements:,} measurements; {was}"
                offers.report(findings, "service_level_derived", told, at, "service_level")


_ROWS = ((Agreement, "agreements"), (Indicator, "indicators"), (Measurement, "measurements"))


def _rows(make: type[Any], table: ParsedTable) -> list[Any]:
    return list(starmap(make, zip(*(table[f.name.rstrip("_")] for f in fields(make)), strict=True)))
