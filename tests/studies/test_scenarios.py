"""Scenario files: the language, grids, every problem at once; runs against enumeration."""

from __future__ import annotations

import math
import pathlib
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

import data
import optimizer as dg
from data.builder.scenarios import scenario_files
from optimizer.cli.main import app
from optimizer.domain.answer import Answer
from optimizer.domain.case import Case
from optimizer.session import Session
from optimizer.solvers.pool import ChildPool
from optimizer.studies.scenarios.file import read_scenarios
from optimizer.studies.scenarios.packaged import packaged, packaged_names
from optimizer.testing import random_case
from tests.effort import few
from tests.studies.brute import CENT, holds, least_cost

FILE = """
[base]
case = "tiny"
options = { seed = 3 }

[[scenario]]
name = "no agencies"
policy = { agency_share_max = 0 }

[[scenario]]
name = "fewer people"
change = [{ table = "demands", where = { "entity.kind" = "department" }, column = "volume", times = 0.5 }]

[[grid]]
name = "growth"
axes = [
  { label = "volume", table = "demands", column = "volume", times = [1, 1.1] },
  { label = "sites", policy = "site_count.max", set = [1, 2] },
]
"""


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


class TestFile:
    def test_runs_are_named_by_their_axes(self) -> None:
        runs = read_scenarios(FILE).runs
        assert [r.name for r in runs] == [
            "no agencies",
            "fewer people",
            "growth, volume 1, sites 1",
            "growth, volume 1, sites 2",
            "growth, volume 1.1, sites 1",
            "growth, volume 1.1, sites 2",
        ]
        assert runs[-1].at == {"volume": 1.1, "sites": 2}

    def test_repeats_have_seeds_of_their_own(self) -> None:
        found = read_scenarios('[[grid]]\nname="g"\naxes=[{policy="max_moves", set=[1,2]}]\nrepeats=2').runs
        assert [(r.seed, r.name) for r in found] == [
            (0, "g, max_moves 1, seed 0"),
            (0, "g, max_moves 2, seed 0"),
            (1, "g, max_moves 1, seed 1"),
            (1, "g, max_moves 2, seed 1"),
        ]

    @pytest.mark.parametrize(
        ("text", "code", "told"),
        [
            ("[[scenario]", "scenario_syntax", "line 1"),
            ("", "scenario_empty", "no run"),
            ("scenarios = []", "scenario_structure", "scenarios"),
            ("[[scenario]]\npolicy = {}", "scenario_name", "no name"),
            ('[[scenario]]\nname = "a"\n[[scenario]]\nname = "A"', "scenario_name", "twice"),
            ('[[scenario]]\nname = "a"\nseeds = [-1]', "scenario_seed", "scenario 1"),
            ('[[scenario]]\nname = "a"\nrepeats = 0', "scenario_seed", "repeats = 0"),
            (
                '[[grid]]\nname = "g"\naxes = [{ policy = "max_moves" }]',
                "scenario_structure",
                "one of set, times, plus",
            ),
            ('[[grid]]\nname = "g"\naxes = [{ set = [1] }]', "scenario_structure", "policy key, or table"),
            ('[[grid]]\nname = "g"\naxes = 3', "scenario_structure", "axes is not a list"),
            ('[[scenario]]\nname = "a"\npatch = 3', "scenario_structure", "patch of scenario 1"),
            ('[[scenario]]\nname = "a"\nchange = 3', "scenario_structure", "change of scenario 1"),
            ('base = 3\n[[scenario]]\nname = "a"', "scenario_structure", "base is not a table"),
        ],
    )
    def test_what_is_wrong_is_said(self, text: str, code: str, told: str) -> None:
        with pytest.raises(dg.InputError) as error:
            read_scenarios(text)
        assert any(i.code == code and told in i.message for i in error.value.issues)

    def test_a_grid_too_large_is_refused_before_anything_is_made(self) -> None:
        values = ",".join(map(str, range(2000)))
        axis = f'{{ policy = "max_moves", set = [{values}] }}'
        with pytest.raises(dg.InputError, match="8,000,000,000 runs, at most 1,000"):
            read_scenarios(f'[[grid]]\nname = "g"\naxes = [{axis}, {axis}, {axis}]')

    def test_every_problem_of_every_run_at_once(self) -> None:
        text = """
        [[scenario]]
        name = "one"
        change = [{ table = "offers", where = { provider = "NOBODY" }, column = "capacity", times = 2 }]
        [[scenario]]
        name = "two"
        policy = { max_movs = 3 }
        change = [{ table = "demands", column = "volumes", set = 3 }]
        """
        with pytest.raises(dg.InputError) as error:
            dg.study("scenarios", dg.example("tiny"), text=text)
        told = [(i.code, i.message.split(":")[0]) for i in error.value.issues]
        assert ("change_no_row", "run one") in told
        assert ("change_structure", "run two") in told
        assert all(name.startswith("run ") for _, name in told)


