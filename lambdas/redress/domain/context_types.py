"""The data types of condition keys, in the words of IAM's policy simulator.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.verdict import ContextValue

TYPES: Mapping[str, str] = {
    "aws:sourceip": "ip",
    "aws:vpcsourceip": "ip",
    "aws:securetransport": "boolean",
    "aws:multifactorauthpresent": "boolean",
    "aws:viaawsservice": "boolean",
    "aws:principalisawsservice": "boolean",
    "kms:grantisforawsresource": "boolean",
    "aws:currenttime": "date",
    "aws:tokenissuetime": "date",
    "aws:epochtime": "numeric",
    "aws:multifactorauthage": "numeric",
    "aws:tagkeys": "stringList",
    "aws:calledvia": "stringList",
}
"""Condition key in lower case, and its type; any other is a string."""


def type_of(value: ContextValue) -> str:
    """Returns the type that the simulator is told, a list's where there are several values."""
    kind = TYPES.get(value.key.lower(), "string")
    several = len(value.values) > 1 and not kind.endswith("List")
    return f"{kind}List" if several else kind
