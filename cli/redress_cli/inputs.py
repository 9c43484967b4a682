"""Opens whatever input was named: files, gzipped or not, folders of them, standard input; and counts what was read."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

GZIP_MAGIC = b"\x1f\x8b"
STANDARD_INPUT = "-"
# In a folder only what may be a log: the README beside it is no error message.
LOG_ENDINGS = frozenset({".json", ".jsonl", ".ndjson", ".gz", ".log", ".txt"})


@dataclass(slots=True)
class Inputs:
    """The input of one run, and how far it was read.

    Attributes:
        total: Bytes of all files as they lie on disk; None while standard input is among them.
        done: Bytes read so far.

    """

    files: Sequence[str]
    total: int | None = None
    done: int = 0
    _open: IO[bytes] | None = field(default=None, init=False)

    @classmethod
    def of(cls, names: Sequence[str]) -> Inputs:
        """Returns the files that the names stand for: a folder gives all its logs, sorted."""
        files = [file for name in names for file in _files_of(name)]
        return cls(files=files, total=None if STANDARD_INPUT in files else sum(map(_size, files)))

    @property
    def position(self) -> int:
        """Returns the bytes read so far, those of the file in hand included."""
        return self.done + (_told(self._open) if self._open else 0)

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """Yields the content of one file, unzipped.

        Raises:
            OSError: It cannot be read.

        """
        with _raw(name) as raw:
            self._open = raw
            zipped = raw.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC)
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if zipped else raw)
            self._open = None
        self.done += _size(name)


@contextmanager
def _raw(name: str) -> Iterator[io.BufferedReader[Any]]:
    if name != STANDARD_INPUT:
        with Path(name).open("rb") as file:
            yield file
        return
    reader = io.BufferedReader(cast("io.RawIOBase", sys.stdin.buffer))
    try:
        yield reader
    finally:
        reader.detach()  # else the reader's end would close standard input


def _files_of(name: str) -> Iterator[str]:
    path = Path(name)
    if name != STANDARD_INPUT and path.is_dir():
        yield from (str(child) for child in sorted(path.rglob("*")) if _is_log(child))
    else:
        yield name


def _is_log(path: Path) -> bool:
    hidden = path.name.startswith(".") or "CloudTrail-Digest" in path.parts
    return not hidden and path.suffix.lower() in LOG_ENDINGS and path.is_file()


def _size(name: str) -> int:
    path = Path(name)
    return path.stat().st_size if name != STANDARD_INPUT and path.is_file() else 0


def _told(file: IO[bytes]) -> int:
    return file.tell() if not file.closed and file.seekable() else 0
