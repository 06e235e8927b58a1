"""The report: one HTML file that needs nothing else, neither network nor script."""

from __future__ import annotations

import base64
import hashlib
import uuid
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.domain.held import is_empty_plan
from optimizer.domain.steady import is_over_time
from optimizer.report import palette
from optimizer.report.changes import moves_section, people_section, worse_section
from optimizer.report.detail import detail_section, unserved_section
from optimizer.report.findings import data_section, decisions_section, findings_section, provenance_section
from optimizer.report.headline import headline
from optimizer.report.money import cost_section, savings_section
from optimizer.report.moving import curve_section
from optimizer.report.naming import Names, clean
from optimizer.report.network import centres_section, map_section
from optimizer.report.proof import bound_section, rules_section, today_section
from optimizer.report.study_blocks import study_section
from optimizer.report.time.headline import headline_over_time
from optimizer.report.time.page import sections_over_time

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment

    from optimizer.domain.case import Case
    from optimizer.report.blocks import Section

__all__ = ["environment", "render_report", "resource", "sections", "write_report"]


def write_report(
    plan: dict[str, Any],
    case: Case,
    path: str | os.PathLike[str],
    *,
    replanned: Mapping[str, Any] | None = None,
    studies: Sequence[Mapping[str, Any]] = (),
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

    Returns
    -------
    Path
        The file written.
    """
    target = Path(path)
    text = render_report(plan, case, replanned, studies)
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return target


def render_report(
    plan: dict[str, Any],
    case: Case,
    replanned: Mapping[str, Any] | None = None,
    studies: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the report as text of one HTML page."""
    env = environment()
    dynamic, names = is_over_time(plan), Names(case)
    script = resource("page.js").strip()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return env.get_template("page.html.j2").render(
        head=headline_over_time(plan, case, names) if dynamic else headline(plan, case),
        sections=[
            *(sections_over_time(plan, case, names) if dynamic else sections(plan, case, replanned)),
            *(study_section(answer) for answer in studies),
        ],
        kicker=_kicker(plan, dynamic=dynamic),
        plan=plan,
        case=case,
        name=plan["run"]["name"] or case.name or "Unnamed case",
        style=resource("page.css").strip(),
        script=script,
        script_hash=digest,
        palette=palette,
    )


def _kicker(plan: dict[str, Any], *, dynamic: bool) -> str:
    """The small line over the title: what it is, when it was made, what money means."""
    kind, unit = ("Plan over time", "over the whole time") if dynamic else ("Assignment plan", "a year")
    return f"{kind} · {plan['run']['created'][:10]} · money in {plan['run']['currency']} {unit} unless said"


def sections(plan: dict[str, Any], case: Case, replanned: Mapping[str, Any] | None = None) -> list[Section]:
    """Sections in the order a planner asks; findings come first when there is no plan."""
    names = Names(case)
    solved = plan["status"]["solution"] in ("optimal", "feasible")
    findings = findings_section(plan)
    some = any(a["provider"] is not None for a in plan["assignments"]) or is_empty_plan(plan)
    unmet = unserved_section(plan, names) if some else None
    first = [unmet] if solved else [findings, unmet, rules_section(plan, names) if some else None]
    reasons = replanned["moved"][0] if replanned and replanned["moved"] else ()
    middle = [
        cost_section(plan, case) if some else None,
        map_section(plan, case) if some else None,
        centres_section(plan, case, names) if some else None,
        curve_section(replanned) if replanned and replanned["points"] else None,
        moves_section(plan, names, reasons) if some else None,
        people_section(plan, names) if some else None,
        worse_section(plan, names),
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


def resource(name: str) -> str:
    """A file of the templates."""
    return resources.files("optimizer.report").joinpath("templates", name).read_text(encoding="utf-8")


def environment() -> Environment:
    """Templates with escaping of everything that was not made here."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    env = Environment(
        loader=PackageLoader("optimizer.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda v: clean(v) if isinstance(v, str) and not isinstance(v, Markup) else v,
    )
    env.tests["text"] = lambda v: isinstance(v, str)
    env.filters["block_kind"] = lambda block: type(block).__name__
    return env
