"""The workbook of a plan: what it saves, who loses, what moves, who serves whom, with names beside ids."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from optimizer.domain.names import COST_TERMS, ONE_OFF_TERMS, OWN, RUNNING_TERMS
from optimizer.domain.steady import is_over_time
from optimizer.report.findings import SEVERITIES, place_of
from optimizer.report.headline import proof_words, verified
from optimizer.report.moves import move_reason
from optimizer.report.naming import Names
from optimizer.report.network import site_state
from optimizer.report.numbers import tell
from optimizer.report.places import territory
from optimizer.report.sheets import Kind, Sheet, workbook
from optimizer.report.tiles import net_saving
from optimizer.report.wording import KINDS_OF_LOSS, TERM_TITLES, compared, humanise, moved, status_title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.domain.types import Place
    from optimizer.plan.today import Today

__all__ = ["plan_book", "plan_sheets"]

Fact = tuple[str, Any, Kind, str]


def plan_book(plan: dict[str, Any], case: Case, language: str = "en") -> bytes:
    """The workbook as bytes; of a plan over time its tables as they are.

    Parameters
    ----------
    plan : dict
        Plan document of any status.
    case : Case
        The case it was made for: names and places.
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    if is_over_time(plan):
        from optimizer.plan.tables import plan_workbook

        return plan_workbook(plan)
    return workbook(plan_sheets(plan, case), language)


def plan_sheets(plan: dict[str, Any], case: Case) -> list[Sheet]:
    """Summary, savings, losses, moves, assignments, centres, people, findings; each there even without rows."""
    from optimizer.plan.today import today_by_demand

    same = plan["run"]["case_hash"] == case.case_hash and compared(plan) is not None
    book = _Book(plan, case, today_by_demand(case) if same else {})
    return [
        book.summary(),
        book.savings(),
        book.losses(),
        book.moves(),
        book.assignments(),
        book.centres(),
        book.people(),
        book.findings(),
    ]


