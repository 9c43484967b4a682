"""The joined scripts run as their files do."""

from __future__ import annotations

import ast
import sys

import pytest

from infra.runbook_source import FOLDER, script

STEPS = sorted(
    *[[path.stem for path in FOLDER.glob("*.py") if path.stem.startswith(("apply_", "restore_", "put_", "release"))]]
)
RUNNABLE = [name for name in STEPS if name != "restore_checks"]
ALLOWED = {"boto3", "botocore"}


@pytest.mark.parametrize("name", RUNNABLE)
def test_a_joined_script_stands_alone(name: str) -> None:
    """Every name that it uses is defined in it, built in, or imported from boto3 or the standard library."""
    tree = ast.parse(script(name))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    tops = {module.split(".")[0] for module in imported}
    assert tops <= ALLOWED | sys.stdlib_module_names
    names: dict[str, object] = {"__name__": "__automation__"}
    exec(compile(tree, name, "exec"), names)  # noqa: S102 - the script itself
    handler = name.removeprefix("apply_").removeprefix("restore_")
    assert callable(names[handler])


@pytest.mark.parametrize("name", RUNNABLE)
def test_a_joined_script_says_what_its_files_say(name: str) -> None:
    """Each function in it has the body of the function in its file, docstring and types apart."""
    files = {path.stem: ast.parse(path.read_text()) for path in FOLDER.glob("*.py")}
    bodies = {_body(node) for tree in files.values() for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in ast.parse(script(name)).body:
        if isinstance(node, ast.FunctionDef):
            assert _body(node) in bodies


def _body(node: ast.FunctionDef) -> str:
    statements = node.body[1:] if ast.get_docstring(node) else node.body
    return node.name + "".join(ast.dump(_untyped(statement)) for statement in statements)


def _untyped(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.AnnAssign) and node.value:
        return ast.Assign(targets=[node.target], value=node.value)
    return node


def test_nothing_of_redress_is_imported() -> None:
    """The scripts run in SSM, where the package is not."""
    for path in FOLDER.glob("*.py"):
        assert "redress" not in {
            (node.module or "").split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom)
        }
