"""λ track in a world of runbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.handlers.track import Desk, track
from tests.fakes_telemetry import Quiet
from tests.runbook_world import RESTORE, World, proposal

if TYPE_CHECKING:
    from redress.domain.proposal import Proposal


def desk(world: World) -> Desk:
    """Returns λ track's collaborators in this world."""
    return Desk(
        proposals=world.proposals,
        findings=world.findings,
        executions=world.automations,
        settings=world.settings,
        restore_document=RESTORE,
    )


def run(world: World, event: dict[str, Any] | None = None) -> Quiet:
    """Runs λ track once; without an event, its schedule."""
    telemetry = Quiet()
    track(event or {}, desk=desk(world), now=world.clock.now(), telemetry=telemetry)
    return telemetry


def event(execution: str) -> dict[str, Any]:
    """Returns a status-change event."""
    return {"source": "aws.ssm", "detail": {"ExecutionId": execution, "Status": "Success"}}


def waiting(world: World) -> tuple[Proposal, str]:
    """Returns a proposal that waits for a signature, and its execution."""
    drawn = world.file(proposal(world))
    execution = world.start(drawn)
    world.run()
    run(world)
    return drawn, execution
