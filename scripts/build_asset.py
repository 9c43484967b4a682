"""Builds the one Lambda asset, byte for byte the same on every run, without Docker.

``build/asset`` holds what runs (our package beside its pinned dependencies), ``build/asset.zip`` the same as a file.
Run it as a command to build and print path, hash and size: ``python scripts/build_asset.py``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a file, not as a module
    sys.path.insert(0, str(ROOT))

from scripts import asset_contents  # noqa: E402 - the path above makes it importable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LOCK_FILE: Final = ROOT / "requirements" / "lambda.lock"
SOURCES: Final = Path("lambdas") / "redress"
RECIPE: Final = (Path(__file__).resolve(), ROOT / "scripts" / "asset_contents.py")
LAMBDA_PYTHON: Final = "3.13"
EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip archive can state
FILE_MODE: Final = 0o100644 << 16


class BuildError(Exception):
    """The asset can't be built; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A built asset.

    Attributes:
        folder: The unpacked form, for tests and for the list of its packages.
        archive: The zip file that is uploaded.
        digest: SHA-256 over everything that the content is made from.

    """

    folder: Path
    archive: Path
    digest: str


def source_digest(root: Path = ROOT) -> str:
    """Returns the SHA-256 of our sources, the lock file and the recipe, in path order.

    The packages' own files need no hashing: the lock file pins each by its hash.
    """
    digest = hashlib.sha256()
    made_by = [root / path.relative_to(ROOT) for path in (LOCK_FILE, *RECIPE)]
    inputs = [*shipped_files(root / SOURCES), *made_by]
    for path in inputs:
        name, content = path.relative_to(root).as_posix(), path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def shipped_files(folder: Path) -> list[Path]:
    """Returns the files below ``folder`` that belong in an asset, in path order: no compiled Python."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted((path for path in found if path.suffix != ".pyc"), key=lambda path: path.as_posix())


def build(out: Path = ROOT / "build", root: Path = ROOT) -> Asset:
    """Returns the asset under ``out``, building it if the one there is of other sources than those under ``root``.

    Raises:
        BuildError: The pinned packages can't be installed.

    """
    out.mkdir(parents=True, exist_ok=True)
    asset = Asset(folder=out / "asset", archive=out / "asset.zip", digest=source_digest(root))
    with _locked(out / "asset.lock"):
        if _stamp(out) != asset.digest:
            _assemble(asset, _packages(out), root / SOURCES)
            _write_stamp(out, asset.digest)
    return asset


def _assemble(asset: Asset, packages: Path, sources: Path) -> None:
    fresh = asset.folder.with_name("asset.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(packages, fresh)
    _copy_sources(sources, fresh / "redress")
    shutil.rmtree(asset.folder, ignore_errors=True)
    fresh.rename(asset.folder)
    write_archive(asset.folder, asset.archive)


def _copy_sources(sources: Path, target: Path) -> None:
    for path in shipped_files(sources):
        copy = target / path.relative_to(sources)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def write_archive(folder: Path, archive: Path) -> None:
    """Writes ``folder`` as a zip file: sorted names, one fixed time and mode, so equal content gives equal bytes."""
    unfinished = archive.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in shipped_files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.external_attr = FILE_MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes(), compresslevel=9)
    unfinished.replace(archive)


def _packages(out: Path) -> Path:
    """Returns the folder with the installed and thinned packages; one install serves every change of our sources."""
    key = hashlib.sha256(b"".join(path.read_bytes() for path in (LOCK_FILE, *RECIPE))).hexdigest()[:16]
    ready = out / f"packages-{key}"
    if not ready.is_dir():
        fresh = out / "packages.new"
        shutil.rmtree(fresh, ignore_errors=True)
        _install(fresh)
        _thin(fresh)
        for old in out.glob("packages-*"):
            shutil.rmtree(old)
        fresh.rename(ready)
    return ready


def _install(target: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    command = [
        *(str(uv), "pip", "install", "-q", "--python", sys.executable, "--target", str(target)),
        *("--python-version", LAMBDA_PYTHON, "--python-platform", "aarch64-manylinux2014"),
        *("--require-hashes", "--only-binary", ":all:", "--no-compile", "--link-mode", "copy"),
        *("-r", str(LOCK_FILE)),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    except FileNotFoundError as error:
        raise BuildError(f"no {uv}: run `make setup` first") from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise BuildError(
            f"the Lambda's packages can't be installed from {LOCK_FILE.name}: {_last_line(error)}"
        ) from error


def _last_line(error: subprocess.SubprocessError) -> str:
    lines = str(getattr(error, "stderr", "") or error).strip().splitlines()
    return lines[-1] if lines else "no reason given"


def _thin(folder: Path) -> None:
    for name in asset_contents.LEFT_OUT:
        shutil.rmtree(folder / name, ignore_errors=True)
    for note in folder.glob("*.dist-info/*"):
        if note.name in asset_contents.INSTALLER_NOTES:
            note.unlink()
    _thin_models(folder / "botocore" / "data")
    _refuse_compiled(folder)


def _thin_models(data: Path) -> None:
    for entry in data.iterdir():
        if entry.is_dir() and entry.name not in asset_contents.SERVICE_MODELS:
            shutil.rmtree(entry)
        elif entry.is_file() and entry.name not in asset_contents.LOADER_FILES:
            entry.unlink()
    for example in data.rglob(asset_contents.EXAMPLES):
        example.unlink()


def _refuse_compiled(folder: Path) -> None:
    compiled = sorted(path.name for path in folder.rglob("*.so"))
    if compiled:  # the sandbox and Lambda run different Python versions
        raise BuildError(f"{compiled[0]} is compiled for one Python version; the asset must be pure Python")


def _stamp(out: Path) -> str:
    stamp, archive = out / "asset.stamp", out / "asset.zip"
    return stamp.read_text() if stamp.is_file() and archive.is_file() else ""


def _write_stamp(out: Path, digest: str) -> None:
    (out / "asset.stamp").write_text(digest)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds a lock between processes, so that parallel test runs build once."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def main(arguments: Iterable[str] = ()) -> int:
    """Builds (anew with ``--again``), prints what was built, and returns the exit code."""
    if "--again" in arguments:
        (ROOT / "build" / "asset.stamp").unlink(missing_ok=True)
    try:
        asset = build()
    except BuildError as error:
        print(f"build_asset: {error}", file=sys.stderr)
        return 1
    print(f"{asset.archive.relative_to(ROOT)}  {asset.archive.stat().st_size / 1e6:.2f} MB  sha256:{asset.digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
