"""Cases over time without any path: which rules are in conflict, the rows behind them, and by how much."""

from __future__ import annotations

from typing import Any

from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_over_time
from tests.time.cases import provider, read


def told(**more: Any) -> list[dict[str, Any]]:
    document = solve_over_time(read(**more), SolveParams(time_limit_s=120))
    assert document["status"]["solution"] == "infeasible"
    assert document["verification"]["mismatches"] == []
    return [i for i in document["issues"] if i["code"] == "rule_conflict"]


def test_what_a_site_takes_in_stands_against_a_source_that_ends() -> None:
    """Three posts must move to P2 by July, which takes in two and a half in twelve months."""
    ends = [provider("P1", 46, 6, "CH", end="2027-07-01"), provider("P2", -1.28, 36.81, "KE", absorb_fte=2.5)]
    head, row = told(providers=ends)
    assert head["value"] == "growth_limit"
    assert "not confirmed" not in head["message"]
    assert (row["table"], row["value"]) == ("providers", "growth_limit|4,P2")
    assert "period 4 (01 October 2027), P2" in row["message"]
    assert "give way by 0.50 FTE" in row["message"]


def test_a_period_that_cannot_be_served_is_told_as_a_steady_case_with_its_dates() -> None:
    """From July on P2 alone is left, and it has room for two posts of three; no demand alone is too large."""
    ends = [provider("P1", 46, 6, "CH", end="2027-07-01"), provider("P2", -1.28, 36.81, "KE", capacity_fte=2)]
    document = solve_over_time(read(providers=ends), SolveParams(time_limit_s=120))
    assert document["status"]["solution"] == "infeasible"
    errors = [i["message"] for i in document["issues"] if i["severity"] == "error"]
    assert errors
    assert all(m.startswith("period 3") for m in errors)
