"""Workers on machines of their own, as far as one machine can give them: networks, names and folders apart."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Machine", "Machines", "machines"]

_NETS: Final = 250
_FIRST: Final = 2
"""The bridge itself is number 1."""


@dataclass(frozen=True)
class Machine:
    """Where a worker runs.

    Parameters
    ----------
    name : str
        What it takes for its host's name, so that nobody can look whether its process is there.
    folder : Path
        Its own.
    prefix : tuple of str
        Words before a command that lead into its network.
    """

    name: str
    folder: Path
    prefix: tuple[str, ...] = ()


@dataclass(frozen=True)
class Machines:
    """All of them, and the address at which they reach this one; blank: they share its loopback."""

    each: tuple[Machine, ...]
    address: str = ""

    @property
    def kind(self) -> str:
        """How far they are apart, in words."""
        return "network namespaces" if self.address else "folders apart"

    def reach(self, url: str) -> str:
        """A database's address on this machine's loopback as they reach it."""
        return url.replace("127.0.0.1", self.address) if self.address else url


@contextlib.contextmanager
def machines(count: int, folder: Path) -> Iterator[Machines]:
    """So many machines: network namespaces where this one lets us (root, ``ip``), else folders; gone afterwards."""
    names = [f"machine-{n + 1}" for n in range(count)]
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
    plain = Machines(tuple(Machine(name, folder / name) for name in names))
    with contextlib.ExitStack() as stack:
        try:
            made = _apart(stack, plain) if count and os.geteuid() == 0 and shutil.which("ip") else plain
        except subprocess.CalledProcessError:  # a container without the right to make networks
            made = plain
        yield made


def _apart(stack: contextlib.ExitStack, plain: Machines) -> Machines:
    """A bridge with one network namespace for each machine; ``stack`` takes away what was made."""
    number = os.getpid()
    bridge, net = f"dsg{number}", f"10.213.{number % _NETS}"
    _ip("link", "add", bridge, "type", "bridge")
    stack.callback(_ip, "link", "del", bridge)
    _ip("addr", "add", f"{net}.1/24", "dev", bridge)
    _ip("link", "set", bridge, "up")
    each = []
    for place, machine in enumerate(plain.each, _FIRST):
        space, wire = f"dsg{number}-{place}", f"dv{number}-{place}"
        _ip("netns", "add", space)
        stack.callback(_ip, "netns", "del", space)  # its end of the wire goes with it, and so the wire
        _ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", space)
        _ip("link", "set", wire, "master", bridge, "up")
        _ip("-n", space, "addr", "add", f"{net}.{place}/24", "dev", "eth0")
        _ip("-n", space, "link", "set", "eth0", "up")
        _ip("-n", space, "link", "set", "lo", "up")
        each.append(Machine(machine.name, machine.folder, ("ip", "netns", "exec", space)))
    subprocess.run([*each[0].prefix, "true"], check=True, capture_output=True)
    return Machines(tuple(each), f"{net}.1")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
