"""One trace from the request through queue and worker to the solver's process; nothing at all when not configured."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from api.app import create_app
from api.jobs import queue
from api.jobs.process import TaskProcess
from api.jobs.runs import Runs
from api.jobs.solve import run_job
from api.jobs.traced import traced
from api.services.keys import ensure_admin
from api.settings import Settings
from api.store.engine import Store
from api.store.models import Plan
from api.telemetry import EXTRA, Tracing, configured
from optimizer.domain.errors import UsageError
from tests.api.databases import fresh
from tests.api.serving import ADMIN, FAKE, Api, service

CALLER_S_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Scene:
    """The service in this process, its spans in memory."""

    def __init__(self, store: Store) -> None:
        self.memory = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.memory))
        self.store = store
        store.tracing = Tracing(provider)
        queue.prepare(store.url)
        ensure_admin(store, configured=True)
        self.settings = Settings(admin_key=ADMIN, database_url=store.url, poll_s=0.05)  # type: ignore[arg-type]
        self.app = create_app(self.settings, store)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request."""
        headers = {"Authorization": f"Bearer {ADMIN}", **more.pop("headers", {})}

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://t", headers=headers) as http:
                return await http.request(method, path, **more)

        return anyio.run(send)

    def work(self, plan_id: str) -> None:
        """What a worker does with the plan's valid job."""
        with self.store.read() as session:
            job = session.get_one(Plan, plan_id).job
        runs = Runs(self.store, self.app.state.services.queue, "w1")
        with traced(self.store, job.id, job.dispatch):
            run_job(runs, self.settings, threading.Event(), job.id, job.dispatch)

    def spans(self, *, clear: bool = True) -> dict[str, list[ReadableSpan]]:
        """Finished spans by name."""
        out: dict[str, list[ReadableSpan]] = {}
        for span in self.memory.get_finished_spans():
            out.setdefault(span.name, []).append(span)
        if clear:
            self.memory.clear()
        return out


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    held = Scene(store)
    yield held
    held.app.state.services.readers.close()
    held.app.state.services.queue.close()
    assert store.tracing is not None
    store.tracing.close()


def trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def facts(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


@pytest.mark.slow
def test_a_job_is_in_the_trace_of_the_request_that_made_it(scene: Scene) -> None:
    example = scene.ask("GET", "/v1/examples/tiny").json()
    case = scene.ask("POST", "/v1/cases", json=example).json()["id"]
    scene.spans()
    sent = {"traceparent": f"00-{CALLER_S_TRACE}-00f067aa0ba902b7-01"}
    plan = scene.ask("POST", "/v1/plans", json={"case": case, "options": {"backend": "highs"}}, headers=sent).json()[
        "id"
    ]
    scene.work(plan)
    spans = scene.spans()
    assert {trace_of(s) for found in spans.values() for s in found} == {CALLER_S_TRACE}
    (request,), (waited,), (job,), (child,) = (spans[n] for n in ("POST /v1/plans", "job.queued", "job", "child.solve"))
    assert request.parent is not None
    assert [s.parent.span_id for s in (waited, job) if s.parent] == [request.context.span_id] * 2
    assert child.parent is not None
    assert child.parent.span_id == job.context.span_id
    assert {s.parent.span_id for s in spans["store.write"] if s.parent} == {
        request.context.span_id,
        job.context.span_id,
    }
    told = facts(job)
    assert (told["designate.run_id"], told["designate.job_status"], told["designate.solution"]) == (
        plan,
        "succeeded",
        "optimal",
    )
    assert told["designate.gap_rel"] <= 1e-6
    assert facts(request)["designate.run_id"] == plan
    assert facts(request)["designate.operation"] == "create_plan"
    assert "designate.seconds.solve" in facts(child)
    assert child.end_time is not None
    assert job.start_time <= child.start_time <= child.end_time <= job.end_time  # type: ignore[operator]


def test_a_job_that_is_tried_again_stays_in_its_trace(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    case = scene.ask("POST", "/v1/cases", json=scene.ask("GET", "/v1/examples/tiny").json()).json()["id"]
    scene.spans()
    monkeypatch.setattr(TaskProcess, "COMMAND", ("-P", FAKE))
    plan = scene.ask("POST", "/v1/plans", json={"case": case, "name": "fail"}).json()["id"]
    for _ in range(3):
        scene.work(plan)
    spans = scene.spans()
    assert len({trace_of(s) for found in spans.values() for s in found}) == 1
    assert [facts(s)["designate.dispatch"] for s in spans["job"]] == [1, 2, 3]
    last = spans["job"][-1]
    assert (facts(last)["designate.job_status"], facts(last)["error.type"]) == ("failed", "internal_error")
    assert not last.status.is_ok


def test_refusals_are_not_errors_and_nothing_is_told_of_contents(scene: Scene) -> None:
    scene.ask("GET", "/v1/plans/pln_0000000000000000000000000000")
    scene.ask("GET", "/v1/cases", params={"cursor": "Maria"})
    scene.ask("GET", "/no/such/path", params={"name": "Maria"})
    with pytest.raises(RuntimeError), scene.store.tracing.job(None, scene.store.clock()):  # type: ignore[union-attr]
        raise RuntimeError("Maria")
    spans = [s for found in scene.spans().values() for s in found]
    assert "Maria" not in str([(s.name, facts(s), s.events, s.status.description) for s in spans])
    broken = {s.name for s in spans if s.status.status_code.name == "ERROR"}
    assert broken == {"job"}
    missing = next(s for s in spans if facts(s).get("http.response.status_code") == 404)
    assert missing.name == "GET /v1/plans/{plan_id}"


def test_supervision_and_what_looks_all_the_time_make_no_spans(scene: Scene) -> None:
    assert scene.ask("GET", "/health/ready").status_code == 200
    assert scene.ask("GET", "/metrics").status_code == 200
    scene.store.ping()
    with scene.store.write():
        pass
    assert scene.spans() == {}


@pytest.mark.slow
def test_nothing_is_imported_or_made_when_it_is_not_configured(tmp_path: Path) -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sys; from api.app import create_app; from api.settings import Settings; import api.server;"
                "from api.telemetry import configured; assert configured(None, {}) is None;"
                "assert configured(False, {'OTEL_EXPORTER_OTLP_ENDPOINT': 'http://x'}) is None;"
                "assert configured(True, {'OTEL_SDK_DISABLED': 'true'}) is None;"
                "app = create_app(Settings()); assert app.state.services.store.tracing is None;"
                "print([m for m in sys.modules if m.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
            ),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout.strip()) == (0, "[]"), told.stderr


