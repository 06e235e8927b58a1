"""The catalogue names every packaged file with the checksum it has."""

from __future__ import annotations

from importlib.resources import files

import pytest

import data
from data import catalog


def test_checksums_and_rows_match_the_files():
    recorded = {(d.file, d.rows, d.sha256) for d in catalog.datasets()}
    found = {(r["file"], int(r["rows"]), r["sha256"]) for r in catalog.measure()}
    assert recorded == found


def test_every_reference_file_is_described():
    folder = files("data.reference")
    found = {f"reference/{f.name}" for f in folder.iterdir() if f.name.endswith(".csv")}
    assert found <= set(catalog.DESCRIPTIONS)


@pytest.mark.parametrize("column", ["what", "origin", "licence", "units"])
def test_no_description_is_blank(column):
    assert all(getattr(d, column) for d in catalog.datasets())


def test_geonames_is_credited():
    gazetteer = catalog.DESCRIPTIONS["reference/gazetteer.csv"]
    assert "GeoNames" in gazetteer.licence
    assert "CC BY 4.0" in gazetteer.licence


def test_access():
    steady = ["infeasible-capacity", "infeasible-language", "infeasible-lock", "rco", "rco-16", "secretariat", "tiny"]
    over_time = ["fao-2006", "mission-closure", "mission-start", "secretariat-5y", "undp-cluster", "unhcr-2007"]
    over_time += ["wfp-2007", "who-2008", "bos-demo"]
    assert data.names() == sorted([*steady, "ungsc-unictf", *over_time])
    assert (data.case_path("tiny") / "entities.csv").is_file()
    assert "gazetteer" in data.reference_names()
    assert data.reference_path("map/land-110m.json").is_file()
    assert len(data.reference_rows("entities")) == 237


def test_unknown_names_are_refused():
    with pytest.raises(KeyError, match="tiny"):
        data.case_path("nowhere")
    with pytest.raises(KeyError):
        data.reference_path("nothing.csv")


def test_copy_refuses_a_folder_in_use(tmp_path):
    target = data.copy_case("tiny", tmp_path / "mine")
    assert (target / "policy.toml").is_file()
    with pytest.raises(FileExistsError):
        data.copy_case("tiny", target)
