"""Ways to spoil a record, chosen by a seeded chance."""

from __future__ import annotations

import json
import string
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence

Json = dict[str, Any]
HOSTILE = (
    "", " ", "\x00", "\n", "\u202eevil", "a" * 5_000, "*", "?", "**", "arn:aws:s3:::*", "arn:*", "s3:*", "iam:PassRole",
    "${aws:username}", "${jndi:ldap://x}", "{{ global:ACCOUNT_ID }}", "}}", "{{", '"', "\\", "'; DROP TABLE",
    "<script>",
    "arn:", "arn:aws:iam::111122223333:role/../../x", "arn:aws:iam::aws:policy/AdministratorAccess", "\ud800",
    "\U0001f600", "\u0661" * 12, "null", "because no identity-based policy allows the s3:* action", ":root",
    "because no identity-based policy allows the iam:PutRolePolicy action", "on resource: *", "*/*", "a/../b", "%2a",
    "Encoded authorization failure message: AAAA", '","Action":"*","Resource":"*', "\u0430rn:aws:s3:::b", "@everyone",
    "<!channel>", "[x](https://evil.example)", "`id`", "\x1b[31m", "1e999", "-1", "9" * 400, "0000-00-00T00:00:00Z",
    "is not authorized to perform: *:*", "User: arn:aws:iam::111122223333:root is not authorized to perform: iam:*",
)  # fmt: skip
SCALARS: tuple[object, ...] = (None, True, False, 0, -1, 10**30, 1.5, [], {}, [[]], {"a": {}}, "", "x")
HOMOGLYPHS = str.maketrans("aeopcxs", "\u0430\u0435\u043e\u0440\u0441\u0445\u0455")
MOST = 4
"""Mutations of one record."""


def mutated(text: str, luck: random.Random, others: Sequence[str]) -> object:
    """Returns a record that was spoilt in one to four places.

    Args:
        text: The record, as JSON.
        luck: Decides everything.
        others: Records whose parts may be transplanted.

    """
    record: Json = json.loads(text)
    for _ in range(luck.randint(1, MOST)):
        luck.choice(_WAYS)(record, luck, others)
    return record if luck.random() < 0.9 else luck.choice(_WRAPS)(record)


def _places(value: object) -> Iterator[tuple[Any, Any]]:
    """Yields every (container, key) below the value."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def _place(record: Json, luck: random.Random) -> tuple[Any, Any] | None:
    places = list(_places(record))
    return luck.choice(places) if places else None


def _strings(record: Json) -> list[tuple[Any, Any]]:
    return [place for place in _places(record) if isinstance(place[0][place[1]], str)]


def _replace(record: Json, luck: random.Random, _: Sequence[str]) -> None:
    place = _place(record, luck)
    if place:
        place[0][place[1]] = luck.choice((*HOSTILE, *SCALARS))


def _drop(record: Json, luck: random.Random, _: Sequence[str]) -> None:
    place = _place(record, luck)
    if place:
        del place[0][place[1]]


def _splice(record: Json, luck: random.Random, _: Sequence[str]) -> None:
    strings = _strings(record)
    if strings:
        container, key = luck.choice(strings)
        text = container[key]
        at = luck.randint(0, len(text))
        container[key] = text[:at] + luck.choice(HOSTILE) + text[at + luck.choice((0, 0, 1, 5)) :]


def _twist(record: Json, luck: random.Random, _: Sequence[str]) -> None:
    strings = _strings(record)
    if strings:
        container, key = luck.choice(strings)
        container[key] = luck.choice(_TWISTS)(container[key], luck)


def _swap(record: Json, luck: random.Random, _: Sequence[str]) -> None:
    strings = _strings(record)
    if strings:
        (one, here), (other, there) = luck.choice(strings), luck.choice(strings)
        one[here], other[there] = other[there], one[here]


def _transplant(record: Json, luck: random.Random, others: Sequence[str]) -> None:
    donor = json.loads(luck.choice(others))
    name = luck.choice(sorted(donor))
    record[name] = donor[name]


def _rename(record: Json, luck: random.Random, _: Sequence[str]) -> None:
    place = _place(record, luck)
    if place and isinstance(place[0], dict):
        place[0][luck.choice((place[1].lower(), place[1].upper(), f"{place[1]} ", "arn", "errorMessage"))] = place[
            0
        ].pop(place[1])


def _noise(text: str, luck: random.Random) -> str:
    letters = list(text)
    for _ in range(luck.randint(1, 3)):
        if letters:
            letters[luck.randrange(len(letters))] = luck.choice(string.printable)
    return "".join(letters)


_TWISTS: tuple[Callable[[str, random.Random], str], ...] = (
    lambda text, _: text.swapcase(),
    lambda text, _: text.translate(HOMOGLYPHS),
    lambda text, luck: text[: luck.randint(0, len(text))],
    lambda text, luck: text * luck.choice((2, 3, 50)),
    lambda text, _: text[::-1],
    lambda text, _: f" {text} ",
    _noise,
)
_WAYS: tuple[Callable[[Json, random.Random, Sequence[str]], None], ...] = (
    _replace, _drop, _splice, _splice, _twist, _twist, _swap, _transplant, _rename,
)  # fmt: skip
_WRAPS: tuple[Callable[[Json], object], ...] = (
    lambda record: {"detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "detail": record},
    lambda record: {"Records": [record, record]},
    lambda record: {"Events": [{"CloudTrailEvent": json.dumps(record)}]},
    lambda record: [record],
    lambda record: {"message": json.dumps(record)[:-1]},
    lambda record: record.get("userIdentity"),
)
