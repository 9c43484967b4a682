"""Privilege escalation: no fix may complete a published path with a single signature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from redress.domain.guard.escalation_paths import ALL, FURTHER, PUBLISHED
from redress.domain.target import NamedPolicy
from redress.domain.words import GuardVerdict, NoFixReason, PrincipalType
from tests.unit.fix import builders

PATHS = Path(__file__).parents[4] / "shared" / "escalation-paths.jsonl"
SEVERE = {GuardVerdict.BLOCK, GuardVerdict.TWO_APPROVERS}
STEPS = [(name, action) for name, path in ALL.items() for action in sorted(path)]


@pytest.mark.parametrize(("path", "action"), STEPS, ids=[f"{path}:{action}" for path, action in STEPS])
def test_the_step_that_completes_a_path_needs_two_approvers(path: str, action: str) -> None:
    """Whichever step of a path is the last one missing, granting it is never left to one approver."""
    if builders.CATALOGUE.proper_case(action) is None:
        pytest.skip(f"{action} is retired and can no longer be denied")
    others = sorted(ALL[path] - {action})
    source = "ec2.amazonaws.com" if action == "iam:PassRole" else None
    found = builders.finding(action, builders.arn_for(action), source=source, event="RunInstances")
    result = builders.plan(found, on=builders.target(*others))
    assert result.guard is not None
    assert result.guard.verdict in SEVERE


def test_the_table_holds_every_published_path() -> None:
    """The product's own table holds every published path with the same permissions."""
    if not PATHS.exists():
        pytest.skip("the published list is not on this machine")
    published = {row["id"]: set(row["required"]) for row in map(json.loads, PATHS.read_text().splitlines())}
    assert {name: set(path.split()) for name, path in PUBLISHED.items()} == published


def test_further_paths_have_their_own_names() -> None:
    """No path of ours takes the name of a published one."""
    assert not set(FURTHER) & set(PUBLISHED)


@pytest.mark.parametrize(
    "action", ["iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRolePolicy"]
)
def test_a_role_may_not_rewrite_itself(action: str) -> None:
    """A grant by which a role could change its own permissions is blocked."""
    result = builders.plan(builders.finding(action, builders.ROLE.arn))
    assert result.proposal is None
    assert [answer.reason for _, answer in result.no_fixes] == [NoFixReason.GUARD_BLOCKED]


def test_a_user_may_not_put_a_policy_on_its_own_group() -> None:
    """A grant by which a user could change a group that it is in is blocked."""
    user = builders.principal(f"arn:aws:iam::{builders.ACCOUNT}:user/ann", PrincipalType.USER)
    group = NamedPolicy(name="group:devs:inline", document=builders.allow("s3:ListBucket"))
    found = builders.finding("iam:PutGroupPolicy", f"arn:aws:iam::{builders.ACCOUNT}:group/devs", principal=user)
    result = builders.plan(found, on=builders.target(of=user, policies=(group,)))
    assert result.no_fixes[0][1].reason is NoFixReason.GUARD_BLOCKED


def test_unread_policies_count_as_if_they_held_the_other_steps() -> None:
    """Where the principal's policies cannot all be read, a step of a path needs two approvers."""
    found = builders.finding("lambda:CreateFunction", f"arn:aws:lambda:us-east-1:{builders.ACCOUNT}:function:f")
    result = builders.plan(found, on=builders.target(unreadable=("inline policies: throttled",)))
    assert result.guard is not None
    assert result.guard.verdict is GuardVerdict.TWO_APPROVERS


def test_an_open_path_is_a_note() -> None:
    """A step of a path whose other steps are missing is noted, and one signature is enough."""
    found = builders.finding("ec2:RunInstances", f"arn:aws:ec2:us-east-1:{builders.ACCOUNT}:instance/*")
    result = builders.plan(found)
    assert result.guard is not None
    assert result.guard.verdict is GuardVerdict.NOTE
    assert "escalation-step" in {hit.rule for hit in result.guard.hits}


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("iam:CreateLoginProfile", "alone can raise privileges (pathfinding.cloud/paths/iam-004)."),
        ("iam:DeactivateMFADevice", "alone can raise privileges (Redress's own path x-iam-deactivate-mfa)."),
    ],
)
def test_a_reason_says_where_to_read_about_the_path(action: str, said: str) -> None:
    """A published path has its page; one of ours is called ours."""
    result = builders.plan(builders.finding(action, builders.arn_for(action)))
    assert result.guard is not None
    assert said in " ".join(hit.reason for hit in result.guard.hits)
