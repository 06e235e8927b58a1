"""Large cases read in seconds: 120,000 demands, 1,000,000 (entity, service, provider) triples."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from optimizer.io import case_from_tables


def synthetic(n_entities: int, n_services: int, n_providers: int) -> dict[str, Any]:
    rnd = random.Random(1)
    entities = [
        {
            "id": f"E{i:05}",
            "name": f"Entity {i}",
            "latitude": round(rnd.uniform(-3, 3), 4),
            "headcount": 5,
            "longitude": round(rnd.uniform(30, 38), 4),
            "country": "KE",
            "time_zone": "Africa/Nairobi",
        }
        for i in range(n_entities)
    ]
    services = [
        {"id": f"S{j}", "name": "s", "location_class": "global", "minutes_per_unit": 30} for j in range(n_services)
    ]
    providers = [
        {
            "id": f"P{k}",
            "name": "p",
            "kind": "secretariat",
            "status": "open",
            "city": "Nairobi",
            "country": "KE",
            "cost_per_fte": 50000,
        }
        for k in range(n_providers)
    ]
    keys = [(e["id"], s["id"]) for e in entities for s in services]
    return {
        "entities": entities,
        "services": services,
        "providers": providers,
        "offers": [{"provider": p["id"], "service": s["id"], "capacity": 1e7} for p in providers for s in services],
        "demands": [{"entity": e, "service": s, "volume": round(rnd.uniform(1, 900), 3)} for e, s in keys],
        "current": [{"entity": e, "service": s, "provider": f"P{rnd.randrange(n_providers)}"} for e, s in keys],
        "policy": {},
    }


def processor_seconds(tables: dict[str, Any]) -> float:
    before = time.process_time()
    case, _ = case_from_tables(tables)
    assert len(case.demands) == len(tables["demands"])
    return time.process_time() - before


def test_time_grows_no_faster_than_the_case() -> None:
    small, large = (processor_seconds(synthetic(n, 10, 20)) for n in (300, 1200))
    assert large < 10 * small + 0.5


@pytest.mark.slow
def test_a_million_triples_and_120_000_demands() -> None:
    assert processor_seconds(synthetic(3000, 12, 28)) < 4.0
    assert processor_seconds(synthetic(10_000, 12, 28)) < 10.0