class TestChanges:
    @pytest.fixture
    def case(self) -> Case:
        return dg.example("tiny")

    def volumes(self, case: Case) -> list[float]:
        return [d["volume"] for d in case.tables["demands"]]

    def test_set_times_and_plus_in_order(self, case: Case) -> None:
        first = {"table": "demands", "where": {"entity": "ALPHA"}, "column": "volume", "set": 10}
        then = [{**{k: first[k] for k in ("table", "where", "column")}, "times": 1.5}]
        last = [{**{k: first[k] for k in ("table", "where", "column")}, "plus": -0.25}]
        changed = dg.replace(case, changes=[first, *then, *last])
        alpha = [d["volume"] for d in changed.tables["demands"] if d["entity"] == "ALPHA"]
        assert set(alpha) == {14.75}
        assert dg.replace(case, changes=[]).case_hash == case.case_hash

    @pytest.mark.parametrize(
        ("where", "met"),
        [({"id": "N*"}, ["NBO"]), ({"id": ["GVA", "AGY"]}, ["AGY", "GVA"]), ({"kind": "agency"}, ["AGY"]), ({}, None)],
    )
    def test_where(self, case: Case, where: dict[str, object], met: list[str] | None) -> None:
        changed = dg.replace(case, changes=[{"table": "providers", "where": where, "column": "setup_cost", "set": 7}])
        found = [p["id"] for p in changed.tables["providers"] if p.get("setup_cost") == 7]
        assert found == (met or [p["id"] for p in changed.tables["providers"]])

    def test_a_blank_volume_is_its_estimate(self, case: Case) -> None:
        rows = [{k: v for k, v in d.items() if k != "volume"} for d in case.tables["demands"]]
        blank = dg.replace(case, demands=rows)
        twice = dg.replace(blank, changes=[{"table": "demands", "column": "volume", "times": 2}])
        assert [d.volume for d in twice.demands] == [2 * d.volume for d in blank.demands]

    def test_blanks_are_passed_by_under_a_star_and_refused_where_meant(self, case: Case) -> None:
        change = {"table": "offers", "column": "min_volume", "times": 2}
        assert dg.replace(case, changes=[change]).case_hash == case.case_hash
        with pytest.raises(dg.InputError, match="change_blank"):
            dg.replace(case, changes=[{**change, "where": {"provider": "AGY"}}])

    def test_every_problem_at_once(self, case: Case) -> None:
        wrong = [
            3,
            {"table": "offer", "column": "capacity", "set": 1},
            {"table": "offers", "column": "capacty", "set": 1},
            {"table": "offers", "column": "capacity"},
            {"table": "offers", "column": "capacity", "times": "two"},
            {"table": "policy", "where": {}, "column": "max_moves", "set": 1},
            {"table": "policy", "column": "max_moves", "plus": 1},
            {"table": "demands", "where": {"entity.colour": "red"}, "column": "volume", "set": 1},
        ]
        with pytest.raises(dg.InputError) as error:
            dg.replace(case, changes=wrong)  # type: ignore[list-item]
        assert len(error.value.issues) == len(wrong)


@pytest.mark.parametrize("name", packaged_names())
def test_packaged_sets_are_well_formed(name: str) -> None:
    case = dg.example("secretariat")
    content = packaged(name, case)
    text = content if isinstance(content, str) else None
    answer = dg.study("scenarios", case, name=name, preview=True)
    assert [r["run"] for r in answer.tables["runs"]]
    assert text is None or read_scenarios(text).case in ("", "secretariat")


def test_files_of_the_example_are_what_the_builder_writes() -> None:
    assert scenario_files() == {name: data.scenario_text(name) for name in data.scenario_names()}


def runs_of(case: Case, seed: int) -> list[tuple[str, Case]]:
    """Cases that a file of changes makes, each made by hand."""
    changes = [{"table": "demands", "column": "volume", "times": 0.9}]
    return [
        ("base", case),
        ("no agencies", dg.replace(case, policy={"agency_share_max": 0})),
        ("few moves", dg.replace(case, policy={"max_moves": seed % 3})),
        ("smaller", dg.replace(case, changes=changes)),
        ("dear", dg.replace(case, policy={"interface_cost": 900})),
    ]


