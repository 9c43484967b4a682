"""Calls that name no resource although their action has resource types: AWS checks these against ``*``.

Only actions that list or describe (and a few by name) are meant, and only while all of their resource types are
optional: such a call is about whatever there is (docs/decisions/0010-calls-that-name-no-resource.md).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from redress.domain import arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redress.domain.catalogue import Catalogue

BY_NAME = re.compile(r"cloudwatch:(?:GetMetricData|PutMetricData)|ce:Get[A-Z][A-Za-z]*")
_LISTS = re.compile(r"(?!s3:|.*For[A-Z])[a-z0-9-]+:(?:List|Describe)(?!Tags)[A-Z][A-Za-z0-9]*")
_EVERY = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:[A-Za-z-]+(?:[/:]\*)+")
_LEVELS = frozenset({"List", "Read"})
_VARIABLE = re.compile(r"\$\{[^}]+\}")
_NAMING = ("name", "names", "id", "ids", "identifier", "identifiers", "arn", "arns")


@lru_cache(maxsize=1024)
def may_name_none(action: str, catalogue: Catalogue) -> bool:
    """Returns whether a call of this action need not name a resource, although the action has resource types."""
    types = catalogue.resource_types(action)
    if not types or any(kind.required for kind in types):
        return False
    if BY_NAME.fullmatch(action):
        return True
    return _LISTS.fullmatch(action) is not None and catalogue.access_level(action) in _LEVELS


def is_unnamed(action: str, resource: str, catalogue: Catalogue) -> bool:
    """Returns whether this ``*`` (or ``TYPE/*``) is what AWS checks a call of the action against that names none.

    Where several types come into question, a bare ``*`` would stand for all of them, and is not let through.
    """
    if not resource.endswith("*") or not may_name_none(action, catalogue):
        return False
    types = catalogue.resource_types(action)
    return len(types) == 1 if resource == "*" else any(is_whole_type(resource, kind.arn_formats) for kind in types)


def is_whole_type(resource: str, formats: tuple[str, ...]) -> bool:
    """Returns whether the ARN is a type of things in an account, and each variable of its format a ``*``."""
    if _EVERY.fullmatch(resource) is None:
        return False
    named = resource.split(":", 5)[-1]
    return any(arn.fits(resource, text) and _VARIABLE.sub("*", text.split(":", 5)[-1]) == named for text in formats)


def names_none(request: Mapping[str, Any]) -> bool:
    """Returns whether a request names no resource, and holds no ``*`` that AWS might only have repeated."""
    named = any(value and str(key).lower().endswith(_NAMING) for key, value in request.items())
    return not named and not any("*" in text for text in _texts(request))


def _texts(value: object) -> Iterator[str]:
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            left += one
