"""Who makes a call, as the server has authenticated it."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.automation.ports import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The caller of an operation; the server has authorized the call already.

    Attributes:
        arn: ``arn:aws:iam::ACCOUNT:user/NAME``, ``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`` or
            ``arn:aws:iam::ACCOUNT:root``: what sts:GetCallerIdentity would answer.
        credentials: The caller's own; unused, as every runbook here has an assumeRole.

    """

    arn: str
    account: str
    credentials: Credentials | None = None
