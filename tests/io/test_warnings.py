"""What is accepted with a warning or a hint, and the case that results."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.io import case_from_tables, read_case
from optimizer.validation.catalogue import CATALOGUE
from tests.io.cases import FILES, Edit, write_files

ENT, SRV, DEM, PRV, OFF, TIE, CUR, DEC, ASS, POL = FILES

HINTS: list[tuple[str, tuple[Edit, ...], str, int | None, str]] = [
    ("repeated_item", ((ENT, "en;fr", "en;fr;EN"),), ENT, 2, "languages"),
    ("country_from_place", ((ENT, "Kigali,,,RW", "Kigali,,,"),), ENT, 2, "country"),
    ("country_from_place", ((PRV, ",CH,46.2", ",,46.2"),), PRV, 3, "country"),
    ("time_zone_from_nearest", ((PRV, "Europe/Zurich", ""),), PRV, 3, "time_zone"),
    ("point_far_from_country", ((PRV, "46.2,6.15", "6.15,46.2"),), PRV, 3, "latitude"),
    ("unknown_kind", ((OFF, "rco;mission", "rco;misson"),), OFF, 2, "client_kinds"),
    ("unknown_kind", ((OFF, "rco;mission", "tribunal"),), OFF, 2, "client_kinds"),
    ("zero_volume", ((DEM, "480", "0"),), DEM, 4, "volume"),
    ("volume_estimated", ((DEM, "480", ""),), DEM, None, "volume"),
    ("own_unit_cost_missing", ((DEM, "480,,", "480,,7"),), DEM, 4, "own_unit_cost"),
    ("entity_absent", ((ENT, "2020-01-01", "2026-01-02"),), ENT, 3, "id"),
    ("entity_absent", ((ENT, "2030-01-01", "2026-01-01"),), ENT, 3, "id"),
    ("entity_without_demand", ((DEM, "E2,PAY,480,,\n", ""),), ENT, 3, "id"),
    ("service_without_demand", ((DEM, "E1,TRV,40,95.5,1000\n", ""),), SRV, 3, "id"),
    (
        "provider_without_offer",
        ((OFF, "GVA,PAY,,,,500,,,,\n", ""), (TIE, "", FILES[TIE].split("\n")[0] + "\n")),
        PRV,
        3,
        "id",
    ),
    ("candidate_only", ((PRV, "agency,candidate", "agency,open"),), PRV, 3, "setup_cost"),
    ("candidate_only", ((PRV, "agency,candidate", "agency,open"),), PRV, 3, "min_fte"),
    ("languages_blank", ((ENT, "en;fr", ""),), ENT, 2, "languages"),
    ("overlap_order", ((SRV, "90,3,5", "90,6,5"),), SRV, 3, "target_overlap_hours"),
    ("current_without_demand", ((CUR, "E1,TRV,OWN,", "E2,TRV,OWN,"),), CUR, 3, "service"),
    (
        "current_without_demand",
        ((CUR, "E1,TRV,OWN,", "E2,PAY,NBO,"), (ENT, "2020-01-01", "2026-01-02")),
        CUR,
        3,
        "entity",
    ),
    ("current_unpriceable", ((CUR, "OWN", "GVA"),), CUR, 3, "provider"),
    ("current_unpriceable", ((CUR, "NBO,12", "OWN,12"),), CUR, 2, "provider"),
    (
        "lock_skips_new",
        (
            (DEC, "TRV,OWN", ","),
            (DEC, "lock,E1", "lock,*"),
        ),
        DEC,
        2,
        "provider",
    ),
    ("decision_without_demand", ((DEC, "mission,PAY", "mission,TRV"),), DEC, 3, "entity"),
    (
        "hardship_blank",
        ((PRV, "48000,B", "48000,"), (POL, "interface_cost = 1000", 'max_hardship_class = "C"')),
        PRV,
        2,
        "hardship_class",
    ),
    (
        "scale_counted_twice",
        ((POL, "interface_cost = 1000", 'dispersion_loss = "who-25"'),),
        "",
        None,
        "dispersion_loss",
    ),
    (
        "policy_without_effect",
        ((POL, "interface_cost = 1000", "language_cost_rate = 0.1"),),
        POL,
        3,
        "language_cost_rate",
    ),
    (
        "policy_without_effect",
        ((POL, "interface_cost = 1000", 'bundle_mode = "together"\nhandover_cost = 1'),),
        POL,
        4,
        "handover_cost",
    ),
]


@pytest.mark.parametrize(("code", "edits", "file", "row", "column"), HINTS, ids=[h[0] for h in HINTS])
def test_hints_point_at_their_cell(
    code: str, edits: tuple[Edit, ...], file: str, row: int | None, column: str, tmp_path: Path
) -> None:
    _, issues = read_case(write_files(tmp_path / "case", edits))
    assert (file, row, column) in {(i.file, i.row, i.column) for i in issues if i.code == code}
    assert all(i.severity != "error" and i.remedy for i in issues)


def test_no_policy_gives_the_defaults_and_says_so(tmp_path: Path) -> None:
    case, issues = read_case(write_files(tmp_path / "case", drop=(POL,)))
    assert [i.code for i in issues] == ["policy_missing"]
    assert case.policy.currency == "USD"


def test_optional_tables_may_be_absent(tmp_path: Path) -> None:
    edits: tuple[Edit, ...] = (
        (DEM, "E1,PAY,100,,", "E1,PAY,100,5,"),
        (DEM, "E2,PAY,480,,", "E2,PAY,480,5,"),
    )
    case, issues = read_case(write_files(tmp_path / "case", edits, drop=(OFF, TIE, CUR, DEC, ASS)))
    assert issues == ()
    assert (case.offers, case.current, case.decisions) == ((), (), ())


def test_demands_that_are_not_active_are_left_out_but_kept_in_the_tables(tmp_path: Path) -> None:
    edits: tuple[Edit, ...] = ((DEM, "480", "0"), (ENT, "2030-01-01", "2025-01-01"))
    case, _ = read_case(write_files(tmp_path / "case", edits))
    assert [d.key for d in case.demands] == [("E1", "PAY"), ("E1", "TRV")]
    assert [e.id for e in case.absent_entities] == ["E2"]
    assert len(case.tables["demands"]) == 3


def test_an_estimated_volume_is_headcount_times_units_per_head(tmp_path: Path) -> None:
    case, issues = read_case(
        write_files(tmp_path / "case", ((DEM, "480", ""), (SRV, "global,12,", "global,12.345678,")))
    )
    demand = case.demand["E2", "PAY"]
    assert (demand.volume, demand.basis) == (493.82712, "estimated")
    assert next(i.severity for i in issues if i.code == "volume_estimated") == "info"


def test_as_of_follows_calendar_year(tmp_path: Path) -> None:
    case, _ = read_case(write_files(tmp_path / "case", ((POL, "= 2026", "= 2027"),)))
    assert case.policy.as_of.isoformat() == "2027-01-01"


def test_policy_may_be_spelled_as_plain_values() -> None:
    tables = {
        "entities": [{"id": "E", "name": "e", "city": "Nairobi", "country": "KE", "headcount": 1}],
        "services": [{"id": "S", "name": "s", "location_class": "global", "minutes_per_unit": 1}],
        "demands": [{"entity": "E", "service": "S", "volume": 1, "own_unit_cost": 1}],
        "providers": [{"id": "P", "name": "p", "kind": "agency", "status": "open", "city": "Nairobi", "country": "KE"}],
    }
    forms = [
        {"dispersion_loss": "who-25", "site_count": {"max": 3, "min": 1}, "zones": True, "max_moves": 5},
        {"dispersion_loss": [0, 0.125, "0.25"], "site_count": [1, 3], "zones": "yes", "max_moves": 5.0},
        {"dispersion_loss": "0;0.125;0.25", "site_count": "1;3", "zones": 1, "max_moves": "5", "backup": None},
    ]
    hashes = {
        case_from_tables({**tables, "policy": {k: v for k, v in p.items() if v is not None}})[0].case_hash
        for p in forms
    }
    assert len(hashes) == 1


def test_warnings_here_are_no_errors() -> None:
    assert all(CATALOGUE[h[0]].severity in ("warning", "info") for h in HINTS)
