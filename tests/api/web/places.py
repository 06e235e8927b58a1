"""Every page and form with an address that fits a filled workspace, and who may use it. Written by hand."""

from __future__ import annotations

import re
from typing import Any

from starlette.routing import Route

from tests.api.worlds import House


def words(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


OPEN = words("page_static page_language page_sign_in page_sign_in_send page_first page_first_send page_template")
READ = words("""
    page_sign_out page_start page_cases page_case page_case_table page_case_download page_plans page_plan
    page_plan_moves page_plan_chart
    page_plan_live page_plan_workbook page_plan_report page_why_find page_why page_compare page_decide
    page_studies
    page_study page_study_live page_study_report page_missions page_jobs page_time
    page_money page_plan_money page_prices page_prices_report page_prices_workbook page_statement page_agreements
    page_ledger page_ledger_report page_ledger_workbook page_objection_make
""")
PLAN = words("""
    page_case_new page_case_create page_case_example page_case_revise page_case_carry page_decision_withdraw
    page_compare_ask page_solve page_solve_send page_plan_stop page_why_ask page_why_decide page_plan_submit
    page_study_new page_study_send page_study_stop page_study_keep page_job_stop page_plan_commit page_prices_make
    page_objection_price
    page_draft page_draft_start page_draft_save page_draft_encoding page_draft_workbook page_draft_make
    page_draft_delete
""")
APPROVE = {"page_plan_approve", "page_plan_reject", "page_objection_answer"}
OPERATE = {"page_plan_apply", "page_plan_retry", "page_mission_new", "page_mission_send", "page_job_retry"} | words(
    "page_ledger_make page_ledger_record page_ledger_scope"
)
MANAGE = {"page_admin", "page_key_create", "page_key_revoke", "page_audit"}
ALLOWED = {
    "viewer": READ,
    "planner": READ | PLAN,
    "approver": READ | APPROVE,
    "operator": READ | PLAN | OPERATE,
    "admin": READ | PLAN | APPROVE | OPERATE | MANAGE,
}
PLAIN = {"kind": "xlsx", "table": "entities", "number": "0", "digest": "x", "name": "app.css", "chart": "map"}


def routes(house: House) -> list[Route]:
    """All of them."""
    found: list[Route] = house.app.state.pages.routes
    return found


def method(route: Route) -> str:
    """``GET`` or ``POST``."""
    return next(m for m in sorted(route.methods or ()) if m != "HEAD")


def address(route: Route, ids: dict[str, str]) -> str:
    """An address of the page about things of these ids."""
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda m: PLAIN.get(m[1]) or ids[m[1].removesuffix("_id")], route.path)


def shown(house: House, ids: dict[str, str], names: set[str]) -> list[tuple[str, str]]:
    """Name and address of pages that show something in HTML."""
    files = {
        "page_static",
        "page_template",
        "page_case_download",
        "page_draft_workbook",
        "page_plan_workbook",
        "page_plan_report",
        "page_plan_chart",
    }
    left_out = files | {
        "page_plan_chart",
        "page_study_report",
        "page_prices_report",
        "page_prices_workbook",
        "page_ledger_report",
        "page_plan_live",
        "page_study_live",
        "page_ledger_workbook",
        "page_why_find",
        "page_first",
    }
    found = [(r.name, address(r, ids)) for r in routes(house) if method(r) == "GET" and r.name in names - left_out]
    plan = f"/plans/{ids['plan']}"
    more: list[tuple[str, Any]] = [
        ("page_plan", f"{plan}?q=alpha&sort=cost&moved=1&losers=all&movers=all"),
        ("page_why", f"{plan}/why?entity=ALPHA&service=payables"),
        ("page_why", f"{plan}/why?entity=office"),
        ("page_statement", f"/prices/{ids['price_list']}/statement?client=ALPHA"),
        ("page_compare", f"/compare?first={ids['plan']}&second={ids['second']}"),
    ]
    return found + [m for m in more if m[0] in names]
