"""Volumes of demands: as given, or estimated from headcount; and which demands are active."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from optimizer.domain.types import MICRO, Basis, micro
from optimizer.tables.schema import VOLUME_MAX

if TYPE_CHECKING:
    from datetime import date

    from optimizer.domain.policy import Policy
    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.checks.parsed import ParsedTable, ParsedTables

__all__ = ["settle_volumes"]


def settle_volumes(tables: ParsedTables, policy: Policy, findings: Findings) -> set[tuple[str, str]]:
    """Fill blank volumes with headcount × units_per_head, to six decimals.

    Adds the columns ``settled`` (volume), ``basis`` and ``active`` to ``demands``. Active are demands
    with volume above 0 of entities present at ``as_of``; their keys are returned. With a horizon all demands are
    active here: which of them are there in a period follows from profiles and paths.
    """
    entities, services, demands = tables["entities"], tables["services"], tables["demands"]
    heads = dict(zip(entities["id"], entities["headcount"], strict=True))
    per_head = {services["id"][at]: services["units_per_head"][at] for at in services.good("units_per_head")}
    dynamic = policy.horizon is not None
    present = set(heads) if dynamic else _present(entities, policy.as_of)
    volumes = list(demands["volume"])
    basis: list[Basis] = ["given" if v is not None else "estimated" for v in volumes]
    for at in demands.good("volume"):
        service = demands["service"][at]
        if volumes[at] is None and service in per_head:
            volumes[at] = _estimate(demands, at, heads.get(demands["entity"][at]), per_head[service], findings)
        elif volumes[at] == 0 and not dynamic:
            demands.report(findings, "zero_volume", f"{demands['entity'][at]} | {service} has volume 0", at, "volume")
    refused = demands.bad.get("volume", set())
    estimated = sum(
        b == "estimated" and v is not None and at not in refused
        for at, (b, v) in enumerate(zip(basis, volumes, strict=True))
    )
    if estimated:
        told = "1 volume was estimated" if estimated == 1 else f"{estimated:,} volumes were estimated"
        findings.add("volume_estimated", told, table="demands", file=demands.file, column="volume")
    keys = list(zip(demands["entity"], demands["service"], strict=True))
    active = [(dynamic or v != 0) and key[0] in present for v, key in zip(volumes, keys, strict=True)]
    demands.values |= {"settled": volumes, "basis": basis, "active": active}
    return set(compress(keys, active))


def _present(entities: ParsedTable, as_of: date) -> set[str]:
    spans = zip(entities["id"], entities["start"], entities["end"], strict=True)
    return {e for e, start, end in spans if (start is None or start <= as_of) and (end is None or end > as_of)}


def _estimate(
    demands: ParsedTable, at: int, heads: float | None, per_head: float | None, findings: Findings
) -> float | None:
    if per_head is None:
        service = demands["service"][at]
        demands.report(
            findings, "volume_missing", f"no volume and no units_per_head of {service}", at, "volume", service=service
        )
        return None
    if heads is None:
        return None
    volume = (micro(heads) * micro(per_head) + MICRO // 2) // MICRO / MICRO
    if volume > VOLUME_MAX:
        demands.report(
            findings,
            "out_of_range",
            f"estimated volume is {volume:,.0f}",
            at,
            "volume",
            minimum="0",
            maximum=f"{VOLUME_MAX:,.0f}",
        )
        return None
    if volume == 0:
        pair = f"{demands['entity'][at]} | {demands['service'][at]}"
        less = "" if 0 in (heads, per_head) else ", less than half a millionth of a unit"
        told = f"{pair} has volume 0: headcount {heads:g} × {per_head:g} units_per_head{less}"
        demands.report(findings, "zero_volume", told, at, "volume")
    return volume
