"""From a plan's document to its typed blocks and back, for both schemas; and a plan as a small table of HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, get_type_hints

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue

__all__ = ["as_document", "as_html", "read_blocks"]


def read_blocks(kind: type, schema: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The blocks of a document, each read as the field of that name in ``kind``; the field ``case`` is no block.

    Raises
    ------
    InputError
        ``plan_not_readable``: a key is missing, unknown or of the wrong kind; the place is told.
    """
    import msgspec

    blocks = _blocks(kind)
    try:
        if unknown := sorted(set(document) - set(blocks)):
            raise ValueError(f"nothing is known of a block {unknown[0]!r}")
        return {name: msgspec.convert(document[name], of) for name, of in blocks.items()}
    except (ValueError, KeyError, TypeError) as error:  # msgspec.ValidationError is a ValueError
        told = f"it has no block {error}" if isinstance(error, KeyError) else str(error)
        message = f"this is no {schema} document: {told}"
        remedy = "give the plan.json as it was written"
        raise InputError([Issue("plan_not_readable", "error", message, remedy)]) from error


def as_document(plan: Any) -> dict[str, Any]:
    """A plan's blocks as plain values, made anew at each call."""
    import msgspec

    kind: type = type(plan)
    blocks = {name: getattr(plan, name) for name in _blocks(kind) if name != "issues"}
    out: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(blocks, enc_hook=_plain))
    return {**out, "issues": [i.as_dict() for i in plan.issues]}


def as_html(caption: str, shown: Sequence[tuple[str, str]]) -> str:
    """What a notebook shows of a plan: names and figures, a row each."""
    rows = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in shown)
    return f"<table><caption>{html.escape(caption)}</caption>{rows}</table>"


@cache
def _blocks(kind: type) -> Mapping[str, Any]:
    """What each block is read as, in the order of documents."""
    hints = get_type_hints(kind, localns={"Case": object})  # the case is no block, and only type checkers know it here
    return MappingProxyType({name: hint for name, hint in hints.items() if name != "case"})


def _plain(value: object) -> object:
    """What the encoder does not know."""
    if isinstance(value, MappingProxyType):
        return dict(value)
    raise NotImplementedError
