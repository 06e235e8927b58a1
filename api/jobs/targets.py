"""Where a webhook may lead: public addresses only, unless the operator allows private ones.

The name is resolved once, every address it has is judged, and the request goes to the judged address: a name that
changes between look and request changes nothing. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from api.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Lookup = Callable[[str, int], Sequence[str]]

__all__ = ["judge", "resolve", "target_of"]

_SCHEMES: Final = {"https": 443, "http": 80}
LOOKUP_S: Final = 5.0
"""Longest time for the look-up of a name."""

# The registries of special-purpose addresses (IANA, RFC 6890 and its updates). A list of our own, for what the
# standard library calls global differs from release to release.
_CLOSED_V4: Final = tuple(
    ipaddress.IPv4Network(n)
    for n in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by customers of a carrier
        "127.0.0.0/8",
        "169.254.0.0/16",  # link local: metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_OPEN_V6: Final = ipaddress.IPv6Network("2000::/3")
"""All that is assigned as global unicast; loopback, mapped IPv4, NAT64, local and multicast lie outside of it."""

_CLOSED_V6: Final = tuple(
    ipaddress.IPv6Network(n)
    for n in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: wraps an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


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
        host, given = parts.hostname, parts.port
    except ValueError as error:
        raise Fault("webhook_target_refused", f"not an address: {error}") from error
    wrong = (
        (parts.scheme not in _SCHEMES, "it must begin with https://"),
        (parts.scheme == "http" and not private, "plain http is not allowed here, use https"),
        (not host, "it names no host"),
        (given == 0, "port 0 is no port"),
        (parts.username is not None or parts.password is not None, "it holds a user name or password"),
        (bool(parts.fragment), "it has a fragment"),
        (not url.isascii() or not url.isprintable() or " " in url, "it has characters that must be encoded"),
    )
    for bad, text in wrong:
        if bad:
            raise Fault("webhook_target_refused", text)
    assert host is not None
    port = given or _SCHEMES[parts.scheme]
    found = (lookup or resolve)(host, port)
    refused = [a for a in found if not private and not _public(a)]
    if refused:
        raise Fault("webhook_target_refused", f"{host} leads to an address that is not public")
    return host, port, found[0]


def target_of(url: str) -> str:
    """Host and port that a judged address leads to: what can be busy."""
    parts = urlsplit(url)
    return f"{(parts.hostname or '').lower()}:{parts.port or _SCHEMES[parts.scheme]}"[:300]


def resolve(host: str, port: int, patience_s: float = LOOKUP_S) -> list[str]:
    """Addresses of a host.

    Raises
    ------
    Fault
        ``webhook_target_refused``: there are none, or the name server takes longer than ``patience_s`` seconds.
    """
    found: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:  # in a thread that nobody waits for: the system's look-up cannot be ended
        try:
            entries: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([str(entry[4][0]) for entry in entries])
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = found.get(timeout=patience_s)
    except queue.Empty:
        raise Fault("webhook_target_refused", f"{host} was not resolved within {patience_s:g} s") from None
    if isinstance(answer, Exception) or not answer:
        raise Fault("webhook_target_refused", f"{host} cannot be resolved")
    return answer


def _public(address: str) -> bool:
    """Whether an address is a global unicast one. One that wraps another is not: who sends to it decides nothing."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _CLOSED_V4)
    return ip in _OPEN_V6 and not any(ip in network for network in _CLOSED_V6)
