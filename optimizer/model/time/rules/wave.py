"""An entity, or a service, switches in one wave."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from optimizer.model.time.rows import total
from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """All unforced switches of an entity (or service) in one period: u_dt ≤ w_gt, Σ_t w_gt ≤ 1."""
    by = x.joint.policy.wave_by
    if by == "demand":
        return
    groups: dict[str, list[int]] = defaultdict(list)
    for d, (entity, service) in enumerate(x.joint.keys):
        groups[entity if by == "entity" else service].append(d)
    for name, demands in groups.items():
        waves = []
        for t in sorted({t for d in demands for t in x.joint.presence[d]}):
            switches = [
                x.unforced(t, d) for d in demands if t in x.joint.presence[d] and (t, d) not in x.joint.committed
            ]
            if any(s.parts or s.constant for s in switches):
                wave = x.rows.binary("wave", x.names(t, name), "any", switches)
                for switch in switches:
                    x.rows.at_most("wave", x.names(t, name), switch.plus(wave.times(-1.0)), 0.0)
                waves.append(wave)
        x.rows.at_most("wave", (name,), total(waves), 1.0)


RULE: Final = TimeRule("wave", rows)
