"""Documents of the real pipeline: the fakes have their shape, and they render."""

from __future__ import annotations

import io
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from optimizer.domain.case import Case
from optimizer.report.compare import diff
from optimizer.report.html import render_report
from optimizer.report.terminal import print_diff, print_summary
from optimizer.stating import price_case
from optimizer.tables import read_case
from tests.report.conftest import Library
from tests.report.fixtures.markup import Page


@pytest.fixture(scope="module")
def tiny() -> tuple[Case, dict[str, Any], dict[str, Any]]:
    """The packaged tiny case, today's arrangement and another one, both priced without a solver."""
    case, issues = read_case(Path(str(resources.files("data.cases") / "tiny")))
    today = [(*key, row.provider) for key, row in sorted(case.current_of.items())]
    rows = {d.key: case.locks.get(d.key) or _first_offer(case, d.service) for d in case.demands}
    other = [(*key, provider) for key, provider in rows.items()]
    return case, price_case(case, today, issues), price_case(case, other, issues)


def _first_offer(case: Case, service: str) -> str:
    return next(
        o.provider for o in case.offers if o.service == service and case.provider[o.provider].status != "closed"
    )


def _keys(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {path}.union(*(_keys(v, f"{path}.{k}") for k, v in value.items()))
    if isinstance(value, list):
        return {path}.union(*(_keys(v, f"{path}[]") for v in value))
    return {path}


def test_fakes_have_the_shape_of_real_documents(library: Library, tiny: tuple[Case, Any, Any]) -> None:
    """Every key the fakes rely on exists in the pipeline's document."""
    _, today, other = tiny
    real = _keys(today) | _keys(other)
    loose = (".run.solver.versions", ".run.timings", ".run.tags", ".issues", ".baseline.violations", ".run.limits")
    lists = ("violations[]", "worse_than_today[]", "languages_missing[]", "exempted[]", "unallocated[]", "runner_up")
    fake = {k for k in _keys(library.plan("usual")) if not k.startswith(loose) and not any(x in k for x in lists)}
    assert fake <= real


def test_real_documents_render(tiny: tuple[Case, Any, Any]) -> None:
    """HTML, summary and difference of documents that no test made up."""
    case, today, other = tiny
    for plan in (today, other):
        page = Page(render_report(plan, case))
        assert page.all("h1")
        print_summary(plan, Console(file=io.StringIO(), width=80))
    out = io.StringIO()
    print_diff(diff(today, other), Console(file=out, width=80))
    assert "Both plans answer the same case" in out.getvalue()
