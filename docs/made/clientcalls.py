"""The calls of the Python client as text: one method for each operation, from the description of the service.

``python -m docs.build`` writes them into ``client/calls/``, a file for each tag; a test compares.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any, Final

from docs.made.callforms import Operation, Parameter, operations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["calls"]

WIDTH: Final = 120
IMPORTS: Final = {
    # module → names that a file may use
    "api.client.answers": ("PAGE", "Answer", "Caller", "answer", "answers", "pages"),
    "api.client.stream": ("Event", "follow"),
    "api.client.wire": ("JSON", "id_in_path"),
}
ABSTRACT: Final = ("Iterator", "Mapping")
HEAD: Final = '"""{}. Written by ``python -m docs.build``; not by hand."""\n\nfrom __future__ import annotations\n\n'
ABOUT: Final = """
    Every operation of the service, by its operation id.

    Parameters of the path come first, then the body, as a mapping (or bytes, where it may be a file); those of the
    query are keywords. A list that the service pages is an iterator over all of it, which asks for the next page, of
    `page_size` items, when it is needed. Other JSON is returned as it came; what is no JSON, as bytes. Names like
    `PlanOut` are schemas of the description, which the service shows at `/openapi.json`.

    A request that got no answer is sent again and happens once: each call of a POST has an `Idempotency-Key` of its
    own. Give `idempotency_key` to repeat a call that was itself interrupted.
"""
RAISES: Final = {
    "UsageError": "What was given is no id; nothing was sent.",
    "Refused": "The service does not do this; `code` says why. Methods tell the codes that are theirs; every one may "
    "meet {common}.",
    "InputError": "A case, or what would change it, has errors: all of them.",
    "Unreachable, Absent": "No answer after all tries, or none that makes sense.",
}


def calls(description: Mapping[str, Any]) -> dict[str, str]:
    """Name and text of every file of ``client/calls/``.

    Parameters
    ----------
    description : mapping
        The OpenAPI description.
    """
    found = list(operations(description))
    common = set.intersection(*(set(o.codes) for o in found if o.closed))
    tags = sorted({o.tag for o in found})
    files = {f"{_module(tag)}.py": _file(tag, [o for o in found if o.tag == tag], common) for tag in tags}
    return {**files, "__init__.py": _together(tags, common)}


def _module(tag: str) -> str:
    return tag.replace(" ", "_")


def _class(tag: str) -> str:
    return tag.title().replace(" ", "")


def _together(tags: Sequence[str], common: set[str]) -> str:
    imports = "".join(f"from api.client.calls.{_module(t)} import {_class(t)}\n" for t in tags)
    bases = "".join(f"    {_class(t)},\n" for t in tags)
    first, *others = (_wrapped(paragraph, 4) for paragraph in ABOUT.split("\n\n"))
    about = ['    """' + first[0].lstrip(), *(line for lines in others for line in ("", *lines))]
    told = {name: text.format(common=", ".join(f"`{c}`" for c in sorted(common))) for name, text in RAISES.items()}
    lines = [*about, *_section("Raises", list(told.items()), 4), '    """']
    head = f'{HEAD.format("Every operation of the service")}{imports}\n__all__ = ["Calls"]\n\n\n'
    return f"{head}class Calls(\n{bases}):\n" + "\n".join(lines) + "\n"


def _file(tag: str, found: Sequence[Operation], common: set[str]) -> str:
    name = _class(tag)
    methods = "\n".join(_method(o, common) for o in found)
    body = f'class {name}(Caller):\n    """Operations with the tag ``{tag}``."""\n\n{methods}'
    head = HEAD.format(f"Operations of the service: {tag}")
    return f'{head}{_imports(body)}\n__all__ = ["{name}"]\n\n\n{body}'


def _imports(body: str) -> str:
    """What the code of a file uses; words of addresses are not names."""
    words = set(re.findall(r"(?<![/\w])\w+", re.sub(r'""".*?"""', "", body, flags=re.DOTALL)))
    abstract = ", ".join(n for n in ABSTRACT if n in words)
    typing = ", ".join(["TYPE_CHECKING"] * bool(abstract) + [n for n in ("Any", "Literal") if n in words])
    own = {module: ", ".join(n for n in names if n in words) for module, names in IMPORTS.items()}
    parts = [f"from typing import {typing}\n"] if typing else []
    parts.append("".join(f"from {module} import {names}\n" for module, names in own.items() if names))
    if abstract:
        parts.append(f"if TYPE_CHECKING:\n    from collections.abc import {abstract}\n")
    return "\n".join(parts)


