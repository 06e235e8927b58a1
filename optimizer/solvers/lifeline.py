"""Small operating-system services for parent and child: death with the parent, resident memory, exit codes."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

__all__ = ["describe_exit", "die_with_parent", "launcher"]

_PR_SET_PDEATHSIG = 1
_LAUNCH = (
    "import ctypes,os,sys;p=int(sys.argv[1]);"
    "ctypes.CDLL(None).prctl(1,9) if sys.platform=='linux' else 0;"
    "os.getppid()==p or os._exit(1);"
    "os.execv(sys.argv[2],sys.argv[2:])"
)


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends (Linux; a no-op elsewhere).

    The kernel watches the *thread* that started us, which is why the parent starts children
    from a thread of its own that lives as long as the process.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def launcher(*command: str) -> list[str]:
    """Command line that runs ``command`` as a grandchild which cannot outlive this process."""
    return [sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid()), *command]


def describe_exit(code: int | None) -> str:
    """How a process ended, in words: ``killed by SIGSEGV``, ``exit code 3``."""
    if code is None:
        return "still running"
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
