"""Whether one policy document lets through nothing that another does not."""

import json
from fnmatch import translate
from re import match
from typing import Any

from infra.runbook_scripts.stored import canonical


def adds(document: str, live: str) -> str:
    """Returns a statement of ``document`` that lets through more than ``live`` does, or an empty string."""
    new, old = statements(document), statements(live)
    lost = [each for each in old if each.get("Effect") != "Allow" and each not in new]
    wide = [each for each in new if each not in old and not any(_within(each, other) for other in old)]
    return canonical((wide or lost)[0]) if document and (wide or lost) else ""


def statements(document: str) -> list[dict[str, Any]]:
    """Returns the statements of a policy document, none of no document."""
    content = json.loads(document).get("Statement", []) if document else []
    return content if isinstance(content, list) else [content]


def texts(value: object) -> list[str]:
    """Returns an element that is one text or a list of them."""
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _within(narrow: dict[str, Any], wide: dict[str, Any]) -> bool:
    """Returns whether both allow, and all that the one allows the other allows as well."""
    keys = {"Sid", "Effect", "Action", "Resource", "Condition"}
    plain = all({"Action", "Resource"} <= set(each) <= keys and each["Effect"] == "Allow" for each in (narrow, wide))
    return (
        plain
        and set(texts(narrow["Action"])) <= set(texts(wide["Action"]))
        and all(any(_fits(text, other) for other in texts(wide["Resource"])) for text in texts(narrow["Resource"]))
        and all(
            narrow.get("Condition", {}).get(operator, {}).get(key) == values
            for operator, block in wide.get("Condition", {}).items()
            for key, values in block.items()
        )
    )


def _fits(text: str, pattern: str) -> bool:
    return text == pattern or match(translate(pattern.replace("[", "[[]")), text) is not None
