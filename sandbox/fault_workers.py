"""The Lambda worker that makes a call, killed in the middle of its batch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ministack.core import lambda_runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONNECTIONS: Final = Path("/proc/net/tcp")
_LOCAL: Final = 1
_INODE: Final = 9


def kill_caller(port: int, principal: str) -> bool:
    """Kills the worker process at the other end of a connection; returns whether there was one.

    Args:
        port: The client's port.
        principal: The caller's ARN, whose session is named after the function: without ``/proc``, one of that
            function's busy workers is killed.

    """
    busy = list(_busy(principal.rsplit("/", 1)[-1]))
    inode = _inode(port)
    holding = [process for process in busy if inode in _sockets(process.pid)]
    for process in (holding or ([] if _CONNECTIONS.exists() else busy))[:1]:
        process.kill()
        return True
    return False


def _busy(function: str) -> Iterator[Any]:
    for workers in list(lambda_runtime._workers.values()):  # noqa: SLF001 - MiniStack has no public way
        for worker in list(workers):
            process = worker._proc  # noqa: SLF001 - MiniStack has no public way
            if worker.in_use and worker.func_name == function and process is not None:
                yield process


def _inode(port: int) -> str:
    if not _CONNECTIONS.exists():
        return ""
    rows = (line.split() for line in _CONNECTIONS.read_text().splitlines()[1:])
    return next((row[_INODE] for row in rows if row[_LOCAL].endswith(f":{port:04X}")), "")


def _sockets(pid: int) -> set[str]:
    folder, inodes = Path(f"/proc/{pid}/fd"), set()
    for opened in folder.iterdir() if folder.exists() else ():
        try:
            inodes.add(opened.readlink().name.removeprefix("socket:[").removesuffix("]"))
        except OSError:
            continue  # closed meanwhile
    return inodes
