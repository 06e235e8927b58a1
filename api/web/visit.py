"""One request of a page: who asks, in which language, with which form."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from api.access import OPEN, PAGES
from api.faults import Fault
from api.idempotency import KEY_MAX, Once
from api.web import cookies
from api.web.tongue import Tongue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request

    from api.access import Caller
    from api.context import Services
    from api.store.models import SignIn

__all__ = ["KEY", "TOKEN", "Form", "Visit"]

TOKEN: Final = "_token"
"""Field of a form: shows that the form is ours."""
KEY: Final = "_key"
"""Field of a form: the same form sent twice has one effect."""

SECRET: Final = "key"
"""Field of a form: the key of who signs in."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a form sent: texts by field, in order, and files as name and content."""

    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()

    def text(self, name: str) -> str:
        """The text of a field without blanks around it; empty where there is none."""
        return next((v.strip() for n, v in self.fields if n == name), "")

    def texts(self, name: str) -> list[str]:
        """All texts of a field."""
        return [v.strip() for n, v in self.fields if n == name]

    def typed(self) -> tuple[tuple[str, str], ...]:
        """What a person typed or chose, and may be shown again: never a key."""
        return tuple((n, v) for n, v in self.fields if not n.startswith("_") and n != SECRET)


@dataclass
class Visit:
    """What a page works with.

    Parameters
    ----------
    request : Request
    held : Services
    tongue : Tongue
    name : str
        Of the page, as ``access.PAGES`` has it.
    who : Caller, optional
        Nobody on pages that are open to all.
    sign_in : SignIn, optional
    token : str, optional
        What the browser's cookie holds.
    form : Form
    """

    request: Request
    held: Services
    tongue: Tongue
    name: str
    who: Caller | None = None
    sign_in: SignIn | None = None
    token: str | None = None
    form: Form = field(default_factory=Form)

    @property
    def caller(self) -> Caller:
        """Who asks.

        Raises
        ------
        Fault
            ``unauthenticated``.
        """
        if self.who is None:
            raise Fault("unauthenticated")
        return self.who

    @property
    def path(self) -> Mapping[str, str]:
        """Parts of the path."""
        return self.request.path_params

    @property
    def query(self) -> Mapping[str, str]:
        """Parameters of the query."""
        return self.request.query_params

    def may(self, page: str) -> bool:
        """Whether the caller may use a page; what they may not is not shown."""
        scope = PAGES[page]
        return scope == OPEN or (self.who is not None and self.who.may(scope))

    def number(self, name: str, default: int, most: int = 10**6) -> int:
        """A whole number of the query; the default for anything else."""
        text = self.query.get(name, "")
        return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 10 else default

    def form_token(self) -> str:
        """For a form of this page."""
        return cookies.form_token(self.token or "")

    @staticmethod
    def form_key() -> str:
        """For a form of this page: the same form sent twice has one effect."""
        return secrets.token_urlsafe(16)

    def once(self) -> Once:
        """Runs the change that the form asks for, once however often it is sent.

        A form that was changed before it was sent again is another one: browsers bring back a page with the key that
        it had.
        """
        digest = hashlib.sha256(f"{self.request.method} {self.request.url.path}\n".encode())
        for name, value in self.form.typed():
            digest.update(f"{name}:{len(value)}:{value}\n".encode(errors="replace"))
        for name, data in self.form.files:
            digest.update(f"{name}:{len(data)}\n".encode(errors="replace"))
            digest.update(data)
        fingerprint = digest.hexdigest()
        given = self.form.text(KEY)
        key = f"{given[: KEY_MAX - 33]}-{fingerprint[:32]}" if given else None
        return Once(self.held.store, self.caller, key, fingerprint)

    def say(self, text: str, **values: Any) -> str:
        """A text in the reader's language."""
        return self.tongue.say(text, **values)
