"""Pages as a test reads them: links, forms with what they carry, texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.api.serving import ADMIN
from tests.api.worlds import House

BASE = "http://127.0.0.1:8080"
VOID = {"input", "meta", "link", "br", "path", "rect", "circle", "polyline", "polygon"}


@dataclass
class Form:
    """A form of a page: where it goes, what it holds as it stands."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a page holds."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer, self.status, self.text = answer, answer.status_code, answer.text
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.heading, self.errors = "", [""]
        self._in: list[tuple[str, dict[str, str]]] = []
        self._select, self._area = "", ""
        self.feed(self.text)
        self.errors = [e.strip() for e in self.errors if e.strip()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {k: v or "" for k, v in attrs}
        self.attributes += [(tag, k, v) for k, v in had.items()]
        if tag not in VOID:
            self._in.append((tag, had))
        if tag == "a":
            self.links.append(had.get("href", ""))
        elif tag == "form":
            self.forms.append(Form(had.get("action", ""), had.get("method", "get")))
        elif tag == "p" and had.get("class") == "err":
            self.errors.append("")
        elif self.forms:
            self._control(tag, had)

    def _control(self, tag: str, had: dict[str, str]) -> None:
        held, name = self.forms[-1].fields, had.get("name", "")
        if tag == "input" and name:
            if had.get("type") in ("checkbox", "radio") and "checked" not in had:
                return
            held[name] = had.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in had or self._select not in held):
            held[self._select] = had.get("value", "")
        elif tag == "textarea":
            self._area = name
            held[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        if self._in and self._in[-1][0] == tag:
            self._in.pop()

    def handle_data(self, data: str) -> None:
        inside = self._in[-1] if self._in else ("", {})
        if any(t == "h1" for t, _ in self._in):
            self.heading += data
        if inside[0] == "p" and inside[1].get("class") == "err":
            self.errors[-1] += data
        if self._area:
            self.forms[-1].fields[self._area] += data

    def form(self, action: str) -> Form:
        """The form that goes there."""
        found = [f for f in self.forms if re.fullmatch(action, f.action)]
        assert found, (action, [f.action for f in self.forms], self.heading)
        return found[0]


class Reader:
    """A browser without scripts, in front of an application in this process.

    Parameters
    ----------
    house : House
    base : str
        Address that it believes to be at.
    """

    def __init__(self, house: House, base: str = BASE) -> None:
        self.house, self.base, self.cookies = house, base, dict[str, str]()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A request with the cookies so far; redirects are not followed."""
        jar = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        headers = {"accept": "text/html", "origin": self.base, **({"cookie": jar} if jar else {})}
        headers |= more.pop("headers", {})
        if method == "GET":
            headers.pop("origin", None)
        self.house._client.cookies.clear()
        answer = self.house.ask(None, method, f"{self.base}{path}", headers=headers, **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return answer

    def get(self, path: str, **more: Any) -> Page:
        """A page, at the end of its redirects."""
        answer = self.ask("GET", path, **more)
        for _ in range(5):
            if answer.status_code != 303:
                break
            answer = self.ask("GET", answer.headers["location"])
        return Page(answer)

    def send(self, page: Page, where: str, /, **typed: Any) -> Page:
        """Send a form of a page; the page that answers, at the end of its redirects."""
        answer = self.post(page, where, **typed)
        return self.get(answer.headers["location"]) if answer.status_code == 303 else Page(answer)

    def post(self, page: Page, where: str, /, **typed: Any) -> httpx.Response:
        """Send a form of a page; the bare answer."""
        form = page.form(where)
        files = typed.pop("files", None)
        data = {**form.fields, **typed}
        if files is not None:
            data.pop("files", None)
            return self.ask("POST", form.action, data=data, files=[("files", f) for f in files])
        return self.ask("POST", form.action, data=data)

    def sign_in(self, key: str = ADMIN) -> Reader:
        """Sign in by key."""
        answer = self.post(self.get("/sign-in"), "/sign-in", key=key)
        assert answer.status_code == 303, answer.text
        return self
