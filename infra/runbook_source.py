"""The text of one ``aws:executeScript`` step, made from the files in ``infra/runbook_scripts``."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from infra.runbook_blanks import squeezed
from infra.runbook_names import keywords_of, shorten

FOLDER = Path(__file__).parent / "runbook_scripts"
_PACKAGE = "infra.runbook_scripts."


def script(name: str) -> str:
    """Returns the step's file and what it uses of the others, as one text without docstrings, comments and types.

    SSM takes one text for a step, and 64 KB for the whole document: only definitions that the step's own file
    reaches are taken, what a function calls its own has a short name, and blanks that mean nothing are gone.

    Raises:
        ValueError: SSM would take something in the text for a variable of its own, or blanks meant something.

    """
    files = [_bare((FOLDER / f"{file}.py").read_text(encoding="utf-8")) for file in _needed(name)]
    definitions = {key: node for tree in files for node in tree.body for key in _defines(node)}
    wanted = _reached(_functions_of(files[-1]), definitions)
    kept = [node for tree in files for node in tree.body if wanted.intersection(_defines(node))]
    shared = frozenset({*definitions, *(name for node in kept for name in keywords_of(node))})
    shorten(ast.Module(body=kept, type_ignores=[]), shared)
    lines = dict.fromkeys(map(_plain, sorted(kept, key=_stands_below)))
    source = f"# infra/runbook_scripts/{name}.py\n" + _compact("\n".join([*lines, ""]))
    if "{{" in source or "}}" in source or "${" in source:
        raise ValueError(f"script {name} holds double braces or a placeholder")
    return source


def _needed(name: str) -> list[str]:
    """Returns file names, what is imported before its importer."""
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    ours = [node.module for node in tree.body if isinstance(node, ast.ImportFrom) and node.module]
    others = [module.removeprefix(_PACKAGE) for module in ours if module.startswith(_PACKAGE)]
    return list(dict.fromkeys([file for other in others for file in _needed(other)] + [name]))


def _defines(node: ast.stmt) -> list[str]:
    """Returns the names that a statement of a file defines; imports of our own files define none."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.ImportFrom(module=module) if module and module.startswith(_PACKAGE):
            return []
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [alias.asname or alias.name for alias in names]
        case _:
            return []


def _functions_of(tree: ast.Module) -> list[str]:
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def _reached(names: list[str], definitions: dict[str, ast.stmt]) -> set[str]:
    """Returns the names that the given ones use, directly or not."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name in definitions and name not in found:
            found.add(name)
            names += [each.id for each in ast.walk(definitions[name]) if isinstance(each, ast.Name)]
    return found


def _compact(text: str) -> str:
    found = squeezed(text)
    if ast.dump(ast.parse(found)) != ast.dump(ast.parse(text)):
        raise ValueError("a script means something else without its blanks")
    return found


def _stands_below(node: ast.stmt) -> bool:
    return not isinstance(node, ast.Import | ast.ImportFrom)


def _plain(node: ast.stmt) -> str:
    """Returns the statement's text, indented by single spaces: SSM counts every byte."""
    return re.sub(r"^( {4})+", lambda indent: " " * (len(indent[0]) // 4), ast.unparse(node), flags=re.MULTILINE)


def _bare(text: str) -> ast.Module:
    """Returns the file without docstrings and types."""
    tree = ast.parse(text)
    _WithoutTypes().visit(tree)
    return ast.fix_missing_locations(tree)


class _WithoutTypes(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.visit_ClassDef(node)

    def visit_ClassDef(self, node: ast.FunctionDef | ast.ClassDef) -> ast.AST:
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return ast.Assign(targets=[node.target], value=node.value) if node.value else ast.Pass()
