"""Schemathesis over the whole description, all checks: nothing undocumented, nothing that breaks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.api.conformance import schemathesis, seed
from tests.api.databases import fresh
from tests.api.serving import ADMIN, Api, service
from tests.api.worlds import house_at, world

FEW, EXAMPLES = (1, 1), (20, 100)
"""Requests of each kind for an operation, and chains of them."""


def judge(done: Any, routes: int) -> None:
    """Fail with what Schemathesis has to say, unless it tried every operation and found nothing."""
    told = done.stdout[-20_000:] + done.stderr[-2000:]
    assert done.returncode == 0, told
    selected = re.search(r"Selected: (\d+)/(\d+)", done.stdout)
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert selected, told
    assert tested, told
    assert {*selected.groups(), *tested.groups()} == {str(routes)}, told


def operations(api: Api) -> int:
    """How many the description has."""
    return sum(len(methods) for methods in api.get("/openapi.json").json()["paths"].values())


def test_a_few_examples_of_everything(tmp_path: Path) -> None:
    """Without a worker: what is submitted waits, and little is solved while it lasts. Chains are for the full set."""
    house = house_at(tmp_path)
    try:
        held = world(house, ADMIN, "held").ids
        ids = {f"{kind}_id": [id_] for kind, id_ in held.items() if kind != "batch"}
        with house.listening() as url, Api(url) as api:
            done = schemathesis(url, ids, tmp_path, *FEW, "--phases", "examples,fuzzing")
            judge(done, operations(api))
    finally:
        house.close()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_service_does_what_its_description_says(kind: str, tmp_path: Path) -> None:
    limits = {
        "DESIGNATE_TIME_LIMIT_S": "2",
        "DESIGNATE_MAX_TIME_LIMIT_S": "60",
        "DESIGNATE_MAX_REQUESTS_PER_S": "0",
        "DESIGNATE_WEBHOOK_PRIVATE": "true",
    }
    with fresh(kind, tmp_path) as url, service(url, tmp_path, **limits) as process, Api(process.url) as api:
        judge(schemathesis(process.url, seed(api), tmp_path, *EXAMPLES), operations(api))
