"""What the request itself says narrows the fix: which fleet's instances, which instance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.batch import Denial, gather
from redress.domain.classify import classify
from redress.domain.denied_call import DeniedCall
from redress.domain.finding import Finding
from redress.domain.fingerprint import fingerprint
from redress.domain.parse import parse_record
from redress.domain.request_context import FLEET_TAG, MOST_FLEETS
from redress.domain.words import Kind, NoFixReason, State
from tests.unit.fix import builders

if TYPE_CHECKING:
    from redress.domain.plan import Plan

CASES = Path(__file__).parents[2] / "cases" / "why" / "kinds" / "fleet_terminate.json"
ONE, OTHER = "fleet-12a34b55-67cd-8ef9-ba9b-9208d0", "fleet-02a34b55-67cd-8ef9-ba9b-9208d0"
INSTANCES = "arn:aws:ec2:eu-west-1:111122223333:instance/"


def record(event: str, action: str, resource: str, request: dict[str, Any]) -> dict[str, Any]:
    """Returns the record of a call that EC2 denied because no identity policy allows it."""
    told: dict[str, Any] = json.loads(CASES.read_text())[0]["record"]
    message = (
        f"You are not authorized to perform this operation. User: {told['userIdentity']['arn']} is not authorized to "
        f"perform: {action} on resource: {resource} because no identity-based policy allows the {action} action"
    )
    return {**told, "eventName": event, "errorMessage": message, "requestParameters": request}


def deletion(fleets: object) -> dict[str, Any]:
    """Returns the record of a fleet's deletion that may not terminate instances."""
    inner = {"FleetId": fleets, "TerminateInstances": True}
    return record("DeleteFleets", "ec2:TerminateInstances", f"{INSTANCES}*", {"DeleteFleetsRequest": inner})


def planned(*records: dict[str, Any]) -> Plan:
    """Returns the plan for denials of one fingerprint, as they reach λ propose."""
    denials = []
    for number, each in enumerate(records):
        call = parse_record({**each, "eventID": f"e-{number}"})
        assert isinstance(call, DeniedCall)
        verdict = classify(call, catalogue=builders.CATALOGUE)
        identity, template = fingerprint(verdict, call)
        denials.append(Denial(finding_id=identity, resource_template=template, verdict=verdict, call=call))
    (group,) = gather(denials)
    found = Finding(
        finding_id=group.finding_id,
        verdict=group.verdict,
        resource_template=group.resource_template,
        resources=group.resources,
        state=State.OPEN,
        state_version=1,
        count=len(group.seen),
        first_seen=group.first_seen,
        last_seen=group.last.event_time,
        changed_at=group.last.event_time,
        last=group.last,
    )
    target = builders.target("ec2:DeleteFleets", of=group.verdict.principal)
    return builders.plan(found, on=target, prove=builders.evaluated)


def statement_of(plan: Plan) -> dict[str, Any]:
    """Returns the one statement that is proposed."""
    assert plan.proposal, plan.no_fixes
    (only,) = plan.proposal.content["statements"]
    return {name: only.get(name) for name in ("Action", "Resource", "Condition")}


@pytest.mark.parametrize(
    ("fleets", "values"),
    [
        ({"tag": 1, "content": ONE}, ONE),
        ([{"tag": 1, "content": ONE}, {"tag": 2, "content": OTHER}], sorted([ONE, OTHER])),
        (ONE, ONE),
    ],
)
def test_a_fleets_deletion_may_terminate_that_fleets_instances(fleets: object, values: object) -> None:
    """The fix names all instances, and a condition on the tag that EC2 gives to those of the fleets in the request."""
    assert statement_of(planned(deletion(fleets))) == {
        "Action": "ec2:TerminateInstances",
        "Resource": f"{INSTANCES}*",
        "Condition": {"StringEquals": {FLEET_TAG: values}},
    }


@pytest.mark.parametrize(
    "fleets",
    [
        None,
        "*",
        {"content": "fleet-*"},
        [{"content": f"fleet-{number:08}"} for number in range(MOST_FLEETS + 1)],
        {"content": "sfr-12345678-1234-1234-1234-123456789012"},
    ],
)
def test_without_a_fleet_that_can_be_named_nothing_is_granted(fleets: object) -> None:
    """Terminating any instance is never granted: no fix, and which condition was missing."""
    plan = planned(deletion(fleets))
    ((_, answer),) = plan.no_fixes
    assert (answer.reason, FLEET_TAG in answer.detail) == (NoFixReason.RESOURCE_UNKNOWN, True)


def test_other_denials_show_no_fleet() -> None:
    """A fleet's id in any other request narrows nothing."""
    call = parse_record(
        record("CreateFleet", "ec2:CreateFleet", "arn:aws:ec2:eu-west-1:111122223333:fleet/*", {"f": ONE})
    )
    assert isinstance(call, DeniedCall)
    verdict = classify(call, catalogue=builders.CATALOGUE)
    assert (verdict.kind, verdict.context) == (Kind.MISSING_PERMISSION, ())


def password(instance: str) -> dict[str, Any]:
    """Returns the record of a denied ec2:GetPasswordData, whose message names no instance."""
    return record("GetPasswordData", "ec2:GetPasswordData", f"{INSTANCES}*", {"instanceId": instance})


def test_an_instance_that_only_the_request_names_is_granted_alone() -> None:
    """EC2's message says instance/*; the fix names the instances of the requests."""
    first, second = "i-0123456789abcdef0", "i-0123456789abcdef1"
    assert statement_of(planned(password(first)))["Resource"] == f"{INSTANCES}{first}"
    both = planned(password(first), password(second))
    assert statement_of(both)["Resource"] == [f"{INSTANCES}{first}", f"{INSTANCES}{second}"]


def test_a_request_that_names_no_instance_leaves_the_type_unfixed() -> None:
    """One call of which nobody can tell the instance is enough: nothing wider is granted."""
    plan = planned(password("i-0123456789abcdef0"), password("*"))
    ((_, answer),) = plan.no_fixes
    assert answer.reason is NoFixReason.RESOURCE_UNKNOWN
