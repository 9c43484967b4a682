"""The joined scripts run as their files do."""

from __future__ import annotations

import ast
import sys
from itertools import zip_longest
from types import NoneType

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
    """Each function in it is the function in its file: docstring and types apart, and names of its own for its own."""
    found = [node for node in ast.parse(script(name)).body if isinstance(node, ast.FunctionDef)]
    for node in found:
        assert any(_same(node, other) for other in FUNCTIONS if other.name == node.name), node.name


def test_a_function_that_does_something_else_would_be_seen() -> None:
    """Another order of parameters, a variable for another, and a name from outside are all told apart."""
    one = "def f(a, b):\n return [g(a, c) for c in b]"
    for other in (one.replace("a, b", "b, a"), one.replace("g(", "h("), one.replace("a, c)", "a, a)")):
        assert not _same(*(_functions(text)[0] for text in (one, other)))
    assert _same(*(_functions(text)[0] for text in (one, "def f(x, y):\n return [g(x, a) for a in y]")))


def _functions(text: str) -> list[ast.FunctionDef]:
    tree = _Untyped().visit(ast.parse(text))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _same(one: ast.FunctionDef, other: ast.FunctionDef) -> bool:
    """Returns whether two functions differ at most in what they call their parameters and variables."""
    pairs = list(zip_longest(_parts(one), _parts(other)))
    if any(left is None or right is None or left[0] != right[0] for left, right in pairs):
        return False
    names = {(left[1], right[1]) for left, right in pairs if left and right}
    own, others = set(_bound(one)), set(_bound(other))
    return (
        len({left for left, _ in names}) == len({right for _, right in names}) == len(names)
        and all(left == right or (left in own and right in others) for left, right in names)
        and not {right for left, right in names if left in own} - others
    )


def _parts(node: ast.AST) -> list[tuple[str, str]]:
    """Returns each part of a function in order: what it is, and the name that it holds if that is a variable's."""
    match node:
        case ast.Name(id=name) | ast.arg(arg=name):
            return [(type(node).__name__, name)]
        case ast.Constant(value=value):
            return [(f"Constant {value!r}", "")]
    plain = [f"{key}={value}" for key, value in ast.iter_fields(node) if isinstance(value, str | int | NoneType)]
    handler = isinstance(node, ast.ExceptHandler) and node.name
    mine = (f"{type(node).__name__} {'' if handler else plain}", str(handler or ""))
    return [mine, *(part for child in ast.iter_child_nodes(node) for part in _parts(child)), ("end", "")]


def _bound(function: ast.FunctionDef) -> list[str]:
    found = [node.arg for node in ast.walk(function) if isinstance(node, ast.arg)]
    found += [node.name for node in ast.walk(function) if isinstance(node, ast.ExceptHandler) and node.name]
    stored = [node for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return ["", *found, *(node.id for node in stored)]


class _Untyped(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        node.body = node.body[1:] if ast.get_docstring(node) else node.body
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return ast.Assign(targets=[node.target], value=node.value) if node.value else ast.Pass()


FUNCTIONS = [function for path in FOLDER.glob("*.py") for function in _functions(path.read_text())]


def test_nothing_of_redress_is_imported() -> None:
    """The scripts run in SSM, where the package is not."""
    for path in FOLDER.glob("*.py"):
        assert "redress" not in {
            (node.module or "").split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom)
        }
