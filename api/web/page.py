"""Templates become pages."""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from fastapi import Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api.web import assets, tongue, words
from api.web.visit import KEY, TOKEN
from optimizer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.web.tongue import Tongue
    from api.web.visit import Visit

__all__ = ["redirected", "render", "text_of"]

_WORDS: Final[dict[str, Any]] = {
    "role_words": words.ROLES,
    "state_words": words.STATES,
    "job_words": words.JOBS,
    "decision_words": words.DECISIONS,
    "severity_words": words.SEVERITIES,
    "solution_words": words.SOLUTIONS,
    "term_words": words.TERMS,
    "loss_words": words.LOSSES,
    "objection_words": words.OBJECTIONS,
    "wave_words": words.WAVES,
    "place_of": words.place_of,
}
HTML: Final = "text/html; charset=utf-8"
NAV: Final = (
    # page, place, word, what it is the way to
    ("page_start", "/", words.marked("Start"), ("start",)),
    ("page_cases", "/cases", words.marked("Cases"), ("case", "solve")),
    ("page_plans", "/plans", words.marked("Plans"), ("plan", "time", "why", "decide", "compare")),
    ("page_studies", "/studies", words.marked("Studies"), ("study",)),
    ("page_money", "/money", words.marked("Money"), ("money",)),
    ("page_missions", "/missions", words.marked("Missions"), ("mission",)),
    ("page_admin", "/admin", words.marked("Administration"), ("admin",)),
)


def render(
    visit: Visit, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> Response:
    """A page.

    Parameters
    ----------
    visit : Visit
    template : str
        File of the templates.
    status : int, default 200
    headers : mapping, optional
    **values
        What the template shows.
    """
    return Response(text_of(visit, template, **values), status, dict(headers or {}), media_type=HTML)


def text_of(visit: Visit, template: str, **values: Any) -> str:
    """The text of a page, or of a part of one."""
    languages = [_tongue_of(code) for code in tongue.offered(visit.held.settings.languages)]
    return (
        _environment(visit.tongue.code)
        .get_template(template)
        .render(
            visit=visit,
            t=visit.tongue,
            may=visit.may,
            nav=[n for n in NAV if visit.may(n[0])],
            languages=languages,
            language_names=tongue.NAMES,
            some=visit.tongue.some,
            hidden=functools.partial(_hidden, visit),
            asset=assets.place,
            version=__version__,
            **_WORDS,
            **values,
        )
    )


def _hidden(visit: Visit) -> Markup:
    """What every form carries."""
    fields = ((TOKEN, visit.form_token()), (KEY, visit.form_key()))
    return Markup("").join(Markup('<input type="hidden" name="{}" value="{}">').format(*f) for f in fields)


def redirected(place: str, **query: str) -> Response:
    """Another page instead; after a form that changed something, so that a reload does not send it again."""
    return Response(status_code=303, headers={"Location": f"{place}?{urlencode(query)}" if query else place})


def _clean(value: Any) -> Any:
    """No control characters and no half characters in a page."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in value)


@functools.cache
def _tongue_of(code: str) -> Tongue:
    return tongue.Tongue(code)


@functools.cache
def _environment(code: str) -> Environment:
    """Templates of a language, with escaping of everything that was not made here."""
    held = _tongue_of(code)
    env = Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        finalize=_clean,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        held.say, functools.partial(_plural, held), newstyle=True
    )
    env.filters["query"] = lambda pairs: urlencode({k: v for k, v in pairs.items() if v not in (None, "")})
    return env


def _plural(held: Tongue, one: str, many: str, n: int) -> str:
    return held.plural(one, many, n)
