"""Policy variables: ``${aws:username}`` in the text of a policy, and its value in a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
A value is always inserted as literal text, so no caller can smuggle in a wildcard.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from redress.domain.wildcards import ARN_FIELDS, from_policy, literal

if TYPE_CHECKING:
    from redress.domain.request import Request

Variable = tuple[str, str | None]
"""Condition key in lower case, and the default value."""
Parts = tuple[str | Variable, ...]
"""Text of a policy: globs, and variables between them."""

_VARIABLE = re.compile(r"\$\{\s*([^},\s]+)\s*(?:,\s*'([^']*)'\s*)?\}")
_LITERAL_VARIABLES = {"*", "?", "$"}


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
