"""``designate event``, ``schedule`` and ``digest`` against a real service: what an operator needs, without curl."""

from __future__ import annotations

import json
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from api.client import Client
from tests.api.deciding import applied, drafted
from tests.api.serving import Api, Process
from tests.api.test_remote_commands import run

START, CLOSE = json.loads(files("data").joinpath("events/tiny.json").read_text())["events"]


def events_file(folder: Path, *events: dict[str, Any]) -> Path:
    path = folder / "events.json"
    path.write_text(json.dumps({"schema": "designate.events/1", "events": list(events)}))
    return path


def test_an_event_from_a_file_to_the_reason_of_each_move(plain: Api, tmp_path: Path) -> None:
    case = plain.case("tiny", name="events by command")
    plan = applied(plain, drafted(plain, case["id"])["id"])
    close_gva = {
        "type": "change",
        "date": "2026-03-01",
        "patch": {"tables": {"providers": {"change": [{"id": "AGY", "status": "closed"}]}}},
    }
    told = run(plain, "event", "send", plan["id"], events_file(tmp_path, close_gva), "--backend", "highs", "--wait")
    assert (told.returncode, told.stderr) == (0, "")
    for words in ("1 move is needed (proven)", "forced: AGY is closed", "Why the total changes"):
        assert words in told.stdout
    listed = run(plain, "event", "list", "--case", case["id"], "--json")
    (event,) = json.loads(listed.stdout)["items"]
    shown = run(plain, "event", "show", event["id"], "--json")
    assert shown.returncode == 0
    found = json.loads(shown.stdout)
    assert found["events"][0]["status"] == "done"
    assert [(m["entity"], m["service"], m["why"]["kind"]) for m in found["comparison"]["moved"]] == [
        ("CHARLIE", "payables", "forced")
    ]
    changed = {t["table"] for t in found["comparison"]["inputs"]["tables"]}
    assert "providers" in changed
    again = run(plain, "event", "send", case["id"], events_file(tmp_path, close_gva))
    assert again.returncode == 0
    assert event["id"] in again.stdout


def test_events_that_are_wrong_leave_with_2_and_say_all(plain: Api, tmp_path: Path) -> None:
    case = plain.case("tiny")
    early = run(plain, "event", "send", case["id"], events_file(tmp_path, CLOSE), "--json")
    assert (early.returncode, json.loads(early.stdout)["error"]) == (2, "no_applied_plan")
    (tmp_path / "none.json").write_text("{}")
    assert "holds no events" in run(plain, "event", "send", case["id"], tmp_path / "none.json").stderr
    absent = run(plain, "event", "show", "evt_" + "0" * 28, "--json")
    assert (absent.returncode, json.loads(absent.stdout)["error"]) == (2, "not_found")


def test_a_schedule_from_its_start_to_its_end(plain: Api) -> None:
    made = run(plain, "schedule", "add", "by command", "--cron", "0 3 * * *", "--time-zone", "Africa/Nairobi", "--json")
    assert made.returncode == 0, made.stderr
    schedule = json.loads(made.stdout)
    assert (schedule["time_zone"], schedule["enabled"], schedule["last_run"]) == ("Africa/Nairobi", True, None)
    assert "by command" in run(plain, "schedule", "list").stdout
    assert "next run: paused" in run(plain, "schedule", "pause", "by command").stdout
    refused = run(plain, "schedule", "run", schedule["id"], "--json")
    assert (refused.returncode, json.loads(refused.stdout)["error"]) == (2, "conflict")
    assert "00:00 UTC" in run(plain, "schedule", "resume", schedule["id"]).stdout
    moved = json.loads(run(plain, "schedule", "change", "by command", "--cron", "30 4 * * *", "--json").stdout)
    assert moved["cron"] == "30 4 * * *"
    assert run(plain, "schedule", "change", "by command").returncode == 2
    wrong = run(plain, "schedule", "change", "by command", "--cron", "61 * * * *", "--json")
    assert (wrong.returncode, json.loads(wrong.stdout)["error"]) == (2, "invalid_options")
    assert run(plain, "schedule", "delete", "by command").returncode == 0
    gone = run(plain, "schedule", "show", "by command")
    assert gone.returncode == 2
    assert "there is no schedule 'by command'" in gone.stderr


@pytest.mark.slow
def test_the_digest_of_a_night_names_what_came_back_infeasible_first(shared: Process) -> None:
    """In a workspace of its own: the night is over all that is stale."""
    with Api(shared.url) as system:
        made = system.post("/v1/workspaces", json={"id": "night", "name": "Night"}).json()
    with Api(shared.url, made["admin_key"]) as plain:
        night(plain, made["admin_key"])


def night(plain: Api, key: str) -> None:
    good, bad = (plain.case("tiny", name=n) for n in ("quiet case", "broken case"))
    for case in (good, bad):
        applied(plain, drafted(plain, case["id"])["id"])
    raised = {"op": "set", "table": "policy", "row": {"interface_cost": 1001}}
    forbid = [{"op": "set", "table": "providers", "row": {"id": p, "status": "closed"}} for p in ("NBO", "GVA", "AGY")]
    for case, operations in ((good, [raised]), (bad, forbid)):
        sent = plain.post(f"/v1/cases/{case['id']}/patches", json={"operations": operations})
        assert sent.status_code in (200, 201), sent.text
    began = run(plain, "schedule", "add", "night", "--backend", "highs", "--json", key=key)
    schedule = json.loads(began.stdout)["id"]
    assert run(plain, "schedule", "run", "night", key=key).returncode == 0
    with Client(plain.url, key) as client:
        deadline = time.monotonic() + 240
        while client.schedule(schedule).last_run is None and time.monotonic() < deadline:
            time.sleep(0.2)
        (ran,) = client.schedule_runs(schedule)
        assert (len(ran.plans), ran.failed) == (2, {})
        for plan in ran.plans:
            client.wait(plan)
    with plain.as_role("operator") as operator:
        assert operator.get(operator.get(f"/v1/schedules/{schedule}").json()["links"]["runs"]).status_code == 200
    found = json.loads(run(plain, "digest", "--since", "1h", "--json", key=key).stdout)
    mine = [i for i in found["items"] if i["case"] in (good["id"], bad["id"])]
    assert [(i["case_name"], i["outcome"], i["attention"]) for i in mine] == [
        ("broken case", "infeasible", True),
        ("quiet case", "unchanged", False),
    ]
    assert mine[0]["finding"]["code"] == "demand_without_provider"
    assert (mine[1]["moves"], mine[1]["saving"], mine[1]["currency"]) == (0, 0.0, "USD")
    text = run(plain, "digest", key=key).stdout
    assert text.index("broken case") < text.index("quiet case")
    assert "demand_without_provider" in text


@pytest.mark.parametrize("since", ["soon", "-3h", "2026-13-01", ""])
def test_a_time_that_is_none_is_refused(plain: Api, since: str) -> None:
    told = run(plain, "digest", f"--since={since}")
    assert told.returncode == 2
    assert "--since is 24h, 7d" in told.stderr
