"""What a proof says and has looked at, in words: the same in notices, on the command line and in the approval request.

The approval request is written by the runbook, which has a copy (``infra/runbook_scripts/message.py``); a test holds
the two against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DECISIONS = {
    "allowed": "allowed",
    "implicitDeny": "denied (nothing allows it)",
    "explicitDeny": "explicitly denied",
    "unknown": "unknown",
}
"""What the evaluation says of a call, before and after."""


def checked(*, complete: bool, unknown: Sequence[str]) -> str:
    """Returns whether all that can be read was checked, and which layers nobody could read.

    Args:
        complete: Whether everything that Redress can read was read, and its witnesses agree.
        unknown: Names of the layers that it cannot read (``Layer``).

    """
    head = "Complete as far as Redress can read" if complete else "INCOMPLETE"
    unread = ", ".join(unknown).lower().replace("_", " ").replace(" based", "-based").replace("vpc", "VPC")
    return f"{head}; not checked: {unread or 'nothing'}."
