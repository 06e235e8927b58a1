"""Questions that are functions of their own: what was answered is not solved again, what makes no sense is refused."""

from __future__ import annotations

from typing import Any

import pytest

from api.further.answers import Given, answer_further
from api.further.questions import FURTHER, BosCountries, horizon_of, question_of
from optimizer.domain.errors import UsageError
from optimizer.domain.params import SolveParams
from optimizer.solvers.accept.solve import Watch
from optimizer.studies.ask import STUDIES
from optimizer.studies.over_time.ask import OVER_TIME
from tests.studies.test_book import Pages


def islands(book: Pages, *, stopped: bool = False, time_limit: float | None = 60.0) -> dict[str, Any]:
    watch = Watch(cancelled=(lambda: True) if stopped else None)
    given = Given(None, None, None, SolveParams(time_limit_s=None), time_limit, watch, book)
    return answer_further("bos_countries", {"countries": ["BT", "BB"], "each_s": 10.0}, given)


def test_countries_that_are_in_the_book_are_not_solved_again() -> None:
    book = Pages()
    first = islands(book)
    assert sorted(book.kept) == ["BB", "BT"]
    again = islands(book, stopped=True, time_limit=0.0)
    assert again == first
    nothing = islands(Pages(), stopped=True, time_limit=0.0)
    assert [p["status"] for p in nothing["points"]] == ["not_answered"] * 2
    assert [r["solution"] for r in nothing["tables"]["countries"]] == ["not_reached"] * 2
    assert nothing["document"]["totals"]["with_plan"] == 0


def test_a_country_that_is_not_reached_is_tried_again() -> None:
    book = Pages()
    islands(book, stopped=True)
    assert book.kept == {}


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        ("range", {"samples": 0, "reoptimise": 2000}, ["samples is 0", "reoptimise is 2000"]),
        ("replan", {"until": 121, "by": 0}, ["until is 121", "by is 0"]),
        ("replan", {"service": "pay"}, ["say which period slips"]),
        ("shares", {"samples": 0}, ["samples is 0"]),
        ("bos_countries", {"countries": ["XX", "YY"], "each_s": 0.5}, ["XX, YY", "each_s is 0.5"]),
    ],
)
def test_what_makes_no_sense_is_told_at_once(kind: str, fields: dict[str, Any], told: list[str]) -> None:
    with pytest.raises(UsageError) as refused:
        question_of(kind, fields)
    assert all(text in str(refused.value) for text in told)


def test_every_kind_says_which_cases_it_takes() -> None:
    assert question_of("why", {}) is None, "a kind of optimizer.studies is asked there"
    assert {horizon_of(q.kind) for q in FURTHER} == {"either", "with", "without"}
    for question in STUDIES:
        kind = question.kind.replace("-", "_")
        assert horizon_of(kind) == ("either" if kind in OVER_TIME else "without")
    assert BosCountries(("KE",)).countries == ("KE",)
