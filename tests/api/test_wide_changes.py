"""Changes of very many parts: patches of thousands of operations, archives and documents of very many names."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

import pytest

from api.faults import Fault
from api.readers.patches import apply_patch
from api.uploads import ZIP, Bounds, Upload, read
from optimizer.domain.errors import InputError
from optimizer.tables import case_from_bytes

BOUNDS = Bounds(64.0, 200_000, 200.0)


def done(op: str, table: str, **row: Any) -> dict[str, Any]:
    return {"op": op, "table": table, "row": row}


def test_a_patch_of_thousands_of_operations_does_not_look_at_every_row_for_each() -> None:
    rows = [{"id": f"A{n}", "name": "x"} for n in range(10_000)]
    operations = [done("set", "entities", id=f"E{n}", name="new") for n in range(4000)]
    operations += [done("set", "entities", id=f"A{n}", name="changed") for n in range(3000)]
    operations += [done("remove", "entities", id=f"A{n}") for n in range(5000, 8000)]
    began = time.perf_counter()
    found = apply_patch({"entities": rows}, operations)["entities"]
    assert time.perf_counter() - began < 10
    assert len(found) == 10_000 + 4000 - 3000
    assert [r["name"] for r in found[2999:3001]] == ["changed", "x"]
    assert [found[5000]["id"], found[7000]["id"]] == ["A8000", "E0"]


def test_keys_are_the_same_as_before_whatever_they_are_written_as() -> None:
    tiers = [{"provider": "P", "service": "s", "from_volume": v, "unit_cost": 1} for v in (0, 100.0)]
    entities = [{"id": "7"}, {"id": "007"}, {"id": "nan"}]
    changes = [
        done("set", "tiers", provider="P", service="s", from_volume=0.0, unit_cost=2),
        done("remove", "tiers", provider="P", service="s", from_volume=100),
        done("set", "tiers", provider="P", service="s", from_volume=100, unit_cost=3),
        done("set", "entities", id=7, name="seven"),
        done("set", "entities", id="007", name="agent"),
        done("remove", "entities", id="nan"),
        done("set", "entities", id="7", name=None, city="Bern"),
    ]
    out = apply_patch({"tiers": tiers, "entities": entities}, changes)
    assert [(t["from_volume"], t["unit_cost"]) for t in out["tiers"]] == [(0.0, 2), (100, 3)]
    assert out["entities"] == [{"id": "7", "city": "Bern"}, {"id": "007", "name": "agent"}]
    with pytest.raises(Fault, match="1 operation"):
        apply_patch({"entities": entities}, [done("remove", "entities", id="70")])


def test_an_archive_of_very_many_files_is_refused_before_its_index_is_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number in range(10_001):
            archive.writestr(zipfile.ZipInfo(f"{number}.txt"), b"")
    with pytest.raises(Fault) as refused:
        read(Upload(out.getvalue(), "case.zip", ZIP), "x", BOUNDS)
    assert (refused.value.code, refused.value.detail) == ("archive_too_large", "10,001 files")
    assert refused.value.more["limit"] == 10_000


def test_very_many_names_that_are_no_table_are_counted() -> None:
    document = json.dumps({f"entitie{n}": [] for n in range(30_000)}).encode()
    began = time.perf_counter()
    with pytest.raises(InputError) as refused:
        case_from_bytes(document, "case.json", name="x")
    assert time.perf_counter() - began < 5
    unknown = [i for i in refused.value.issues if i.code == "unknown_table"]
    assert len(unknown) == 100
    assert sum("Did you mean" in i.remedy or "entities" in i.remedy.partition("Tables")[0] for i in unknown) == 50
    assert any(i.message == "29,900 more findings of unknown_table" for i in refused.value.issues)
