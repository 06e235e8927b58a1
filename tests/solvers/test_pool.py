"""Children wait for the next request of this process, and no longer than they should."""

from __future__ import annotations

import os
import threading

import psutil
import pytest

from optimizer.domain.params import SolveParams
from optimizer.solvers.base import Request
from optimizer.solvers.handle import Child
from optimizer.solvers.pool import ChildPool, common_pool, end_common_pool
from optimizer.solvers.process import run
from tests.solvers import hand

PROGRAM = hand.covering(4, 2)


def solved(**params):
    return run("highs", Request(PROGRAM.problem, PROGRAM, SolveParams(**params)))


@pytest.fixture
def started(monkeypatch):
    """Children that begin within the test, the common pool being empty before."""
    end_common_pool()
    found, begin = [], Child.__init__

    def noted(child, family):
        begin(child, family)
        found.append(child)

    monkeypatch.setattr(Child, "__init__", noted)
    yield found
    end_common_pool()


class TestCommon:
    def test_solves_without_a_pool_share_a_child(self, started):
        assert [solved().stopped_by, solved().stopped_by] == ["finished"] * 2
        assert len(started) == 1
        assert started[0].alive

    def test_ends_with_its_pool(self, started):
        solved()
        end_common_pool()
        assert not started[0].alive

    def test_limited_memory_is_counted_from_a_fresh_child(self, started):
        solved()
        solved(memory_limit_mb=4000)
        first, second = started
        assert first.alive
        assert not second.alive, "it was for this solve alone"

    def test_another_environment_takes_another_child(self, started, monkeypatch):
        solved()
        monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
        solved()
        assert len(started) == 2
        assert psutil.Process(started[1].pid).environ()["NUMBA_NUM_THREADS"] == "1"
        monkeypatch.delenv("NUMBA_NUM_THREADS")
        solved()
        assert len(started) == 2, "the first one fits again"

    def test_a_fork_has_a_pool_of_its_own(self, monkeypatch):
        ours = common_pool()
        with monkeypatch.context() as forked:
            forked.setattr(os, "getpid", lambda: -1)
            theirs = common_pool()
            end_common_pool()
        assert theirs is not ours
        assert common_pool() is ours


class TestIdle:
    def test_ends_when_nobody_wants_it(self, started):
        over = threading.Event()
        with ChildPool(idle_s=0.0) as pool:
            child = pool.take("highs")
            kill = child.kill
            child.kill = lambda: (kill(), over.set())
            pool.give_back(child)
            assert over.wait(60)
            assert not child.alive
            again = pool.take("highs")
            assert again is not child
            pool.give_back(again)

    def test_waits_for_as_long_as_its_pool_where_no_time_is_given(self, started):
        with ChildPool() as pool:
            child = pool.take("highs")
            pool.give_back(child)
            assert pool._clock is None
            assert pool.take("highs") is child
            pool.give_back(child)
        assert not child.alive

    def test_a_child_that_died_waiting_is_not_handed_out(self, started):
        with ChildPool() as pool:
            child = pool.take("highs")
            pool.give_back(child)
            child.kill()
            again = pool.take("highs")
            assert again is not child
            assert again.alive
            pool.give_back(again)
