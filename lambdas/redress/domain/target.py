"""The role or user whose policies a fix would change, as IAM describes it today."""

from __future__ import annotations

import re
from typing import Any

from redress.domain.denied_call import Principal
from redress.domain.values import dataclass
from redress.domain.words import PrincipalType

_UNIQUE_IDS = {
    PrincipalType.ROLE: re.compile(r"AROA[A-Z0-9]{12,124}"),
    PrincipalType.USER: re.compile(r"AIDA[A-Z0-9]{12,124}"),
}
"""What IAM calls a role or user apart from its name, and never uses again.

docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPolicy:
    """One policy document with the name a person would look it up by.

    Attributes:
        name: ARN of a managed policy, or ``inline:NAME`` / ``group:GROUP:NAME``.
        document: The parsed JSON.

    """

    name: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedressPolicy:
    """The customer managed policy under ``/redress/`` of one principal and Region, as it is now.

    Attributes:
        arn: Of the policy.
        version_id: Default version (``v2``).
        document: Text of the default version, exactly as IAM returns it (URL-decoded).
        versions: Version ids that exist, oldest first (IAM keeps five).
        attached: Whether the principal has it.
        elsewhere: How many others have it too, attached or as their boundary; never more than none by our doing.

    """

    arn: str
    version_id: str
    document: str
    versions: tuple[str, ...]
    attached: bool
    elsewhere: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Everything that planning and proving a fix needs to know of the principal.

    Attributes:
        region: Of the Redress that would change it; the Redress of each Region has a policy of its own.
        exists: False when IAM has no such role or user any more.
        unique_id: ``AROA…`` or ``AIDA…`` as IAM gives it now, never of an earlier one of the same ARN; None where
            it could not be read.
        policies: Identity policies, those of a user's groups included, the Redress policy too.
        boundary: Permissions boundary; None where there is none.
        attached: Number of managed policies attached to the principal itself.
        unreadable: What could not be read, and why, one sentence each; never empty silently.

    """

    principal: Principal
    region: str
    exists: bool
    unique_id: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    policies: tuple[NamedPolicy, ...] = ()
    boundary: NamedPolicy | None = None
    redress_policy: RedressPolicy | None = None
    attached: int = 0
    unreadable: tuple[str, ...] = ()


def unique_id_of(principal: Principal, text: object) -> str | None:
    """Returns the text if it is a unique id of a role or user of the principal's type, else None.

    Federated sessions, for one, bear ids that are not their user's.
    """
    shape = _UNIQUE_IDS.get(principal.type)
    return text if isinstance(text, str) and shape is not None and shape.fullmatch(text) else None
