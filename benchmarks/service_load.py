"""What the service bears: requests a second while two solves run, memory over many requests, cancel to stopped.

Run ``python -m benchmarks.service_load [--smoke] [--publish] [--out FILE]``, or ``designate bench service``.
Everything is bounded in count and in time, and stays on loopback. Client and service share the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from benchmarks.cases import generated, packaged
from benchmarks.machine import machine, versions
from benchmarks.service import Connection, Service, ServiceFailed, service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Request = Callable[[Connection, int], int]
    """Sends the request of a number by a connection; gives the status of its answer."""

__all__ = ["SIZES", "SMOKE", "Bounds", "measure"]

MB = 2**20
CANCELLED_S = 300.0
"""Time limit of a solve that is cancelled."""
SECONDS_PER_SOLVE = 3600.0
"""Time limit of solves that run beside: longer than anything here; they are cancelled at the end."""
FIRST_PLAN_S = 600.0
END_S = 300.0
GENERATED = {"generated-100": (100, 12, 24), "generated-400": (400, 12, 24)}
"""Entities, services, providers."""


@dataclass(frozen=True)
class Bounds:
    """How much is measured.

    Parameters
    ----------
    clients : tuple of int
        At once, each with a connection of its own and the next request as soon as it has an answer.
    reads, submissions : int
        Requests of a row, all clients together.
    row_s : float
        Longest time of a row; what was answered by then counts.
    requests : int
        Of the memory row.
    cancels : int
        For each case.
    cases : tuple of str
        Packaged ones, or of ``GENERATED``, that a solver does not finish in a minute; the first runs beside the load.
    """

    clients: tuple[int, ...] = (1, 10, 100)
    reads: int = 2000
    submissions: int = 300
    row_s: float = 30.0
    requests: int = 10_000
    memory_s: float = 1800.0
    cancels: int = 1
    cases: tuple[str, ...] = ("secretariat", "generated-100", "generated-400")
    solves: int = 2


SMOKE = Bounds(
    clients=(1, 3),
    reads=30,
    submissions=6,
    row_s=60.0,
    requests=60,
    memory_s=60.0,
    cancels=1,
    cases=("generated-100",),
    solves=1,
)
SIZES = {"full": Bounds(), "smoke": SMOKE}


@dataclass
class Timings:
    """Answers to one kind of request with so many clients, while so many solves run; processor time is the server's."""

    request: str
    solves: int
    clients: int
    seconds: float = 0.0
    processor_s: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0

    def row(self) -> dict[str, Any]:
        """Figures of the table."""
        p50, p99 = (1000 * float(np.percentile(self.latencies, q)) for q in (50, 99))
        return {
            "request": self.request,
            "solves": self.solves,
            "clients": self.clients,
            "answered": len(self.latencies),
            "refused": self.refused,
            "seconds": round(self.seconds, 3),
            "per_second": round(len(self.latencies) / self.seconds, 1),
            "p50_ms": round(p50, 2),
            "p99_ms": round(p99, 2),
            "processor_ms": round(1000 * self.processor_s / len(self.latencies), 3),
        }


