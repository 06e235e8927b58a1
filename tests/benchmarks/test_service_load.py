"""The service under load, in small: a real service, real solves, and the page made of the figures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks import service_page
from benchmarks.service_load import SMOKE, main
from optimizer.domain.errors import UsageError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("load") / "service.json"
    assert main(["--smoke", "--out", str(out), "--note", "in a test"]) == 0
    figures: dict[str, Any] = json.loads(out.read_text())
    return figures


def test_every_row_was_measured_and_nothing_was_refused(found: dict[str, Any]) -> None:
    load = {(r["request"], r["solves"], r["clients"]): r for r in found["load"]}
    kinds = (("read", 0), ("read", SMOKE.solves), ("submit", SMOKE.solves))
    assert set(load) == {(*kind, clients) for kind in kinds for clients in SMOKE.clients}
    for (kind, _, _), row in load.items():
        assert row["answered"] == (SMOKE.reads if kind == "read" else SMOKE.submissions)
        assert row["refused"] == 0
        assert row["p99_ms"] >= row["p50_ms"] > 0
        assert row["per_second"] > 0
        assert row["processor_ms"] > 0


def test_memory_is_that_of_all_requests(found: dict[str, Any]) -> None:
    memory = found["memory"]
    assert memory["requests"] == SMOKE.requests
    assert memory["most_mb"] >= memory["first_mb"] > 10


def test_a_cancelled_solve_keeps_a_verified_plan(found: dict[str, Any]) -> None:
    assert [r["case"] for r in found["cancel"]] == list(SMOKE.cases)
    for row in found["cancel"]:
        assert (row["solution"], row["verified"]) == ("feasible", True)
        assert row["document_s"] >= row["stopped_s"] >= 0


def test_the_page_shows_the_figures(found: dict[str, Any], tmp_path: Any) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"before\n{service_page.BEGIN}\nold\n{service_page.END}\nafter\n")
    service_page.publish(found, tmp_path, page)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "in a test" in text
    first = found["load"][0]
    assert f"| none | {first['clients']} | {first['answered']} |" in text
    assert json.loads((tmp_path / "service.json").read_text()) == found
    page.write_text("no marks")
    with pytest.raises(UsageError, match="no place"):
        service_page.publish(found, tmp_path, page)


def test_the_page_of_the_repository_has_its_place() -> None:
    text = service_page.PAGE.read_text(encoding="utf-8")
    assert text.index(service_page.BEGIN) < text.index(service_page.END)
