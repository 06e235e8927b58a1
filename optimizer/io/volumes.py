"""Volumes of demands: as given, or estimated from headcount; and which demands are active."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optimizer.domain.types import MICRO, Basis, micro
from optimizer.io.schema import VOLUME_MAX

if TYPE_CHECKING:
    from datetime import date

    from optimizer.validation.findings import Findings
    from optimizer.validation.tables import ParsedTable, ParsedTables

__all__ = ["Volumes", "settle_volumes"]


@dataclass(slots=True)
class Volumes:
    """Volume and basis of each row of ``demands``; keys of those that are active."""

    volume: list[float] = field(default_factory=list)
    basis: list[Basis] = field(default_factory=list)
    active: set[tuple[str, str]] = field(default_factory=set)


def settle_volumes(tables: ParsedTables, as_of: date, findings: Findings) -> Volumes:
    """Fill blank volumes with headcount × units_per_head, to six decimals.

    Active are demands with volume above 0 of entities present at ``as_of``.
    """
    entities, services, demands = tables["entities"], tables["services"], tables["demands"]
    heads = dict(zip(entities["id"], entities["headcount"], strict=True))
    per_head = dict(zip(services["id"], services["units_per_head"], strict=True))
    present = _present(entities, as_of)
    refused = demands.bad.get("volume", set())
    out = Volumes()
    estimated = 0
    rows = zip(demands["entity"], demands["service"], demands["volume"], strict=True)
    for at, (entity, service, given) in enumerate(rows):
        volume = given
        if given is None:
            estimated += 1
            if at not in refused and service in per_head:
                volume = _estimate(demands, at, heads.get(entity), per_head[service], findings)
        out.volume.append(volume or 0.0)
        out.basis.append("estimated" if given is None else "given")
        if volume == 0:
            demands.report(findings, "zero_volume", f"{entity} | {service} has volume 0", at, "volume")
        elif entity in present or volume is None:
            out.active.add((entity, service))
    if estimated:
        findings.add("volume_estimated", f"{estimated:,} volumes were estimated", table="demands", file=demands.file,
                     column="volume")  # fmt: skip
    return out


def _present(entities: ParsedTable, as_of: date) -> set[str]:
    spans = zip(entities["id"], entities["start"], entities["end"], strict=True)
    return {e for e, start, end in spans if (start is None or start <= as_of) and (end is None or end > as_of)}


def _estimate(demands: ParsedTable, at: int, heads: float | None, per_head: float | None,
              findings: Findings) -> float | None:  # fmt: skip
    if per_head is None:
        service = demands["service"][at]
        demands.report(findings, "volume_missing", f"no volume and no units_per_head of {service}", at, "volume",
                       service=service)  # fmt: skip
        return None
    if heads is None:
        return None
    volume = (micro(heads) * micro(per_head) + MICRO // 2) // MICRO / MICRO
    if volume > VOLUME_MAX:
        demands.report(findings, "out_of_range", f"estimated volume is {volume:,.0f}", at, "volume", minimum="0",
                       maximum=f"{VOLUME_MAX:,.0f}")  # fmt: skip
        return None
    return volume
