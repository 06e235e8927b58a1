"""The digest at the terminal: what needs attention first, ids that can be copied, on 80 columns."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from optimizer.cli.operating import moment
from optimizer.errors import UsageError
from optimizer.report.digest_console import print_digest

PLAN = "pln_01a22b28098d2d0edb1978ac732f"


def item(outcome: str, name: str, **more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "outcome": outcome,
        "attention": False,
        "case": "cas_x",
        "case_name": name,
        "plan": PLAN,
        "state": "draft",
        "stale": False,
        "moves": None,
        "saving": None,
        "currency": "USD",
        "finding": None,
    }
    return {**plain, **more}


def shown(*items: dict[str, Any], **more: Any) -> str:
    counts: dict[str, int] = {}
    for i in items:
        counts[i["outcome"]] = counts.get(i["outcome"], 0) + 1
    digest = {"since": "2026-11-29T06:00:00+00:00", "runs": 2, "counts": counts, "items": items, "left_out": 0, **more}
    out = io.StringIO()
    print_digest(digest, Console(file=out, width=80))
    return out.getvalue()


def test_what_has_no_plan_comes_with_its_finding_and_remedy() -> None:
    finding = {"code": "demand_without_provider", "message": "nobody may serve payroll to ECHO", "remedy": "add one"}
    text = shown(
        item("infeasible", "Commissions", attention=True, finding=finding),
        item("moves", "Missions", moves=3, saving=12345.6),
        item("unchanged", "Funds"),
    )
    for words in ("1 infeasible, 1 with moves, 1 unchanged", "Needs your attention: 1", "add one", "USD +12 k"):
        assert words in text.replace("\u202f", " ")
    assert "nobody may serve payroll to ECHO (demand_without_provider)" in text
    assert text.index("Commissions") < text.index("Missions") < text.index("Funds")
    assert text.count(PLAN) == 2
    assert max(map(len, text.splitlines())) <= 80


def test_a_plan_of_an_older_state_is_called_stale() -> None:
    assert "another re-optimisation will follow" in shown(item("moves", "Missions", moves=1, stale=True))


def test_a_quiet_night_says_so() -> None:
    assert "nothing was re-optimised" in shown()
    assert "and 3 more; ask for a shorter time" in shown(left_out=3)


def test_a_night_without_a_run_is_not_called_a_quiet_one() -> None:
    text = shown(runs=0)
    assert "No schedule ran since 2026-11-29 06:00 UTC." in text
    assert "re-optimised" not in text


def test_the_future_is_no_time_to_look_back_to() -> None:
    now = datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert moment("2026-11-30T08:00", now) == now
    with pytest.raises(UsageError, match="future"):
        moment("2030-01-01", now)
