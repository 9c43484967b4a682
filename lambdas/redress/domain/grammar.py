"""What may enter a policy: every string of an event is hostile until one of these says otherwise.

The alphabet is smaller than IAM's on purpose. Left out are quotation marks, back-slashes, angle
brackets and back-ticks (they end strings in the formats that a patch is written in), braces (SSM
Automation reads ``{{ }}`` as a variable, IAM and Terraform read ``${ }`` as one), control characters
and everything beyond ASCII (look-alikes). A name that needs one of them is refused, not escaped.
"""

from __future__ import annotations

import re

_SAFE = r"[A-Za-z0-9 !#$%&'()+,\-./:;=@\[\]^_~|]"
_SAFE_TEXT = re.compile(rf"(?! ){_SAFE}{{1,2048}}(?<! )", re.ASCII)
_ACTION = re.compile(r"[A-Za-z0-9-]{1,64}:[A-Za-z0-9_]{1,128}", re.ASCII)
_ARN = re.compile(
    r"arn:aws(?:-[a-z]{2,8}){0,2}:[a-z0-9-]{1,64}:[a-z0-9-]{0,32}:(?:[0-9]{12}|aws)?:"
    r"[A-Za-z0-9 !#$%&'()+,\-./:;=@\[\]^_~|*?]{1,2000}",
    re.ASCII,
)
WILDCARDS = frozenset("*?")


def is_action(text: object) -> bool:
    """Returns whether this is one IAM action with its service prefix and no wildcard."""
    return isinstance(text, str) and _ACTION.fullmatch(text) is not None


def is_arn(text: object) -> bool:
    """Returns whether this has the shape of an ARN and holds nothing hostile; ``*`` and ``?`` are let through.

    AWS itself prints ``instance/*`` where no resource exists yet; whoever writes a policy must also
    ask ``is_policy_safe`` or know by rule that the wildcard is AWS's.
    """
    return isinstance(text, str) and _ARN.fullmatch(text) is not None and not text.endswith(" ")


def is_policy_safe(text: object) -> bool:
    """Returns whether this may stand in a policy as it is: the alphabet above, and no wildcard."""
    return isinstance(text, str) and _SAFE_TEXT.fullmatch(text) is not None


def has_hostile_text(*texts: str | None) -> bool:
    """Returns whether any of the texts holds what may never enter a policy; None and "" hold nothing."""
    return any(text and not is_policy_safe(_without_wildcards(text)) for text in texts)


def _without_wildcards(text: str) -> str:
    return "".join("x" if letter in WILDCARDS else letter for letter in text)
