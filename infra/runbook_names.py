"""Short names for what a function of a script calls its own: a third of the text that SSM would count is names."""

from __future__ import annotations

import ast
import builtins
import itertools
import keyword
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NEVER = frozenset({*dir(builtins), *keyword.kwlist})


def shorten(tree: ast.Module, shared: frozenset[str]) -> ast.Module:
    """Returns the module with the parameters and variables of its functions renamed to ``a``, ``b``, ``c`` and so on.

    Functions, constants, texts and the order of everything stay, so that the deployed script reads beside its file.

    Args:
        tree: Files or parts of them; changed in place.
        shared: Names that mean something outside of a function: those that the script defines or imports, and those
            by which somebody passes an argument.

    """
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            _Renamed(_short_names(node, shared)).visit(node)
    return tree


def keywords_of(tree: ast.AST) -> set[str]:
    """Returns the names by which arguments are passed."""
    return {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}


def _short_names(function: ast.FunctionDef, shared: frozenset[str]) -> dict[str, str]:
    own = dict.fromkeys(name for name in _bound(function) if name not in shared | _NEVER)
    others = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} - set(own)
    free = (name for name in _alphabet() if name not in others | shared | _NEVER)
    return dict(zip(own, free, strict=False))


def _bound(function: ast.FunctionDef) -> Iterator[str]:
    """Yields what the function binds, comprehensions and lambdas in it included."""
    for node in ast.walk(function):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.ExceptHandler(name=str(name)):
                yield name


def _alphabet() -> Iterator[str]:
    for length in itertools.count(1):
        yield from map("".join, itertools.product(string.ascii_lowercase, repeat=length))


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._names.get(node.arg, node.arg)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self._names.get(node.name, node.name) if node.name else None
        return self.generic_visit(node)
