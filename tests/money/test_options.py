"""Options that make no sense are told all at once, each with its code, its place and a way out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import optimizer as dg
from optimizer.cli.exits import of_error
from optimizer.cli.main import app
from optimizer.country.batch import countries
from optimizer.domain.errors import DesignateError, InputError, OptionsRefused
from optimizer.domain.options import Options
from optimizer.domain.params import SolveParams
from optimizer.money.ask import price_list
from optimizer.studies.ask import question_of

Codes = list[tuple[str, str]]
DEMAND = {"entity": "A", "service": "s"}
RANGE, OFFER, FORM = "option_out_of_range", "option_not_offered", "option_malformed"


@pytest.fixture(scope="module")
def tiny() -> tuple[dg.Case, dg.Plan]:
    case = dg.example("tiny")
    return case, dg.solve(case, backend="highs")


def told(asked: Callable[[], Any], kind: type[DesignateError] = OptionsRefused) -> Codes:
    """Codes and places of everything that is refused; each has a message and a way out."""
    with pytest.raises(kind) as caught:
        asked()
    issues = caught.value.issues  # type: ignore[attr-defined]
    assert all(i.message and i.remedy for i in issues)
    assert of_error(caught.value) == 2
    return [(i.code, i.column) for i in issues]


TERMS: dict[str, Any] = {"kind": "all", "price_step": 0.0, "idle_by": "weight", "max_price_change_rel": 0.1234567}
WRONG_TERMS = [(OFFER, "list"), (OFFER, "idle_by"), (RANGE, "price_step"), (FORM, "max_price_change_rel")]


class TestFunctions:
    def test_price_list(self, tiny: tuple[dg.Case, dg.Plan]) -> None:
        assert told(lambda: price_list(*tiny, year=3, **TERMS)) == [*WRONG_TERMS, (RANGE, "year")]

    def test_with_a_plan_of_another_case(self, tiny: tuple[dg.Case, dg.Plan]) -> None:
        other = dg.replace(tiny[0], policy={"interface_cost": 7})
        found = told(lambda: price_list(other, tiny[1], year=0, **TERMS), InputError)
        assert found == [*WRONG_TERMS, ("plan_of_another_case", ""), (RANGE, "year")]

    def test_fair_shares(self, tiny: tuple[dg.Case, dg.Plan]) -> None:
        wrong: dict[str, Any] = {"players": "offices", "samples": 0, "time_limit": -1.0}
        found = told(lambda: dg.fair_shares(*tiny, **wrong, **TERMS))
        assert found == [(OFFER, "players"), (RANGE, "samples"), (RANGE, "time_limit"), *WRONG_TERMS]

    def test_ranges(self, tiny: tuple[dg.Case, dg.Plan]) -> None:
        """The case has no uncertain figure either."""
        found = told(lambda: dg.range_of(*tiny, samples=0, seed=-1, reoptimise=1), InputError)
        assert found[:3] == [(RANGE, "samples"), (RANGE, "seed"), (RANGE, "reoptimise")]
        assert [code for code, _ in found[3:]] == ["no_ranges"]

    def test_freeze(self, tiny: tuple[dg.Case, dg.Plan], tmp_path: Path) -> None:
        ledger = dg.Ledger(tmp_path / "ledger.jsonl")
        found = told(lambda: ledger.freeze(*tiny, begin="soon", rates={"EUR": 0.0, "CHF": -1.0}))
        assert found == [(FORM, "begin"), (RANGE, "rate CHF"), (RANGE, "rate EUR")]
        assert not ledger.path.exists()
        assert told(lambda: ledger.freeze(*tiny, unit="week", rates={"EUR": 0.0})) == [
            (OFFER, "unit"),
            (RANGE, "rate EUR"),
        ]

    def test_scope(self, tiny: tuple[dg.Case, dg.Plan], tmp_path: Path) -> None:
        ledger = dg.Ledger(tmp_path / "ledger.jsonl")
        ledger.freeze(*tiny)
        assert told(lambda: ledger.scope("ALPHA", "away", "soon")) == [(OFFER, "change"), (FORM, "begin")]
        found = told(lambda: ledger.scope("NOBODY", "out", "soon"), InputError)
        assert found == [(FORM, "begin"), ("ledger_entity", "")]

    def test_countries(self) -> None:
        found = told(lambda: countries(["ZZ", "KE"], time_limit=0.0, each=-1.0, backend="none"))
        assert found == [(OFFER, "countries"), (RANGE, "each"), (RANGE, "time_limit"), (OFFER, "backend")]

    def test_limits_of_a_solve(self) -> None:
        wrong: dict[str, Any] = {"backend": "none", "threads": 0, "seed": 0.5, "gap_rel": 1.0, "time_limit_s": True}
        found = told(lambda: SolveParams(**wrong))
        assert found == [
            (OFFER, "backend"),
            (FORM, "time_limit_s"),
            (RANGE, "threads"),
            (FORM, "seed"),
            (RANGE, "gap_rel"),
        ]

    @pytest.mark.parametrize(
        ("kind", "fields", "places"),
        [
            ("why", {"service": 1, "colour": "red"}, ["entity, colour", "service"]),
            ("curve", {"over": "hope", "exactly": True, "values": (-1.0,)}, ["over", "exactly", "values"]),
            ("pareto", {"over": "cost", "points": 1}, ["over", "points"]),
            (
                "flip",
                {"entity": "A", "service": "s", "provider": "P", "change": "x", "epsilon": -1.0},
                ["epsilon", "change"],
            ),
        ],
    )
    def test_questions(self, kind: str, fields: dict[str, Any], places: list[str]) -> None:
        assert [place for _, place in told(lambda: question_of(kind, fields))] == places


class TestOptions:
    @pytest.mark.parametrize("good", [0.5, 1, None, 2.0])
    def test_what_lies_within(self, good: float | None) -> None:
        asked = Options()
        asked.number("n", good, 0.5, 2)
        asked.done()

    @pytest.mark.parametrize("bad", [0.49, 2.01, float("nan"), float("inf"), True, "1", -0.0])
    def test_what_does_not(self, bad: Any) -> None:
        asked = Options()
        asked.number("n", bad, 0.5, 2)
        assert len(asked.found) == 1
        asked.number("above", 0.5, 0.5, above=True)
        asked.number("endless", float("inf"), 0)
        asked.number("whole", 1.0, 0, whole=True)
        asked.number("fine", 0.125, 0, decimals=2)
        assert [i.column for i in asked.found] == ["n", "above", "endless", "whole", "fine"]

    def test_an_error_with_a_code_of_its_own_keeps_it(self) -> None:
        case = dg.example("mission-start")
        plan = dg.price(dg.example("tiny"), [])
        with pytest.raises(dg.HorizonNotTaken):
            Options().take(lambda: dg.fair_shares(case, plan))


@pytest.fixture(scope="module")
def file(tiny: tuple[dg.Case, dg.Plan], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    path.write_text(json.dumps(tiny[1].document()), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


class TestCommands:
    """What the commands refuse, case and language with it."""

    def places(self, *arguments: object) -> list[str]:
        caught = run(*arguments).exception
        assert isinstance(caught, OptionsRefused | InputError)
        return [i.column or i.code for i in caught.issues]

    def test_prices(self, file: Path) -> None:
        wrong = ("--list", "all", "--price-step", "0", "--year", "2")
        assert self.places("prices", "tiny", file, *wrong) == ["list", "price_step", "year"]
        assert self.places("prices", "no-such-case", file, *wrong)[-2:] == ["list", "price_step"]

    def test_shares(self, file: Path) -> None:
        wrong = ("--players", "x", "--samples", "0", "--backend", "y", "--language", "tlh", "--list", "all")
        found = self.places("shares", "tiny", file, *wrong)
        assert found == ["language", "backend", "list", "players", "samples"]

    def test_range(self, file: Path) -> None:
        wrong = ("--samples", "0", "--reoptimise", "3", "--threads", "0", "--language", "tlh")
        assert self.places("range", "tiny", file, *wrong) == ["language", "threads", "samples", "reoptimise"]

    def test_bos(self) -> None:
        found = self.places("bos", "tiny", "--language", "tlh", "--threads", "0")
        assert found == ["language", "threads", "horizon", "country"]
        wrong = ("--countries", "ZZ", "--each", "0", "--language", "tlh")
        assert self.places("bos-countries", "out", *wrong) == ["language", "countries", "each"]

    def test_freeze(self, file: Path, tmp_path: Path) -> None:
        found = self.places("ledger", "freeze", tmp_path / "l.jsonl", "tiny", file, "--rate", "EUR", "--rate", "CHF=x")
        assert found == ["rate", "rate"]

    def test_the_screen_has_all_of_it(self, file: Path) -> None:
        import subprocess
        import sys

        wrong = ("--list", "all", "--price-step", "0", "--idle-by", "weight")
        asked = [sys.executable, "-m", "optimizer", "prices", "tiny", str(file), *wrong]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        for word in ("options", "list is 'all'", "provider, universal, own", "price_step is 0", "weight", OFFER, RANGE):
            assert word in done.stderr
        as_json = subprocess.run([*asked, "--json"], capture_output=True, text=True, check=False)
        document = json.loads(as_json.stdout)
        assert (document["error"], len(document["issues"])) == ("usage", 3)
