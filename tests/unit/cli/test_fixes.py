"""``redress fixes``: what is in force, what is no longer needed, and how to be rid of it."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.proposals_table import StoredProposal
from redress.domain.codec import iso, moment
from redress.domain.proposal import Statement, canonical_json, seal
from redress.domain.statement import to_json
from redress.domain.target import NamedPolicy
from redress.domain.words import ProposalStatus
from redress_cli import fixes as command
from tests.denials import NOON
from tests.unit.fix import builders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.denied_call import Principal
    from redress.domain.target import Target

REGION = "eu-west-1"
PUT = Statement(sid=f"RedressF{'a' * 20}", actions=("s3:PutObject",), resources=("arn:aws:s3:::orders/2026/*",))
GET = Statement(sid=f"RedressF{'b' * 20}", actions=("s3:GetObject",), resources=("arn:aws:s3:::orders/a.csv",))
OWN = NamedPolicy(
    name="inline:deploy",
    document={"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}},
)


def applied(*statements: Statement, hours: int = 0, of: Principal = builders.ROLE, **marks: object) -> StoredProposal:
    """Returns an applied proposal that gave the principal these statements, so many hours after noon."""
    principal = {"type": of.type.value, "name": of.name, "arn": of.arn, "account": of.account, "partition": "aws"}
    principal["unique_id"] = "AROAEXAMPLE0000000001"
    content = {
        "finding_ids": ["f-1"],
        "principal": principal,
        "policy": {"arn": builders.redress_policy("{}", of=of).arn},
        "statements": [to_json(each) for each in statements],
        "created_at": iso(NOON),
        "hours": hours,
    }
    return StoredProposal(
        proposal=seal(content),
        status=ProposalStatus.APPLIED,
        principal=str(of.arn),
        finding_ids=("f-1",),
        created_at=NOON,
        expires_at=NOON,
        execution_id="e-1",
        marks={"applied_at": f"2026-11-21T{12 + hours:02d}:00:00Z", **marks},
    )


def role_with(*statements: Statement, policies: tuple[NamedPolicy, ...] = (), **changes: Any) -> Target:  # noqa: ANN401 - a target's fields
    """Returns the role with these statements in its Redress policy, and policies of its own."""
    document = canonical_json({"Version": "2012-10-17", "Statement": [to_json(each) for each in statements]})
    ours = builders.redress_policy(document)
    held = NamedPolicy(name=ours.arn, document=json.loads(document))
    return replace(builders.target(), redress_policy=ours, policies=(held, *policies), **changes)


@dataclass(frozen=True)
class Applied:
    """Applied proposals in memory."""

    known: tuple[StoredProposal, ...]

    def standing(self, *, skipped: object) -> Iterator[StoredProposal]:
        """Yields them; all of them can be read."""
        del skipped
        return iter(self.known)


def listed(target: Target, *standing: StoredProposal, words: tuple[str, ...] = ()) -> int:
    """Prints what the command says of these; returns its exit code."""
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.listed(Applied(standing), lambda _: target, parser.parse_args(words), REGION)


def said(target: Target, *standing: StoredProposal, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Returns what the command prints as JSON."""
    listed(target, *standing, words=("--json",))
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_fix_that_only_redress_allows_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    """It is listed with what it allows, and nothing is to be done."""
    assert listed(role_with(PUT), applied(PUT)) == 0
    shown = capsys.readouterr().out
    assert "s3:PutObject on arn:aws:s3:::orders/2026/*" in shown
    assert "needed" in shown
    assert "restore" not in shown


def test_a_fix_that_the_principals_code_has_caught_up_with(capsys: pytest.CaptureFixture[str]) -> None:
    """The policy that allows it too is named, with the command that takes the fix back."""
    stored = applied(PUT)
    assert listed(role_with(PUT, policies=(OWN,)), stored) == 0
    shown = capsys.readouterr().out
    assert "no longer needed: inline:deploy allows it too" in " ".join(shown.split())
    assert f"redress restore {stored.proposal.proposal_id} --region {REGION}\n" in shown


