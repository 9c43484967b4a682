r"""Wildcards, ARN patterns and policy variables.

Inside this module a *glob* is text in which ``*`` and ``?`` are wildcards and a backslash makes the
next character literal. Policy text is turned into a glob once, when the policy is parsed; the value of
a policy variable is always inserted as literal text, so no caller can smuggle in a wildcard.

Patterns become regular expressions with atomic groups: the leftmost match of each piece between two
stars is always a right one, so nothing is ever tried twice and hostile patterns cannot stall us.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from redress.domain.request import Request

Test = Callable[[str], object]
"""Truthy where the text matches."""
Variable = tuple[str, str | None]
"""Condition key in lower case, and the default value."""
Parts = tuple[str | Variable, ...]
"""Text of a policy: globs, and variables between them."""

ARN_FIELDS = 6
_TOKEN = re.compile(r"\\.|[*?]|[^\\*?]+|\\", re.DOTALL)
_SPECIAL = re.compile(r"([\\*?])")
_VARIABLE = re.compile(r"\$\{\s*([^},\s]+)\s*(?:,\s*'([^']*)'\s*)?\}")
_LITERAL_VARIABLES = {"*", "?", "$"}


def literal(text: str) -> str:
    """Returns the glob that matches exactly this text."""
    return _SPECIAL.sub(r"\\\1", text) if _SPECIAL.search(text) else text


def from_policy(text: str) -> str:
    """Returns the glob for text of a policy, whose backslashes mean themselves."""
    return text.replace("\\", "\\\\") if "\\" in text else text


def _piece(tokens: list[str], one: str) -> str:
    return "".join(one if text == "?" else re.escape(text[1:] if text[0] == "\\" else text) for text in tokens)


def _expression(glob: str, one: str) -> str:
    """Returns the regular expression of a glob; ``one`` is the class of what a wildcard may stand for."""
    pieces: list[list[str]] = [[]]
    for text in _TOKEN.findall(glob):
        if text == "*":
            pieces.append([])
        else:
            pieces[-1].append(text)
    head, *rest = pieces
    if not rest:
        return _piece(head, one)
    *middle, tail = rest
    stars = "".join(f"(?>{one}*?{_piece(piece, one)})" for piece in middle if piece)
    return f"{_piece(head, one)}{stars}{one}*{_piece(tail, one)}"


@lru_cache(maxsize=8192)
def glob_test(glob: str) -> Test:
    """Returns a function that tells whether the whole of its argument matches the glob."""
    return re.compile(_expression(glob, "."), re.DOTALL).fullmatch


@lru_cache(maxsize=8192)
def arn_test(glob: str) -> Test:
    """Returns a function that matches an ARN field by field: no wildcard reaches over one of its first five colons.

    Text of fewer than six fields matches an ARN only by a star at its very end, which stands for the rest.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    ("within ARN segments, the parts separated by colons") and the ARN condition operators.
    """
    fields = glob.split(":", ARN_FIELDS - 1)
    if len(fields) < ARN_FIELDS and not glob.endswith("*"):
        return _never
    leading = [_expression(part, "[^:]") for part in fields[:-1]]
    return re.compile(":".join([*leading, _expression(fields[-1], ".")]), re.DOTALL).fullmatch


def _never(_: str) -> bool:
    return False


def has_wildcard(text: str) -> bool:
    """Returns whether text of a policy holds ``*`` or ``?``."""
    return "*" in text or "?" in text


def has_variable(text: str) -> bool:
    """Returns whether text of a policy holds a ``${…}``."""
    return "${" in text


def template(text: str) -> Parts:
    """Returns the parts of policy text: globs, and (condition key in lower case, default) for each variable."""
    parts: list[str | Variable] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        parts.append(from_policy(text[end : found.start()]))
        name = found[1]
        parts.append(literal(name) if name in _LITERAL_VARIABLES else (name.lower(), found[2]))
        end = found.end()
    parts.append(from_policy(text[end:]))
    return tuple(part for part in parts if part)


def arn_template(text: str) -> Parts:
    """Returns the parts of a policy's ARN, where variables count only after the fifth colon.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-resourceelement
    """
    fields = text.split(":", ARN_FIELDS - 1)
    if len(fields) < ARN_FIELDS:
        return (from_policy(text),)
    return (from_policy(":".join(fields[:-1])) + ":", *template(fields[-1]))


def fill(parts: Parts, request: Request, missing: list[str]) -> str | Literal[False] | None:
    """Returns the glob with the request's values in it.

    Returns:
        False where a variable has no value ("effectively null": equal to nothing), None where its value
        is not known; its key is then added to ``missing``.

    """
    filled = []
    for part in parts:
        if isinstance(part, str):
            filled.append(part)
            continue
        value = _value(part, request)
        if value is None:
            missing.append(part[0])
            return None
        if value is False:
            return False
        filled.append(literal(value))
    return "".join(filled)


def _value(variable: Variable, request: Request) -> str | Literal[False] | None:
    key, default = variable
    values = request.values(key)
    if values is None:
        return None
    if len(values) == 1:
        return values[0]
    # A multivalued key cannot be a variable; like an absent one it has no value.
    return default if default is not None and not values else False
