"""Callers are told apart by their ARNs, and what follows from who they are is known without asking."""

from __future__ import annotations

import pytest

from redress.domain.known_context import never_of, of_caller, of_resource
from redress.domain.request import CallerKind, Request, account_in, caller_of

HOME = "111122223333"
ROLE = f"arn:aws:iam::{HOME}:role/team/app"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/app/i-0abc"


@pytest.mark.parametrize(
    ("arn", "kind", "account", "name"),
    [
        (f"arn:aws:iam::{HOME}:user/team/bob", CallerKind.USER, HOME, "bob"),
        (ROLE, CallerKind.ROLE, HOME, "app"),
        (SESSION, CallerKind.ROLE_SESSION, HOME, "app"),
        (f"arn:aws-us-gov:sts::{HOME}:federated-user/visitor", CallerKind.FEDERATED_USER, HOME, "visitor"),
        (f"arn:aws:iam::{HOME}:root", CallerKind.ROOT, HOME, "root"),
        ("ec2.amazonaws.com", CallerKind.SERVICE, None, "ec2.amazonaws.com"),
        ("ec2.amazonaws.com.cn", CallerKind.SERVICE, None, "ec2.amazonaws.com.cn"),
        ("accounts.google.com", CallerKind.FEDERATED, None, "accounts.google.com"),
        (f"arn:aws:iam::{HOME}:oidc-provider/x", CallerKind.FEDERATED, None, "x"),
        ("anonymous", CallerKind.ANONYMOUS, None, ""),
        ("", CallerKind.ANONYMOUS, None, ""),
    ],
)
def test_caller_of_an_arn(arn: str, kind: CallerKind, account: str | None, name: str) -> None:
    """Kind, account and name follow from the ARN."""
    caller = caller_of(arn)
    assert (caller.kind, caller.account, caller.name) == (kind, account, name)


def test_account_in_an_arn() -> None:
    """An ARN names its account, unless its field is empty or holds something else."""
    assert account_in(f"arn:aws:sqs:us-east-1:{HOME}:jobs") == HOME
    assert account_in("arn:aws:s3:::bucket") is None
    assert account_in("arn:aws:iam::aws:policy/AdministratorAccess") is None
    assert account_in("*") is None


def test_service_linked_roles_are_known_by_path_or_name() -> None:
    """SCPs and RCPs pass those by, whichever of the two ARNs is known."""
    linked = f"arn:aws:iam::{HOME}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    assert caller_of(linked).service_linked
    assert caller_of(f"arn:aws:sts::{HOME}:assumed-role/AWSServiceRoleForX/s").service_linked
    assert not caller_of(SESSION, role_arn=ROLE).service_linked


def test_context_of_a_role_session() -> None:
    """A session's principal ARN is its role's, with the path; it has no user name."""
    caller = caller_of(SESSION, role_arn=ROLE)
    context = of_caller(caller, (("Team", "web"),))
    assert context["aws:principalarn"] == (ROLE,)
    assert context["aws:principaltag/team"] == ("web",)
    assert context["aws:principaltype"] == ("AssumedRole",)
    assert "aws:username" not in context
    assert "aws:username" in never_of(caller)


def test_user_id_of_a_role_session() -> None:
    """It is the role's id and the session's name."""
    caller = caller_of(SESSION, role_arn=ROLE, unique_id="AROAAPP")
    assert of_caller(caller)["aws:userid"] == ("AROAAPP:i-0abc",)


def test_context_of_a_resource() -> None:
    """An ARN shows its owner, if it holds an account."""
    assert of_resource(f"arn:aws:sqs:us-east-1:{HOME}:jobs") == {"aws:resourceaccount": (HOME,)}
    assert of_resource("arn:aws:s3:::bucket") == {}


def test_context_leaves_out_what_it_cannot_know() -> None:
    """Without the role's ARN, and so its path, the principal ARN of a session is not known."""
    assert "aws:principalarn" not in of_caller(caller_of(SESSION))


def test_context_of_a_user() -> None:
    """A user's name and id follow from who it is."""
    caller = caller_of(f"arn:aws:iam::{HOME}:user/team/bob", unique_id="AIDABOB")
    context = of_caller(caller)
    assert context["aws:username"] == ("bob",)
    assert context["aws:userid"] == ("AIDABOB",)
    assert context["aws:principalaccount"] == (HOME,)
    assert never_of(caller) == frozenset()


def test_unknown_absent_and_empty_are_three_things() -> None:
    """A key is known, known to be absent, or unknown; only a complete context makes the rest absent."""
    caller = caller_of(SESSION)
    request = Request(caller=caller, action="a:b", resource="*", context={"A:x": ("1",)}, absent=frozenset({"A:y"}))
    assert request.values("a:x") == ("1",)
    assert request.values("a:y") == ()
    assert request.values("a:z") is None
    whole = Request(caller=caller, action="a:b", resource="*", complete=True)
    assert whole.values("a:z") == ()
