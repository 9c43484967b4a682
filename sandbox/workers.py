"""Lambda code, unpacked once for all functions that share an asset, so that all but the first start quickly.

MiniStack unpacks and byte-compiles the asset anew for each worker. Here a worker's folder holds links
to one shared copy, and with it the compiled files that an earlier worker left there.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

from ministack.core import lambda_runtime

if TYPE_CHECKING:
    import os

_LOCK: Final = threading.Lock()


class _SharedZip(zipfile.ZipFile):
    """A ZIP file whose content is linked rather than unpacked."""

    def extractall(self, path: str | os.PathLike[str] | None = None, *_: object) -> None:
        """Links every top-level entry of the archive into the folder."""
        shared = self._shared()
        for entry in shared.iterdir():
            (Path(path or ".") / entry.name).symlink_to(entry)

    def _shared(self) -> Path:
        digest = hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
        shared = Path(tempfile.gettempdir()) / f"asset-{digest[:32]}"
        with _LOCK:
            if not shared.exists():
                fresh = Path(tempfile.mkdtemp(prefix="asset-"))
                super().extractall(fresh)
                fresh.rename(shared)
        return shared


def install() -> None:
    """Makes MiniStack's workers share what they unpack."""
    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": _SharedZip})


def close() -> None:
    """Ends the worker processes and removes what was unpacked."""
    lambda_runtime.reset()
    for shared in Path(tempfile.gettempdir()).glob("asset-*"):
        shutil.rmtree(shared, ignore_errors=True)
