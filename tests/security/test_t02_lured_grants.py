"""A compromised principal causes denials that a tired approver might grant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from redress.domain.plan import starts_unasked
from redress.domain.settings import Settings
from redress.domain.suspicion import Activity, Seen, assess
from redress.domain.words import GuardVerdict, NoFixReason, State
from tests.unit.fix import builders

ACCOUNT = builders.ACCOUNT
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
LURES = (
    ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/admin"),
    ("iam:AttachRolePolicy", f"{ROLE}/team/app"),
    ("iam:PutRolePolicy", f"{ROLE}/team/app"),
    ("iam:UpdateAssumeRolePolicy", f"{ROLE}/admin"),
    ("iam:PassRole", f"{ROLE}/admin"),
    ("iam:UntagRole", f"{ROLE}/team/app"),
    ("sts:AssumeRole", f"{ROLE}/admin"),
    ("sts:AssumeRoot", f"arn:aws:iam::{ACCOUNT}:root"),
    ("rolesanywhere:CreateTrustAnchor", "*"),
    ("rolesanywhere:UpdateTrustAnchor", f"arn:aws:rolesanywhere:us-east-1:{ACCOUNT}:trust-anchor/x"),
    ("cloudtrail:StopLogging", f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"),
    ("guardduty:DeleteDetector", f"arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/0123"),
    ("kms:PutKeyPolicy", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0b0b0b0b-0000-4000-8000-000000000000"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::payroll"),
    ("lambda:AddPermission", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"),
    ("ssm:SendAutomationSignal", f"arn:aws:ssm:us-east-1:{ACCOUNT}:automation-execution/0b0b"),
    ("organizations:DetachPolicy", "*"),
)


@pytest.mark.parametrize(("action", "resource"), LURES)
def test_t02_lured_grants_are_blocked_or_need_two(action: str, resource: str) -> None:
    """No single signature grants escalation, credentials, exposure or evasion, and none of it is asked for unasked."""
    plan = builders.plan(builders.finding(action, resource))
    if plan.proposal is None:
        return
    assert plan.guard is not None
    assert plan.proof is not None
    assert plan.guard.verdict in {GuardVerdict.TWO_APPROVERS, GuardVerdict.BLOCK}
    assert not starts_unasked(plan.guard, plan.proof, Settings())


def test_t02_lured_grants_stop_when_the_principal_is_suspicious() -> None:
    """A principal that tries many doors is offered no key."""
    now = builders.NOW
    tried = tuple(Seen(at=now - timedelta(seconds=9), action=f"s3:Try{number}") for number in range(12))
    assert assess(Activity(principal=ROLE, denials=tried), Settings(), now) is not None
    plan = builders.plan(builders.finding(state=State.SUSPICIOUS))
    assert plan.proposal is None
    assert [answer.reason for _, answer in plan.no_fixes] == [NoFixReason.SUSPICIOUS]


@pytest.mark.parametrize("trusted", [("nonsense",), ("10.0.0.1/8",), ("::/0::",), ("",)])
def test_t02_lured_grants_suspicion_survives_a_bad_knob(trusted: tuple[str, ...]) -> None:
    """A malformed trusted address neither crashes the judgement nor lets anybody through."""
    now = builders.NOW
    before = tuple(
        Seen(at=now - timedelta(days=1), action="s3:GetObject", source_ip="192.0.2.1", access_key_id="AKIAOLD")
        for _ in range(3)
    )
    strange = Seen(at=now, action="s3:GetObject", source_ip="203.0.113.9", access_key_id="AKIANEW")
    activity = Activity(principal=ROLE, denials=(*before, strange), console_session=True)
    suspicion = assess(activity, Settings(trusted_addresses=trusted), now)
    assert suspicion is not None
    assert "first-seen-address" in {signal.name for signal in suspicion.signals}


def test_t02_lured_grants_hold_no_more_than_was_denied() -> None:
    """The granted statement has exactly the denied action on exactly the denied resource."""
    plan = builders.plan(builders.finding("s3:PutObject", "arn:aws:s3:::reports/a.csv"))
    assert plan.proposal is not None
    (statement,) = plan.proposal.content["statements"]
    assert (statement["Action"], statement["Resource"]) == ("s3:PutObject", "arn:aws:s3:::reports/a.csv")
