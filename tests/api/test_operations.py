"""Metrics, logs, limits of rate, the end of a server that is asked to stop."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.limits import RateLimit
from api.logs import JsonLines, configure, requested, running
from tests.api.databases import fresh
from tests.api.serving import Api, Process, service
from tests.api.waiting import until

SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? ([0-9.e+-]+|[+]Inf|NaN)$")


def samples(text: str) -> dict[tuple[str, str], float]:
    """Name and labels of every sample of a scrape; every line must be one or a comment."""
    out = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            found = SAMPLE.match(line)
            assert found, line
            out[found[1], found[2] or ""] = float(found[3])
    return out


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A service of its own: logs in JSON, five requests at once, hardly any more after them."""
    folder = tmp_path_factory.mktemp("operations")
    more = {"DESIGNATE_LOG_FORMAT": "json", "DESIGNATE_REQUEST_BURST": "5", "DESIGNATE_MAX_REQUESTS_PER_S": "0.01"}
    with fresh("sqlite", folder) as url, service(url, folder, **more) as held:
        yield held


def test_metrics_tell_of_requests_queue_and_runs(plain: Api) -> None:
    states = [("designate_jobs", f'job_status="{s}"') for s in ("running", "queued")]
    assert until(lambda: not any(samples(plain.get("/metrics").text)[s] for s in states), 120), "jobs of other tests"
    before = samples(plain.get("/metrics").text)
    case = plain.case("tiny")["id"]
    plan = plain.until(plain.submit(case)["id"])
    plain.get("/v1/plans/pln_0000000000000000000000000000")
    plain.get("/no/such/path")
    scrape = plain.get("/metrics")
    assert scrape.headers["content-type"].startswith("text/plain")
    after = samples(scrape.text)

    def grown(name: str, labels: str = "") -> float:
        return after[name, labels] - before.get((name, labels), 0.0)

    assert plan["solution"] == "optimal"
    assert grown("designate_jobs_finished_total", 'job_status="succeeded",kind="solve",solution="optimal"') == 1
    assert grown("designate_solve_seconds_count") == grown("designate_plan_gap_count") == 1
    assert 0 < grown("designate_solve_seconds_sum") < 300
    assert grown("designate_requests_total", 'method="POST",operation="create_case",status="201"') == 1
    assert grown("designate_requests_total", 'method="GET",operation="get_plan",status="404"') == 1
    assert grown("designate_requests_total", 'method="GET",operation="none",status="404"') == 1
    assert after["designate_jobs", 'job_status="running"'] == after["designate_jobs", 'job_status="queued"'] == 0
    assert after["designate_workers", ""] == 1
    again = samples(plain.get("/metrics").text)
    assert again["designate_solve_seconds_count", ""] == after["designate_solve_seconds_count", ""]


def test_metrics_need_a_key(plain: Api) -> None:
    assert plain.get("/metrics", headers={"Authorization": ""}).status_code == 401
    with plain.as_role("planner") as planner:
        assert planner.get("/metrics").status_code == 403


def test_who_asks_too_often_is_told_when_to_come_back(process: Process) -> None:
    with Api(process.url) as proven:
        assert proven.get("/v1/me").status_code == 200
    with Api(process.url, "a-key-that-nobody-has") as client:
        answers = [client.get("/v1/me") for _ in range(7)]
        assert [a.status_code for a in answers] == [401] * 4 + [429] * 3, "the first of the address proved the key"
        told = answers[-1].json()
        assert (told["code"], told["limit"]) == ("too_many_requests", 0.01)
        assert 1 <= int(answers[-1].headers["retry-after"]) == told["retry_after_s"] <= 100
        assert client.get("/health/live").status_code == 200
    with Api(process.url) as other:
        assert other.get("/v1/me").status_code == 200


def test_log_lines_are_objects_that_know_their_request(process: Process) -> None:
    with Api(process.url) as client:
        client.get("/health/live", headers={"X-Request-ID": "the-one-to-find"})
    assert until(lambda: "the-one-to-find" in process.log.read_text(), 30)  # the line follows the answer
    lines = [json.loads(line) for line in process.log.read_text().splitlines()]
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    mine = [line for line in lines if line.get("request_id") == "the-one-to-find"]
    assert [(m["operation"], m["status"], m["path"]) for m in mine] == [("live", 200, "/health/live")]


def test_secrets_are_not_logged(process: Process) -> None:
    with Api(process.url, "another-key-that-nobody-has") as client:
        client.get("/v1/me", headers={"X-Request-ID": "the-one-refused"})
    assert until(lambda: "the-one-refused" in process.log.read_text(), 30)
    assert "another-key-that-nobody-has" not in process.log.read_text()


@pytest.mark.slow
def test_a_server_that_is_asked_to_stop_ends_well(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as url:
        with service(url, tmp_path) as held, Api(held.url) as client:
            plans = [client.submit(client.case("tiny")["id"])["id"] for _ in range(2)]
            assert held.stop() == 0
        with service(url, tmp_path) as held, Api(held.url) as client:
            assert {client.until(p)["job_status"] for p in plans} == {"succeeded"}
            assert all(client.plan(p)["attempts"] == 1 for p in plans)


def test_a_bucket_fills_at_its_rate_and_no_further() -> None:
    now = [0.0]
    limit = RateLimit(2.0, 3, lambda: now[0])
    assert [limit.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert limit.take("b") == 0.0
    now[0] = 0.5
    assert [limit.take("a") > 0 for _ in range(2)] == [False, True]
    now[0] = 1000.0
    assert [limit.take("a") > 0 for _ in range(4)] == [False, False, False, True]
    assert RateLimit(0.0, 1).take("a") == RateLimit(0.0, 1).take("a") == 0.0


@pytest.fixture
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("root_logger")
def test_lines_know_request_and_run(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json")
    with requested("r1"), running("pln_1"):
        logging.getLogger("x").warning("with %s", "both", extra={"facts": {"n": 1}})
    logging.getLogger("x").warning("line\nbreak")
    configure("text")
    with running("pln_2"):
        logging.getLogger("x").warning("for people")
    first, second, third = capsys.readouterr().err.splitlines()
    both = {k: v for k, v in json.loads(first).items() if k != "time"}
    assert both == {
        "level": "WARNING",
        "logger": "x",
        "message": "with both",
        "request_id": "r1",
        "run_id": "pln_1",
        "n": 1,
    }
    assert json.loads(second)["message"] == "line\nbreak"
    assert third.endswith("WARNING x for people run=pln_2")


def test_a_failure_is_logged_with_its_trace() -> None:
    try:
        raise ValueError("deep down")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), info)
    assert "deep down" in json.loads(JsonLines().format(record))["error"]
