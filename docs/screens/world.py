"""A service with something to show on every page: plans, answers, prices, objections, a mission."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from benchmarks.drills.processes import LISTENS, Process

__all__ = ["KEY", "Shown", "served", "shown"]

KEY: Final = "administrator-of-the-pictures-0123456789-abcdefghij"
_OPTIONS: Final = {"time_limit_s": 40}
_QUICK: Final = {"backend": "highs", "time_limit_s": 20}

_OTHER_RULES: Final[dict[str, dict[str, Any]]] = {
    "at most 300 moves": {"max_moves": 300},
    "no agencies": {"agency_share_max": 0},
}

Shown = dict[str, str]
"""Address of each page by its name."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """A server with an empty store in a folder; its address."""
    env = {
        "DESIGNATE_DATABASE_URL": f"sqlite:///{folder}/pictures.db",
        "DESIGNATE_ADMIN_KEY": KEY,
        "DESIGNATE_LANGUAGES": "en,fr,ar",
        "DESIGNATE_POLL_S": "0.2",
    }
    process = Process(("serve", "--port", "0"), env, folder / "server.log", LISTENS).start()
    try:
        yield next(word for line in process.said for word in line.split() if word.startswith("http://")).rstrip("/")
    finally:
        process.stop()


class _Asked(httpx.Client):
    """The service, asked by its administrator."""

    def __init__(self, url: str, key: str = KEY) -> None:
        super().__init__(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=300)

    def make(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.post(path, json=body)
        if answer.status_code >= 400:
            raise RuntimeError(f"POST {path}: {answer.text}")
        told: dict[str, Any] = answer.json()
        return told

    def case(self, example: str, name: str, **policy: Any) -> str:
        """A packaged case, with other rules where they are given."""
        document = self.get(f"/v1/examples/{example}").json()
        document["policy"] = {**document.get("policy", {}), **policy}
        return str(self.make(f"/v1/cases?{urlencode({'name': name})}", document)["id"])

    def plan(self, case: str, name: str, **options: Any) -> str:
        """A plan, once its search has ended."""
        return self.ended(self.make("/v1/plans", {"case": case, "name": name, "options": options}))

    def study(self, kind: str, case: str, plan: str, **question: Any) -> str:
        """An answer, once it is there."""
        body = {"kind": kind, "case": case, "plan": plan, "question": question, "options": _OPTIONS}
        return self.ended(self.make("/v1/studies", body))

    def ended(self, made: dict[str, Any]) -> str:
        """What was begun, once its stream has ended."""
        with self.stream("GET", made["links"]["progress"]) as stream:
            for _ in stream.iter_lines():
                pass
        return str(made["id"])


def shown(url: str) -> Shown:
    """Fill the service; every page about what is there then."""
    with _Asked(url) as api:
        case = api.case("rco", "Coordinators’ offices")
        plans = [api.plan(case, "As the rules stand", **_OPTIONS)]
        for name, policy in _OTHER_RULES.items():
            plans.append(api.plan(api.case("rco", f"Coordinators’ offices, {name}", **policy), name, **_OPTIONS))
        small = api.case("tiny", "Four offices")
        first = api.plan(small, "First plan", **_QUICK)
        broken = api.plan(api.case("infeasible-lock", "Decisions that contradict"), "Contradiction", **_QUICK)
        over_time = api.plan(api.case("mission-start", "A mission starts"), "Two years", **_QUICK)
        asked = {"entity": "CHARLIE", "service": "payables", "provider": "GVA"}
        why_not = api.study("why_not", small, first, **asked)
        curve = api.study("curve", small, first, over="moves", values=[0, 1, 2, 3, 4])
        front = api.study("pareto", small, first, over="cost,mean_distance", points=4)
        rules = api.study("rule_price", small, first)
        prices = api.make("/v1/price-lists", {"plan": first, "name": "First year"})["id"]
        ledger = api.make("/v1/ledgers", {"plan": first, "name": "Shared services"})["id"]
        api.make(f"/v1/plans/{first}/objections", {**asked, "reason": "Too far from the office."})
    plan, tiny = f"/plans/{plans[0]}", f"/plans/{first}"
    chosen = "&".join(f"plan={p}" for p in plans)
    return {
        "start": "/",
        "cases": "/cases",
        "case": f"/cases/{case}",
        "table": f"/cases/{case}/tables/entities",
        "new-case": "/cases/new",
        "solve": f"/cases/{case}/solve",
        "plans": "/plans",
        "plan": plan,
        "plan-small": tiny,
        "no-plan": f"/plans/{broken}",
        "moves": f"{plan}/moves",
        "why": f"{tiny}/why?entity=CHARLIE&service=payables",
        "decide": f"{tiny}/decide",
        "compare": f"/compare?{chosen}",
        "compare-choose": "/compare",
        "plan-over-time": f"/plans/{over_time}",
        "time": f"/plans/{over_time}/time",
        "studies": "/studies",
        "question": f"/studies/new?kind=curve&about={first}",
        "study-price": f"/studies/{why_not}",
        "study-curve": f"/studies/{curve}",
        "study-front": f"/studies/{front}",
        "study-rules": f"/studies/{rules}",
        "money": "/money",
        "plan-money": f"{tiny}/money",
        "prices": f"/prices/{prices}",
        "statement": f"/prices/{prices}/statement?client=ALPHA",
        "ledger": f"/ledgers/{ledger}",
        "missions": "/missions",
        "mission": "/missions/new",
        "admin": "/admin",
        "audit": "/admin/audit",
        "jobs": "/jobs",
    }
