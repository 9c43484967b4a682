"""What a proposed policy may look like at all: a reading that shares nothing with the code that writes it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.catalogue import Catalogue

ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9_]+")
ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9.-]+:[a-z0-9-]*:(?:[0-9]{12}|aws|):[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
SID = re.compile(r"[A-Za-z0-9]{1,64}")
KEY = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9+=,.@_:/-]+")
FORBIDDEN = ("${", "{{", "}}", "\\", '"', "<", ">", "`", "?", "\x7f")
MEMBERS = {"Sid", "Effect", "Action", "Resource", "Condition"}
LIMIT = 6_144
"""Characters of a managed policy, white space not counted."""


def faults(document: str, catalogue: Catalogue) -> list[str]:
    """Returns what is wrong with a policy document; empty if it is within the grammar."""
    if not document.isascii() or "{{" in document or "}}" in document or len(document) > LIMIT:
        return ["the text is not ASCII, holds double braces, or is too long"]
    policy = json.loads(document)
    if set(policy) != {"Version", "Statement"} or policy["Version"] != "2012-10-17" or not policy["Statement"]:
        return [f"members {sorted(policy)}"]
    return [fault for statement in policy["Statement"] for fault in _statement(statement, catalogue)]


def _statement(statement: dict[str, Any], catalogue: Catalogue) -> Iterator[str]:
    if set(statement) - MEMBERS or statement.get("Effect") != "Allow" or not SID.fullmatch(statement.get("Sid", "")):
        yield f"members or effect of {statement}"
    actions, resources = listed(statement.get("Action")), listed(statement.get("Resource"))
    if not actions or not resources:
        yield f"nothing granted or on nothing: {statement}"
    for action in actions:
        if not ACTION.fullmatch(action) or catalogue.proper_case(action) != action:
            yield f"action {action!r}"
    for resource in resources:
        yield from _resource(resource, actions, catalogue)
    yield from _conditions(statement.get("Condition", {}))


def _resource(resource: str, actions: list[str], catalogue: Catalogue) -> Iterator[str]:
    if resource == "*":
        if any(catalogue.resource_types(action) for action in actions):
            yield f"every resource for {actions}"
        return
    if not ARN.fullmatch(resource) or any(mark in resource for mark in FORBIDDEN):
        yield f"resource {resource!r}"
    head, own = resource.rsplit(":", resource.count(":") - 4)[0], resource.split(":", 5)[-1]
    if "*" in head or own.strip("*/") == "" or "**" in own:
        yield f"resource {resource!r} reaches too far"


def _conditions(block: dict[str, dict[str, Any]]) -> Iterator[str]:
    for operator, entries in block.items():
        for key, values in entries.items():
            texts = listed(values)
            if not KEY.fullmatch(key) or not texts or not operator.isalpha():
                yield f"condition {operator} {key!r}"
            if any(not text.isascii() or not text.isprintable() or "*" in text for text in texts):
                yield f"condition value {texts}"
            if any(mark in text for text in texts for mark in FORBIDDEN):
                yield f"condition value {texts}"


def listed(value: object) -> list[str]:
    """Returns the texts of a member that may be one text or a list of them."""
    return (
        [value]
        if isinstance(value, str)
        else [each for each in value if isinstance(each, str)]
        if isinstance(value, list)
        else []
    )
