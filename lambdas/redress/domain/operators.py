"""The condition operators as a table: how a value of the policy becomes a test of a value of the request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
AWS does not say what becomes of a value that is no number, date, address or ARN: such a test has no answer.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator as compare
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from redress.domain.values import dataclass
from redress.domain.wildcards import ARN_FIELDS, Test, arn_test, from_policy, glob_test, has_wildcard


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One row.

    Attributes:
        from_text: Makes the test from the policy's text.
        from_glob: Makes it from text whose policy variables have been filled in.
        negated: Whether the operator holds when no value of the policy equals the request's.
        variables: Whether policy variables count in its values.
        presence: Whether it asks only if the key is there (``Null``).
        reads_value: Whether the operator can make sense of a value of the request.
        reads_text: The same for a value of the policy.

    """

    from_text: Callable[[str], Test]
    from_glob: Callable[[str], Test] = glob_test
    negated: bool = False
    variables: bool = False
    presence: bool = False
    reads_value: Callable[[str], bool] | None = None
    reads_text: Callable[[str], bool] | None = None


def _equals(text: str) -> Test:
    return text.__eq__


def _equals_folded(text: str) -> Test:
    folded = text.lower()
    return lambda value: value.lower() == folded


def _like(text: str) -> Test:
    return glob_test(from_policy(text)) if has_wildcard(text) else text.__eq__


_ESCAPE = re.compile(r"\\(.)|[*?]", re.DOTALL)


def _plain(glob: str) -> str:
    """Returns the text a glob stands for when its wildcards mean themselves."""
    return _ESCAPE.sub(lambda found: found[1] or found[0], glob)


def _glob_equals(glob: str) -> Test:
    return _equals(_plain(glob))


def _glob_equals_folded(glob: str) -> Test:
    return _equals_folded(_plain(glob))


def _arn(text: str) -> Test:
    return _glob_arn(from_policy(text))


def _glob_arn(glob: str) -> Test:
    return arn_test(glob) if _is_arn(glob) else _not_readable


def _is_arn(text: str) -> bool:
    return text.count(":") >= ARN_FIELDS - 1


def _is_boolean(text: str) -> bool:
    return text.lower() in {"true", "false"}


_DECIMAL = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?", re.ASCII)


@lru_cache(maxsize=2048)
def number(text: str) -> Decimal | None:
    """Returns the number that the text shows, or None."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


_EPOCH = re.compile(r"-?(?:\d{5,16}|\d{1,3})(?:\.\d+)?", re.ASCII)
_ISO = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII | re.IGNORECASE,
)


@lru_cache(maxsize=2048)
def instant(text: str) -> float | None:
    """Returns seconds since 1970 of a W3C date (``2026-11``, ``2026-11-21T02:00:00Z``) or an epoch, or None.

    Four digits alone are a year, as in the W3C formats; a time without zone is UTC.
    """
    text = text.strip()
    if _EPOCH.fullmatch(text):
        return float(text)
    found = _ISO.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups()[:6])
    micro = int((found[7] or "0").ljust(6, "0"))
    try:
        moment = datetime(
            year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, micro, tzinfo=_zone(found[8])
        )
    except ValueError:
        return None
    return (moment - _EPOCH_START).total_seconds()


_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)


def _zone(text: str | None) -> Any:  # noqa: ANN401 - datetime.tzinfo is abstract to the caller
    return UTC if not text or text in "Zz" else datetime.strptime(text.replace(":", ""), "%z").tzinfo


@lru_cache(maxsize=2048)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


@lru_cache(maxsize=2048)
def _range(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _network(text: str) -> Test:
    network = _range(text)
    if network is None:
        return _not_readable

    def inside(value: str) -> bool:
        address = _address(value)
        return address is not None and address.version == network.version and address in network

    return inside


@lru_cache(maxsize=2048)
def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _not_readable(_: str) -> bool:
    return False


def _reads(read: Callable[[str], Any]) -> Callable[[str], bool]:
    return lambda text: read(text) is not None


def _ordered(read: Callable[[str], Any], holds: Callable[[Any, Any], bool], text: str) -> Test:
    wanted = read(text)

    def test(value: str) -> bool:
        found = read(value)
        return found is not None and wanted is not None and holds(found, wanted)

    return test


def _family(name: str, read: Callable[[str], Any]) -> dict[str, Operator]:
    """Returns the six comparisons of numbers or dates."""
    signs = {
        "equals": compare.eq,
        "lessthan": compare.lt,
        "lessthanequals": compare.le,
        "greaterthan": compare.gt,
        "greaterthanequals": compare.ge,
    }
    can = _reads(read)

    def row(holds: Callable[[Any, Any], bool], *, negated: bool = False) -> Operator:
        return Operator(from_text=partial(_ordered, read, holds), negated=negated, reads_value=can, reads_text=can)

    return {
        **{f"{name}{sign}": row(holds) for sign, holds in signs.items()},
        f"{name}notequals": row(compare.eq, negated=True),
    }


def _pair(positive: str, negative: str, from_text: Callable[[str], Test], **facts: Any) -> dict[str, Operator]:  # noqa: ANN401 - fields of Operator
    return {
        positive: Operator(from_text=from_text, **facts),
        negative: Operator(from_text=from_text, negated=True, **facts),
    }


_ARNS = {"from_glob": _glob_arn, "variables": True, "reads_value": _is_arn, "reads_text": _is_arn}

OPERATORS: dict[str, Operator] = {
    **_pair("stringequals", "stringnotequals", _equals, from_glob=_glob_equals, variables=True),
    **_pair(
        "stringequalsignorecase",
        "stringnotequalsignorecase",
        _equals_folded,
        from_glob=_glob_equals_folded,
        variables=True,
    ),
    **_pair("stringlike", "stringnotlike", _like, variables=True),
    **_pair("arnequals", "arnnotequals", _arn, **_ARNS),
    **_pair("arnlike", "arnnotlike", _arn, **_ARNS),
    **_pair("ipaddress", "notipaddress", _network, reads_value=_reads(_address), reads_text=_reads(_range)),
    **_family("numeric", number),
    **_family("date", instant),
    "bool": Operator(from_text=_equals_folded, reads_value=_is_boolean, reads_text=_is_boolean),
    "binaryequals": Operator(
        from_text=partial(_ordered, _bytes, compare.eq), reads_value=_reads(_bytes), reads_text=_reads(_bytes)
    ),
    "null": Operator(from_text=_equals_folded, presence=True),
}
"""By name in lower case, without set operator and ``IfExists``."""
