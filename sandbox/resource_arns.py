"""The ARN that a request is authorized on, built from the service authorization reference and its parameters.

MiniStack builds the ARNs of many operations and answers ``*`` for the rest. Here the variables of a resource
type's ARN format are filled from parameters of the same name, whatever their suffix: ``${AlarmName}`` from
``AlarmNames``, ``${DbInstanceName}`` from ``DBInstanceIdentifier``. Nothing is guessed: a format of which one
variable finds no parameter is not used.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redress.domain.catalogue import Catalogue, ResourceType

_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_SUFFIX: Final = re.compile(r"(names?|ids?|identifiers?|arns?|keys?)$")
_MOST: Final = 2048


def authorized_on(
    action: str,
    found: str,
    parameters: Callable[[], Mapping[str, object]],
    catalogue: Catalogue,
    place: Mapping[str, str],
) -> str:
    """Returns the ARN or ``*`` that the action is authorized on.

    Args:
        action: As IAM names it.
        found: What MiniStack found.
        parameters: Returns those of the request, by their names in the service's model.
        catalogue: The service authorization reference.
        place: Values of ``Partition``, ``Region`` and ``Account``.

    """
    if catalogue.proper_case(action) is None:
        return found
    kinds = catalogue.resource_types(action)
    if not kinds:
        return "*"  # the action takes no resources, whatever its parameters name
    if found != "*":
        return found.replace(":rule/default/", ":rule/", 1)  # rules of the default bus bear no bus name
    texts = dict(_texts(parameters()))
    candidates = sorted(kinds, key=lambda kind: not kind.required)
    return next((arn for kind in candidates if (arn := _built(kind, action, texts, place))), "*")


def _texts(parameters: Mapping[str, object]) -> list[tuple[str, str]]:
    found = []
    for name, value in parameters.items():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, str) and 0 < len(first) <= _MOST:
            found.append((_stem(name), first))
    return found


def _stem(name: str) -> str:
    plain = name.lower().replace("_", "").replace("-", "")
    return _SUFFIX.sub("", plain) or plain


def _built(kind: ResourceType, action: str, texts: Mapping[str, str], place: Mapping[str, str]) -> str | None:
    own = _stem(kind.name)
    # ``Name`` or ``Id`` alone is the resource's own, if the operation is about this kind of resource.
    plain = (texts.get("name") or texts.get("id")) if own in action.lower() else None
    for wanted in kind.arn_formats:
        named = texts.get(own) or texts.get("resource") or ""
        if named.startswith("arn:") and _fits(named, wanted):
            return named
        filled = _filled(wanted, texts.get(own) or plain, texts, place)
        if filled:
            return filled
    return None


def _filled(wanted: str, own: str | None, texts: Mapping[str, str], place: Mapping[str, str]) -> str | None:
    values, left = dict(place), dict(texts)
    variables = [variable for variable in _VARIABLE.findall(wanted) if variable not in values]
    for variable in variables:
        given = left.pop(_stem(variable), None)  # a parameter fills one variable only
        value = given or (own if variable == variables[-1] and len(variables) == 1 else None)
        if not value or value.startswith("arn:"):
            return None
        values[variable] = value
    return _VARIABLE.sub(lambda match: values[match[1]], wanted)


def _fits(arn: str, wanted: str) -> bool:
    pattern = "".join(".*" if part.startswith("${") else re.escape(part) for part in re.split(r"(\$\{\w+\})", wanted))
    return re.fullmatch(pattern, arn) is not None
