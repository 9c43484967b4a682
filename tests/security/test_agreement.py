"""docs/security.md and the tests name the same paths."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (T\d\d) \|.*\| `(test_t\d\d_\w+)` \|$", re.MULTILINE)
FOLDERS = (ROOT / "tests" / "security", ROOT / "tests" / "e2e" / "security")


def documented() -> dict[str, str]:
    """Returns path -> name of its tests, as the table has them."""
    return dict(ROW.findall((ROOT / "docs" / "security.md").read_text()))


def attacks() -> dict[str, list[str]]:
    """Returns name of each file of attacks -> the tests in it."""
    found: dict[str, list[str]] = {}
    for path in sorted(path for folder in FOLDERS for path in folder.glob("test_t[0-9][0-9]_*.py")):
        body = ast.parse(path.read_text()).body
        names = [each.name for each in body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")]
        found.setdefault(path.stem, []).extend(names)
    return found


def test_every_path_has_its_attacks() -> None:
    """Each row of the table has its file, and each file its row."""
    assert sorted(documented().values()) == sorted(attacks())


def test_paths_are_numbered_without_gaps() -> None:
    """Rows are in order, and their tests carry their number."""
    paths = list(documented())
    assert paths == [f"T{number:02}" for number in range(1, len(paths) + 1)]
    assert all(name.startswith(f"test_{path.lower()}_") for path, name in documented().items())


def test_attacks_are_named_for_their_path() -> None:
    """A failing test says which path it is of."""
    for name, tests in attacks().items():
        assert tests
        assert [each for each in tests if not each.startswith(name)] == []
