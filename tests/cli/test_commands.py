"""``validate``, ``verify``, ``diff``, ``price``, ``template``, ``example``, ``export``."""

from __future__ import annotations

import copy
import json

import pytest

import optimizer
from optimizer.tables import read_case
from tests.cli.conftest import TINY_TOTAL
from tests.cli.terminal import designate, inside

TODAY = (
    ("ALPHA", "payroll", "NBO"),
    ("ALPHA", "payables", "NBO"),
    ("BRAVO", "payroll", "NBO"),
    ("CHARLIE", "payroll", "OWN"),
    ("CHARLIE", "payables", "GVA"),
    ("DELTA", "payroll", "GVA"),
    ("DELTA", "payables", "GVA"),
)
"""Today's arrangement of the tiny case: 322,500 a year (its README)."""


def write(path, value):
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def as_csv(path, rows, header="entity,service,provider"):
    path.write_text("\n".join([header, *(",".join(r) for r in rows)]) + "\n", encoding="utf-8")
    return path


class TestValidate:
    def test_good_case(self, tiny):
        result = designate("validate", tiny)
        assert (result.returncode, result.stderr) == (0, "")
        assert inside("validate", tiny, "--json").json == {"ok": True, "issues": []}

    def test_bad_case(self, broken):
        """Findings are the result of this command: on standard output."""
        result = inside("validate", broken)
        assert (result.returncode, result.stderr) == (2, "")
        assert "demands.csv:2" in result.stdout
        told = inside("validate", broken, "--json")
        assert (told.returncode, told.json["ok"]) == (2, False)
        assert {"negative_number", "duplicate_id", "policy_unknown_key"} <= {i["code"] for i in told.json["issues"]}

    @pytest.mark.parametrize("name", ["infeasible-capacity", "infeasible-language", "infeasible-lock", "rco"])
    def test_packaged_cases_are_well_formed(self, name):
        assert inside("validate", name).returncode == 0


class TestVerify:
    def test_good_plan(self, solved):
        result = inside("verify", solved.case, solved.plan)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.startswith("verified")
        told = inside("verify", solved.case, solved.plan, "--json").json
        assert (told["ok"], told["mismatches"]) == (True, [])
        assert told["cost_recomputed"]["total"] == pytest.approx(TINY_TOTAL, abs=0.005)

    @pytest.mark.parametrize(
        ("where", "value", "told"),
        [
            (("cost", "total"), 1.0, "MISMATCH cost.total"),
            (("savings", "annual"), 999999.0, "MISMATCH savings.annual"),
            (("assignments", 0, "provider"), "GVA", "MISMATCH"),
            (("assignments", 0, "provider"), None, "BAD assign_once"),
            (("assignments", 0, "provider"), "AGY", "BAD"),
            (("status", "solution"), "infeasible", "MISMATCH status.solution"),
            (("run", "case_hash"), "0" * 64, "the plan was made for another case, 000000000000"),
        ],
    )
    def test_tampered_plan(self, where, value, told, solved, tmp_path):
        plan = copy.deepcopy(solved.document)
        inner = plan
        for key in where[:-1]:
            inner = inner[key]
        inner[where[-1]] = value
        result = inside("verify", solved.case, write(tmp_path / "plan.json", plan))
        assert result.returncode == 5
        assert result.stdout.startswith("NOT verified")
        assert told in result.stdout

    def test_tampered_plan_in_a_process(self, solved, tmp_path):
        plan = solved.document
        plan["cost"]["service"] -= 1000
        result = designate("verify", solved.case, write(tmp_path / "plan.json", plan), "--json")
        assert result.returncode == 5
        assert "cost.service" in {m["path"] for m in json.loads(result.stdout)["mismatches"]}

    def test_plan_of_another_case(self, solved):
        assert inside("verify", "infeasible-lock", solved.plan).returncode == 5


BROKEN = {
    "missing": None,
    "binary": b"\xff\xfe\x00",
    "empty": b"",
    "truncated": b'{"schema": "designate.plan/1", "assign',
    "deep": b"[" * 100_000,
    "list": b"[]",
    "other": b'{"schema": "designate.plan/9"}',
}


