"""The six parts of an ARN, and whether one fits a format of the service authorization reference."""

from __future__ import annotations

import re
from functools import lru_cache

from redress.domain.values import dataclass

_VARIABLE = re.compile(r"\$\{([^}]+)\}|<[^>]+>")
_BY_PLACE = ("[a-z0-9-]+", "[a-z0-9-]+", "[a-z0-9-]*", "(?:[0-9]{12}|aws)?")
_NO_SLASH = frozenset({"BucketName"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Arn:
    """An ARN taken apart; ``resource`` is all that follows the fifth colon."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        """Returns the ARN as text."""
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def split(text: str) -> Arn | None:
    """Returns the parts of an ARN, or None for what has not six of them."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":  # noqa: PLR2004 - an ARN has six parts
        return None
    return Arn(partition=parts[1], service=parts[2], region=parts[3], account=parts[4], resource=parts[5])


def fits(text: str, arn_format: str) -> bool:
    """Returns whether the ARN could be of this format (``arn:${Partition}:s3:::${BucketName}``).

    A variable of the resource part stands for one or more of any characters, because names hold
    slashes and colons in many services; a bucket's name does not, or an object would pass for one.
    """
    # A few formats of the reference are two ARNs with a comma between them.
    return any(one == "*" or _pattern(one).fullmatch(text) is not None for one in arn_format.split(", "))


@lru_cache(maxsize=4096)
def _pattern(arn_format: str) -> re.Pattern[str]:
    head = arn_format.split(":", 5)
    places = [_place(part, _BY_PLACE[index]) for index, part in enumerate(head[1:5])]
    return re.compile(":".join(["arn", *places, _resource(head[5])]), re.DOTALL) if len(head) == 6 else _NOTHING  # noqa: PLR2004 - an ARN has six parts


_NOTHING = re.compile(r"(?!)")


def _place(part: str, anything: str) -> str:
    return anything if part == "*" or _VARIABLE.search(part) else re.escape(part)


def _resource(text: str) -> str:
    pattern, end = "", 0
    for variable in _VARIABLE.finditer(text):
        pattern += re.escape(text[end : variable.start()]) + _any_of(variable.group(1))
        end = variable.end()
    return pattern + re.escape(text[end:]).replace(r"\*", ".*")


def _any_of(name: str | None) -> str:
    return "[^/:]+" if name in _NO_SLASH else ".+"
