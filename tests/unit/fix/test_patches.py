"""Patches as text: valid in each format, and unable to say anything but their values."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.patch_elsewhere import patch_elsewhere
from redress.domain.patch_formats import as_hcl, as_json, as_python, as_shell
from redress.domain.patch_places import PLACES, RESOURCE_PLACES
from redress.domain.patches import patches
from redress.domain.proposal import Condition, Statement
from redress.domain.statement import to_json
from redress.domain.words import Effect, Kind, Layer, NoFixReason, Owner
from tests.unit.fix import builders

PASS = Statement(
    sid="RedressF" + "0" * 20,
    actions=("iam:PassRole",),
    resources=("arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b"),
    conditions=(Condition(operator="StringEquals", key="iam:PassedToService", values=("ec2.amazonaws.com",)),),
)
OTHER = Statement(sid="RedressF" + "1" * 20, actions=("s3:GetObject",), resources=("arn:aws:s3:::a/b",))
HOSTILE = st.text(st.sampled_from("ab ${}%'\"\\`*?<>|&;()[]#\n\t~!-"), max_size=40)
FORMATS = ["cdk", "cli", "cloudformation", "terraform"]


def test_cloudformation_is_json_that_cloudformation_knows() -> None:
    """The patch is one resource with the document in it."""
    (resource,) = json.loads(patches("role", "app", (PASS,))["cloudformation"]).values()
    assert resource["Type"] == "AWS::IAM::RolePolicy"
    assert resource["Properties"]["RoleName"] == "app"
    assert resource["Properties"]["PolicyDocument"]["Statement"] == [to_json(PASS)]


def test_the_cdk_patch_is_python() -> None:
    """The patch parses as Python and calls what a role has."""
    (call,) = ast.parse(patches("role", "app", (PASS,))["cdk"]).body
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    statement = call.value.args[0]
    assert isinstance(statement, ast.Call)
    given = {word.arg: ast.literal_eval(word.value) for word in statement.keywords}
    assert given == {
        "sid": PASS.sid,
        "actions": ["iam:PassRole"],
        "resources": list(PASS.resources),
        "conditions": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
    }


def test_the_command_puts_the_document() -> None:
    """The shell sees one command whose last word is the document."""
    words = shlex.split(patches("user", "ann", (PASS,))["cli"])
    assert words[:5] == ["aws", "iam", "put-user-policy", "--user-name", "ann"]
    assert json.loads(words[-1])["Statement"] == [to_json(PASS)]


def test_terraform_encodes_the_document() -> None:
    """The patch is one resource whose policy is a jsonencode of the document."""
    text = patches("role", "app", (PASS,))["terraform"]
    assert re.match(r'resource "aws_iam_role_policy" "redress_fix_[0-9a-f]{8}" \{\n', text)
    inner = text.split("jsonencode(", 1)[1].rsplit(")", 1)[0]
    assert json.loads(inner)["Statement"] == [to_json(PASS)]


def _names(texts: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Returns what each format calls the resource and the inline policy."""
    ((logical, resource),) = json.loads(texts["cloudformation"]).items()
    words = shlex.split(texts["cli"])
    found = re.search(r'"(redress_fix_\w+)" \{\n +name = "([^"]+)"', texts["terraform"])
    assert found
    return {
        "cloudformation": (logical, resource["Properties"]["PolicyName"]),
        "terraform": found.groups(),
        "cli": (words[words.index("--policy-name") + 1],),
    }


@pytest.mark.parametrize(
    ("kind", "name", "statement"),
    [("role", "app", OTHER), ("role", "other", PASS), ("user", "app", PASS)],
    ids=["another statement", "another principal", "another kind"],
)
def test_a_second_patch_takes_nothing_from_the_first(kind: str, name: str, statement: Statement) -> None:
    """Patches with different content name nothing alike, in any format; the same content has the same names again."""
    first, second = _names(patches("role", "app", (PASS,))), _names(patches(kind, name, (statement,)))
    assert not any(set(first[form]) & set(second[form]) for form in first)
    assert first == _names(patches("role", "app", (PASS,)))