class _Book:
    """Sheets of one plan."""

    def __init__(self, plan: dict[str, Any], case: Case, today: Mapping[tuple[str, str], Today]) -> None:
        self._plan, self._case, self._today, self._names = plan, case, today, Names(case)
        self._sites = {s["provider"]: s for s in plan["sites"]}

    def summary(self) -> Sheet:
        """Figures of the head of the report, each with what it means."""
        plan, case = self._plan, self._case
        run = plan["run"]
        facts: list[Fact] = [
            ("Case", run["name"] or case.name, "text", ""),
            ("Day of the data", case.policy.as_of, "date", ""),
            ("Plan made on", date.fromisoformat(run["created"][:10]), "date", ""),
            ("What it is", status_title(plan), "text", ""),
            ("How near to the best plan", proof_words(plan), "text", ""),
            ("Independent check", verified(plan)[0], "text", ""),
            *self._money(),
            ("Entities", len(case.entities), "whole", ""),
            ("Entities worse off", sum(1 for e in plan["entities"] if e["worse_than_today"]), "whole", ""),
            ("Demands", len(plan["assignments"]), "whole", ""),
            ("Demands that change provider", len(moved(plan)), "whole", ""),
            ("Demands not served", sum(a["provider"] is None for a in plan["assignments"]), "whole", ""),
            ("Centres at work", sum(s["effort_fte"] > 0 for s in plan["sites"]), "whole", ""),
            ("Fingerprint of the case (SHA-256)", run["case_hash"], "id", ""),
        ]
        columns: list[tuple[str, Kind]] = [("Figure", "text"), ("Value", "text"), ("What it means", "long")]
        return Sheet("summary", columns, [(f[0], f[1], f[3]) for f in _titled(facts)], [f[2] for f in facts])

    def _money(self) -> list[Fact]:
        plan, s = self._plan, self._plan["savings"]
        if plan["cost"] is None or s is None:
            return []
        cost, bounds, currency = plan["cost"], plan["bounds"], plan["run"]["currency"]
        once = sum(cost[t] for t in ONE_OFF_TERMS)
        out: list[Fact] = [("Currency", currency, "text", tell("money in this currency, a year unless said"))]
        if compared(plan) is not None:
            most = tell("what no plan on these data exceeds")
            out += [
                (
                    "Net saving a year, after one-off costs",
                    net_saving(plan),
                    "money",
                    tell("gross saving less the next"),
                ),
                ("One-off costs, a year’s share", once, "money", tell("spread over the horizon as annuities")),
                ("No plan can save more than", s["upper_limit"], "money", most),
                ("Gross saving a year", s["annual"], "money", tell("running cost today less in the plan")),
                ("Gross saving, share of today’s cost", s["annual_rel"], "share", ""),
                ("Share of the saving that rests on assumptions", s["on_assumptions_rel"], "share", ""),
                ("Payback, years", s["payback_years"], "figure", tell("one-off cost over gross saving")),
                ("Net present value", s["npv"], "money", tell("over the horizon, discounted")),
                (
                    "Running cost today",
                    plan["baseline"]["running"],
                    "money",
                    tell("same demands, at the model’s prices"),
                ),
            ]
        return [
            *out,
            ("Running cost in the plan", cost["running"], "money", tell("new demands included")),
            ("Total in the plan", cost["total"], "money", tell("running cost and the year’s share of one-off costs")),
            ("One-off cost of moves", s["one_off"]["transition"], "money", tell("paid once")),
            ("One-off cost of set-ups", s["one_off"]["setup"], "money", tell("paid once")),
            (
                "Distance from the best plan, at most",
                bounds["gap_abs"],
                "money",
                tell("proven; empty where it is not known"),
            ),
            ("Distance from the best plan, share", bounds["gap_rel"], "share", ""),
        ]

    def savings(self) -> Sheet:
        """Running cost today and in the plan by entity, service and provider."""
        s = self._plan["savings"] or {}
        rows = []
        for kind, key in (("entity", "by_entity"), ("service", "by_service"), ("provider", "by_provider")):
            for r in sorted(s.get(key) or (), key=lambda r: (-r["saving"], r["id"])):
                share = r["saving"] / r["baseline"] if r["baseline"] else None
                rows.append((tell(kind), *self._who(kind, r["id"]), r["baseline"], r["plan"], r["saving"], share))
        columns: list[tuple[str, Kind]] = [("Grouped by", "text"), *_WHO]
        columns += [("Running cost today", "money"), ("Running cost in the plan", "money"), ("Saving", "money")]
        return Sheet("savings", [*columns, ("Share", "share")], rows)

    def losses(self) -> Sheet:
        """Each loss of each entity by the thresholds of the policy."""
        rows = [
            (*self._who("entity", e["id"]), tell(KINDS_OF_LOSS[w["kind"]][0]), w["today"], w["plan"])
            for e in self._plan["entities"]
            for w in e["worse_than_today"]
        ]
        return Sheet("worse off", [*_WHO, ("In what", "text"), ("Today", "figure"), ("Plan", "figure")], rows)

    def moves(self) -> Sheet:
        """What moves: before and after, saving, reason."""
        rows = sorted((self._move(a) for a in moved(self._plan)), key=lambda r: (-(r[_SAVING] or 0.0), r[0], r[4]))
        columns: list[tuple[str, Kind]] = [*_entity_columns(), ("From id", "id"), ("From", "text"), ("To id", "id")]
        columns += [("To", "text"), ("FTE", "fte"), ("Before", "money"), ("After", "money"), ("Saving", "money")]
        columns += [("One-off, a year’s share", "money"), ("km today", "whole"), ("km", "whole")]
        columns += [("Shared hours today", "figure"), ("Shared hours", "figure"), ("Reason", "long")]
        return Sheet("moves", columns, rows)

    def _move(self, a: dict[str, Any]) -> tuple[Any, ...]:
        held = self._today.get((a["entity"], a["service"]))
        after = sum(a["cost"][t] for t in RUNNING_TERMS)
        before = held.running if held else None
        site = self._sites.get(a["moved_from"])
        return (
            *self._demand(a),
            a["moved_from"],
            self._names.provider(a["moved_from"]),
            a["provider"],
            self._names.provider(a["provider"]),
            a["effort_fte"],
            before,
            round(after, 2),
            None if before is None else round(before - after, 2),
            a["cost"]["transition_annualised"],
            held.distance_km if held else None,
            a["distance_km"],
            held.overlap_hours if held else None,
            a["overlap_hours"],
            move_reason(a, held, self._case, self._names, site),
        )

    def assignments(self) -> Sheet:
        """Who serves whom with what, at what cost."""
        columns: list[tuple[str, Kind]] = [*_entity_columns(), ("Provider id", "id"), ("Provider", "text")]
        columns += [("Provider city", "text"), ("Provider country", "text"), ("Was", "text"), ("Backup", "text")]
        columns += [("Volume", "figure"), ("Unit", "text"), ("FTE", "fte"), ("Cost a year", "money")]
        columns += [(TERM_TITLES[t], "money") for t in COST_TERMS]
        columns += [
            ("Cost per unit", "money"),
            ("km", "whole"),
            ("Shared hours", "figure"),
            ("Worst week, h", "figure"),
        ]
        columns += [("Languages missing", "text"), ("Next best", "text"), ("Would add", "money"), ("Decided", "flag")]
        return Sheet(
            "assignments", [*columns, ("Volume is", "text")], [self._assignment(a) for a in self._plan["assignments"]]
        )

    def _assignment(self, a: dict[str, Any]) -> tuple[Any, ...]:
        names, second = self._names, a["runner_up"] or {}
        found = self._case.service.get(a["service"])
        return (
            *self._demand(a),
            a["provider"],
            names.provider(a["provider"]),
            *self._place(a["provider"]),
            names.provider(a["moved_from"]) if a["moved_from"] else None,
            names.provider(a["backup"]) if a["backup"] else None,
            a["volume"],
            found.unit if found else None,
            a["effort_fte"],
            round(sum(a["cost"].values()), 2) if a["price"] is not None else None,
            *(a["cost"][t] for t in COST_TERMS),
            a["price"],
            a["distance_km"],
            a["overlap_hours"],
            a["overlap_hours_worst"],
            ", ".join(a["languages_missing"]) or None,
            names.provider(second["provider"]) if second else None,
            second.get("extra_cost"),
            a["by_decision"],
            tell(a["volume_basis"]),
        )

    def centres(self) -> Sheet:
        """Every centre: what it does in the plan and today."""
        today = {r["id"]: r["fte_today"] for r in self._plan["people"]["by_provider"]}
        rows = []
        for s in sorted(self._plan["sites"], key=lambda s: (-s["effort_fte"], s["provider"])):
            provider = self._case.provider.get(s["provider"])
            state = site_state(s["open"], provider.status if provider else "open", s["effort_fte"])
            figures = (s["effort_fte"], s["base_fte"], s["capacity_fte"], s["utilisation"], s["entities"])
            rows.append((*self._who("provider", s["provider"]), tell(state), today.get(s["provider"]), *figures))
        columns: list[tuple[str, Kind]] = [*_WHO, ("State", "text"), ("FTE today", "fte"), ("FTE in the plan", "fte")]
        columns += [("Others’, FTE", "fte"), ("Capacity, FTE", "fte"), ("Use", "share"), ("Entities", "whole")]
        return Sheet("centres", columns, rows)

    def people(self) -> Sheet:
        """Work that leaves and arrives by place, organisation and provider, never netted."""
        rows = []
        for kind in ("place", "organisation", "provider"):
            for r in sorted(self._plan["people"][f"by_{kind}"], key=lambda r: (-(r["fte_in"] + r["fte_out"]), r["id"])):
                name = self._names.provider(r["id"]) if kind == "provider" else r["id"]
                rows.append((tell(kind), name, r["fte_today"], r["fte_out"], r["fte_in"], r["fte_plan"]))
        columns: list[tuple[str, Kind]] = [
            ("Grouped by", "text"),
            ("Name", "text"),
            ("FTE today", "fte"),
            ("Leaves", "fte"),
        ]
        return Sheet("people", [*columns, ("Arrives", "fte"), ("FTE in the plan", "fte")], rows)

    def findings(self) -> Sheet:
        """What was found about data and plan."""
        rows = [
            (
                tell(SEVERITIES.get(i["severity"], i["severity"])),
                humanise(i["code"]),
                i["code"],
                place_of(i),
                i["message"],
                i.get("remedy"),
            )
            for i in self._plan["issues"]
        ]
        columns: list[tuple[str, Kind]] = [("Severity", "text"), ("Kind", "text"), ("Code", "id"), ("Where", "text")]
        return Sheet("findings", [*columns, ("What", "long"), ("What to do", "long")], rows)

    def _who(self, kind: str, key: str) -> tuple[Any, ...]:
        """Id, name, city, country."""
        if kind == "service":
            return key, self._names.service(key), None, None
        if kind == "provider":
            return key, self._names.provider(key), *self._place(key)
        found = self._case.entity.get(key)
        return key, self._names.entity(key), *_named(found.place if found else None)

    def _demand(self, a: dict[str, Any]) -> tuple[Any, ...]:
        return *self._who("entity", a["entity"]), a["service"], self._names.service(a["service"])

    def _place(self, provider: str | None) -> tuple[Any, Any]:
        found = self._case.provider.get(provider) if provider not in (None, OWN) else None
        return _named(found.place if found else None)


_WHO: list[tuple[str, Kind]] = [("Id", "id"), ("Name", "text"), ("City", "text"), ("Country", "text")]
_SAVING = 13
"""Place of the saving in a row of moves."""


def _entity_columns() -> list[tuple[str, Kind]]:
    who: list[tuple[str, Kind]] = [("Entity id", "id"), ("Entity", "text"), ("City", "text"), ("Country", "text")]
    return [*who, ("Service id", "id"), ("Service", "text")]


def _titled(facts: list[Fact]) -> list[Fact]:
    return [(tell(title), value, kind, note) for title, value, kind, note in facts]


def _named(place: Place | None) -> tuple[Any, Any]:
    return (None, None) if place is None else (place.city or None, territory(place.country))
