"""``--help``, ``--version`` and requests that make no sense."""

from __future__ import annotations

import subprocess
import sys

import pytest

import optimizer
from optimizer.cli.main import app
from tests.cli.terminal import designate, inside

COMMANDS = ("solve", "validate", "verify", "diff", "reoptimise", "price", "template", "example", "export", "digest")
"""Those of this folder's tests; there may be more."""

LIGHT = {
    "optimizer",
    "optimizer.cli",
    "optimizer.cli.main",
    "optimizer.cli.exits",
    "optimizer.cli.interrupts",
    "optimizer.domain",
    "optimizer.domain.errors",
    "optimizer.domain.params",
    "optimizer.version",
}
"""All of ours that ``--help`` may import."""

FOREIGN = {"typer", "click", "shellingham", "annotated_doc", "typing_extensions"}


def test_help_lists_every_command():
    shown = designate("--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    listed = [line.split()[0] for line in shown.stdout.partition("Commands:")[2].splitlines() if line.strip()]
    assert set(listed) >= set(COMMANDS)
    assert len(listed) == len(app.registered_commands) + len(app.registered_groups)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command(command):
    shown = inside(command, "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith(f"Usage: designate {command}")
    assert "--json" in shown.stdout


def test_help_imports_nothing_heavy():
    """What keeps it fast, checked without a clock."""
    code = (
        "import sys; before = set(sys.modules); sys.argv = ['designate', '--help']\n"
        "from optimizer.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sorted(set(sys.modules) - before), sep='\\n', file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stderr.split())
    ours = {m for m in loaded if m.partition(".")[0] in ("optimizer", "data", "api", "benchmarks")}
    assert {m for m in ours if not m.startswith("optimizer.cli.")} == {m for m in LIGHT if "optimizer.cli." not in m}
    outside = {m.partition(".")[0] for m in loaded} - set(sys.stdlib_module_names)
    assert outside <= FOREIGN | {"optimizer"}
    assert not loaded & {"asyncio", "multiprocessing", "xml", "http", "unittest", "sqlite3", "zoneinfo", "decimal"}


def complete(*words: str) -> list[str]:
    """What a shell offers for the last of these words."""
    typed = " ".join(("designate", *words))
    environment = {"_DESIGNATE_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(words))}
    shown = inside(**environment)
    assert (shown.returncode, shown.stderr) == (0, "")
    return shown.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("reo",), ["reoptimise"]),
        (("solve", "infeasible-l"), ["infeasible-language", "infeasible-lock"]),
        (("solve", "tiny", "sec"), ["secretariat", "secretariat-5y"]),
        (("example", "rc"), ["rco", "rco-16"]),
        (("reoptimise", "tiny", "plan.json", "ti"), ["tiny"]),
        (("solve", "tiny", "--backend", "cp"), ["cpsat"]),
        (("schedule", "pau"), ["pause"]),
    ],
)
def test_a_shell_completes_commands_options_and_names_of_cases(words, offered):
    assert complete(*words) == offered


def test_a_shell_completes_folders_and_files_that_can_be_cases(tmp_path):
    (tmp_path / "mine").mkdir()
    for name in ("mine.xlsx", "mine.json", "mine.txt"):
        (tmp_path / name).touch()
    assert complete("solve", f"{tmp_path}/mi") == [f"{tmp_path}/{n}" for n in ("mine/", "mine.json", "mine.xlsx")]
    assert complete("solve", f"{tmp_path}/mine/") == []


def test_completion_can_be_installed(tmp_path):
    """Into the files of this user's shell; here into an empty home."""
    environment = {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    made = designate("--install-completion", "bash", **environment)
    assert (made.returncode, made.stderr) == (0, "")
    assert "_DESIGNATE_COMPLETE" in (tmp_path / ".bash_completions" / "designate.sh").read_text()
    assert "designate.sh" in (tmp_path / ".bashrc").read_text()


def test_version():
    assert inside("--version").stdout == f"{optimizer.__version__}\n"


def test_same_command_as_a_module():
    ran = subprocess.run([sys.executable, "-m", "optimizer", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{optimizer.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Usage"),
        (("frobnicate",), "No such command"),
        (("solve",), "Missing argument"),
        (("solve", "tiny", "--frob"), "No such option"),
        (("solve", "tiny", "--time-limit", "soon"), "Invalid value"),
        (("solve", "tiny", "--threads", "1.5"), "Invalid value"),
        (("validate", "tiny", "second"), "unexpected extra argument"),
        (("example", "tiny", "dir", "third"), "unexpected extra argument"),
        (("diff", "a.json"), "Missing argument"),
        (("example", "--entities", "0", "x"), "Invalid value"),
    ],
)
def test_usage_error(arguments, words):
    told = inside(*arguments)
    assert told.returncode == 2
    assert words in told.stdout + told.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--backend", "gurobi"), "unknown backend 'gurobi'"),
        (("--time-limit", "-1"), "time_limit_s is "),
        (("--time-limit", "nan"), "time_limit_s is "),
        (("--time-limit", "inf"), "time_limit_s is "),
        (("--work-limit", "-1"), "work_limit is "),
        (("--memory-limit", "0"), "memory_limit_mb is "),
        (("--gap", "1"), "gap_rel is "),
        (("--gap", "nan"), "gap_rel is "),
        (("--threads", "0"), "threads is "),
        (("--seed", "-1"), "seed is "),
        (("--seed", str(2**31)), "seed is "),
        (("--backend", "highs", "--work-limit", "5"), "has no work_limit"),
        (("--backend", "scip", "--threads", "2"), "has no threads"),
    ],
)
def test_request_that_makes_no_sense(arguments, words, tmp_path):
    """Exit 2, one line on standard error, nothing written; as an object with ``--json``."""
    plan = tmp_path / "plan.json"
    told = inside("solve", "tiny", "--out", plan, *arguments)
    assert (told.returncode, told.stdout, plan.exists()) == (2, "", False)
    assert told.stderr.startswith("designate: ")
    assert words in told.stderr
    assert told.stderr.count("\n") == 1
    again = inside("solve", "tiny", "--json", *arguments)
    assert (again.returncode, again.stderr) == (2, "")
    assert words in again.json["message"]
    assert again.json["error"] in ("usage", "backend_refused")