def _method(operation: Operation, common: set[str]) -> str:
    positional = operation.placed("path", "body")
    keywords = operation.placed("form", "query", "header", "page")
    declared = [_declared(p) for p in positional] + (["*"] if keywords else []) + [_declared(p) for p in keywords]
    head = f"    def {operation.name}({', '.join(['self', *declared])}) -> {operation.returns}:"
    if len(head) > WIDTH:
        listed = "".join(f"        {d},\n" for d in ["self", *declared])
        head = f"    def {operation.name}(\n{listed}    ) -> {operation.returns}:"
    return f"{head}\n{_documented(operation, common)}{_called(operation)}"


def _declared(parameter: Parameter) -> str:
    default = f" = {parameter.default}" if parameter.default else ""
    return f"{parameter.name}: {parameter.type}{default}"


def _documented(operation: Operation, common: set[str]) -> str:
    codes = [c for c in operation.codes if c not in common]
    refused = ", ".join(f"`{c}`" for c in codes if c != "bad_input")
    sections = {
        "Parameters": [(_named(p), p.about) for p in operation.parameters if p.about],
        "Returns": [(operation.returns, f"`{operation.answer}`")] if operation.answer else [],
        "Raises": [("InputError", "")] * ("bad_input" in codes) + [("Refused", refused)] * bool(refused),
    }
    lines = _wrapped(f'"""{operation.about}', 8)
    lines += [line for title, rows in sections.items() for line in _section(title, rows, 8)]
    end = '"""' if len(lines) == 1 else '\n        """'
    return "\n".join(lines) + f"{end}\n"


def _section(title: str, rows: Sequence[tuple[str, str]], indent: int) -> list[str]:
    """A section of a docstring, none when nothing is in it."""
    margin, lines = " " * indent, []
    for name, about in rows:
        lines += [margin + name, *(_wrapped(about, indent + 4) if about else ())]
    return ["", margin + title, margin + "-" * len(title), *lines] if lines else []


def _named(parameter: Parameter) -> str:
    return f"{parameter.name} : {parameter.type.removesuffix(' | None')}" + ", optional" * bool(parameter.default)


def _wrapped(text: str, indent: int) -> list[str]:
    """Lines of a sentence or more, as reStructuredText."""
    plain = re.sub("`+([^`]+)`+", r"``\1``", " ".join(text.split())).replace("\\", "\\\\")
    told = plain[0].upper() + plain[1:] + "." * (not plain.endswith("."))
    margin = " " * indent
    return textwrap.wrap(
        told, WIDTH - 3, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False, break_long_words=False
    )


def _called(operation: Operation) -> str:
    """The body of the method: what is sent, and how the answer is returned."""
    path = re.sub(r"\{(\w+)\}", lambda m: f"{{id_in_path({m[1]})}}", operation.path)
    address = f'f"{path}"' if path != operation.path else f'"{path}"'
    lines, query = [], operation.placed("query")
    if query:
        lines.append(_bracketed("query = {", [f'"{p.sent}": {p.name}' for p in query], "}"))
    last = f"        {_returned(operation, address)}"
    if len(last) > WIDTH:
        lines.append(f"        path = {address}")
        last = f"        {_returned(operation, 'path')}"
    return "\n".join([*lines, last]) + "\n"


def _bracketed(opening: str, parts: Sequence[str], closing: str) -> str:
    """In a line, or a part a line where it is too long."""
    line = f"        {opening}{', '.join(parts)}{closing}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"        {opening}", *(f"            {part}," for part in parts), f"        {closing}"])


def _returned(operation: Operation, path: str) -> str:
    query = ["query"] if operation.placed("query") else []
    if operation.way:
        way = [] if operation.way == "cursor" else [f'by="{operation.way}"']
        return f"return pages({', '.join(['self._wire', path, 'page_size', *query, *way])})"
    if operation.returns == "Iterator[Event]":
        return f"return follow(self._wire, {path}, last_event_id)"
    sent = f"self._wire.{operation.method}({', '.join([path, *_sent(operation)])})"
    forms = {
        "Answer": f"return answer({sent})",
        "list[dict[str, Any]]": f"return answers({sent})",
        "bytes": f"return {sent}.content",
        "None": sent,
    }
    return forms[operation.returns]


def _sent(operation: Operation) -> list[str]:
    """Arguments of the request after its path."""
    named = {"idempotency_key": "key", "media_type": "media_type", "body": "body", "if_match": "if_match"}
    out = ["query=query"] if operation.placed("query") else []
    return out + [f"{named[p.name]}={p.name}" for p in operation.placed("body", "form", "header")]