def measure(bounds: Bounds, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Start a service, measure, end it.

    Returns
    -------
    dict
        ``machine``, ``versions``, ``bounds``, ``began``, and rows ``load``, ``memory``, ``cancel``.
    """
    began = datetime.now().astimezone().isoformat(timespec="seconds")
    with (
        tempfile.TemporaryDirectory(prefix="designate-load-") as folder,
        service(Path(folder), solves_at_once=bounds.solves) as started,
        _as_operator(started) as at,
        at.connect() as line,
    ):
        cases = {name: _stored(line, name) for name in bounds.cases}
        cancel = [_cancelled(line, name, cases[name], say) for name in bounds.cases for _ in range(bounds.cancels)]
        ended = [p["id"] for p in line.call("GET", "/plans")["items"]]
        idle = _rows(at, "read", 0, bounds.reads, _reading(ended), bounds, say)
        load, memory = _loaded(at, line, cases, bounds, say)
    return {
        "began": began,
        "machine": machine(),
        "versions": versions("engine"),
        "bounds": asdict(bounds),
        "load": [*idle, *load],
        "memory": memory,
        "cancel": cancel,
    }


@contextlib.contextmanager
def _as_operator(at: Service) -> Iterator[Service]:
    """The service as somebody sees it whose key is in the store, and not in the settings, where it costs nothing."""
    with at.connect() as line:
        key = line.call("POST", "/keys", {"name": "load", "role": "operator"})["key"]
    yield replace(at, key=key)


def _stored(line: Connection, name: str) -> str:
    """A case in the store; its id."""
    case = generated(*GENERATED[name], seed=1) if name in GENERATED else packaged(name)
    made: dict[str, Any] = line.call("POST", f"/cases?name={name}", dict(case.tables))
    return str(made["id"])


def _submitted(line: Connection, case: str, **more: Any) -> str:
    options = {"backend": "engine", **more}
    return str(line.call("POST", "/plans", {"case": case, "options": options, "priority": 1})["id"])


def _has_plan(plan: dict[str, Any]) -> bool:
    return plan["progress"] is not None and plan["progress"]["incumbent"] is not None


def _cancelled(line: Connection, name: str, case: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Solve until there is a plan, cancel, wait for the document."""
    plan = _submitted(line, case, time_limit_s=CANCELLED_S)
    line.plan_when(plan, _has_plan, FIRST_PLAN_S)
    line.call("POST", f"/plans/{plan}/cancel", {})
    ended = line.plan_when(plan, lambda p: p["times"]["finished"] is not None, END_S)
    asked, stopped, finished = (_seconds(ended["times"][k]) for k in ("cancel_requested", "stopped", "finished"))
    row = {
        "case": name,
        "stopped_s": round(stopped - asked, 3),
        "document_s": round(finished - asked, 3),
        "solution": ended["solution"],
        "verified": ended["verified"],
    }
    say(f"cancel {row}")
    return row


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


def _loaded(
    at: Service, line: Connection, cases: dict[str, str], bounds: Bounds, say: Callable[[str], None]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Requests while solves run; what is submitted stays in the queue, behind them."""
    first = next(iter(cases.values()))
    options = {"time_limit_s": SECONDS_PER_SOLVE, "threads": 1}
    solves = [_submitted(line, first, seed=n, **options) for n in range(bounds.solves)]
    for plan in solves:
        line.plan_when(plan, lambda p: p["progress"] is not None, FIRST_PLAN_S)
    small = json.dumps({"case": cases[bounds.cases[-1]], "options": {"time_limit_s": 1.0}, "priority": 9}).encode()
    submit: Request = lambda c, _: c.send("POST", "/plans", small)[0]  # noqa: E731 (one word says it)
    rows = [
        *_rows(at, "read", bounds.solves, bounds.reads, _reading(solves), bounds, say),
        *_rows(at, "submit", bounds.solves, bounds.submissions, submit, bounds, say),
    ]
    memory = _memory(at, _mixed(solves), bounds)
    say(f"memory {memory['slope_kb_per_1000']} kB per 1000 requests")
    if any(line.call("GET", f"/plans/{p}")["job_status"] != "running" for p in solves):
        raise ServiceFailed("a solve ended while the load was measured")
    for plan in solves:
        line.call("POST", f"/plans/{plan}/cancel", {})
    return rows, memory


def _reading(plans: Sequence[str]) -> Request:
    """Metadata of plans, in turn."""
    return lambda c, n: c.send("GET", f"/plans/{plans[n % len(plans)]}")[0]


def _rows(
    at: Service, name: str, solves: int, count: int, request: Request, bounds: Bounds, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """One kind of request by one client and by many."""
    rows = []
    for clients in bounds.clients:
        rows.append(_row(at, Timings(name, solves, clients), count, request, bounds.row_s))
        say(f"load {rows[-1]}")
    return rows


def _row(at: Service, out: Timings, count: int, request: Request, longest_s: float) -> dict[str, Any]:
    """Send ``count`` requests by so many clients, each as fast as it gets answers."""
    lock, numbers, server = threading.Lock(), iter(range(count)), psutil.Process(at.pid)
    lines = [at.connect() for _ in range(out.clients)]
    began, before = time.monotonic(), server.cpu_times()

    def client(line: Connection) -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None or time.monotonic() - began > longest_s:
                return
            sent = time.monotonic()
            status = request(line, number)
            took = time.monotonic() - sent
            with lock:
                out.latencies.append(took)
                out.refused += status >= 400

    threads = [threading.Thread(target=client, args=(line,)) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.seconds, after = time.monotonic() - began, server.cpu_times()
    out.processor_s = after.user + after.system - before.user - before.system
    for line in lines:
        line.close()
    return out.row()


def _mixed(solves: Sequence[str]) -> Request:
    """What a planner's page asks for: mostly metadata, a list now and then, a body that is not well-formed."""

    def request(line: Connection, number: int) -> int:
        match number % 10:
            case 0:
                return line.send("GET", "/plans?limit=20")[0]
            case 1:
                return line.send("GET", "/cases?limit=20")[0]
            case 2:
                return line.send("POST", "/plans", b'{"case": 1}')[0]
            case _:
                return line.send("GET", f"/plans/{solves[number % len(solves)]}")[0]

    return request


def _memory(at: Service, request: Request, bounds: Bounds) -> dict[str, Any]:
    """Resident memory of the server along many requests of one client; the line through its second half."""
    process, samples, began = psutil.Process(at.pid), [], time.monotonic()
    every = max(1, bounds.requests // 100)
    with at.connect() as line:
        for number in range(bounds.requests):
            request(line, number)
            if (number + 1) % every == 0:
                samples.append((number + 1, round(process.memory_info().rss / MB, 2)))
            if time.monotonic() - began > bounds.memory_s:
                break
    half = samples[len(samples) // 2 :]
    slope = float(np.polyfit([n for n, _ in half], [mb for _, mb in half], 1)[0]) if len(half) > 1 else 0.0
    return {
        "requests": samples[-1][0],
        "first_mb": samples[0][1],
        "last_mb": samples[-1][1],
        "most_mb": max(mb for _, mb in samples),
        "slope_kb_per_1000": round(1024 * 1000 * slope, 1),
        "seconds": round(time.monotonic() - began, 1),
        "samples": samples,
    }


def main(given: Sequence[str] | None = None) -> int:
    """Measure and write."""
    from benchmarks.service_page import PAGE, publish, table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a small run, to see that everything works")
    parser.add_argument("--out", type=Path, default=Path("service.json"), help="figures as JSON")
    parser.add_argument("--publish", action="store_true", help="write benchmarks/results and the README's section")
    parser.add_argument("--note", default="", help="what else ran on the machine")
    asked = parser.parse_args(given)
    found = {**measure(SMOKE if asked.smoke else Bounds()), "note": asked.note}
    asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if asked.publish:
        publish(found)
        print(f"{PAGE} shows it")
    print(table(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
