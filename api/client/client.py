"""The client itself: a method for each thing a planner does, and every operation of the service behind ``api``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

import httpx

from api.client.calls import Calls
from api.client.models import CaseRef, PlanStatus, Point
from api.client.operations import Operations
from api.client.source import body_of
from api.client.stream import points
from api.client.wire import StillRunning, Wire, id_in_path
from optimizer.domain.errors import UsageError
from optimizer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

__all__ = ["Client", "Table"]

Table = Literal["assignments", "moves", "lines", "sites", "entities", "waves", "cash_flow", "staffing"]


class Client(Operations):
    """A connection to a service; use it in a ``with`` block.

    Parameters
    ----------
    url : str
        Where the service is, e.g. ``http://127.0.0.1:8080``.
    key : str
        An API key.
    timeout_s : float
        Longest silence of the service.
    tries : int
        How often a request is sent before giving up; what changes something carries an ``Idempotency-Key``
        and happens once.
    transport : httpx.BaseTransport, optional
        Certificates, proxies, tests.

    Attributes
    ----------
    api : Calls
        Every operation of the service by its operation id, with answers as they come::

            plan = client.api.get_plan(plan_id)
            client.api.approve_plan(plan_id, {"comment": "as discussed"}, if_match=plan.etag)
            for decision in client.api.list_decisions(case_id):
                print(decision["reason"])

        ``client.submit_plan`` puts a run into the queue (``api.create_plan``); ``client.api.submit_plan`` submits its
        plan for approval.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_s: float = 60.0,
        tries: int = 5,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise UsageError(f"{url!r} is no address of a service; it begins with http:// or https://")
        if not key.isascii() or not key.isprintable() or not key:
            raise UsageError("the key of the service is missing or has characters that no key has")
        headers = {"Authorization": f"Bearer {key}", "User-Agent": f"designate/{__version__}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout_s, transport=transport)
        self._wire = Wire(self._http, tries)
        self.api = Calls(self._wire)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def submit_case(
        self,
        source: str | Path | Mapping[str, Any],
        *,
        name: str = "",
        description: str = "",
        idempotency_key: str | None = None,
        encoding: str = "",
    ) -> CaseRef:
        """Store a case.

        Parameters
        ----------
        source : path or mapping
            Folder of CSV tables, ``.zip``, ``.xlsx``, ``.json``, or a document in memory.
        encoding : str
            Code page of tables that are not UTF-8, e.g. ``cp1252``.

        Raises
        ------
        InputError
            The case has errors: all of them; nothing was stored.
        Refused, Unreachable
        """
        content, media_type, found = body_of(source)
        given = {"name": name or found, "description": description, "encoding": encoding}
        told = {k: v for k, v in given.items() if v}
        return CaseRef.of(self.api.create_case(content, media_type=media_type, idempotency_key=idempotency_key, **told))

    def case(self, case_id: str) -> CaseRef:
        """A stored case with its latest revision."""
        return CaseRef.of(self.api.get_case(case_id))

    def submit_plan(
        self,
        case: CaseRef | str,
        *,
        revision: int | None = None,
        options: Mapping[str, Any] | None = None,
        name: str = "",
        tags: Sequence[str] = (),
        priority: int = 5,
        start_plan: str | None = None,
        idempotency_key: str | None = None,
    ) -> PlanStatus:
        """Put a run into the queue and return at once.

        Parameters
        ----------
        case : CaseRef or str
            A ``CaseRef`` means the revision it holds, an id the latest one.
        options : mapping, optional
            ``backend``, ``time_limit_s``, ``work_limit``, ``gap_rel``, ``threads``, ``memory_limit_mb``, ``seed``.
        """
        if isinstance(case, CaseRef):
            known, revision = case.id, revision or case.revision
        else:
            known = case
        body = {
            "case": known,
            "revision": revision,
            "name": name,
            "tags": list(tags),
            "priority": priority,
            "start_plan": start_plan,
            "options": dict(options or {}),
        }
        sent = {k: v for k, v in body.items() if v not in (None, "", [], {})}
        return PlanStatus.of(self.api.create_plan(sent, idempotency_key=idempotency_key))

    def plan(self, plan_id: str) -> PlanStatus:
        """How it stands with a plan."""
        return PlanStatus.of(self.api.get_plan(plan_id))

    def progress(self, plan_id: str) -> Iterator[Point]:
        """Every point of the solve, from the first on, until it ends. Taken up again when the connection breaks."""
        return points(self._wire, f"/v1/plans/{id_in_path(plan_id)}/progress")

    def wait(
        self,
        plan_id: str,
        *,
        on_progress: Callable[[Point], object] | None = None,
        limit_s: float | None = None,
        poll_s: float = 1.0,
    ) -> PlanStatus:
        """Wait for the end of a job.

        Parameters
        ----------
        on_progress : callable, optional
            Called with every point; progress is then followed by server-sent events, otherwise by polling.
        limit_s : float, optional
            Longest wait; the job itself goes on.

        Raises
        ------
        StillRunning
        """
        deadline = None if limit_s is None else time.monotonic() + limit_s
        if on_progress is not None:
            for point in points(self._wire, f"/v1/plans/{id_in_path(plan_id)}/progress", deadline):
                on_progress(point)
        while True:
            plan = self.plan(plan_id)
            if plan.ended:
                return plan
            if deadline is not None and time.monotonic() >= deadline:
                raise StillRunning(f"plan {plan_id} is {plan.job_status} after {limit_s:g} s; it goes on")
            self._wire.sleep(poll_s)

    def cancel(self, plan_id: str) -> PlanStatus:
        """Ask for the end of the job; the best plan so far is kept."""
        return PlanStatus.of(self.api.cancel_plan(plan_id))

    def document(self, plan_id: str) -> dict[str, Any]:
        """The whole plan document, as ``designate verify`` takes it."""
        return self.api.get_plan_document(plan_id)

    def document_bytes(self, plan_id: str) -> bytes:
        """The plan document byte for byte: ``document_hash`` of the certificate is its SHA-256."""
        return self._wire.get(f"/v1/plans/{id_in_path(plan_id)}/document").content

    def savings(self, plan_id: str) -> dict[str, Any]:
        """Cost, baseline and savings, term by term."""
        return self.api.get_savings(plan_id)

    def certificate(self, plan_id: str) -> dict[str, Any]:
        """What the independent checker found, and what is proven."""
        return self.api.get_certificate(plan_id)

    def why(self, plan_id: str, entity: str, service: str) -> dict[str, Any]:
        """Every provider of one demand of a plan: refused and what would lift that, or its cost and extra cost.

        Raises
        ------
        InputError
            The case of the plan has no such demand.
        """
        return self.api.explain_assignment(plan_id, entity=entity, service=service)

    def report(self, plan_id: str) -> str:
        """The report as one HTML page."""
        return self.api.get_report(plan_id).decode()

    def workbook(self, plan_id: str) -> bytes:
        """All tables as an XLSX workbook."""
        return self.api.get_plan_workbook(plan_id)

    def table(self, plan_id: str, name: Table) -> bytes:
        """One table as CSV, byte for byte."""
        return self.api.get_plan_table(plan_id, name)
