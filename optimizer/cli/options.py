"""Arguments and options that several commands share, and what the shell may complete."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.domain.params import BACKENDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue

__all__ = [
    "BackendOpt",
    "CaseArg",
    "CasesArg",
    "EncodingOpt",
    "EventsArg",
    "JsonOpt",
    "LanguageOpt",
    "PageLanguageOpt",
    "PlanArg",
    "Reading",
    "SeedOpt",
    "ThreadsOpt",
    "TimeLimitOpt",
    "case_names",
    "check_language",
    "packaged_names",
    "read_case_of",
]

_FORMS = (".json", ".xlsx", ".zip")


def packaged_names(incomplete: str) -> list[str]:
    """Names of packaged cases that begin so."""
    import data

    return [n for n in data.names() if n.startswith(incomplete)]


def case_names(incomplete: str) -> list[str]:
    """What may stand for a case: packaged names, folders, workbooks, JSON documents."""
    return [*packaged_names(incomplete), *_paths(incomplete, _FORMS)]


def _event_names(incomplete: str) -> list[str]:
    import data

    return [*(n for n in data.event_names() if n.startswith(incomplete)), *_paths(incomplete, (".json",))]


def _backends(incomplete: str) -> list[str]:
    return [b for b in BACKENDS if b.startswith(incomplete)]


def _paths(incomplete: str, endings: tuple[str, ...]) -> Iterator[str]:
    """Folders (with a slash, to go on inside) and files of some endings; a shell stops at its own list otherwise."""
    folder = Path(incomplete) if incomplete.endswith("/") else Path(incomplete).parent
    if not folder.is_dir():
        return
    lead = incomplete if incomplete.endswith("/") else incomplete.rpartition("/")[0]
    lead = lead if not lead or lead.endswith("/") else f"{lead}/"
    for path in sorted(folder.iterdir()):
        shown = f"{lead}{path.name}"
        if shown.startswith(incomplete) and (path.is_dir() or path.suffix.lower() in endings):
            yield f"{shown}/" if path.is_dir() else shown


_CASE = "folder of CSV files, .xlsx, .json, or the name of a packaged case"

CaseArg = Annotated[Path, typer.Argument(metavar="CASE", help=_CASE, autocompletion=case_names)]
CasesArg = Annotated[
    list[Path], typer.Argument(metavar="CASE", help=f"one case or several: {_CASE}", autocompletion=case_names)
]
PlanArg = Annotated[Path, typer.Argument(metavar="PLAN", help="plan.json")]
EventsArg = Annotated[
    Path,
    typer.Argument(metavar="EVENTS", help="events.json, or a packaged example's name", autocompletion=_event_names),
]
EncodingOpt = Annotated[str, typer.Option(help="code page of tables that are not UTF-8, e.g. cp1252")]
JsonOpt = Annotated[bool, typer.Option("--json", help="print a document for machines instead of text")]
BackendOpt = Annotated[str, typer.Option(help=" | ".join(BACKENDS), autocompletion=_backends)]
ThreadsOpt = Annotated[int, typer.Option(help="threads for the solver")]
SeedOpt = Annotated[int, typer.Option(help="seed of every random choice")]
TimeLimitOpt = Annotated[float, typer.Option(help="seconds for each solve")]
PageLanguageOpt = Annotated[str, typer.Option("--language", help="of the report and the workbook: en or fr")]
LanguageOpt = Annotated[str, typer.Option(help="of what is printed and of pages: en or fr; documents stay English")]


def check_language(language: str) -> None:
    """Refuse a language that nothing is said in.

    Raises
    ------
    OptionsRefused
    """
    from optimizer.domain.errors import OptionsRefused
    from optimizer.domain.options import refused
    from optimizer.report.language import LANGUAGES

    if language not in LANGUAGES:
        told = f"the languages are {', '.join(LANGUAGES)}, not {language!r}"
        raise OptionsRefused([refused("option_not_offered", "language", told, "give one of them")])


@dataclass(frozen=True, slots=True)
class Reading:
    """How a case is read.

    Parameters
    ----------
    online : bool
        Unknown places are looked up over the network.
    encoding : str
        Code page of tables that are not UTF-8.
    """

    online: bool = False
    encoding: str = ""


def read_case_of(given: Path, how: Reading = Reading()) -> tuple[Case, tuple[Issue, ...]]:
    """Read a case that an argument names.

    Raises
    ------
    InputError
        With every problem of the case.
    """
    from optimizer.tables import read_case

    return read_case(given, allow_online=how.online, encoding=how.encoding)
