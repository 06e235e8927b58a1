"""At a terminal: progress, Ctrl-C, and what happens when the solver's process is lost."""

from __future__ import annotations

import json
import os
import re
import signal

import pytest

from tests.cli.terminal import inside, terminal

PLAN = r"plan [\d,]+"
"""Progress shows a plan."""


@pytest.fixture(scope="module")
def long_case(tmp_path_factory):
    """Plans come within seconds, a proof does not come within minutes."""
    folder = tmp_path_factory.mktemp("long") / "case"
    sizes = ("--entities", "25", "--services", "6", "--providers", "8")
    assert inside("example", *sizes, folder).returncode == 0
    return folder


@pytest.fixture
def solve(long_case, tmp_path):
    """Start a long solve at a terminal; the plan goes to ``plan.json``."""

    def begin(*arguments, backend="highs"):
        out = tmp_path / "plan.json"
        return terminal(tmp_path / "out.txt", "solve", long_case, "--backend", backend, "--out", out, *arguments)

    return begin


def kept(folder, case):
    """The plan that was written, once it verifies."""
    assert inside("verify", case, folder / "plan.json").returncode == 0
    return json.loads((folder / "plan.json").read_text(encoding="utf-8"))


class TestScreen:
    def test_progress_on_the_terminal_result_on_standard_output(self, tiny, tmp_path):
        with terminal(tmp_path / "out.txt", "solve", tiny) as screen:
            assert screen.end() == 0
            assert re.search(r"\d\.\d s  \w+", screen.screen)
            assert "Optimal plan" not in screen.screen
            assert "Optimal plan" in screen.stdout
            assert "\x1b" not in screen.stdout

    def test_json_shows_no_progress(self, tiny, tmp_path):
        with terminal(tmp_path / "out.txt", "solve", tiny, "--json") as screen:
            assert screen.end() == 0
            assert screen.raw == b""
            assert json.loads(screen.stdout)["schema"] == "designate.plan/1"

    @pytest.mark.slow
    def test_all_of_it_at_a_terminal(self, tiny, tmp_path):
        with terminal(tmp_path / "out.txt", "solve", tiny, stdout_too=True) as screen:
            assert screen.end() == 0
            assert "Optimal plan" in screen.screen
            assert b"\x1b[1" in screen.raw

    @pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
    def test_no_color(self, environment, coloured, broken, tmp_path):
        """Bold and dim are not colour."""
        with terminal(tmp_path / "out.txt", "validate", broken, stdout_too=True, **environment) as screen:
            assert screen.end() == 2
            codes = {c for found in re.findall(rb"\x1b\[([0-9;]*)m", screen.raw) for c in found.split(b";")}
            assert bool(codes - {b"", b"0", b"1", b"2", b"3", b"4"}) == coloured

    @pytest.mark.slow
    def test_shows_plan_bound_and_gap(self, solve):
        with solve() as screen:
            screen.see(PLAN + r"  bound [\d,]+  gap [\d,]+ \(\d+\.\d\d%\)")
            screen.see("branch and bound")


