"""What all pages share: templates, style sheets and the one script that a page allows itself."""

from __future__ import annotations

import base64
import functools
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from optimizer.report.blocks import Section
from optimizer.report.language import said_in, word
from optimizer.report.naming import clean
from optimizer.report.numbers import count
from optimizer.report.packed import pack, table_key

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render_page"]


def render_page(template: str, look: str, language: str = "en", **values: Any) -> str:
    """A page as text that needs no other file.

    Parameters
    ----------
    template : str
        File of the templates.
    look : str
        Name of its style sheet, which follows the one of all pages, and of its script.
    language : str, default "en"
        One of ``LANGUAGES``; templates ask ``t`` for their own words in it.
    **values
        What the template shows.
    """
    script = _resource(f"{look}.js").strip()
    sections = [s for s in values.get("sections", ()) if isinstance(s, Section)]
    return (
        _environment(language)
        .get_template(template)
        .render(
            style="\n".join(_resource(name).strip() for name in ("base.css", f"{look}.css")),
            script=script,
            language=language,
            t=functools.partial(word, language=language),
            packed=pack(sections, language),
            table_key=table_key,
            count=count,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            **values,
        )
    )


@cache
def _resource(name: str) -> str:
    """A file of the templates."""
    return resources.files("optimizer.report").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment(language: str) -> Environment:
    """Templates with escaping of everything that was not made here; sentences and figures come in the language."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    env = Environment(
        loader=PackageLoader("optimizer.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda v: clean(said_in(v, language)) if isinstance(v, str) and not isinstance(v, Markup) else v,
    )
    env.tests["text"] = lambda v: isinstance(v, str)
    env.filters["block_kind"] = lambda block: type(block).__name__
    return env
