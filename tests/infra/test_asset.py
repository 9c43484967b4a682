"""The asset: reproducible, small, and whole."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from scripts import asset_contents, build_asset
from scripts.build_asset import ROOT, SOURCES, Asset, build

if TYPE_CHECKING:
    from pathlib import Path

SIX_MEGABYTES = 6_000_000
USED = re.compile(r"""client\(\s*["']([a-z-]+)["']""")


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a copy of everything that the asset is made from."""
    copy = tmp_path_factory.mktemp("root")
    shutil.copytree(ROOT / SOURCES, copy / SOURCES)
    for path in (build_asset.LOCK_FILE, *build_asset.RECIPE):
        (copy / path.relative_to(ROOT)).parent.mkdir(exist_ok=True)
        (copy / path.relative_to(ROOT)).write_bytes(path.read_bytes())
    return copy


@pytest.fixture(scope="session")
def asset(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Asset:
    """Returns the asset, built from nothing."""
    return build(tmp_path_factory.mktemp("first"), root)


def sha256(path: Path) -> str:
    """Returns the hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_two_builds_give_the_same_bytes(asset: Asset, root: Path, tmp_path: Path) -> None:
    """Built again from nothing, in another place, the archive is the same byte for byte."""
    again = build(tmp_path, root)
    assert sha256(again.archive) == sha256(asset.archive)
    assert again.digest == asset.digest


def test_built_once_it_is_not_built_again(asset: Asset, root: Path) -> None:
    """Unchanged sources cost nothing."""
    before = asset.archive.stat().st_mtime_ns
    build(asset.archive.parent, root)
    assert asset.archive.stat().st_mtime_ns == before


def test_it_is_small(asset: Asset) -> None:
    """The archive takes at most 6 MB."""
    assert asset.archive.stat().st_size <= SIX_MEGABYTES


def test_it_holds_our_sources(asset: Asset, root: Path) -> None:
    """Every source file is in it, as it is."""
    given, packed = root / SOURCES, asset.folder / "redress"
    names = {path.relative_to(given) for path in build_asset.shipped_files(given)}
    assert {path.relative_to(packed) for path in build_asset.shipped_files(packed)} == names
    assert all((packed / name).read_bytes() == (given / name).read_bytes() for name in names)


def test_it_holds_nothing_that_varies(asset: Asset) -> None:
    """No compiled Python, no notes of the installer, one time for all entries, in order."""
    with zipfile.ZipFile(asset.archive) as packed:
        entries = packed.infolist()
    names = [entry.filename for entry in entries]
    assert names == sorted(names)
    assert {entry.date_time for entry in entries} == {build_asset.EPOCH}
    last = {name.rsplit("/", 1)[-1] for name in names}
    assert last.isdisjoint(asset_contents.INSTALLER_NOTES)
    assert [name for name in names if name.endswith((".pyc", ".so"))] == []


def test_packages_keep_metadata_and_licences(asset: Asset) -> None:
    """A list of what ships can be made from the asset itself."""
    folders = list(asset.folder.glob("*.dist-info"))
    assert len(folders) >= 10
    assert [folder.name for folder in folders if not (folder / "METADATA").is_file()] == []


def test_only_the_listed_models_ship(asset: Asset) -> None:
    """Botocore's models are those of the table, each with its reason."""
    shipped = {path.name for path in (asset.folder / "botocore" / "data").iterdir() if path.is_dir()}
    assert shipped == set(asset_contents.SERVICE_MODELS)
    assert all(asset_contents.SERVICE_MODELS.values())


def test_every_service_in_use_has_its_model() -> None:
    """Whatever service the code speaks to is in the table."""
    used = {name for path in build_asset.shipped_files(ROOT / SOURCES) for name in USED.findall(path.read_text())}
    assert used - set(asset_contents.SERVICE_MODELS) == set()


def test_it_runs_by_itself(asset: Asset) -> None:
    """From the asset alone every handler imports, and every client can be made."""
    handlers = sorted(path.stem for path in (asset.folder / "redress" / "handlers").glob("*.py"))
    program = f"""
import importlib, sys
sys.path = [p for p in sys.path if "site-packages" not in p and p not in ("", {str(ROOT)!r})]
sys.path.insert(0, {str(asset.folder)!r})
import boto3
from aws_lambda_powertools import Logger, Metrics
for name in {handlers!r}:
    importlib.import_module("redress.handlers" + ("." + name).removesuffix(".__init__"))
for service in {sorted(asset_contents.SERVICE_MODELS)!r}:
    boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
foreign = [m.__file__ for m in list(sys.modules.values()) if "site-packages" in (getattr(m, "__file__", "") or "")]
assert not foreign, foreign
"""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-S", "-B", "-c", program], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_a_change_of_our_sources_changes_the_digest(root: Path, tmp_path: Path) -> None:
    """The digest follows content, not times or compiled files."""
    copy = tmp_path / "root"
    shutil.copytree(root, copy, copy_function=shutil.copyfile)
    before = build_asset.source_digest(root)
    (copy / SOURCES / "__pycache__").mkdir(exist_ok=True)
    (copy / SOURCES / "__pycache__" / "a.pyc").write_bytes(b"x")
    assert build_asset.source_digest(copy) == before
    (copy / SOURCES / "__init__.py").write_text("A = 2\n")
    assert build_asset.source_digest(copy) != before


def test_packages_that_cannot_be_installed_are_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A lock file whose hashes don't hold stops the build, and the message says why."""
    lock = tmp_path / "lambda.lock"
    lock.write_text("six==1.17.0 --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setattr(build_asset, "LOCK_FILE", lock)
    with pytest.raises(build_asset.BuildError, match=r"can't be installed from lambda\.lock: "):
        build_asset._install(tmp_path / "out")
