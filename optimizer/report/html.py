"""The report: one HTML file that needs no network; without script it shows the first rows of long tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.domain.held import is_empty_plan
from optimizer.domain.steady import is_over_time
from optimizer.files import write_text_atomic
from optimizer.report.changes import people_section
from optimizer.report.detail import detail_section, unserved_section
from optimizer.report.findings import data_section, decisions_section, findings_section, provenance_section
from optimizer.report.headline import headline
from optimizer.report.language import Words
from optimizer.report.losers import worse_section
from optimizer.report.money import cost_section, savings_section
from optimizer.report.moves import moves_section
from optimizer.report.moving import curve_section
from optimizer.report.naming import Names
from optimizer.report.network import centres_section, map_section
from optimizer.report.numbers import count, tell
from optimizer.report.pages import render_page
from optimizer.report.places import Day
from optimizer.report.proof import bound_section, rules_section, today_section
from optimizer.report.ranges import range_section
from optimizer.report.study_blocks import study_section
from optimizer.report.time.headline import headline_over_time
from optimizer.report.time.page import sections_over_time
from optimizer.report.wording import compared

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.plan.today import Today
    from optimizer.report.blocks import Section

__all__ = ["render_report", "sections", "write_report"]


def write_report(
    plan: dict[str, Any],
    case: Case,
    path: str | os.PathLike[str],
    *,
    replanned: Mapping[str, Any] | None = None,
    studies: Sequence[Mapping[str, Any]] = (),
    ranges: Mapping[str, Any] | None = None,
    language: str = "en",
) -> Path:
    """Write the report of a plan; an existing file is replaced only when the new one is complete.

    Parameters
    ----------
    plan : dict
        Plan document ``designate.plan/1`` or, of a plan over time, ``designate.plan/2``; of any status.
    case : Case
        The case it was made for: names, places, policy, assumptions.
    path : path-like
        HTML file to write.
    replanned : mapping, optional
        The re-optimisation (``designate.reoptimisation/1``) whose first plan it is: adds how little can move, what
        further moves buy, and a reason to each move.
    studies : sequence of mapping
        Answers ``designate.study/1`` to show with it, e.g. which decisions are safe and what a rule costs.
    ranges : mapping, optional
        ``designate.range/1``: what the plan comes to under uncertain assumptions.
    language : str, default "en"
        One of ``LANGUAGES``. Messages about the input stay English.

    Returns
    -------
    Path
        The file written.
    """
    target = Path(path)
    write_text_atomic(target, render_report(plan, case, replanned, studies, ranges, language))
    return target


def render_report(
    plan: dict[str, Any],
    case: Case,
    replanned: Mapping[str, Any] | None = None,
    studies: Sequence[Mapping[str, Any]] = (),
    ranges: Mapping[str, Any] | None = None,
    language: str = "en",
) -> str:
    """Return the report as text of one HTML page."""
    dynamic, names = is_over_time(plan), Names(case)
    return render_page(
        "report.html.j2",
        "page",
        language,
        head=headline_over_time(plan, case, names, ranges) if dynamic else headline(plan, case, ranges),
        sections=[
            *(sections_over_time(plan, case, names) if dynamic else sections(plan, case, replanned, language)),
            *([] if ranges is None else [range_section(ranges, plan)]),
            *(study_section(answer, language) for answer in studies),
        ],
        kicker=_kicker(plan, case, dynamic=dynamic),
        foot=_foot(plan),
        name=plan["run"]["name"] or case.name or tell("Unnamed case"),
    )


def _kicker(plan: dict[str, Any], case: Case, *, dynamic: bool) -> str:
    """The small line at the top: how large, of which day, when it was made, what money means."""
    return tell(
        "{entities} entities · data of {day} · plan of {made} · money in {currency} over the whole time unless said"
        if dynamic
        else "{entities} entities · data of {day} · plan of {made} · money in {currency} a year unless said",
        entities=count(len(case.entities)),
        day=Day(case.policy.as_of),
        made=Day(date.fromisoformat(plan["run"]["created"][:10])),
        currency=plan["run"]["currency"],
    )


def _foot(plan: dict[str, Any]) -> str:
    return tell(
        "Made by Designate {version} on {made} from case {case}. Every figure is from the plan’s document and its "
        "case; sums and differences apart, nothing is computed anew.",
        version=plan["run"]["product_version"],
        made=plan["run"]["created"],
        case=plan["run"]["case_hash"][:12],
    )


def sections(
    plan: dict[str, Any], case: Case, replanned: Mapping[str, Any] | None = None, language: str = "en"
) -> list[Section]:
    """Sections in the order a planner asks: who loses comes first; without a plan, what was found.

    Parameters
    ----------
    plan : dict
        ``designate.plan/1``.
    case : Case
    replanned : mapping, optional
        As of ``write_report``.
    language : str, default "en"
        Of what is told of a re-optimisation; the page puts all else into its language.
    """
    names = Names(case)
    solved = plan["status"]["solution"] in ("optimal", "feasible")
    findings = findings_section(plan)
    some = any(a["provider"] is not None for a in plan["assignments"]) or is_empty_plan(plan)
    unmet = unserved_section(plan, names) if some else None
    first = [unmet] if solved else [findings, unmet, rules_section(plan, names) if some else None]
    reasons = replanned["moved"][0] if replanned and replanned["moved"] else ()
    middle = [
        worse_section(plan, names),
        cost_section(plan, case) if some else None,
        map_section(plan, case) if some else None,
        centres_section(plan, case, names) if some else None,
        curve_section(replanned, Words(language)) if replanned and replanned["points"] else None,
        moves_section(plan, case, names, _today(plan, case), reasons) if some else None,
        people_section(plan, names) if some else None,
        savings_section(plan, names),
    ]
    last = [
        *([bound_section(plan), rules_section(plan, names)] if solved else []),
        today_section(plan, names),
        *([findings] if solved else []),
        data_section(plan, case),
        decisions_section(plan, case, names),
        detail_section(plan, names) if some else None,
        provenance_section(plan, case),
    ]
    return [s for s in (*first, *middle, *last) if s is not None]


def _today(plan: dict[str, Any], case: Case) -> Mapping[tuple[str, str], Today]:
    """Today demand by demand, where there is something to compare and the case is the plan's own."""
    from optimizer.plan.today import today_by_demand

    same = plan["run"]["case_hash"] == case.case_hash
    return today_by_demand(case) if same and compared(plan) is not None else {}
