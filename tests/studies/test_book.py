"""A study that was cut short goes on at the next point: what is in the book is not solved again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.answer import Point
from optimizer.domain.errors import StudyTooLarge
from optimizer.session import Session
from optimizer.solvers.accept.solve import Watch


class Pages:
    """A book in memory; stops its study after so many points."""

    def __init__(self, most: int = 1000) -> None:
        self.kept: dict[str, tuple[Point, Mapping[str, Any] | None]] = {}
        self.asked: list[str] = []
        self.most = most

    def known(self, key: str) -> tuple[Point, Mapping[str, Any] | None] | None:
        self.asked.append(key)
        return self.kept.get(key)

    def answered(self, key: str, point: Point, plan: Mapping[str, Any] | None) -> None:
        assert key not in self.kept
        self.kept[key] = (point, plan)

    def stops(self) -> bool:
        return len(self.kept) >= self.most


def curve(session: Session, book: Pages, **question: Any) -> dict[str, Any]:
    question = {"over": "moves", "time_limit": 120, **question}
    return dg.study("curve", session, watch=Watch(cancelled=book.stops), book=book, **question).as_dict()


def test_a_study_that_was_stopped_goes_on_at_the_next_point() -> None:
    book = Pages(most=3)
    with Session(dg.example("tiny")) as session:
        cut = curve(session, book)
        first = dict(book.kept)
        assert list(first) == ["fewest moves", "moves 0.0", "moves 1.0"]
        assert [p["detail"] == "it was stopped" for p in cut["points"]] == [False, False, True, True, True]
    book.most, book.asked = 1000, []
    with Session(dg.example("tiny")) as session:
        whole = curve(session, book)
    assert {k: book.kept[k] for k in first} == first
    assert {p["status"] for p in whole["points"]} == {"proven"}
    assert [p["at"] for p in whole["points"]] == [p["at"] for p in cut["points"]]
    assert whole["plans"][:2] == [first[k][1] for k in ("moves 0.0", "moves 1.0")]
    assert book.asked == list(book.kept)


def test_searches_keep_rows_and_the_answer_is_the_same_from_the_book() -> None:
    book = Pages()
    question: dict[str, Any] = {"name": "agencies", "time_limit": 120}
    whole = dg.study("scenarios", dg.example("tiny"), book=book, **question)
    searches = [plan for key, (_, plan) in book.kept.items() if key.startswith("search ")]
    assert searches
    assert {tuple(plan) for plan in searches if plan is not None} == {("assignments",)}
    number = len(book.kept)
    again = dg.study("scenarios", dg.example("tiny"), book=book, **question)
    assert len(book.kept) == number  # nothing was searched for anew
    assert again.points == whole.points
    assert again.tables == whole.tables
    assert [p["assignments"] for p in again.plans] == [p["assignments"] for p in whole.plans]


def test_what_was_not_answered_is_asked_again() -> None:
    book = Pages()
    with Session(dg.example("tiny")) as session:
        none = dg.study("curve", session, over="sites", values=(1, 2), time_limit=0, book=book)
        assert {p.status for p in none.points} == {"not_answered"}
        assert book.kept == {}
        assert {p["status"] for p in curve(session, book, over="sites", values=(1, 2))["points"]} == {"proven"}


def test_too_many_points_are_refused_with_a_place_and_a_remedy() -> None:
    with pytest.raises(StudyTooLarge, match="at most 50 points, not 51") as caught:
        dg.study("curve", dg.example("tiny"), over="budget", values=tuple(map(float, range(51))))
    assert (caught.value.place, caught.value.code) == ("values", "study_too_large")
    assert "50" in caught.value.remedy
