"""``designate study KIND``: one command for each kind of question, made from the question's own fields."""

from __future__ import annotations

import dataclasses
import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.core import TyperGroup

from optimizer.cli.options import (
    BackendOpt,
    CaseArg,
    EncodingOpt,
    JsonOpt,
    LanguageOpt,
    Reading,
    SeedOpt,
    ThreadsOpt,
    check_language,
    read_case_of,
)
from optimizer.domain.errors import UsageError
from optimizer.domain.params import DEFAULT_TIME_LIMIT_S, SolveParams

if TYPE_CHECKING:
    from optimizer.domain.answer import Answer
    from optimizer.studies.base import Question

__all__ = ["add_to"]

_LIMIT = Annotated[float, typer.Option(help="seconds for the whole study")]
_SOLVE_LIMIT = Annotated[float | None, typer.Option(help="seconds for one solve")]
_WORK_LIMIT = Annotated[int | None, typer.Option(help="deterministic work units for one solve")]
_OUT = Annotated[
    Path | None, typer.Option(help="write the answer here: one file (.json), or a folder for tables, plans and a page")
]


class _Kinds(TyperGroup):
    """The kinds of question, imported only when one is asked for or listed."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Names of the kinds."""
        from optimizer.studies.ask import STUDIES

        return [question.kind.replace("_", "-") for question in STUDIES]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of a kind; ``None`` when there is no such kind."""
        from optimizer.studies.ask import STUDIES

        for question in STUDIES:
            if question.kind.replace("_", "-") == cmd_name:
                made = typer.Typer(rich_markup_mode=None, add_completion=False)
                made.command(cmd_name)(_command(question))
                return typer.main.get_command(made)
        return None


def add_to(app: typer.Typer) -> None:
    """Add the group to the main command."""
    group = typer.Typer(
        cls=_Kinds,
        no_args_is_help=True,
        help="Questions about a case or a plan, answered by as many solves as it takes.",
    )
    group.callback()(_nothing)
    app.add_typer(group, name="study")


def _nothing() -> None:
    """Questions about a case or a plan, answered by as many solves as it takes."""


def _command(question: type[Question]) -> Any:
    """A function with one option for each field of the question."""
    fields = dataclasses.fields(question)  # type: ignore[arg-type]
    hints = get_type_hints(question)

    def ask(case: Path, plan: Path | None = None, **given: Any) -> None:
        _ask(question, case, plan, given)

    kinds = inspect.Parameter
    of_case = kinds("case", kinds.POSITIONAL_OR_KEYWORD, annotation=CaseArg)
    plan_arg = Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="plan.json of this case: the reference")]
    of_plan = kinds("plan", kinds.POSITIONAL_OR_KEYWORD, default=None, annotation=plan_arg)
    own = [_option(f, hints[f.name]) for f in fields]
    common = [
        kinds("time_limit", kinds.KEYWORD_ONLY, default=DEFAULT_TIME_LIMIT_S, annotation=_LIMIT),
        kinds("solve_limit", kinds.KEYWORD_ONLY, default=None, annotation=_SOLVE_LIMIT),
        kinds("work_limit", kinds.KEYWORD_ONLY, default=None, annotation=_WORK_LIMIT),
        kinds("backend", kinds.KEYWORD_ONLY, default="auto", annotation=BackendOpt),
        kinds("threads", kinds.KEYWORD_ONLY, default=1, annotation=ThreadsOpt),
        kinds("seed", kinds.KEYWORD_ONLY, default=0, annotation=SeedOpt),
        kinds("out", kinds.KEYWORD_ONLY, default=None, annotation=_OUT),
        kinds("encoding", kinds.KEYWORD_ONLY, default="", annotation=EncodingOpt),
        kinds("language", kinds.KEYWORD_ONLY, default="en", annotation=LanguageOpt),
        kinds("as_json", kinds.KEYWORD_ONLY, default=False, annotation=JsonOpt),
    ]
    everything = [of_case, of_plan, *own, *common]
    ask.__signature__ = inspect.Signature(everything)  # type: ignore[attr-defined]
    ask.__annotations__ = {p.name: p.annotation for p in everything}
    ask.__doc__ = inspect.getdoc(question)
    return ask


def _option(field: dataclasses.Field[Any], kind: Any) -> inspect.Parameter:
    """The option of a field: lists are written with commas, choices are checked by the question."""
    listed = get_origin(kind) is tuple
    plain = str if listed or get_args(kind) else kind
    default: Any = inspect.Parameter.empty
    if field.default is not dataclasses.MISSING:
        default = "" if listed else field.default
    told = field.metadata.get("help", "")
    if {"json", "case", "tables"} & set(field.metadata):  # a document, which the command is given by its path
        needed = field.default is dataclasses.MISSING
        path = Path if needed else Path | None
        of_path = Annotated[path, typer.Option(help=told, exists="json" in field.metadata)]  # type: ignore[valid-type]
        nothing = inspect.Parameter.empty if needed else None
        return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=nothing, annotation=of_path)
    if field.metadata.get("file"):  # the text of a file, which the command is given by its path
        of_file = Annotated[Path | None, typer.Option("--file", help=told, exists=True, dir_okay=False)]
        return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=of_file)
    about = Annotated[plain, typer.Option(help=told)]  # type: ignore[valid-type]
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=about)


def _ask(question: type[Question], case: Path, plan: Path | None, given: dict[str, Any]) -> None:
    from optimizer.cli import inputs, output
    from optimizer.cli.exits import NO_PLAN, OK
    from optimizer.cli.interrupts import Interrupts
    from optimizer.files import write_text_atomic
    from optimizer.report.study_files import write_folder
    from optimizer.solvers.accept.solve import Watch
    from optimizer.studies.ask import study

    check_language(given["language"])
    fields = {f.name: given[f.name] for f in dataclasses.fields(question)}  # type: ignore[arg-type]
    hints = get_type_hints(question)
    asked: dict[str, Any] = {
        n: _listed(n, v, hints[n]) if get_origin(hints[n]) is tuple else v for n, v in fields.items()
    }
    asked |= {f.name: _content(f, given[f.name]) for f in dataclasses.fields(question) if set(f.metadata) & _BY_PATH}  # type: ignore[arg-type]
    loaded = read_case_of(case, Reading(encoding=given["encoding"]))[0]
    held = None if plan is None else inputs.read_reference(plan, loaded)
    folder = given["out"] is not None and given["out"].suffix.lower() != ".json"
    if given["out"] is not None:
        output.prepare(case, None if folder else given["out"], given["out"] if folder else None, None)
    params = SolveParams(
        backend=given["backend"],
        time_limit_s=given["solve_limit"],
        work_limit=given["work_limit"],
        threads=given["threads"],
        seed=given["seed"],
    )
    with Interrupts() as stop:
        watch = Watch(cancelled=stop)
        answer = study(question.kind, loaded, held, params=params, time_limit=given["time_limit"], watch=watch, **asked)
    if folder:
        write_folder(answer, loaded, given["out"], given["language"])
    elif given["out"] is not None:
        write_text_atomic(given["out"], json.dumps(answer.as_dict(), indent=1, ensure_ascii=False) + "\n")
    _show(answer, given["as_json"], given["language"])
    raise typer.Exit(OK if answer.answered else NO_PLAN)


_BY_PATH = {"file", "json", "case", "tables"}


def _content(field: dataclasses.Field[Any], path: Path | None) -> Any:
    """What a path stands for: the text of a file, a document, the tables of a case."""
    from optimizer.cli import inputs

    if path is None:
        return "" if field.metadata.get("file") else None
    if field.metadata.get("file"):
        return path.read_text("utf-8")
    if field.metadata.get("tables"):
        from optimizer.studies.location_files import read_folder

        return read_folder(path)
    return dict(read_case_of(path, Reading())[0].tables) if field.metadata.get("case") else inputs.read_plan(path)


def _listed(name: str, text: str, kind: Any) -> tuple[float, ...] | tuple[str, ...]:
    """Words or numbers between commas."""
    if get_args(kind)[0] is str:
        return tuple(part for part in (p.strip() for p in text.split(",")) if part)
    try:
        return tuple(float(part) for part in text.split(",")) if text else ()
    except ValueError:
        told = f"--{name} is a list of numbers such as 1,2,3, not {text!r}"
        raise UsageError(told) from None


def _show(answer: Answer, as_json: bool, language: str) -> None:
    """The answer on standard output: sentences, then tables."""
    from optimizer.cli import output

    if as_json:
        output.echo(answer.as_dict())
        return
    from rich.console import Console

    from optimizer.report.study_console import print_answer

    print_answer(answer, Console(), language)
