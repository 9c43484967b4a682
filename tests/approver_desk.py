"""What an approver's commands see of a world of ``tests.runbook_world``."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from redress_cli.desk import Desk
from tests.fakes_ssm import FakeSsm
from tests.runbook_world import ACCOUNT, ANA, APPLY, RESTORE, World

if TYPE_CHECKING:
    from redress.adapters.findings_table import FindingsTable
    from redress.adapters.proposals_table import ProposalsTable
    from redress_cli.aws import Deployment


@dataclass(frozen=True)
class Seated(Desk):
    """A desk over the world."""

    world: World

    @property
    def proposals(self) -> ProposalsTable:
        """The stored proposals."""
        return self.world.proposals

    @property
    def findings(self) -> FindingsTable:
        """The stored findings."""
        return self.world.findings


def desk(world: World, who: str = ANA) -> Desk:
    """Returns the approver's desk."""
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:findings"
    outputs = {"ApplyDocument": APPLY, "RestoreDocument": RESTORE, "TableName": "redress", "FindingsTopicArn": topic}
    clients = {"ssm": FakeSsm(world.service, who), "dynamodb": None}
    deployment = SimpleNamespace(outputs=outputs, caller=who, client=clients.__getitem__)
    return Seated(deployment=cast("Deployment", deployment), world=world)
