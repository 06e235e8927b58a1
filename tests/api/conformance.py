"""Schemathesis against a service that holds one of everything, so that it comes further than to 404."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.api.deciding import applied, drafted, event_done
from tests.api.serving import ADMIN, Api
from tests.api.worlds import START

HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
CONFIG = """\
seed = 1
suppress-health-check = ["all"]
max-failures = 20
request-timeout = 300
hooks = "{hooks}"

[generation]
max-examples = {examples}
deterministic = true

[phases.stateful]
max-steps = 8
inference = {{ algorithms = ["location-headers"] }}  # the links that the description has, not guesses

[phases.stateful.generation]
max-examples = {scenarios}

[[operations]]  # a stream lasts as long as its plan, and here plans wait for each other
include-operation-id = "stream_progress"
phases.stateful.enabled = false

[[operations]]
include-operation-id = "stream_study_progress"
phases.stateful.enabled = false

[checks.positive_data_acceptance]
# a body can fit its description and still hold a case that contradicts itself: 422 names what is wrong
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "413", "415", "422", "429"]
"""


def seed(api: Api) -> dict[str, list[str]]:
    """Ids by parameter: a case, a plan in every state that a path asks for, and what is made from them."""
    case = api.case("tiny", name="conformance")["id"]
    plan = applied(api, drafted(api, case)["id"])["id"]
    draft = drafted(api, case)["id"]
    submitted = drafted(api, case)["id"]
    assert api.post(f"/v1/plans/{submitted}/submit").status_code == 200
    document = api.get(f"/v1/plans/{plan}/document").json()
    rows = [{k: a[k] or "" for k in ("entity", "service", "provider", "backup")} for a in document["assignments"]]
    lock = {"action": "lock", "reason": "so be it", **{k: rows[0][k] for k in ("entity", "service", "provider")}}
    ask = {k: rows[0][k] for k in ("entity", "service")}
    made = {
        "validation_id": api.post("/v1/validations", json=api.example("tiny")),
        "decision_id": api.post(f"/v1/cases/{case}/decisions", json=lock),
        "objection_id": api.post(f"/v1/plans/{plan}/objections", json={**ask, "reason": "too far"}),
        "draft_id": api.post("/v1/drafts/start", json={"case": case}),
        "baseline_id": api.post("/v1/baselines", json={"name": "conformance", "case": case, "plan": plan}),
        "evaluation_id": api.post("/v1/evaluations", json={"case": case, "assignments": rows}),
        "comparison_id": api.post("/v1/comparisons", json={"first_plan": plan, "second_plan": draft}),
        "price_list_id": api.post("/v1/price-lists", json={"plan": plan}),
        "ledger_id": api.post("/v1/ledgers", json={"name": "conformance", "plan": plan}),
        "schedule_id": api.post("/v1/schedules", json={"name": "conformance", "enabled": False}),
        "webhook_id": api.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/none"}),
        "key_id": api.post("/v1/keys", json={"name": "conformance", "role": "viewer"}),
    }
    ids = {}
    for name, answer in made.items():
        assert answer.status_code in (201, 202), (name, answer.text)
        ids[name] = [answer.json()["id"]]
    asked = {"kind": "curve", "case": case, "question": {"over": "moves", "values": [0, 1]}}
    study = api.ended(api.post("/v1/studies", json=asked).json()["links"]["self"])
    ids |= {"study_id": [study["id"]], "job_id": [study["links"]["job"].rpartition("/")[2]]}
    event = api.post("/v1/events", json={"case": case, "events": [START]}).json()["events"][0]["id"]
    assert event_done(api, event)["status"] == "done"
    return {**ids, "case_id": [case], "plan_id": [plan, draft, submitted], "event_id": [event]}


def config(ids: dict[str, list[str]], examples: int, scenarios: int) -> str:
    """The configuration: known ids for most requests, generated ones for the rest."""
    parts = [CONFIG.format(hooks=HOOKS, examples=examples, scenarios=scenarios)]
    known = {**ids, "case": ids["case_id"], "plan": ids["plan_id"], "number": [1], "table": ["points"]}
    parts += [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in known.items()]
    bound = {f"path.{n}" for n in known if n.endswith("_id")} | {
        "path.number",
        "path.table",
        "query.case",
        "query.plan",
    }
    parts.append("[parameters]")
    parts += [f'"{b}" = {{ dictionary = "{b.partition(".")[2]}", probability = 0.8 }}' for b in sorted(bound)]
    return "\n".join(parts) + "\n"


def schemathesis(url: str, ids: dict[str, list[str]], folder: Path, examples: int, scenarios: int, *words: str) -> Any:
    """A run of all checks over all operations and phases.

    Parameters
    ----------
    examples : int
        Requests of each kind for an operation.
    scenarios : int
        Chains of requests, each with what the one before it made.
    """
    httpx.get(f"{url}/openapi.json", timeout=300).raise_for_status()  # made on first demand; Schemathesis waits 10 s
    held = folder / "schemathesis.toml"
    held.write_text(config(ids, examples, scenarios), encoding="utf-8")
    program = str(Path(sys.executable).with_name("schemathesis"))
    line = [
        program,
        "--config-file",
        str(held),
        "run",
        f"{url}/openapi.json",
        "--no-color",
        "--header",
        f"Authorization: Bearer {ADMIN}",
        *words,
    ]
    env = {**os.environ, "DESIGNATE_TEST_IDS": json.dumps(ids)}
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, check=False)
