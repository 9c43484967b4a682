"""One exact policy document for one principal, and the digest a person signs.

The digest is SHA-256 over the UTF-8 bytes of ``body``: the canonical JSON of everything the
approver is shown and everything the runbook does. The runbook is given the digest as a parameter,
reads the body, and goes on only if the two match; so what was approved is byte for byte what is applied.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from redress.domain.values import dataclass
from redress.domain.verdict import ContextValue
from redress.domain.words import GuardVerdict, Layer

if TYPE_CHECKING:
    from collections.abc import Mapping


REDRESS_PATH = "/redress/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One operator block entry: ``StringEquals``, ``iam:PassedToService``, (``ec2.amazonaws.com``,)."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One Allow statement of ours; actions and resources sorted."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardHit:
    """One thing the guard found, in words.

    Attributes:
        rule: Stable name (``escalation-path``, ``pass-role``, ``secrets-read``, …).
        verdict: What this hit alone would make of the change.
        reason: One sentence for the approver.

    """

    rule: str
    verdict: GuardVerdict
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The guard's verdict on the change as a whole: the severest of its hits."""

    verdict: GuardVerdict
    hits: tuple[GuardHit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One request that the fix must let through; the runbook's verify step simulates it."""

    action: str
    resource: str
    context: tuple[ContextValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the evaluation says before and after.

    Attributes:
        before: ``allowed``, ``implicitDeny``, ``explicitDeny`` or ``unknown``.
        after: The same, with the proposed document in place.
        complete: False when any look-up failed or a layer could not be read in a way that matters;
            an incomplete proof is never started automatically.
        source: ``iam:SimulatePrincipalPolicy`` or ``evaluator``.
        still_denied_by: Where ``after`` is a denial: layer and statement, in words.
        unknown_layers: Layers that could not be read (names of ``Layer``).
        notes: What went wrong with which look-up.
        still_denied_layer: The layer of ``still_denied_by``; it decides whose patch the NoFix carries.

    """

    before: str
    after: str
    complete: bool
    source: str
    still_denied_by: str | None = None
    unknown_layers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    still_denied_layer: Layer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreImage:
    """The target as it was when proposed; the runbook refuses if it is not so any more.

    Attributes:
        exists: Whether the customer managed policy exists.
        version_id: Its default version (``v3``), or empty.
        document_sha256: Of the canonical JSON of the default version, or empty.
        attached: Whether it is attached to the principal.

    """

    exists: bool
    version_id: str = ""
    document_sha256: str = ""
    attached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The change that a person is asked to sign (see the module's first lines).

    Attributes:
        proposal_id: ``p-`` and the first 20 hex digits of the digest.
        body: The canonical JSON text that the digest covers (shape: docs/proposal.md).

    """

    proposal_id: str
    digest: str
    body: str

    @property
    def content(self) -> dict[str, Any]:
        """Returns the body, parsed."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


def canonical_json(value: object) -> str:
    """Returns JSON with sorted keys and no needless white space, ASCII only.

    Two closing braces never touch: SSM Automation would read ``}}`` as the end of a variable.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return _spread_braces(text)


def _spread_braces(text: str) -> str:
    # ``}}`` can stand in a JSON string only if a value holds it; such values never get this far
    # (domain.grammar refuses braces), and a space there would still be caught by the digest.
    return text.replace("}}", "} }").replace("}}", "} }")


def seal(content: Mapping[str, object]) -> Proposal:
    """Returns the proposal of this content, with its digest and id."""
    body = canonical_json(content)
    digest = sha256(body)
    return Proposal(proposal_id=id_of(digest), digest=digest, body=body)


def id_of(digest: str) -> str:
    """Returns the id of the proposal with this digest."""
    return f"p-{digest[:20]}"


def sha256(text: str) -> str:
    """Returns the lower-case hex SHA-256 of the text's UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()
