"""What text from an event may look like, and what of it may enter a policy.

Everything here is a yes or a no on one string. ``is_policy_safe`` is the gate that every
resource, action and condition value taken from an event passes before it stands in a policy.
"""

from __future__ import annotations

import re

_ACTION = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}:[A-Za-z][A-Za-z0-9_]{0,127}")
_ARN = re.compile(
    r"arn:aws(?:-[a-z]{1,8}){0,2}"  # partition
    r":[a-z0-9][a-z0-9.-]{0,62}"  # service
    r":(?:[a-z0-9-]{0,32})"  # Region
    r":(?:[0-9]{12}|aws|)"  # account
    r":[\x21-\x7e](?:[\x20-\x7e]{0,2046}[\x21-\x7e])?"  # resource: printable, no blank at either end
)
_FORBIDDEN = re.compile(r"[^\x20-\x7e]|[*?{}\"`\\<>]")
ACCOUNT = re.compile(r"[0-9]{12}")
_LONGEST = 2048


def is_action(text: str) -> bool:
    """Returns whether this is one IAM action with its service prefix, wildcards excluded."""
    return _ACTION.fullmatch(text) is not None


def is_arn(text: str) -> bool:
    """Returns whether this is an ARN of a known shape: AWS partition, 12-digit account or none, printable ASCII."""
    return len(text) <= _LONGEST and _ARN.fullmatch(text) is not None


def is_account(text: str) -> bool:
    """Returns whether this is a 12-digit account id."""
    return ACCOUNT.fullmatch(text) is not None


def is_policy_safe(text: str) -> bool:
    """Returns whether the text may stand in a policy as it is.

    Printable ASCII of at most 2,048 characters without wildcards (``*``, ``?``), braces
    (policy variables ``${…}``, SSM variables ``{{…}}``), quotes, backslashes and angle brackets.
    A wildcard of our own is put there by whoever builds the statement, after this check.
    """
    return 0 < len(text) <= _LONGEST and _FORBIDDEN.search(text) is None


def has_wildcard(text: str) -> bool:
    """Returns whether IAM would read a part of the text as a pattern or a variable."""
    return "*" in text or "?" in text or "${" in text


def looks_like_arn(text: str) -> bool:
    """Returns whether the text has the parts of an ARN, whatever they hold.

    Looser than ``is_arn``, to tell a full ARN from a bare name: publishers redact account ids and
    invent Regions, so neither is checked. Refused are placeholders (``<account>``), masks (``****1633``)
    and blanks before the resource part, and a resource part that was cut (``…/...``).
    """
    return len(text) <= _LONGEST and _ARN_SHAPE.fullmatch(text) is not None and not text.endswith("...")


_BLANKLESS = r"[^:\s*<>{}\"`]"
_ARN_SHAPE = re.compile(
    rf"arn:{_BLANKLESS}{{1,32}}:{_BLANKLESS}{{1,64}}:{_BLANKLESS}{{0,64}}:{_BLANKLESS}{{0,64}}"
    r":[^\x00-\x20\x7f\"`](?:[^\x00-\x1f\x7f\"`]{0,2046}[^\x00-\x20\x7f\"`])?"
)
