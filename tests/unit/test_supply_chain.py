"""What we build on: pinned, listed, asked about, and nothing of this machine in it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from scripts import audit, build_asset, sbom

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
WORKFLOWS = sorted((ROOT / ".github").rglob("*.y*ml"))
PLACES = re.compile(
    r"(?:files\.pythonhosted|\bpypi\.|registry\.npmjs|npmjs\.)(?:org|com)|(?<!emit)-index-url[= ]|artifactory|"
    + "|".join(re.escape(f"{place}/") for place in (ROOT, Path.home()) if len(place.parts) > 1)
)
MAY_NAME = {"tests/unit/test_supply_chain.py"}


def committed() -> list[Path]:
    """Returns every file under version control; none where that is not to be had."""
    git = ["git", "-C", str(ROOT), "ls-files", "-z"]
    try:
        done = subprocess.run(git, capture_output=True, text=True, check=True, timeout=30)  # noqa: S603 - our own words
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name]


# --- pinned ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_package_is_pinned_with_hashes(path: Path) -> None:
    """Each entry of each lock file names one version and at least one SHA-256."""
    packages = sbom.read_lock(path.read_text())
    assert packages
    assert [each.name for each in packages if not each.hashes] == []


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.in")), ids=lambda path: path.name)
def test_every_requirement_is_locked(path: Path) -> None:
    """What is asked for is in the lock beside it, in the version asked for."""
    locked = {each.name: each.version for each in sbom.read_lock(path.with_suffix(".lock").read_text())}
    asked = [line.split("#")[0].strip() for line in path.read_text().splitlines()]
    for line in (line for line in asked if line and not line.startswith("-")):
        name, _, version = line.partition("==")
        plain = re.sub(r"[-_.]+", "-", name.split("[")[0]).lower()
        assert plain in locked
        assert version in {"", locked[plain]}


def test_node_packages_are_pinned_with_hashes() -> None:
    """Each package of package-lock.json has its integrity, and no place that it came from."""
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: each for name, each in lock["packages"].items() if name and not each.get("inBundle")}
    assert [name for name, each in packages.items() if "integrity" not in each] == []
    assert [name for name, each in packages.items() if "resolved" in each] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_powerless(path: Path) -> None:
    """Actions are named by full SHA, a workflow has no permissions, and a job reads the contents at most."""
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert set(job.get("permissions", {}).items()) <= {("contents", "read")}
        assert "timeout-minutes" in job
        used = [step["uses"] for step in job["steps"] if "uses" in step]
        assert [name for name in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name)] == []
        assert all(
            not step["with"]["persist-credentials"] for step in job["steps"] if "checkout" in step.get("uses", "")
        )
    triggers = workflow.get("on") or workflow[True]  # YAML 1.1 reads "on" as true
    assert "pull_request_target" not in triggers


def test_no_file_names_a_machine_or_a_registry() -> None:
    """Nothing committed says where packages come from, or where this was made."""
    found = []
    for path in committed():
        name = path.relative_to(ROOT).as_posix()
        if name in MAY_NAME or not path.is_file() or path.suffix in {".png", ".gif", ".zip"}:
            continue
        text = path.read_text(errors="replace")
        found += [f"{name}: {match.group()}" for match in PLACES.finditer(text)]
    assert found == []


# --- listed ----------------------------------------------------------------------------------------------------


def test_the_bill_is_what_ships() -> None:
    """The bill of materials has the very packages and versions that are in the asset."""
    listed = {(each["name"], each["version"]) for each in _bill()["components"]}
    folders = list(build_asset.build().folder.glob("*.dist-info"))
    shipped = [re.fullmatch(r"(.+)-([^-]+)\.dist-info", folder.name) for folder in folders]
    assert folders
    assert {(re.sub(r"[-_.]+", "-", found[1]).lower(), found[2]) for found in shipped if found} == listed


def test_the_bill_is_the_same_for_the_same_lock(tmp_path: Path) -> None:
    """Written twice, in two places, it is the same byte for byte; another lock gives another."""
    one, other = tmp_path / "one.json", tmp_path / "b" / "other.json"
    assert [sbom.main(["--out", str(path)]) for path in (one, other)] == [0, 0]
    assert one.read_bytes() == other.read_bytes()
    changed = sbom.bill(sbom.LOCK.read_text().replace("six==1.17.0", "six==1.17.1"), "redress", "0.1.0")
    assert changed["serialNumber"] != _bill()["serialNumber"]


def test_the_bill_is_well_formed() -> None:
    """It is CycloneDX: every dependency is a component, every component has its URL and its hashes."""
    document = _bill()
    refs = {each["bom-ref"] for each in document["components"]} | {document["metadata"]["component"]["bom-ref"]}
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert {each["ref"] for each in document["dependencies"]} == refs
    assert {ref for each in document["dependencies"] for ref in each["dependsOn"]} <= refs
    for each in document["components"]:
        assert each["purl"] == f"pkg:pypi/{each['name']}@{each['version']}"
        hashes = [found["content"] for file in each["externalReferences"] for found in file["hashes"]]
        assert hashes
        assert all(re.fullmatch("[0-9a-f]{64}", found) for found in hashes)


def _bill() -> dict[str, Any]:
    return sbom.bill(sbom.LOCK.read_text(), "redress", "0.1.0")


# --- asked about -----------------------------------------------------------------------------------------------

KNOWN = {"name": "six", "version": "1.17.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.18"]}]}
FINE = {"name": "six", "version": "1.17.0", "vulns": []}
UNKNOWN = {"name": "six", "skip_reason": "not found"}


def answering(*packages: dict[str, Any], said: str | None = None, code: int = 0) -> Any:  # noqa: ANN401 - a fake program
    """Returns a runner of programs whose pip-audit says this."""
    text = json.dumps({"dependencies": list(packages)}) if said is None else said

    def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        asked = command[0].endswith("pip-audit")
        return subprocess.CompletedProcess(
            command, code, stdout=text if asked else "", stderr="" if asked else "no route"
        )

    return run


def test_an_advisory_fails_the_audit(capsys: pytest.CaptureFixture[str]) -> None:
    """A known weakness is printed with the version that mends it."""
    assert audit.main([], answering(KNOWN)) == 1
    assert "lambda.lock: six 1.17.0: PYSEC-1, fixed in 1.18" in capsys.readouterr().out


def test_no_advisory_passes_the_audit() -> None:
    """Nothing known is a pass."""
    assert audit.main(["--strict"], answering(FINE)) == 0


@pytest.mark.parametrize(
    "run", [answering(UNKNOWN), answering(FINE, UNKNOWN), answering(said="no route to host"), answering(FINE, code=1)]
)
def test_no_answer_is_said_and_is_no_pass(run: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN401 - a fake
    """Where nobody can be asked the audit says so; with ``--strict`` it fails."""
    assert audit.main([], run) == 0
    assert "audit: skipped" in capsys.readouterr().err
    assert audit.main(["--strict"], run) == 1


def test_every_lock_that_runs_is_asked_about() -> None:
    """No lock file is forgotten, those of peers apart."""
    assert set(audit.LOCKS) == {path.stem for path in LOCKS if not path.stem.startswith("peer-")}