class TestPlansThatAreNone:
    """Every command that reads a plan: exit 2, and which file is meant."""

    @pytest.mark.parametrize("kind", BROKEN)
    def test_refused(self, kind, solved, tmp_path):
        path = tmp_path / f"{kind}.json"
        if BROKEN[kind] is not None:
            path.write_bytes(BROKEN[kind])
        for arguments in (("verify", solved.case, path), ("diff", path, solved.plan), ("diff", solved.plan, path)):
            result = inside(*arguments)
            assert (result.returncode, result.stdout) == (2, "")
            assert f"{kind}.json" in result.stderr

    @pytest.mark.parametrize(
        "change",
        [
            {"assignments": [1, 2]},
            {"assignments": {"a": 1}},
            {"assignments": [{"entity": ["x"], "service": {}}]},
            {"cost": "none"},
            {"run": None},
            {"status": []},
            {"sites": 3},
            {"bounds": {}},
        ],
    )
    def test_right_schema_wrong_shape(self, change, solved, tmp_path):
        path = write(tmp_path / "odd.json", {**solved.document, **change})
        assert inside("diff", solved.plan, path).returncode == 2
        assert inside("verify", solved.case, path).returncode == 5

    def test_folder(self, solved, tmp_path):
        assert inside("verify", solved.case, tmp_path).returncode == 2


class TestDiff:
    @pytest.fixture
    def today(self, solved, tmp_path):
        plan = tmp_path / "today.json"
        assert inside("price", solved.case, as_csv(tmp_path / "l.csv", TODAY), "--out", plan).returncode == 0
        return plan

    def test_two_plans(self, today, solved):
        result = inside("diff", today, solved.plan)
        assert (result.returncode, result.stderr) == (0, "")
        assert "CHARLIE" in result.stdout
        told = inside("diff", today, solved.plan, "--json").json
        assert told["schema"] == "designate.diff/1"
        assert told["same_case"] is True
        moved = {(m["entity"], m["service"], m["from"], m["to"]) for m in told["moved"]}
        assert moved == {
            ("CHARLIE", "payroll", "OWN", "NBO"),
            ("CHARLIE", "payables", "GVA", "AGY"),
            ("DELTA", "payroll", "GVA", "NBO"),
            ("DELTA", "payables", "GVA", "NBO"),
        }
        total = next(c for c in told["cost"] if c["term"] == "total")
        assert (total["a"], total["b"]) == (322500.0, TINY_TOTAL)

    def test_with_itself(self, solved):
        told = inside("diff", solved.plan, solved.plan, "--json").json
        assert (told["moved"], told["only_in_a"], told["only_in_b"]) == ([], [], [])
        assert all(c["change"] in (0, None) for c in told["cost"])


