"""The accounts and Regions that one ``make deploy`` goes to, and the environment that makes each the current one."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_REGION: Final = re.compile(r"[a-z]{2,4}(?:-[a-z]{1,9}){1,3}-[0-9]{1,2}")
_IN_THE_WAY: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION")
"""Keys in the environment would be used before any profile."""


class TargetError(Exception):
    """The file of targets cannot be used; the text says which line, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One account, by the name of an AWS profile, and one Region."""

    profile: str
    region: str

    def __str__(self) -> str:
        """Returns how people are told of it."""
        return f"{self.profile} {self.region}"

    @contextmanager
    def current(self) -> Iterator[None]:
        """Makes it the account and Region of boto3 and of the programs that are run meanwhile."""
        before = dict(os.environ)
        for name in _IN_THE_WAY:
            os.environ.pop(name, None)
        os.environ.update(AWS_PROFILE=self.profile, AWS_REGION=self.region)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def read_targets(path: Path) -> tuple[Target, ...]:
    """Returns the targets of a file: a profile and its Regions a line; ``#`` begins a remark.

    Raises:
        TargetError: The file cannot be read, names nothing, or holds a line that is not so.

    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TargetError(f"{path} cannot be read: {error}") from error
    found: dict[Target, int] = {}
    for number, line in enumerate(lines, start=1):
        for target in _line(line.split("#", 1)[0].split(), f"{path}, line {number}"):
            if target in found:
                raise TargetError(f"{path}, line {number}: {target} was named in line {found[target]} already")
            found[target] = number
    if not found:
        raise TargetError(
            f"{path} names no target: write a profile and its Regions a line, as `prod us-east-1 eu-west-1`"
        )
    return tuple(found)


def _line(words: list[str], where: str) -> Iterator[Target]:
    if not words:
        return
    profile, *regions = words
    if not regions:
        raise TargetError(f"{where}: no Region behind the profile {profile}")
    for region in regions:
        if not _REGION.fullmatch(region):
            raise TargetError(f"{where}: {region} is no Region")
        yield Target(profile=profile, region=region)
