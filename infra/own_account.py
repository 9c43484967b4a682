"""Completes the short forms of knobs (``role/Name``) to ARNs of the account that the stack will be in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from infra.statements import iam_arn

if TYPE_CHECKING:
    from infra.knobs import Knobs


def complete(knobs: Knobs) -> Knobs:
    """Returns the knobs with every role, user and policy as an ARN."""
    return replace(
        knobs,
        approvers=tuple(map(_full, knobs.approvers)),
        second_approvers=tuple(map(_full, knobs.second_approvers)),
        protected_principals=tuple(map(_full, knobs.protected_principals)),
        permissions_boundary=_full(knobs.permissions_boundary) if knobs.permissions_boundary else "",
    )


def _full(text: str) -> str:
    return text if text.startswith("arn:") else iam_arn(text)
