"""Command lines as people are told them: stacks live in several Regions, so each says which one it means."""

from __future__ import annotations

import re

_PLAIN_ARN = re.compile(r"arn:[a-z-]{3,10}:(?:iam|sts)::[0-9]{12}:[A-Za-z0-9/+=,.@_-]{1,200}")
"""Nothing in it means anything to a shell."""


def command(words: str, region: str) -> str:
    """Returns ``redress WORDS --region REGION``."""
    return f"redress {words} --region {region}" if region else f"redress {words}"


def all_of(principal: str | None, region: str) -> str:
    """Returns the command that lists a principal's findings; empty where its ARN is not fit to be pasted."""
    if not principal or not _PLAIN_ARN.fullmatch(principal):
        return ""
    return command(f"findings --principal {principal}", region)
