"""Writes the software bill of materials of what ships to Lambda, as CycloneDX 1.6 JSON.

``make sbom`` writes build/sbom.json; ``--out PATH`` writes elsewhere. It is made of requirements/lambda.lock alone,
with the standard library alone: the same lock gives the same bytes, wherever and whenever.
Shape: cyclonedx.org/docs/1.6/json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tomllib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = ROOT / "requirements" / "lambda.lock"
OUT: Final = ROOT / "build" / "sbom.json"
PIN: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?")
HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """One package of a lock file.

    Attributes:
        hashes: SHA-256 of every file that may be installed for it.
        needed_by: Names of the packages that ask for it; empty for what we ask for ourselves.

    """

    name: str
    version: str
    hashes: tuple[str, ...]
    needed_by: tuple[str, ...]

    @property
    def url(self) -> str:
        """Returns the package's URL (github.com/package-url/purl-spec)."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read_lock(text: str) -> tuple[Pinned, ...]:
    """Returns the packages of a lock file in its order."""
    return tuple(_pinned(block) for block in _blocks(text))


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in text.splitlines():
        if line and not line.startswith((" ", "#")):
            if block:
                yield block
            block = [line]
        elif block:
            block.append(line)
    if block:
        yield block


def _pinned(block: list[str]) -> Pinned:
    found = PIN.fullmatch(block[0].strip())
    if found is None:
        raise ValueError(f"no pinned package: {block[0]}")
    notes = [line.strip().removeprefix("#").strip() for line in block[1:] if line.strip().startswith("#")]
    asked = [note.removeprefix("via").strip() for note in notes]
    return Pinned(
        name=re.sub(r"[-_.]+", "-", found["name"]).lower(),
        version=found["version"],
        hashes=tuple(sorted(each for line in block for each in HASH.findall(line))),
        needed_by=tuple(sorted(name for name in asked if name and not name.startswith("-r"))),
    )


def bill(lock: str, name: str, version: str) -> dict[str, Any]:
    """Returns the bill of materials of an application made of these packages."""
    packages = read_lock(lock)
    root = f"pkg:generic/{name}@{version}"
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"{root}#{hashlib.sha256(lock.encode()).hexdigest()}")
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": root, "name": name, "version": version}},
        "components": [_component(each) for each in sorted(packages, key=lambda each: each.name)],
        "dependencies": _dependencies(root, packages),
    }


def _component(package: Pinned) -> dict[str, Any]:
    # CycloneDX has room for one hash of an algorithm; the lock allows several files, so they are listed as references.
    files = [{"alg": "SHA-256", "content": each} for each in package.hashes]
    return {
        "type": "library",
        "bom-ref": package.url,
        "name": package.name,
        "version": package.version,
        "purl": package.url,
        "externalReferences": [
            {"type": "distribution", "url": package.url, "comment": "one installable file", "hashes": [each]}
            for each in files
        ],
    }


def _dependencies(root: str, packages: Sequence[Pinned]) -> list[dict[str, Any]]:
    needs: dict[str, list[str]] = {root: [], **{each.url: [] for each in packages}}
    by_name = {each.name: each.url for each in packages}
    for package in packages:
        for name in package.needed_by:
            needs[by_name[name]].append(package.url)
        if not package.needed_by:
            needs[root].append(package.url)
    return [{"ref": ref, "dependsOn": sorted(those)} for ref, those in sorted(needs.items())]


def text_of(document: dict[str, Any]) -> str:
    """Returns the bill as JSON text, always the same for the same bill."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=True) + "\n"


def main(words: Sequence[str] | None = None) -> int:
    """Writes the bill, says where, and returns 0."""
    parser = argparse.ArgumentParser(prog="make sbom", description="Write the SBOM of what ships to Lambda.")
    parser.add_argument("--out", type=Path, default=OUT, help="where to (default: build/sbom.json)")
    out: Path = parser.parse_args(words).out
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    document = bill(LOCK.read_text(), project["name"], project["version"])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text_of(document))
    print(f"{len(document['components'])} packages: {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
