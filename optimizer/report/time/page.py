"""Sections of the report of a plan over time, in the order in which they are asked for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from optimizer.report.blocks import Block, Cell, Column, Facts, Row, Section, Table
from optimizer.report.detail import next_best
from optimizer.report.findings import (
    assumed_share,
    assumption_table,
    basis_words,
    decisions_section,
    findings_section,
    provenance_section,
)
from optimizer.report.losers import worse_section
from optimizer.report.numbers import count, decimal, many, money, percent, plain_figure, tell
from optimizer.report.proof import rules_section, today_section
from optimizer.report.time.cash import cash_section, proof_section
from optimizer.report.time.gantt import waves_section
from optimizer.report.time.load import load_section
from optimizer.report.time.people import posts_section
from optimizer.report.time.periods import Periods

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.report.naming import Names

__all__ = ["sections_over_time"]


def sections_over_time(plan: dict[str, Any], case: Case, names: Names) -> list[Section]:
    """All of them; without a plan, what was found and where it comes from."""
    if plan["cost"] is None:
        return [findings_section(plan), provenance_section(plan, case)]
    found = [
        waves_section(plan, case, names),
        cash_section(plan),
        posts_section(plan, names),
        load_section(plan, names),
        worse_section(plan, names),
        proof_section(plan),
        today_section(plan, names),
        rules_section(plan, names),
        findings_section(plan),
        _data_section(plan, case),
        decisions_section(plan, case, names),
        _detail_section(plan, names),
        provenance_section(plan, case),
    ]
    return [s for s in found if s is not None]


def _data_section(plan: dict[str, Any], case: Case) -> Section:
    """What the figures rest on."""
    rows = plan["assignments"]
    guess = sum(1 for a in rows if a["volume_basis"] == "estimated")
    basis = Counter([*(a.basis for a in case.assumptions), *(p.basis for p in case.paths if p.basis)])
    pairs = [
        ("Volumes estimated from headcount", tell("{n} of {all} assignments", n=count(guess), all=count(len(rows)))),
        ("Statements about inputs", basis_words(basis)),
        (
            "Figures that change with time",
            tell(
                "paths: {paths} rows; profiles: {profiles}",
                paths=count(len(case.paths)),
                profiles=count(len(case.profiles)),
            ),
        ),
    ]
    blocks: list[Block] = [Facts(pairs)]
    if case.paths:
        blocks.append(_path_table(case))
    if case.assumptions:
        blocks.append(assumption_table(case))
    share = assumed_share(case)
    lede = tell("No statement says where the inputs come from.")
    if share is not None:
        lede = tell("{part} of the statements about inputs are assumptions.", part=percent(share, 0))
    return Section("data", "Quality of the data", lede, blocks)


def _path_table(case: Case) -> Table:
    rows: list[Row] = [
        [
            Cell(p.table, sub=p.key),
            p.column,
            p.from_.isoformat(),
            tell("{kind} {figure}", kind=tell(p.kind), figure=plain_figure(p.amount)),
            tell(p.basis) if p.basis else "",
            Cell(p.reason, sub=p.source),
        ]
        for p in case.paths
    ]
    columns = (
        Column("Table, key", wide=True),
        Column("Column"),
        Column("From", code=True),
        Column("Becomes", code=True),
        Column("Basis"),
        Column("Reason and source", wide=True),
    )
    return Table(columns, rows, "rows", "Figures that change", first=8)


def _detail_section(plan: dict[str, Any], names: Names) -> Section:
    """Every stretch: who serves whom with what, from when to when, at what cost."""
    when = Periods(plan)
    rows: list[Row] = [
        [
            names.entity_cell(a["entity"]),
            names.service(a["service"]),
            tell("{first} – {last}", first=when.label(a["from_period"]), last=when.label(a["until_period"])),
            names.provider_cell(a["provider"]),
            decimal(a["effort_fte"], 2),
            money(sum(a["cost"].values())),
            next_best(a["runner_up"], names),
        ]
        for a in plan["assignments"]
    ]
    columns = (
        Column("Entity", wide=True),
        Column("Service"),
        Column("When"),
        Column("Source", wide=True),
        Column("FTE", numeric=True),
        Column(tell("{currency}, whole time", currency=plan["run"]["currency"]), numeric=True),
        Column("Next best", numeric=True),
    )
    note = (
        "Next best: what another source for this stretch alone, dates kept, would add to the discounted cost; "
        "blank where the rules leave none."
    )
    table = Table(columns, rows, "assignments", "Who serves whom, from when to when", first=0, note=note)
    lede = many("{n} stretch of one source.", "{n} stretches of one source each.", len(rows))
    return Section(
        "detail",
        "Every assignment",
        lede,
        [table],
    )
