"""Where a webhook may lead: public addresses only, unless the operator allows private ones.

The name is resolved once, every address it has is judged, and the request goes to the judged address: a name that
changes between look and request changes nothing. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from api.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Lookup = Callable[[str, int], Sequence[str]]

__all__ = ["judge", "resolve"]

_SCHEMES: Final = {"https": 443, "http": 80}
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def judge(url: str, *, private: bool, lookup: Lookup | None = None) -> tuple[str, int, str]:
    """Host, port and the address to send to.

    Parameters
    ----------
    url : str
    private : bool
        Private addresses and plain http are allowed.
    lookup : callable, optional
        For tests.

    Raises
    ------
    Fault
        ``webhook_target_refused``, with the reason.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _SCHEMES.get(parts.scheme, 0)
    except ValueError as error:
        raise Fault("webhook_target_refused", f"not an address: {error}") from error
    wrong = (
        (parts.scheme not in _SCHEMES, "it must begin with https://"),
        (parts.scheme == "http" and not private, "plain http is not allowed here, use https"),
        (not host, "it names no host"),
        (parts.username is not None or parts.password is not None, "it holds a user name or password"),
        (bool(parts.fragment), "it has a fragment"),
        (not url.isascii() or not url.isprintable() or " " in url, "it has characters that must be encoded"),
    )
    for bad, text in wrong:
        if bad:
            raise Fault("webhook_target_refused", text)
    assert host is not None
    found = (lookup or resolve)(host, port)
    refused = [a for a in found if not private and not _public(a)]
    if refused:
        raise Fault("webhook_target_refused", f"{host} leads to an address that is not public")
    return host, port, found[0]


def resolve(host: str, port: int) -> list[str]:
    """Addresses of a host.

    Raises
    ------
    Fault
        ``webhook_target_refused``: there are none.
    """
    try:
        found: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Fault("webhook_target_refused", f"{host} cannot be resolved") from error
    return [str(entry[4][0]) for entry in found]


def _public(address: str) -> bool:
    """Whether an address is one of the public internet, also when it is wrapped in another kind of address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None and not _public(str(inner)):
            return False
        if ip.ipv4_mapped:
            return True
    return ip.is_global and not ip.is_multicast and not ip.is_unspecified