def test_one_below_another_that_is_needed_stays(capsys: pytest.CaptureFixture[str]) -> None:
    """Taking the lower one back would take the upper one too, which somebody needs: no command is offered."""
    below, above = applied(PUT), applied(GET, hours=1)
    found = said(role_with(PUT, GET, policies=(OWN,)), above, below, capsys=capsys)
    assert [(each["need"], each["below"], each["can_go"]) for each in found] == [
        ("REDUNDANT", above.proposal.proposal_id, False),
        ("NEEDED", None, False),
    ]
    listed(role_with(PUT, GET, policies=(OWN,)), above, below)
    shown = " ".join(capsys.readouterr().out.split())
    assert "; but it lies below a fix that has to stay" in shown
    assert "redress restore" not in shown


def test_a_whole_stack_that_is_needless_goes_from_the_top(capsys: pytest.CaptureFixture[str]) -> None:
    """The command names the newest, once; with the next look, the one below is the newest."""
    below, above = applied(PUT), applied(replace(PUT, resources=("arn:aws:s3:::orders/b/*",)), hours=1)
    wide = replace(PUT, resources=("arn:aws:s3:::orders/*",))
    listed(role_with(wide, policies=(OWN,)), below, above)
    assert capsys.readouterr().out.count("redress restore") == 1
    listed(role_with(wide, policies=(OWN,)), below)
    assert f"redress restore {below.proposal.proposal_id}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("target", "need"),
    [
        (replace(role_with(PUT), exists=False), "PRINCIPAL_GONE"),
        (replace(role_with(PUT), redress_policy=None), "NOT_ATTACHED"),
        (replace(role_with(PUT), redress_policy=None, unique_id="AROAEXAMPLE0000000001"), "NOT_ATTACHED"),
        (replace(role_with(PUT), redress_policy=None, unique_id="AROAEXAMPLE0000000002"), "PRINCIPAL_GONE"),
        (replace(role_with(PUT), redress_policy=builders.redress_policy("{}", attached=False)), "NOT_ATTACHED"),
        (role_with(GET, policies=(OWN,)), "CHANGED"),
        (role_with(PUT, unreadable=("iam:GetPolicy on x failed: AccessDenied.",)), "UNKNOWN"),
        (role_with(PUT, policies=(OWN,), unreadable=("iam:GetPolicy on x failed: AccessDenied.",)), "REDUNDANT"),
    ],
)
def test_what_else_has_become_of_it(target: Target, need: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What could not be read is never taken for an answer, unless what could be read is enough for one."""
    assert [each["need"] for each in said(target, applied(PUT), capsys=capsys)] == [need]
    assert listed(target, applied(PUT)) == (need == "UNKNOWN")


def test_only_what_can_go(capsys: pytest.CaptureFixture[str]) -> None:
    """``--redundant`` leaves out whatever somebody needs."""
    assert listed(role_with(PUT), applied(PUT), words=("--redundant",)) == 0
    assert capsys.readouterr().out == "no such fixes\n"


def test_the_oldest_come_first_and_say_when_they_go(capsys: pytest.CaptureFixture[str]) -> None:
    """In the order in which they were applied, with the end of those that have one."""
    older, newer = applied(PUT), applied(GET, hours=2, remove_at="2026-11-22T12:00:00Z")
    found = said(role_with(PUT, GET), newer, older, capsys=capsys)
    assert [each["proposal_id"] for each in found] == [older.proposal.proposal_id, newer.proposal.proposal_id]
    assert [each["remove_at"] for each in found] == [None, iso(moment("2026-11-22T12:00:00Z"))]


def test_a_changed_proposal_is_not_believed(capsys: pytest.CaptureFixture[str]) -> None:
    """A proposal whose text is not what was sealed is named, and the others are listed."""
    forged = applied(PUT)
    forged = replace(forged, proposal=replace(forged.proposal, body=forged.proposal.body.replace("2026/*", "*")))
    assert listed(role_with(PUT, GET), forged, applied(GET, hours=1)) == 1
    shown = capsys.readouterr()
    assert "was changed after it was sealed" in shown.err
    assert "s3:GetObject" in shown.out
    assert "s3:PutObject" not in shown.out
