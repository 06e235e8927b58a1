"""What a caller may ask of a solve: the same defaults for the package and the command."""

from __future__ import annotations

import dataclasses

import pytest

import data
from optimizer import SolveParams
from optimizer.domain.params import DEFAULT_TIME_LIMIT_S
from optimizer.pipeline import solve_case
from optimizer.stating import price_case
from optimizer.tables import read_case


@pytest.mark.parametrize(
    ("given", "limit"),
    [
        ({}, 300.0),
        ({"seed": 3}, 300.0),
        ({"work_limit": 5}, None),  # work alone decides where the solver stops
        ({"time_limit_s": None}, None),
        ({"time_limit_s": 7.5}, 7.5),
        ({"time_limit_s": 7.5, "work_limit": 5}, 7.5),
    ],
)
def test_without_a_limit_a_solve_stops_after_300_seconds(given, limit):
    assert DEFAULT_TIME_LIMIT_S == 300.0
    params = SolveParams(**given)
    assert params.time_limit_s == limit
    assert dataclasses.replace(params, threads=2).time_limit_s == limit
    assert params == SolveParams(**given)


def test_the_package_solves_under_the_limit_of_the_command():
    case, _ = read_case(data.case_path("tiny"))
    assert solve_case(case)["run"]["limits"]["time_limit_s"] == 300.0
    endless = solve_case(case, SolveParams(time_limit_s=None))
    assert (endless["run"]["limits"]["time_limit_s"], endless["status"]["solution"]) == (None, "optimal")


def test_a_list_that_was_only_priced_had_no_limit():
    case, _ = read_case(data.case_path("tiny"))
    priced = price_case(case, [(c.entity, c.service, c.provider) for c in case.current])
    assert priced["run"]["limits"]["time_limit_s"] is None
