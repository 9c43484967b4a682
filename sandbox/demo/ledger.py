"""Looks into the findings table as the demo's narrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redress.adapters.findings_items import finding_of, is_finding
from redress.adapters.table_values import from_attributes
from redress.domain.card.content import Place, compose
from redress.domain.card.plain import body

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.finding import Finding
    from sandbox.demo.world import World

REGION = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A finding as the demo shows it."""

    finding_id: str
    state: str
    card: str
    proposal_id: str
    execution_id: str


class Ledger:
    """The findings of the demo's stack."""

    def __init__(self, world: World) -> None:
        self._client = world.sandbox.client("dynamodb")
        self._table = world.outputs["TableName"]

    def finding(self, action: str, *, state: str | None = None) -> Seen | None:
        """Returns the finding of an action, in a state if one is named, or None."""
        found = (each for each in self._findings() if each.verdict.action == action)
        return next((_seen(each) for each in found if state in {None, each.state.value}), None)

    def finding_by_id(self, finding_id: str) -> Seen:
        """Returns one finding that is known to exist."""
        return next(_seen(each) for each in self._findings() if each.finding_id == finding_id)

    def in_state(self, finding_id: str, state: str) -> Seen | None:
        """Returns the finding if it has reached a state, else None."""
        seen = self.finding_by_id(finding_id)
        return seen if seen.state == state else None

    def proposal(self, proposal_id: str) -> dict[str, Any]:
        """Returns a proposal's item."""
        key = {"pk": {"S": f"PROPOSAL#{proposal_id}"}, "sk": {"S": "PROPOSAL"}}
        return from_attributes(self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)["Item"])

    def _findings(self) -> Iterator[Finding]:
        items = self._client.scan(TableName=self._table, ConsistentRead=True)["Items"]
        plain = (from_attributes(item) for item in items)
        return (finding_of(item) for item in plain if is_finding(item))


def _seen(finding: Finding) -> Seen:
    card = compose(finding, proposal=None, place=Place(region=REGION))
    return Seen(
        finding_id=finding.finding_id,
        state=finding.state.value,
        card=body(card),
        proposal_id=finding.proposal_id or "",
        execution_id=finding.execution_id or "",
    )
