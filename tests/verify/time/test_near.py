"""Runner-ups and broken rules of today in documents over time: right as they are made, found when they are forged."""

from __future__ import annotations

from typing import Any

from optimizer.domain.case import Case
from optimizer.verify.time import TimeEvaluator
from tests.time.cases import provider, read
from tests.verify.time_documents import document_of


def staying(case: Case) -> dict[str, Any]:
    return document_of(case, [(e, "pay", t, "P1", "") for e in ("E1", "E2") for t in (1, 2, 3, 4)])


def paths(case: Case, document: dict[str, Any]) -> list[str]:
    return [m.path for m in TimeEvaluator(case).verify(document).mismatches]


def test_the_runner_up_of_who_stays_is_to_move_on_the_first_day() -> None:
    """A thousand units at 6 and not at 10: 4,000 less in the year."""
    case = read()
    document = staying(case)
    assert document["assignments"][0]["runner_up"] == {"provider": "P2", "extra_cost": -4000.0}
    assert paths(case, document) == []


def test_a_freeze_on_the_first_day_leaves_no_runner_up() -> None:
    case = read(freezes=[{"from": "2026-12-15", "until": "2027-02-01"}])
    document = staying(case)
    assert [a["runner_up"] for a in document["assignments"]] == [None, None]
    assert paths(case, document) == []


def test_a_forged_runner_up_is_found() -> None:
    case = read()
    for forged in (None, {"provider": "P2", "extra_cost": -3999.0}, {"provider": "OWN", "extra_cost": -4000.0}):
        document = staying(case)
        document["assignments"][0]["runner_up"] = forged
        assert any(p.startswith("assignments[E1|pay|1].runner_up") for p in paths(case, document))


def test_what_staying_breaks_is_told_by_period_and_missed_when_left_out() -> None:
    """From July on the site has room for two posts of three."""
    rooms = [{"table": "providers", "key": "P1", "column": "capacity_fte", "from": "2027-07-01", "value": 2}]
    sites = [provider("P1", 46.2, 6.1, "CH", capacity_fte=5), provider("P2", -1.28, 36.81, "KE")]
    case = read(providers=sites, paths=rooms)
    document = document_of(case, [(e, "pay", t, "P2", "") for e in ("E1", "E2") for t in (1, 2, 3, 4)])
    broken = document["baseline"]["violations"]
    assert [(v["period"], v["rule"], v["provider"], v["amount"]) for v in broken] == [
        (3, "site_capacity", "P1", 1.0),
        (4, "site_capacity", "P1", 1.0),
    ]
    assert paths(case, document) == []
    document["baseline"]["violations"] = broken[:1]
    assert paths(case, document) == ["baseline.violations"]
