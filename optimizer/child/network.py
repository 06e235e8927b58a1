"""A process gives up the network: from then on it reaches no other machine and no service of this one.

Linux only: a network namespace with nothing in it. Root may make one; others may inside a user namespace of their own,
where the system allows those.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Final

__all__ = ["give_up_network"]

_NEWUSER: Final = 0x10000000
_NEWNET: Final = 0x40000000
_GET_FLAGS: Final = 0x8913
_UP: Final = 1


def give_up_network() -> str:
    """Leave the network for good; to be called before the process has a second thread.

    Returns
    -------
    str
        Why it could not; empty when this process and all it starts can reach nothing.
    """
    if sys.platform != "linux":
        return f"there is no way to do it on {sys.platform}"
    if _alone():
        return ""
    problem = _unshare(_NEWNET)
    if problem:
        problem = _in_user_namespace()
    if not problem and not _alone():
        problem = "the new namespace is not empty"
    return problem


def _alone() -> bool:
    """Whether there is nothing but a loopback that is switched off: a namespace as it is when made."""
    try:
        return [name for _, name in socket.if_nameindex()] == ["lo"] and not _is_up(b"lo")
    except OSError:
        return False


def _is_up(interface: bytes) -> bool:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket, _GET_FLAGS, struct.pack("16sH14x", interface, 0))
    flags: int = struct.unpack("16sH14x", answer)[1]
    return bool(flags & _UP)


def _unshare(flags: int) -> str:
    """Enter new namespaces; what stood against it, or nothing."""
    libc = ctypes.CDLL(None, use_errno=True)
    return os.strerror(ctypes.get_errno()) if libc.unshare(flags) else ""


def _in_user_namespace() -> str:
    """The same for who is not root. The user stays who he is: files belong to him as before."""
    user, group = os.geteuid(), os.getegid()
    problem = _unshare(_NEWUSER | _NEWNET)
    if problem:
        return problem
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError as error:
        return f"the user namespace has no users: {error.strerror}"
    return ""