class TestPrice:
    def test_todays_list(self, solved, tmp_path):
        """322,500 by hand; the same as the baseline; no move."""
        out, report = tmp_path / "plan.json", tmp_path / "report.html"
        rows = as_csv(tmp_path / "list.csv", TODAY)
        result = designate("price", solved.case, rows, "--out", out, "--report", report, "--json")
        assert (result.returncode, result.stderr) == (0, "")
        plan = json.loads(result.stdout)
        assert plan == json.loads(out.read_text(encoding="utf-8"))
        assert plan["cost"]["total"] == plan["baseline"]["running"] == 322500.0
        assert plan["status"]["solution"] == "feasible"
        assert (plan["bounds"]["best_bound"], plan["savings"]["annual"]) == (None, 0.0)
        assert plan["verification"]["ok"]
        assert report.stat().st_size > 10_000

    def test_plan_of_a_solve_as_a_list(self, solved):
        """The table that ``solve --tables`` writes lists more columns; it is accepted and costs the same."""
        told = inside("price", solved.case, solved.tables / "assignments.csv", "--json")
        assert (told.returncode, told.json["cost"]) == (0, solved.document["cost"])

    def test_list_that_breaks_rules(self, solved, tmp_path):
        rows = [(e, s, "AGY" if s == "payables" else p) for e, s, p in TODAY]
        told = inside("price", solved.case, as_csv(tmp_path / "l.csv", rows), "--json")
        assert told.returncode == 3
        broken = {r["rule"] for r in told.json["verification"]["rules"] if r["violations"]}
        assert broken == {"line_capacity"}
        assert told.json["verification"]["mismatches"] == []

    def test_incomplete_list(self, solved, tmp_path):
        told = inside("price", solved.case, as_csv(tmp_path / "l.csv", TODAY[:3]), "--json")
        assert told.returncode == 3
        assert [a["provider"] for a in told.json["assignments"]].count(None) == 4
        assert told.json["verification"]["mismatches"] == []

    def test_bad_rows_all_at_once(self, solved, tmp_path):
        out = tmp_path / "plan.json"
        text = (
            "Entity, service ,provider,backup,remark\n"
            "ALPHA,payroll,NBO,,\n"
            "\n"
            "ALPHA,payroll,GVA,,again\n"
            '"NOBODY",payroll,NBO,,"two\nlines"\n'
            "BRAVO,payables,NBO,,\n"
            "DELTA,cooking,NOWHERE,,\n"
            "DELTA,payroll,,,\n"
            "DELTA,payables,GVA,MARS,\n"
        )
        (tmp_path / "l.csv").write_text(text, encoding="utf-8-sig")
        told = inside("price", solved.case, tmp_path / "l.csv", "--out", out, "--json")
        assert (told.returncode, out.exists()) == (2, False)
        assert [(i["code"], i["row"], i["column"]) for i in told.json["issues"]] == [
            ("duplicate_key", 4, "entity"),
            ("unknown_id", 5, "entity"),
            ("no_demand", 7, "service"),
            ("unknown_id", 8, "service"),
            ("unknown_id", 8, "provider"),
            ("unknown_id", 9, "provider"),
            ("unknown_id", 10, "backup"),
        ]
        assert all(i["remedy"] for i in told.json["issues"])

    @pytest.mark.parametrize(
        ("content", "code", "row"),
        [
            (b"", "missing_column", 1),
            (b"entity,service\nA,B\n", "missing_column", 1),
            (b"entity|service|provider\nA|B|C\n", "missing_column", 1),
            (b"entity,service,provider,entity\nA,B,C,D\n", "duplicate_column", 1),
            (b"entity,service,provider\nALPHA,payroll,NBO,more\n", "ragged_row", 2),
            (b"entity,service,provider\n\nALPHA\n", "ragged_row", 3),
            (b'entity,service,provider\nALPHA,payroll,"NBO\n', "csv_syntax", 2),
            (b"entity,service,provider\n" + b"x" * 200_000 + b",payroll,NBO\n", "csv_syntax", 2),
            (b"entity,service,provider\nB\xe9B\xe9,payroll,NBO\n", "encoding_error", 2),
        ],
    )
    def test_file_that_is_no_list(self, content, code, row, solved, tmp_path):
        (tmp_path / "l.csv").write_bytes(content)
        told = inside("price", solved.case, tmp_path / "l.csv", "--json")
        assert told.returncode == 2
        assert {(i["code"], i["file"], i.get("row")) for i in told.json["issues"]} == {(code, "l.csv", row)}

    def test_bad_case_first(self, broken, tmp_path):
        result = inside("price", broken, tmp_path / "none.csv")
        assert result.returncode == 2
        assert "negative_number" in result.stderr


class TestTemplate:
    def test_is_a_case(self, tmp_path):
        folder = tmp_path / "new" / "case"
        result = inside("template", folder)
        assert (result.returncode, result.stderr) == (0, "")
        assert str(folder) in result.stdout
        assert inside("validate", folder, "--json").json["ok"]
        assert inside("solve", folder).returncode == 0

    def test_never_overwrites(self, tmp_path):
        (tmp_path / "mine.txt").write_text("mine")
        result = inside("template", tmp_path)
        assert (result.returncode, [f.name for f in tmp_path.iterdir()]) == (2, ["mine.txt"])
        assert inside("template", tmp_path / "mine.txt").returncode == 2

    @pytest.mark.parametrize("name", ["x.xls", "x.CSV", "x.json"])
    def test_other_files_are_refused_not_made_folders(self, tmp_path, name):
        result = inside("template", tmp_path / name)
        assert (result.returncode, list(tmp_path.iterdir())) == (2, [])
        assert "x.xlsx, or a folder" in result.stderr

    def test_json(self, tmp_path):
        assert inside("template", tmp_path / "t", "--json").json == {"folder": str(tmp_path / "t")}


