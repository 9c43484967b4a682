"""Generates Condition elements that are close calls on the context at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.differential import universe as u
from tests.differential.wildcards import holed, starred

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

Json = dict[str, Any]

_DATES = ("2026-11-21T02:00:00Z", "2026-01-01", "2024", "2027-06", "2025-01-31T23:59:59Z", "2026-11-21T02:00:00+01:00")
_RANGES = (
    "10.0.0.0/8",
    "203.0.113.0/24",
    "10.0.3.7",
    "2001:db8::/32",
    "192.168.0.0/16",
    "2001:db8::17",
    "203.0.113.9/32",
    "0.0.0.0/0",
    "::/0",
)
_NUMBERS = ("10", "10.0", "30", "100", "3599.5", "3600", "-1", "0")
_ORDER = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_TEXT = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
)
_BOOLEAN = {"aws:securetransport", "aws:multifactorauthpresent", "aws:viaawsservice", "aws:principalisawsservice"}
_ARN = ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike")


def condition(rng: random.Random, context: Mapping[str, Any], deed: u.Deed) -> Json:
    """Returns a Condition element of one to three tests."""
    block: Json = {}
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        key, values = _key(rng, context, deed)
        operator, wanted = _test(rng, key, values)
        block.setdefault(operator, {})[_spelled(rng, key)] = wanted
    return block


def _key(rng: random.Random, context: Mapping[str, Any], deed: u.Deed) -> tuple[str, tuple[str, ...]]:
    known = {**u.GLOBAL_KEYS, **u.SEVERAL_GLOBAL, **deed.keys, **deed.several}
    if context and rng.random() < 0.65:
        key = rng.choice(sorted(context))
        value = context[key]
        return key, tuple(value) if isinstance(value, list) else (value,)
    key = rng.choice(sorted(known))
    return key, known[key]


def _spelled(rng: random.Random, key: str) -> str:
    return rng.choice((key, key, key, key.lower(), key.upper())) if "/" not in key else key


def _test(rng: random.Random, key: str, values: tuple[str, ...]) -> tuple[str, Any]:
    if rng.random() < 0.06:
        return "Null", rng.choice(("true", "false"))
    operators, wanted = _family(rng, key, values)
    operator = rng.choice(operators)
    if rng.random() < 0.25:
        operator += "IfExists"
    if key in u.SEVERAL_GLOBAL or key in _SEVERAL:
        operator = f"{rng.choice(('ForAllValues', 'ForAnyValue'))}:{operator}" if rng.random() < 0.93 else operator
    elif rng.random() < 0.04:
        operator = f"{rng.choice(('ForAllValues', 'ForAnyValue'))}:{operator}"
    return operator, wanted[0] if len(wanted) == 1 and rng.random() < 0.6 else wanted


_SEVERAL = {key for deed in u.DEEDS for key in deed.several}


def _family(rng: random.Random, key: str, values: tuple[str, ...]) -> tuple[tuple[str, ...], list[str]]:
    """Returns operators that suit the key, and one to three values near those given."""
    amount = rng.choice((1, 1, 2, 3))
    folded = key.lower()
    if folded == "aws:sourceip":
        return ("IpAddress", "NotIpAddress"), rng.sample(_RANGES, amount)
    if folded == "aws:currenttime":
        return tuple(f"Date{sign}" for sign in _ORDER), rng.sample(_DATES, amount)
    if folded in {"aws:multifactorauthage", "aws:epochtime", "s3:max-keys"}:
        return tuple(f"Numeric{sign}" for sign in _ORDER), [*rng.sample(_NUMBERS, amount), *values[:1]]
    if folded in _BOOLEAN:
        return ("Bool",), [rng.choice(("true", "false", "True"))]
    if folded in {"aws:sourcearn", "aws:principalarn"} and rng.random() < 0.7:
        return _ARN, [_near_arn(rng, rng.choice(values)) for _ in range(amount)]
    return _TEXT, [_near(rng, rng.choice(values) if values else "web") for _ in range(amount)]


def _near(rng: random.Random, value: str) -> str:
    kind = rng.randrange(8)
    if kind < 3 or not value:
        return value
    return (
        value.upper(),
        starred(rng, value),
        holed(rng, value),
        f"{value}x",
        rng.choice(("${aws:username}", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/none, 'web'}*", "*")),
    )[kind - 3]


def _near_arn(rng: random.Random, value: str) -> str:
    fields = value.split(":", 5)
    place = rng.choice((3, 4, 5, 5))
    fields[place] = rng.choice(("*", fields[place], holed(rng, fields[place]), starred(rng, fields[place])))
    return ":".join(fields)
