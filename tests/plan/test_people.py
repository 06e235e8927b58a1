"""FTE in and out: never netted, grouped by provider, place and organisation."""

from __future__ import annotations

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.domain.types import Demand, Offer, Place
from optimizer.plan.people import people_block, place_name
from optimizer.testing import edited
from optimizer.testing.hand import BANGKOK, GENEVA, NAIROBI, VIENNA, case, entity, provider, service
from tests.plan.hand import Plan, served
from tests.plan.test_baseline import today

Row = tuple[float, float, float, float]


def exchange() -> Case:
    """E1 (1 FTE at P1) and E2 (3 FTE at P2), both in Vienna; E3 (2 FTE) on its own; E4 (4 FTE) is new."""
    c = case(
        [
            entity("E1"),
            entity("E2", BANGKOK, "Asia/Bangkok"),
            entity("E3", GENEVA, "Europe/Zurich", organisation="UN"),
            entity("E4"),
        ],
        [service()],
        [Demand(f"E{i}", "pay", v) for i, v in ((1, 1000.0), (2, 3000.0), (3, 2000.0), (4, 4000.0))],
        [provider("P1", VIENNA, organisation="UN"), provider("P2", VIENNA), provider("P3", NAIROBI)],
        [Offer(p, "pay") for p in ("P1", "P2", "P3")],
    )
    return today(c, {("E1", "pay"): "P1", ("E2", "pay"): "P2", ("E3", "pay"): OWN})


def flows(c: Case, plan: Plan, by: str) -> dict[str, Row]:
    rows = people_block(served(c, plan))[by]
    assert [r["id"] for r in rows] == sorted(r["id"] for r in rows)
    return {r["id"]: (r["fte_today"], r["fte_plan"], r["fte_in"], r["fte_out"]) for r in rows}


SWAP = {("E1", "pay"): "P2", ("E2", "pay"): "P1", ("E3", "pay"): "P3", ("E4", "pay"): "P1"}


def test_providers_swap_and_nothing_is_netted() -> None:
    assert flows(exchange(), SWAP, "by_provider") == {
        OWN: (2.0, 0.0, 0.0, 2.0),
        "P1": (1.0, 7.0, 7.0, 1.0),
        "P2": (3.0, 1.0, 1.0, 3.0),
        "P3": (0.0, 2.0, 2.0, 0.0),
    }


def test_a_swap_inside_one_place_moves_nobody() -> None:
    assert flows(exchange(), SWAP, "by_place") == {
        "Geneva, CH": (2.0, 0.0, 0.0, 2.0),
        "Nairobi, KE": (0.0, 2.0, 2.0, 0.0),
        "Vienna, AT": (4.0, 8.0, 4.0, 0.0),
    }


def test_organisations_of_own_capacity_are_the_entities() -> None:
    assert flows(exchange(), SWAP, "by_organisation") == {
        "UN": (3.0, 7.0, 7.0, 3.0),
        "unspecified": (3.0, 3.0, 3.0, 3.0),
    }
    stay = {**SWAP, ("E3", "pay"): "P1"}
    assert flows(exchange(), stay, "by_organisation")["UN"] == (3.0, 9.0, 7.0, 1.0)  # E3 stays within


def test_unserved_work_goes_out() -> None:
    assert flows(exchange(), {}, "by_provider") == {
        OWN: (2.0, 0.0, 0.0, 2.0),
        "P1": (1.0, 0.0, 0.0, 1.0),
        "P2": (3.0, 0.0, 0.0, 3.0),
    }


def test_today_counts_rows_without_a_price() -> None:
    c = edited(exchange(), offers=(Offer("P1", "pay"), Offer("P3", "pay")))
    assert flows(c, {("E2", "pay"): "P1"}, "by_provider")["P2"] == (3.0, 0.0, 0.0, 3.0)


def test_places_without_a_city_are_told_by_coordinates() -> None:
    assert place_name(Place(-1.28639, 36.0, "KE")) == "-1.2864,36.0000 KE"
    assert place_name(NAIROBI) == "Nairobi, KE"
