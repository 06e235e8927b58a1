"""Rules of offers and their tiers."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.validation.findings import Findings
    from optimizer.validation.tables import ParsedTables

__all__ = ["check_lines"]


def check_lines(tables: ParsedTables, findings: Findings) -> None:
    """Tiers belong to offers and fall, offers have a price, regional offers name regions, kinds exist."""
    lines = set(zip(tables["offers"]["provider"], tables["offers"]["service"], strict=True))
    tiers = _tiers_by_line(tables, lines, findings)
    for line, positions in tiers.items():
        _tier_order(tables, line, positions, findings)
    if tables["tiers"].is_whole("provider", "service"):
        _prices(tables, set(tiers), findings)
    _regions(tables, findings)
    _own_only(tables, findings)


def _tiers_by_line(
    tables: ParsedTables, lines: set[tuple[str, str]], findings: Findings
) -> dict[tuple[str, str], list[int]]:
    table = tables["tiers"]
    tiers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at in table.good("provider", "service"):
        line = (table["provider"][at], table["service"][at])
        if line in lines:
            tiers[line].append(at)
        elif tables["offers"].is_whole("provider", "service"):
            told = f"{line[0]} does not offer {line[1]}"
            table.report(findings, "dangling_reference", told, at, "service", value=" | ".join(line), refers="offers")
    return tiers


def _tier_order(tables: ParsedTables, line: tuple[str, str], positions: list[int], findings: Findings) -> None:
    table = tables["tiers"]
    starts, costs = table["from_volume"], table["unit_cost"]
    refused = table.bad.get("from_volume", set()) | table.bad.get("unit_cost", set())
    if refused.intersection(positions):
        return
    ordered = sorted(positions, key=lambda at: (starts[at], at))
    if starts[ordered[0]] != 0:
        table.report(
            findings,
            "tier_first_not_zero",
            f"the first tier of {' | '.join(line)} starts at {starts[ordered[0]]:,g}",
            ordered[0],
            "from_volume",
        )
    for before, at in pairwise(ordered):
        if costs[at] > costs[before] and starts[at] > starts[before]:
            table.report(
                findings,
                "tier_cost_rising",
                f"unit_cost rises from {costs[before]:g} to {costs[at]:g}",
                at,
                "unit_cost",
                previous=f"{costs[before]:g}",
            )


def _prices(tables: ParsedTables, priced: set[tuple[str, str]], findings: Findings) -> None:
    providers, table = tables["providers"], tables["offers"]
    refused = providers.bad.get("cost_per_fte", set())
    rate = {
        p: at in refused or c is not None
        for at, (p, c) in enumerate(zip(providers["id"], providers["cost_per_fte"], strict=True))
    }
    for at in table.good("provider", "service"):
        line = (table["provider"][at], table["service"][at])
        if line not in priced and not rate.get(line[0], True):
            table.report(
                findings,
                "no_price",
                f"{line[0]} offers {line[1]} without tiers or cost_per_fte",
                at,
                "service",
                provider=line[0],
            )


def _regions(tables: ParsedTables, findings: Findings) -> None:
    table, services = tables["offers"], tables["services"]
    regional = {s for s, c in zip(services["id"], services["location_class"], strict=True) if c == "regional"}
    for at in table.good("service", "regions_served"):
        if table["service"][at] in regional and not table["regions_served"][at]:
            table.report(
                findings,
                "regions_missing",
                f"{table['service'][at]} is regional and regions_served is blank",
                at,
                "regions_served",
            )


def _own_only(tables: ParsedTables, findings: Findings) -> None:
    """Without any offers every demand needs own capacity; told once, at the first demand without."""
    if tables["offers"].given or tables["offers"].damaged:
        return
    table = tables["demands"]
    without = [at for at in table.good("own_unit_cost") if table["own_unit_cost"][at] is None]
    if without:
        told = f"there are no offers, and {len(without):,} of {len(table):,} demands have no own_unit_cost"
        table.report(findings, "no_source", told, without[0], "own_unit_cost")
