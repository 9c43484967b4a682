"""Patterns near a text: some match it, some miss by little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.differential import universe as u

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping


def loosened_action(rng: random.Random, deed: u.Deed) -> str:
    """Returns an action pattern that may match the deed."""
    service, name = deed.action.split(":")
    return rng.choice(
        (
            deed.action,
            deed.action,
            deed.action.upper(),
            deed.action.lower(),
            f"{service}:*",
            f"{service}:{name[:3]}*",
            f"{service}:*{name[-4:]}",
            f"{service}:{holed(rng, name)}",
            f"{service}:{name[:2].lower()}*{name[-2:].upper()}",
            "*",
            rng.choice(u.DEEDS).action,
            f"{service}:{name}x",
            f"{service}:{name[1:]}",
        )
    )


def holed(rng: random.Random, text: str) -> str:
    """Returns the text with one character as ``?``."""
    place = rng.randrange(len(text)) if text else 0
    return f"{text[:place]}?{text[place + 1 :]}"


def starred(rng: random.Random, text: str) -> str:
    """Returns the text with one stretch as ``*``."""
    start = rng.randint(0, len(text))
    return f"{text[:start]}*{text[rng.randint(start, len(text)) :]}"


def loosened_resource(rng: random.Random, resource: str, context: Mapping[str, Any]) -> str:
    """Returns a resource pattern that may match the resource."""
    if resource == "*" or rng.random() < 0.2:
        return "*" if rng.random() < 0.8 else rng.choice(u.DEEDS).resource.format(u.HOME)
    if rng.random() < 0.1:
        return resource
    fields = resource.split(":", 5)
    change = rng.randrange(8)
    if change == 0:
        fields[rng.choice((1, 3, 4))] = "*"
    elif change == 1:
        fields[rng.choice((3, 4))] = rng.choice(("us-*", "*", u.ELSEWHERE, "??-east-1"))
    else:
        fields[5] = _loosened_name(rng, fields[5], context)
    return ":".join(fields)


def _loosened_name(rng: random.Random, name: str, context: Mapping[str, Any]) -> str:
    changes = (
        _with_variable(rng, name, context),
        holed(rng, name),
        f"{name}{rng.choice(('*', '/*', '?', 'x'))}",
        name.swapcase(),
        starred(rng, name),
        starred(rng, name),
    )
    return rng.choice(changes)


def _with_variable(rng: random.Random, text: str, context: Mapping[str, Any]) -> str:
    """Returns the text with a policy variable where its value stands, or somewhere."""
    for key in u.VARIABLES:
        value = context.get(key)
        if value and value in text:
            return text.replace(value, f"${{{key}}}", 1)
    name = rng.choice(u.VARIABLES)
    default = rng.choice(("", "", ", 'bob'"))
    return text.replace("bob", f"${{{name}{default}}}") if "bob" in text else f"${{{name}{default}}}*"