class TestExample:
    def test_packaged(self, tiny):
        """The copy solves to the same plan as the packaged one."""
        assert (
            inside("solve", tiny, "--json").json["run"]["case_hash"]
            == (inside("solve", "tiny", "--json").json["run"]["case_hash"])
        )

    def test_generated(self, tmp_path):
        sizes = ("--entities", "12", "--services", "3", "--providers", "4", "--seed", "5")
        result = inside("example", *sizes, tmp_path / "a")
        assert (result.returncode, result.stderr) == (0, "")
        assert inside("example", tmp_path / "b", *sizes).returncode == 0
        one, two = ({f.name: f.read_bytes() for f in (tmp_path / n).iterdir()} for n in "ab")
        assert one == two
        assert one["entities.csv"].count(b"\n") == 13
        assert inside("validate", tmp_path / "a").returncode == 0

    @pytest.mark.parametrize(
        "arguments",
        [("nothing", "{new}"), ("tiny",), ("--entities", "5", "--services", "0", "{new}"), ("tiny", "{full}")],
    )
    def test_refused(self, arguments, tmp_path):
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "mine.txt").write_text("mine")
        given = [a.format(new=tmp_path / "new", full=tmp_path / "full") for a in arguments]
        result = inside("example", *given)
        assert result.returncode == 2
        assert not (tmp_path / "new").exists()
        assert [f.name for f in (tmp_path / "full").iterdir()] == ["mine.txt"]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("tiny",), "designate example tiny DIR"),
            (("{new}",), "designate example NAME DIR"),
            (("nothing", "{new}"), "there is no packaged case 'nothing'"),
            (("{new}", "--seed", "7"), "add --entities N"),
            (("tiny", "{new}", "--seed", "7", "--services", "2"), "takes no --services, --seed"),
            (("tiny", "--entities", "5"), "tiny is a packaged case and has its own size"),
            (("tiny", "{new}", "--entities", "5"), "designate example {new} --entities 5"),
        ],
    )
    def test_refusals_say_what_to_write(self, arguments, words, tmp_path, monkeypatch):
        """Nothing that was asked for is left out silently."""
        monkeypatch.chdir(tmp_path)
        result = inside("example", *(a.format(new="new") for a in arguments))
        assert (result.returncode, result.stdout) == (2, "")
        assert words.format(new="new") in result.stderr
        assert list(tmp_path.iterdir()) == []

    def test_force(self, tmp_path):
        (tmp_path / "mine.txt").write_text("mine")
        assert inside("example", "tiny", tmp_path, "--force").returncode == 0
        assert (tmp_path / "mine.txt").read_text() == "mine"


class TestExport:
    @pytest.mark.parametrize(("suffix", "words"), [(".lp", "Minimize"), (".mps", "ROWS")])
    def test_written(self, suffix, words, tiny, tmp_path):
        told = inside("export", tiny, tmp_path / f"p{suffix}", "--json")
        assert told.returncode == 0
        text = (tmp_path / f"p{suffix}").read_text(encoding="ascii")
        assert words.lower() in text.lower()
        assert "CHARLIE" in text
        assert told.json["columns"] > 0

    @pytest.mark.slow
    def test_in_a_process(self, tiny, tmp_path):
        result = designate("export", tiny, tmp_path / "p.lp")
        assert (result.returncode, result.stderr) == (0, "")

    def test_refused(self, tiny, broken, tmp_path):
        assert inside("export", tiny, tmp_path / "p.txt").returncode == 2
        assert inside("export", broken, tmp_path / "p.lp").returncode == 2
        assert inside("export", tiny, tiny / "entities.csv").returncode == 2
        assert not list(tmp_path.glob("p.*"))


class TestWhy:
    def test_with_and_without_a_plan(self, solved):
        plain = inside("why", solved.case, "ALPHA", "payroll")
        assert (plain.returncode, plain.stderr) == (0, "")
        assert "as if nothing else were assigned" in " ".join(plain.stdout.split())
        result = inside("why", solved.case, "ALPHA", "payroll", "--plan", solved.plan)
        assert (result.returncode, result.stderr) == (0, "")
        assert "served by NBO" in result.stdout
        assert "to lift it: give own_unit_cost of payroll for ALPHA" in " ".join(result.stdout.split())
        assert max(len(line) for line in result.stdout.splitlines()) <= 80

    def test_json_is_what_python_says(self, solved):
        case = read_case(solved.case)[0]
        for row in solved.document["assignments"]:
            key = row["entity"], row["service"]
            told = inside("why", solved.case, *key, "--plan", solved.plan, "--json")
            assert told.returncode == 0
            assert told.json == optimizer.why(case, *key, solved.document).as_dict()
            [chosen] = [o for o in told.json["options"] if o["chosen"]]
            assert (chosen["provider"], chosen["extra_cost"]) == (row["provider"], 0.0)

    @pytest.mark.parametrize(("names", "near"), [(("ALPH", "payroll"), "ALPHA"), (("ALPHA", "payrol"), "payroll")])
    def test_unknown_names(self, names, near, tiny):
        result = inside("why", tiny, *names)
        assert result.returncode == 2
        assert f"Did you mean '{near}'?" in " ".join(result.stderr.split())

    def test_plan_of_another_case(self, solved, tmp_path):
        plan = copy.deepcopy(solved.document)
        plan["run"]["case_hash"] = "0" * 64
        result = inside("why", solved.case, "ALPHA", "payroll", "--plan", write(tmp_path / "p.json", plan), "--json")
        assert result.returncode == 2
        assert "plan_of_another_case" in result.stdout + result.stderr