@pytest.mark.parametrize("form", ["cloudformation", "terraform", "cli"])
def test_the_names_of_a_patch_are_names_that_aws_takes(form: str) -> None:
    """A logical id holds letters and digits only; an inline policy's name and a Terraform label may hold more."""
    for name in _names(patches("role", "app", (PASS,)))[form]:
        assert re.fullmatch(r"RedressFix[0-9a-f]{8}|redress[_-]fix[_-][0-9a-f]{8}", name)


def test_terraform_formats_the_patch_as_it_is() -> None:
    """Terraform's own formatter parses the patch and has nothing to change."""
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("terraform is not installed")
    text = patches("role", "app", (PASS,))["terraform"] + "\n"
    done = subprocess.run([terraform, "fmt", "-"], input=text, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - a fixed command
    assert (done.returncode, done.stdout) == (0, text)


@given(HOSTILE)
def test_no_format_lets_a_value_out_of_its_quotes(text: str) -> None:
    """Whatever a value of ASCII holds, each format's own reader gives it back, and nothing else is said."""
    value = {"Action": [text]}
    assert json.loads(as_json(value)) == value
    assert ast.literal_eval(as_python(value, 4)) == value
    assert shlex.split(as_shell("aws", text, "x")) == ["aws", text, "x"]
    hcl = as_hcl(value)
    assert hcl.isascii()
    assert "${" not in hcl.replace("$${", "")
    assert "%{" not in hcl.replace("%%{", "")


@pytest.mark.parametrize("service", sorted(RESOURCE_PLACES))
@pytest.mark.parametrize("effect", [Effect.IMPLICIT_DENY, Effect.EXPLICIT_DENY])
def test_the_owner_of_a_resource_gets_a_patch(service: str, effect: Effect) -> None:
    """For each service whose policies we know, the patch names the principal and the place."""
    resource = {"s3": "arn:aws:s3:::bucket/key", "ecr": "arn:aws:ecr:us-east-1:111122223333:repository/team/app"}
    verdict = builders.verdict(
        f"{service}:Something",
        resource.get(service, f"arn:aws:{service}:us-east-1:111122223333:thing/t1"),
        layer=Layer.RESOURCE_BASED_POLICY,
        kind=Kind.RESOURCE_POLICY,
        effect=effect,
    )
    texts = patch_elsewhere(verdict)
    assert set(texts) >= {"cdk", "cloudformation", "terraform"}
    lets_in_accounts = RESOURCE_PLACES[service].accounts and effect is Effect.IMPLICIT_DENY
    who = builders.ACCOUNT if lets_in_accounts else str(builders.ROLE.arn)
    assert all(who in text for text in texts.values())


@pytest.mark.parametrize(
    ("action", "effect", "told"),
    [
        ("kms:CreateGrant", Effect.IMPLICIT_DENY, "kms:Decrypt, kms:GenerateDataKeyWithoutPlaintext"),
        ("kms:CreateGrant", Effect.EXPLICIT_DENY, None),
        ("kms:TagResource", Effect.IMPLICIT_DENY, None),
    ],
)
def test_the_owner_is_told_what_the_caller_will_ask_for_next(action: str, effect: Effect, told: str | None) -> None:
    """Each text form of an addition names the actions that are likely to be denied next, and grants none of them."""
    key = f"arn:aws:kms:us-east-1:{builders.ACCOUNT}:key/0a1b2c3d-0000-0000-0000-000000000000"
    verdict = builders.verdict(action, key, layer=Layer.RESOURCE_BASED_POLICY, kind=Kind.RESOURCE_POLICY, effect=effect)
    texts = patch_elsewhere(verdict)
    for form in ("cdk", "cloudformation", "terraform"):
        lines = [line for line in texts[form].splitlines() if line.startswith("# Likely to be denied next: ")]
        assert lines == ([f"# Likely to be denied next: {told}."] if told else [])


@pytest.mark.parametrize("layer", sorted(PLACES))
def test_an_exception_leaves_the_deny_in_place(layer: Layer) -> None:
    """Where a Deny stands in the way, the patch is a condition for that statement, and no Allow."""
    texts = patch_elsewhere(builders.verdict("s3:PutObject", "*", layer=layer, effect=Effect.EXPLICIT_DENY))
    assert all("ArnNotLike" in text and "Allow" not in text for text in texts.values())


@pytest.mark.parametrize(
    "changes",
    [
        {"principal": builders.principal('arn:aws:iam::111122223333:role/x"y')},
        {"action": "s3:Put\nObject"},
        {"resource": "arn:aws:s3:::bucket/${aws:username}"},
        {"resource": "arn:aws:s3:::bucket/*"},
        {"resource": 'arn:aws:s3:::bucket/"'},
        {"resource": "my-bucket"},
    ],
    ids=str,
)
def test_text_that_may_not_enter_a_policy_enters_no_patch(changes: dict[str, Any]) -> None:
    """A patch is only written of parts that are fit for a policy."""
    usual: dict[str, Any] = {
        "action": "s3:PutObject",
        "resource": "arn:aws:s3:::bucket/key",
        "layer": Layer.RESOURCE_BASED_POLICY,
        "kind": Kind.RESOURCE_POLICY,
    }
    assert patch_elsewhere(builders.verdict(**{**usual, **changes})) == {}


def test_no_patch_holds_two_braces_side_by_side() -> None:
    """The texts travel through SSM Automation, which would read them as a variable."""
    texts = [*patches("role", "app", (PASS,)).values()]
    for layer in (*PLACES, Layer.RESOURCE_BASED_POLICY):
        for effect in (Effect.IMPLICIT_DENY, Effect.EXPLICIT_DENY):
            verdict = builders.verdict("s3:PutObject", "arn:aws:s3:::bucket/key", layer=layer, effect=effect)
            texts += patch_elsewhere(verdict).values()
    assert not any("{{" in text or "}}" in text for text in texts)


def test_a_fix_that_would_not_help_goes_to_the_owner_of_the_next_layer() -> None:
    """Where another layer would still deny, its owner gets the patch for that layer."""
    prover = builders.Prover(
        after="implicitDeny", still_denied_by="the boundary", still_denied_layer=Layer.PERMISSIONS_BOUNDARY
    )
    ((_, answer),) = builders.plan(builders.finding(), prove=prover).no_fixes
    assert (answer.reason, answer.owner) == (NoFixReason.STILL_DENIED, Owner.IAM_ADMIN)
    assert "the boundary" in answer.detail
    assert "AWS::IAM::ManagedPolicy" in dict(answer.patch)["cloudformation"]


@pytest.mark.parametrize(
    ("layer", "stand_in"),
    [(Layer.SERVICE_CONTROL_POLICY, "POLICY_ID"), (Layer.PERMISSIONS_BOUNDARY, "POLICY_ARN")],
)
def test_a_policy_without_a_name_gets_commands_to_fill_in(layer: Layer, stand_in: str) -> None:
    """Where the evidence does not name the policy, the commands say what to write in its place; else they name it."""
    unnamed = patch_elsewhere(builders.verdict("s3:PutObject", "arn:aws:s3:::b/k", layer=layer))["cli"]
    assert unnamed.startswith(f"# The evidence does not name the policy: write its own in place of {stand_in}.\n")
    arn = "arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-12345678"
    named = patch_elsewhere(builders.verdict("s3:PutObject", "arn:aws:s3:::b/k", layer=layer, policy_arn=arn))["cli"]
    assert stand_in not in named
