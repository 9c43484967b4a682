"""What is raised for a policy document that IAM would not accept."""

from __future__ import annotations

from redress.domain.errors import RedressError


class MalformedPolicy(RedressError):  # noqa: N818 - named for the decision, not the fault
    """A policy document that we cannot read; whoever catches it counts that policy's layer as unreadable.

    Attributes:
        where: Position (``Statement[2].Condition.StringEquals.aws:SourceIp``).

    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