def test_configured_and_not_installed_is_told_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    for wanted, environment in ((True, {}), (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})):
        with pytest.raises(UsageError, match="not installed") as caught:
            configured(wanted, environment)
        assert EXTRA in str(caught.value)


def test_another_protocol_than_the_one_there_is_does_not_start() -> None:
    with pytest.raises(UsageError, match="http/protobuf only"):
        configured(True, {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})


class Collector:
    """Takes what exporters send over HTTP."""

    def __init__(self) -> None:
        self.spans: list[tuple[int, Any]] = []
        held = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    import gzip

                    body = gzip.decompress(body)
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    pid = next(a.value.int_value for a in resource.resource.attributes if a.key == "process.pid")
                    held.spans += [(pid, s) for scope in resource.scope_spans for s in scope.spans]
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def collector() -> Iterator[Collector]:
    held = Collector()
    yield held
    held.server.shutdown()
    held.server.server_close()


@pytest.mark.slow
def test_server_and_worker_send_one_trace_to_a_collector(collector: Collector, tmp_path: Path) -> None:
    more = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    with fresh("postgres", tmp_path) as url, service(url, tmp_path, **more) as process, Api(process.url) as api:
        case = api.case("tiny")["id"]
        plan = api.until(api.submit(case)["id"])["id"]
    wanted = {"POST /v1/plans", "job.queued", "job", "child.solve"}
    deadline = time.monotonic() + 60
    while not wanted <= {s.name for _, s in collector.spans}:
        assert time.monotonic() < deadline, {s.name for _, s in collector.spans}
        time.sleep(0.1)
    found = {s.name: (pid, s.trace_id) for pid, s in collector.spans if s.name in wanted}
    assert len({trace for _, trace in found.values()}) == 1
    assert found["POST /v1/plans"][0] == process.process.pid
    assert found["job"][0] == found["child.solve"][0] != process.process.pid
    job = next(s for _, s in collector.spans if s.name == "job")
    assert plan in {a.value.string_value for a in job.attributes if a.key == "designate.run_id"}


def test_spans_can_be_written_as_they_are_sent(scene: Scene) -> None:
    scene.ask("GET", "/v1/me")
    assert encode_spans(scene.memory.get_finished_spans()).resource_spans