def text_of(seed: int) -> str:
    return f"""
    [[scenario]]
    name = "no agencies"
    policy = {{ agency_share_max = 0 }}
    [[scenario]]
    name = "few moves"
    policy = {{ max_moves = {seed % 3} }}
    [[scenario]]
    name = "smaller"
    change = [{{ table = "demands", column = "volume", times = 0.9 }}]
    [[scenario]]
    name = "dear"
    policy = {{ interface_cost = 900 }}
    """


def wrong_runs(seed: int, pool: ChildPool) -> list[str]:
    """Runs whose ends, or whose difference from the base, are not what enumeration finds."""
    case = random_case(seed)
    if not case.offers:
        return []  # a variation is read as any case, and one without offers is refused
    answer = dg.study("scenarios", Session(case, pool=pool), text=text_of(seed), time_limit=60)
    true = {name: least_cost(made) for name, made in runs_of(case, seed)}
    return [f"{seed}: {told}" for told in _wrong(answer, true)]


def _wrong(answer: Answer, true: dict[str, float]) -> Iterator[str]:
    for point, row in zip(answer.points, answer.tables["runs"], strict=True):
        cost, base = true[row["run"]], true["base"]
        if (point.status == "impossible") != math.isinf(cost):
            yield f"{row['run']} {point.status} against {cost}"
        if math.isinf(cost):
            continue
        if point.status != "proven" or abs((point.upper or 0.0) - cost) > CENT:
            yield f"{row['run']} {point} against {cost}"
        if math.isfinite(base) and not holds(row["difference_lower"], row["difference_upper"], cost - base):
            yield f"{row['run']} differs by {cost - base}, said {row['difference_lower']}, {row['difference_upper']}"
        if row["told_apart"] and abs(cost - base) <= CENT:
            yield f"{row['run']} is told apart and is not"


@pytest.mark.parametrize("seed", few(range(8), 3))
def test_runs_are_what_enumeration_finds(seed: int, pool: ChildPool) -> None:
    assert not wrong_runs(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(8, 508, 50))
def test_runs_are_what_enumeration_finds_on_many(first: int, pool: ChildPool) -> None:
    assert not [w for seed in range(first, first + 50) for w in wrong_runs(seed, pool)]


def test_what_is_not_answered_is_told_and_not_left_out() -> None:
    answer = dg.study("scenarios", dg.example("tiny"), text=FILE, time_limit=0.0)
    assert len(answer.points) == 7
    assert {p.status for p in answer.points} == {"not_answered"}
    assert all(r["upper"] is None and r["saving"] is None for r in answer.tables["runs"])


@pytest.mark.parametrize("option", ["threads = 64", "memory_limit_mb = 1000000", "backend_options = {}", "beauty = 1"])
def test_a_file_cannot_grant_itself_more_of_the_machine(option: str) -> None:
    text = f'[base]\noptions = {{ {option} }}\n[[scenario]]\nname = "a"'
    with pytest.raises(dg.UsageError, match="options of the file"):
        dg.study("scenarios", dg.example("tiny"), text=text)


def test_by_the_command(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("s") / "file.toml"
    file.write_text(FILE)
    runner = CliRunner()
    listed = runner.invoke(app, ["study", "scenarios", "tiny", "--file", str(file), "--preview"])
    assert listed.exit_code == 0
    assert "growth, volume 1.1, sites 2" in listed.stdout
    done = runner.invoke(app, ["study", "scenarios", "tiny", "--name", "agencies"])
    assert done.exit_code == 0
    assert "no agencies: costs USD 3,535.39 more a year." in " ".join(done.stdout.split())
    neither = runner.invoke(app, ["study", "scenarios", "tiny"])
    assert isinstance(neither.exception, dg.UsageError)
    other = runner.invoke(app, ["study", "scenarios", "rco", "--file", str(file)])
    assert isinstance(other.exception, dg.InputError), other.output  # it has none of the rows


def test_a_copy_of_a_case_by_another_name_is_asked_about_and_told(tmp_path: pathlib.Path) -> None:
    dg.write(dg.example("tiny"), tmp_path / "SEC")
    answer = dg.study("scenarios", dg.read(tmp_path / "SEC"), text=FILE, preview=True)
    assert [str(s) for s in answer.sentences] == ["The changes were written for the case tiny; this one is called SEC."]
    assert not dg.study("scenarios", dg.example("tiny"), text=FILE, preview=True).sentences


@pytest.mark.parametrize(("text", "row"), [("[[scenario]", 1), ("a = 1\n[b]\nx = [1,", 3), ("a = 1\nx = [1,\n", 2)])
def test_what_is_no_toml_names_its_line(text: str, row: int) -> None:
    """At the end of the text the parser names none."""
    with pytest.raises(dg.InputError) as caught:
        read_scenarios(text)
    assert [(i.code, i.row) for i in caught.value.issues] == [("scenario_syntax", row)]