class TestCtrlC:
    def test_keeps_the_best_plan(self, solve, long_case, tmp_path):
        with solve() as screen:
            screen.see(PLAN)
            screen.press("\x03")
            assert screen.end() == 0
            assert "stopping, the best plan so far is kept" in screen.screen
            assert "Valid plan" in screen.stdout
            assert screen.children() == []
        plan = kept(tmp_path, long_case)
        assert (plan["status"]["solution"], plan["status"]["stopped_by"]) == ("feasible", "user")
        assert plan["bounds"]["gap_abs"] > 0

    @pytest.mark.slow
    def test_to_the_command_alone(self, solve, long_case, tmp_path):
        """As ``kill -INT`` and ``timeout`` do it."""
        with solve() as screen:
            screen.see(PLAN)
            screen.process.send_signal(signal.SIGTERM)
            assert screen.end() == 0
        assert kept(tmp_path, long_case)["status"]["stopped_by"] == "user"

    def test_second_one_ends_at_once(self, solve, tmp_path):
        with solve() as screen:
            screen.see(PLAN)
            child = screen.solver()
            child.suspend()  # a solver that does not listen
            screen.press("\x03")
            screen.see("once more to end at once")
            screen.press("\x03")
            assert screen.end() == 4
            assert "interrupted" in screen.screen
            assert "Traceback" not in screen.screen
            assert not child.is_running()
        assert not (tmp_path / "plan.json").exists()

    @pytest.mark.slow
    def test_solver_that_does_not_listen_is_killed(self, solve, long_case, tmp_path):
        """One Ctrl-C is enough: after a grace the child goes and the plan stays."""
        with solve() as screen:
            screen.see(PLAN)
            screen.solver().suspend()
            screen.press("\x03")
            assert screen.end() == 0
        assert kept(tmp_path, long_case)["status"]["stopped_by"] == "user"

    @pytest.mark.slow
    def test_before_there_is_a_plan(self, solve, tmp_path):
        with solve() as screen:
            screen.see("no plan yet")
            screen.press("\x03")
            assert screen.end() == 4
            assert "Traceback" not in screen.screen
        plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
        assert (plan["status"]["solution"], plan["status"]["stopped_by"]) == ("no_solution", "user")

    @pytest.mark.slow
    def test_start_is_kept(self, solve, long_case, tmp_path):
        with solve() as screen:
            screen.see(PLAN)
            screen.press("\x03")
            assert screen.end() == 0
        first = tmp_path / "first.json"
        (tmp_path / "plan.json").rename(first)
        with solve("--start", first) as screen:
            screen.see(PLAN)
            screen.press("\x03")
            assert screen.end() == 0
        before, after = json.loads(first.read_text(encoding="utf-8")), kept(tmp_path, long_case)
        assert after["bounds"]["objective"] <= before["bounds"]["objective"]

    @pytest.mark.slow
    def test_ignored_when_the_caller_ignores_it(self, tiny, tmp_path):
        """``nohup`` and background jobs of a shell."""
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            with terminal(tmp_path / "out.txt", "solve", tiny) as screen:
                screen.see("no plan yet")
                screen.process.send_signal(signal.SIGINT)
                assert screen.end() == 0
                assert "stopping" not in screen.screen
        finally:
            signal.signal(signal.SIGINT, before)


class TestLostSolver:
    def test_kill_9_keeps_the_best_plan(self, solve, long_case, tmp_path):
        with solve() as screen:
            screen.see(PLAN)
            screen.solver().kill()
            assert screen.end() == 0
            assert "killed by SIGKILL; the best plan so far is kept" in screen.screen
            assert "Valid plan" in screen.stdout
        plan = kept(tmp_path, long_case)
        assert (plan["status"]["solution"], plan["status"]["stopped_by"]) == ("feasible", "error")
        assert "SIGKILL" in plan["status"]["detail"]

    @pytest.mark.slow
    def test_kill_9_before_there_is_a_plan(self, solve, tmp_path):
        with solve() as screen:
            screen.see("no plan yet")
            while not screen.children():
                assert screen.process.poll() is None
            screen.solver().kill()
            assert screen.end() == 1
            assert "designate: backend highs: child process killed by SIGKILL (backend_failed)" in screen.screen
            assert screen.screen.count("SIGKILL") == 1
        assert not (tmp_path / "plan.json").exists()

    @pytest.mark.slow
    def test_kill_9_of_the_command_takes_the_solver_along(self, solve):
        with solve() as screen:
            screen.see(PLAN)
            child = screen.solver()
            os.kill(screen.process.pid, signal.SIGKILL)
            screen.end()
            child.wait(60)

    def test_memory_cap_before_there_is_a_plan(self, solve, tmp_path):
        with solve("--memory-limit", "40") as screen:
            assert screen.end() == 4
            assert re.search(
                r"designate: stopped at \d+ MB resident, the limit is 40 MB; no plan so far", screen.screen
            )
        plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
        assert (plan["status"]["solution"], plan["status"]["stopped_by"]) == ("no_solution", "memory")
        assert plan["verification"]["mismatches"] == []

    @pytest.mark.slow
    def test_memory_cap_keeps_the_start(self, solve, long_case, tmp_path):
        with solve() as screen:
            screen.see(PLAN)
            screen.press("\x03")
            assert screen.end() == 0
        first = tmp_path / "first.json"
        (tmp_path / "plan.json").rename(first)
        with solve("--start", first, "--memory-limit", "40") as screen:
            assert screen.end() == 0
            assert "the best plan so far is kept" in screen.screen
        plan = kept(tmp_path, long_case)
        assert plan["status"]["stopped_by"] == "memory"
        assert plan["cost"] == json.loads(first.read_text(encoding="utf-8"))["cost"]
