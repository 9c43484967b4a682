"""What the evaluation answers, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from redress.domain.policy_json import PolicyStatement
from redress.domain.values import dataclass
from redress.domain.words import Layer


class Outcome(StrEnum):
    """The answer."""

    ALLOW = "ALLOW"
    """Allowed by everything that was read; see ``Decision.unknown_layers`` for what was not."""
    IMPLICIT_DENY = "IMPLICIT_DENY"
    EXPLICIT_DENY = "EXPLICIT_DENY"
    UNKNOWN = "UNKNOWN"
    """It depends on a context value or a layer that we do not know."""


class NonMatch(StrEnum):
    """Why a statement does not apply to a request (or only perhaps does)."""

    ACTION = "ACTION"
    NOT_ACTION = "NOT_ACTION"
    RESOURCE = "RESOURCE"
    NOT_RESOURCE = "NOT_RESOURCE"
    PRINCIPAL = "PRINCIPAL"
    NOT_PRINCIPAL = "NOT_PRINCIPAL"
    CONDITION = "CONDITION"
    MISSING_CONTEXT = "MISSING_CONTEXT"
    """It cannot be said without a value that is missing."""
    MISPLACED = "MISPLACED"
    """An Allow that its kind of policy cannot hold: an identity policy with a Principal, a resource policy without."""


class Considered(NamedTuple):
    """One statement that was looked at.

    Attributes:
        matched: None where it depends on what we do not know.
        reason: Why it did not match; None where it did.

    """

    layer: Layer
    statement: PolicyStatement
    matched: bool | None
    reason: NonMatch | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer to one request.

    Attributes:
        layer: What decided: the granting layer of an ALLOW, the denying one, or the one in doubt.
        statement: The statement that decided; None for what no statement allows.
        missing_context: Condition keys (lower case) whose values would be needed to be sure.
        unknown_layers: Layers that could not be read; the answer holds as far as the others go.
        trace: Every statement that was looked at, in order.

    """

    outcome: Outcome
    layer: Layer
    statement: PolicyStatement | None = None
    missing_context: tuple[str, ...] = ()
    unknown_layers: tuple[Layer, ...] = ()
    trace: tuple[Considered, ...] = ()

    @property
    def allowed(self) -> bool:
        """Returns whether the call goes through as far as everything that was read is concerned."""
        return self.outcome is Outcome.ALLOW

    @property
    def decided_by(self) -> str:
        """Returns layer and statement in words (``service control policy p-1, DenyAll``)."""
        if self.statement is None:
            return f"no {in_words(self.layer)} allows it"
        return f"{in_words(self.layer)} {self.statement.policy}, {self.statement.label}"


def in_words(layer: Layer) -> str:
    """Returns a layer as people write it (``service control policy``)."""
    return _WORDS.get(layer, layer.value.replace("_", " ").lower())


_WORDS = {
    Layer.IDENTITY_BASED_POLICY: "identity-based policy",
    Layer.RESOURCE_BASED_POLICY: "resource-based policy",
    Layer.VPC_ENDPOINT_POLICY: "VPC endpoint policy",
    Layer.PERMISSIONS_BOUNDARY: "permissions boundary",
    Layer.UNKNOWN: "policy",
}
