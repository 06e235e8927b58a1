"""Folders from elsewhere: what is found, what is refused."""

from __future__ import annotations

import pytest

from benchmarks.foreign import foreign_tasks, left_out, read_known
from benchmarks.instance import Known
from optimizer.errors import UsageError
from tests.benchmarks.conftest import BEST


@pytest.fixture
def folder(tmp_path):
    """Files that are listed, not read."""
    for name in ("pmed/pmed2", "pmed/pmed10", "pmed/pmed1", "gap_orlib/gap1-0", "gap_orlib/a05100", "tscflp/P1"):
        file = tmp_path / f"{name}.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_text("1 2 3")
    return tmp_path


def names(tasks):
    return [(t.family, t.instance, t.kind) for t in tasks]


def test_known_values_reach_their_instances(tiny):
    known = read_known(tiny / "known.csv")
    tasks = foreign_tasks(tiny, known, {"highs": 1.0})
    assert {t.family: (t.instance, t.kind, t.known.value) for t in tasks} == BEST


def test_families_in_order_files_by_number(folder):
    found = names(foreign_tasks(folder, {}, {"highs": 1.0}))
    gaps = [("gap_orlib", "a05100", "gap-min"), ("gap_orlib", "gap1-0", "gap-min")]
    assert found == [*gaps, *(("pmed", f"pmed{i}", "pmed") for i in (1, 2, 10))]


def test_an_instance_is_run_for_each_problem_with_a_known_value(folder):
    known = {("gap_orlib", "gap1-0", k): Known(1.0) for k in ("gap-max", "gap-min")}
    tasks = foreign_tasks(folder, known, {"highs": 1.0}, ["gap_orlib"], ["gap1-0"])
    assert [t.kind for t in tasks] == ["gap-min", "gap-max"]


def test_files_without_a_capacity_make_several_instances(tmp_path):
    (tmp_path / "cflp_orlib").mkdir()
    for name in ("capb", "capx"):
        (tmp_path / "cflp_orlib" / f"{name}.txt").write_text("1 1 capacity 2 3 4")
    known = {("cflp_orlib", "capx_77", "sscflp"): Known(1.0)}
    found = [t.instance for t in foreign_tasks(tmp_path, known, {"highs": 1.0})]
    assert found == ["capb_5000", "capb_6000", "capb_7000", "capb_8000", "capx_77"]
    chosen = [t.instance for t in foreign_tasks(tmp_path, known, {"highs": 1.0}, only=["capb", "capx_77"])]
    assert chosen == found
    with pytest.raises(UsageError, match="no known value names one"):
        foreign_tasks(tmp_path, {}, {"highs": 1.0})


@pytest.mark.parametrize(
    ("families", "only", "words"),
    [
        (["nowhere"], [], "has no folder nowhere"),
        (["tscflp"], [], "single-source assignment is read from"),
        ([], ["pmed3"], "has no instance pmed3"),
    ],
)
def test_what_is_not_there(folder, families, only, words):
    with pytest.raises(UsageError, match=words):
        foreign_tasks(folder, {}, {"highs": 1.0}, families, only)


def test_no_such_folder(tmp_path):
    with pytest.raises(UsageError, match="is not a folder"):
        foreign_tasks(tmp_path / "none", {}, {"highs": 1.0})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("family,instance,value\na,b,1\n", "no column 'problem'"),
        ("", "no column 'family', 'instance', 'problem', 'value'"),
        ("family;instance;problem;value\na;b;c;1\n", "no column"),
        ("family,instance,problem,value\na,b,c,x\na,b,d,nan\na,b,e,\n", "line 2.*'x'.*line 3.*'nan'.*line 4.*''"),
        ("family,instance,problem,value\na,b\n", "line 2: the value '' is no number"),
        ("family,instance,problem,value\na,b,c,1\na,b,c,2\n", "line 3: a/b/c has another value further up"),
    ],
)
def test_bad_known_values(tmp_path, text, words):
    path = tmp_path / "known.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=words):
        read_known(path)


def test_missing_known_values(tmp_path):
    with pytest.raises(UsageError, match="cannot read"):
        read_known(tmp_path / "none.csv")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_spreadsheets_write_known_values_too(tmp_path, end, mark):
    """Byte-order mark, line ends, blanks around names and values, empty lines at the end, other columns."""
    path = tmp_path / "known.csv"
    lines = [" family ,instance,problem,note,value", "pmed, pmed1 ,pmed,x, 5819 ", "", ",,,,"]
    path.write_bytes((mark + end.join(lines) + end).encode())
    assert read_known(path) == {("pmed", "pmed1", "pmed"): Known(5819.0)}


def test_known_values_that_are_no_text(tmp_path):
    path = tmp_path / "known.csv"
    path.write_bytes(b"family,instance,problem,value\nr\xe9gion,b,c,1\n")
    with pytest.raises(UsageError, match="cannot read"):
        read_known(path)


def test_what_is_left_out_is_told(folder):
    (folder / "pmed" / "readme.md").write_text("")
    (folder / "sscflp_holmberg").mkdir()
    known = {("pmed", n, "pmed"): Known(1.0) for n in ("pmed1", "pmed99")}
    told = left_out(folder, known)
    for words in (
        "tscflp: left out, no layout reads it",
        "pmed: left out, instances end in .txt: readme.md",
        "sscflp_holmberg: holds no instance",
        "known values without a file: pmed/pmed99",
        "compared with nothing: gap_orlib/a05100, gap_orlib/gap1-0, pmed/pmed2, pmed/pmed10",
    ):
        assert any(words in line for line in told), told
    assert left_out(folder, known, ["gap_orlib"], ["gap1-0"]) == [
        "no known value, compared with nothing: gap_orlib/gap1-0"
    ]


def test_no_folder_that_can_be_read(tmp_path):
    (tmp_path / "tscflp").mkdir()
    with pytest.raises(UsageError, match=r"no folder that can be read.*folders tscflp"):
        foreign_tasks(tmp_path, {}, {"highs": 1.0})
