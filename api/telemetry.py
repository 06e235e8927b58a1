"""Traces by OpenTelemetry, when configured; else nothing of it is imported and nothing is spent.

Configured means ``DESIGNATE_OTEL=true``, or an address of a collector in OpenTelemetry's own variables. The extra
``telemetry`` installs what it needs. Spans carry ids and figures, never names or contents of cases.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from api.faults import Fault
from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping
    from datetime import datetime

    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Span

__all__ = ["Tracing", "configured", "quiet"]

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
HTTP: Final = "http/protobuf"
EXTRA: Final = "pip install 'designate-optimizer[telemetry]'"
_QUIET: Final = ("/health/live", "/health/ready", "/metrics")
_JOB: Final = "designate-job"
_FLUSH_MS: Final = 5000


def configured(wanted: bool | None, environment: Mapping[str, str] = os.environ) -> Tracing | None:
    """What makes spans and sends them to the collector; nothing when it is not configured.

    Parameters
    ----------
    wanted : bool, optional
        The operator's word; without one, an address of a collector decides.
    environment : mapping
        OpenTelemetry's own variables.

    Raises
    ------
    UsageError
        It is configured and cannot work.
    """
    disabled = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    asked = any(environment.get(name) for name in ENDPOINTS) if wanted is None else wanted
    if not asked or disabled:
        return None
    odd = [f"{n}={environment[n]}" for n in PROTOCOLS if environment.get(n, HTTP) != HTTP]
    if odd:
        raise UsageError(f"{', '.join(odd)}: traces are sent by {HTTP} only")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise UsageError(
            f"OpenTelemetry is configured and not installed: {EXTRA}, or set DESIGNATE_OTEL=false ({error})"
        ) from error
    name = environment.get("OTEL_SERVICE_NAME") or "designate"
    provider = TracerProvider(resource=Resource.create({"service.name": name, "process.pid": os.getpid()}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)


def quiet(scope: MutableMapping[str, Any]) -> bool:
    """Requests without spans: those of supervision, and streams, which last and ask the store all the time."""
    path: str = scope.get("path", "")
    return path in _QUIET or path.endswith("/progress")


class Tracing:
    """Makes spans.

    Parameters
    ----------
    provider : TracerProvider
        Where spans go; the application's own, nothing global.
    """

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import context, trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        provider.add_span_processor(_discreet())
        self.provider = provider
        self._trace, self._context = trace, context
        self._carry = TraceContextTextMapPropagator()
        self._tracer = provider.get_tracer("designate")

    def current(self) -> str | None:
        """W3C ``traceparent`` of the span at work, to be kept with a job."""
        carrier: dict[str, str] = {}
        self._carry.inject(carrier)
        return carrier.get("traceparent")

    def note(self, **attributes: str | float | bool | None) -> None:
        """Say something of the span at work."""
        _set(self._trace.get_current_span(), attributes)

    @contextmanager
    def transaction(self, kind: str) -> Iterator[None]:
        """A span of a transaction, inside of others only; a job's reads are left out, it looks all the time."""
        within = self._trace.get_current_span().is_recording()
        if not within or (kind == "read" and self._context.get_value(_JOB)):
            yield
            return
        span = self._tracer.start_span(f"store.{kind}")  # nothing hangs on it: jobs hang on the request
        with self._told(span):
            yield

    @contextmanager
    def job(self, parent: str | None, queued: datetime, **attributes: str | float | None) -> Iterator[None]:
        """A span of a job in the trace of the request that made it, and one of its time in the queue.

        Parameters
        ----------
        parent : str, optional
            What ``current`` gave when the job was made; without it the job is a trace of its own.
        queued : datetime
            When it was put into the queue.
        """
        origin = self._carry.extract({"traceparent": parent}) if parent else self._context.Context()
        waited = self._tracer.start_span("job.queued", origin, start_time=int(queued.timestamp() * 1e9))
        _set(waited, attributes)
        waited.end()
        token = self._context.attach(self._context.set_value(_JOB, True, origin))
        try:
            span = self._tracer.start_span("job")
            _set(span, attributes)
            quietly = {"record_exception": False, "set_status_on_exception": False}
            with self._trace.use_span(span, end_on_exit=False, **quietly), self._told(span):
                yield
        finally:
            self._context.detach(token)

    def past(self, name: str, began_ns: int, ended_ns: int, attributes: Mapping[str, Any]) -> None:
        """A span that another process, which makes none itself, tells of."""
        span = self._tracer.start_span(name, start_time=began_ns)
        _set(span, attributes)
        span.end(ended_ns)

    def fail(self, code: str) -> None:
        """The span at work did not do what it was to do."""
        self._failed(self._trace.get_current_span(), code)

    def _failed(self, span: Span, code: str) -> None:
        span.set_attribute("error.type", code)
        span.set_status(self._trace.StatusCode.ERROR)

    @contextmanager
    def _told(self, span: Span) -> Iterator[None]:
        """Until its end; of an error its kind is kept, its words could hold contents."""
        try:
            yield
        except Fault as fault:  # an answer, not a failure
            span.set_attribute("error.type", fault.code)
            raise
        except BaseException as error:
            self._failed(span, type(error).__name__)
            raise
        finally:
            span.end()

    def close(self) -> None:
        """Send what is still here, within a few seconds."""
        self.provider.force_flush(_FLUSH_MS)
        self.provider.shutdown()


def _discreet() -> SpanProcessor:
    """Takes queries out of spans of requests: they may hold names."""
    from opentelemetry.sdk.trace import SpanProcessor

    class Discreet(SpanProcessor):
        def on_start(self, span: Any, parent_context: Any = None) -> None:  # noqa: ARG002
            if "url.query" in (span.attributes or {}):
                span.set_attribute("url.query", "REDACTED")

    return Discreet()


def _set(span: Span, attributes: Mapping[str, Any]) -> None:
    for name, value in attributes.items():
        if value is not None and value != "":
            span.set_attribute(f"designate.{name}", value)
