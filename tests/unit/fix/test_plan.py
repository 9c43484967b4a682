"""From findings to one sealed proposal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from infra.runbook_scripts.apply_verify import _context_entry, refused_probes
from redress.adapters.simulator import IamSimulator
from redress.domain.context_types import TYPES
from redress.domain.plan import same_change, starts_unasked
from redress.domain.proof import prove
from redress.domain.proposal import Guard, GuardHit, Probe, Proof, Proposal, canonical_json, sha256
from redress.domain.proposal_body import _probe
from redress.domain.settings import Settings
from redress.domain.target import NamedPolicy
from redress.domain.verdict import ContextValue
from redress.domain.witness import Simulated
from redress.domain.words import Effect, GuardVerdict, Layer, NoFixReason, PrincipalType, State
from sandbox.context_entries import fault_of
from tests.unit.fix import builders
from tests.unit.fix.builders import finding, plan, target

if TYPE_CHECKING:
    from redress.domain.finding import Finding
    from redress.domain.target import Target

QUEUE = f"arn:aws:sqs:us-east-1:{builders.ACCOUNT}:orders"
ROLE_TO_PASS = f"arn:aws:iam::{builders.ACCOUNT}:role/worker"
SEND = finding("sqs:SendMessage", QUEUE)
PUT = finding()
PASS = finding("iam:PassRole", ROLE_TO_PASS, source="ec2.amazonaws.com", event="RunInstances")
STOP = finding("cloudtrail:StopLogging", f"arn:aws:cloudtrail:us-east-1:{builders.ACCOUNT}:trail/t")
SCP = finding("sqs:DeleteQueue", QUEUE, layer=Layer.SERVICE_CONTROL_POLICY, effect=Effect.EXPLICIT_DENY)


def sealed(*findings: Any, **changes: Any) -> Proposal:  # noqa: ANN401 - whatever ``plan`` takes
    """Returns the proposal for these findings."""
    proposal = plan(*findings, **changes).proposal
    assert proposal is not None
    return proposal


def reasons(*findings: Any, **changes: Any) -> list[NoFixReason]:  # noqa: ANN401 - whatever ``plan`` takes
    """Returns the reasons why these findings get no fix."""
    result = plan(*findings, **changes)
    assert result.proposal is None
    return [answer.reason for _, answer in result.no_fixes]


def test_one_proposal_covers_what_may_be_fixed_and_each_other_finding_has_its_answer() -> None:
    """Findings of one principal become one proposal; those that may not be fixed leave with their reasons."""
    result = plan(PUT, SCP, SEND, STOP)
    assert result.covered == tuple(sorted([PUT.finding_id, SEND.finding_id]))
    assert {name: answer.reason for name, answer in result.no_fixes} == {
        SCP.finding_id: NoFixReason.ORGANIZATION_GUARDRAIL,
        STOP.finding_id: NoFixReason.GUARD_BLOCKED,
    }
    assert result.no_fix_of(PUT.finding_id) is None
    assert result.no_fix_of(STOP.finding_id) is not None


def test_the_body_is_what_the_digest_covers() -> None:
    """The id and the digest are made from the exact text of the body."""
    proposal = sealed(PUT)
    assert proposal.digest == sha256(proposal.body)
    assert proposal.proposal_id == f"p-{proposal.digest[:20]}"
    assert canonical_json(json.loads(proposal.body)) == proposal.body


def test_the_body_holds_all_that_is_shown_and_done() -> None:
    """Every field that docs/proposal.md describes is there, and no other."""
    assert set(sealed(PUT).content) == {
        "schema", "created_at", "expires_at", "finding_ids", "principal", "policy", "pre_image", "document",
        "statements", "guard", "proof", "probes", "summary", "likely_next", "owned_by", "patches",
        "remove_after_hours",
    }  # fmt: skip


def test_the_document_is_text_that_parses_to_the_statements() -> None:
    """The exact text of the document is sealed; its statements are shown beside it."""
    content = sealed(PUT, SEND).content
    assert json.loads(content["document"])["Statement"] == content["statements"]
    assert "}}" not in content["document"]


def test_times_come_from_the_settings() -> None:
    """A proposal expires after its time to live, and carries the lifetime of the fix."""
    content = sealed(PUT, settings=Settings(proposal_ttl_seconds=60, remove_after_hours=8)).content
    assert (content["created_at"], content["expires_at"]) == ("2026-11-21T02:00:00Z", "2026-11-21T02:01:00Z")
    assert content["remove_after_hours"] == 8


def test_the_pre_image_says_what_the_runbook_must_find() -> None:
    """Version and digest of the policy as it is now are sealed."""
    existing = sealed(SEND).content["document"]
    pretty = json.dumps(json.loads(existing), indent=4)
    content = sealed(PUT, on=target(redress=builders.redress_policy(pretty))).content
    assert content["pre_image"] == {
        "exists": True,
        "version_id": "v3",
        "document_sha256": sha256(existing),
        "attached": True,
    }
    assert len(content["statements"]) == 1
    assert len(json.loads(content["document"])["Statement"]) == 2


def test_attaching_a_policy_that_lay_unattached_shows_all_that_it_grants() -> None:
    """What an unattached policy holds is granted by attaching it, so all of it is shown and guarded."""
    existing = sealed(PASS).content["document"]
    policy = builders.redress_policy(existing, attached=False)
    result = plan(PUT, on=target(redress=policy))
    assert result.proposal is not None
    assert len(result.proposal.content["statements"]) == 2
    assert result.guard is not None
    assert result.guard.verdict is GuardVerdict.TWO_APPROVERS


def test_a_statement_that_the_policy_holds_already_is_no_proposal() -> None:
    """Where the attached policy already says it, there is nothing to sign."""
    policy = builders.redress_policy(sealed(PUT).content["document"])
    assert reasons(PUT, on=target(redress=policy)) == [NoFixReason.ALREADY_ALLOWED]


def test_a_policy_of_another_principal_is_not_written() -> None:
    """A policy whose ARN is not the principal's own is left alone."""
    policy = replace(builders.redress_policy(sealed(PUT).content["document"]), arn="arn:aws:iam::1:policy/redress/x")
    assert reasons(SEND, on=target(redress=policy)) == [NoFixReason.POLICY_CHANGED_BY_OTHERS]


def test_a_user_gets_a_policy_of_its_own() -> None:
    """Users are fixed like roles."""
    user = builders.principal(f"arn:aws:iam::{builders.ACCOUNT}:user/dev/ann", PrincipalType.USER)
    content = sealed(finding(principal=user)).content
    assert content["policy"]["name"] == "redress-us-east-1-user-ann"
    assert content["principal"]["type"] == "USER"
    assert "put-user-policy" in content["patches"]["cli"]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"before": "allowed"}, NoFixReason.ALREADY_ALLOWED),
        ({"after": "implicitDeny"}, NoFixReason.STILL_DENIED),
        ({"after": "explicitDeny"}, NoFixReason.STILL_DENIED),
    ],
)
def test_a_fix_that_the_proof_speaks_against_is_not_proposed(answers: dict[str, str], reason: NoFixReason) -> None:
    """What is allowed already or would still be denied gets no proposal."""
    assert reasons(PUT, prove=builders.Prover(**answers)) == [reason]  # type: ignore[arg-type]


def test_one_finding_that_stays_denied_does_not_hold_up_the_others() -> None:
    """Each finding is proven by itself; only those that the fix helps are in the proposal."""
    deny = {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}
    guarded = NamedPolicy(name="inline:guard", document={"Version": "2012-10-17", "Statement": [deny]})
    result = plan(PUT, SEND, on=target(policies=(guarded,)), prove=builders.evaluated)
    assert result.covered == (PUT.finding_id,)
    answer = result.no_fix_of(SEND.finding_id)
    assert answer is not None
    assert answer.reason is NoFixReason.STILL_DENIED


def test_an_unknown_outcome_is_proposed_but_never_started() -> None:
    """Where a layer could not be read the proposal waits for a person."""
    result = plan(PUT, prove=builders.Prover(after="unknown", complete=False))
    assert result.guard is not None
    assert result.proof is not None
    assert not starts_unasked(result.guard, result.proof, Settings())


@pytest.mark.parametrize(
    ("verdict", "complete", "auto_start", "starts"),
    [
        (GuardVerdict.CLEAN, True, True, True),
        (GuardVerdict.NOTE, True, True, True),
        (GuardVerdict.TWO_APPROVERS, True, True, False),
        (GuardVerdict.BLOCK, True, True, False),
        (GuardVerdict.CLEAN, False, True, False),
        (GuardVerdict.CLEAN, True, False, False),
    ],
)
def test_only_a_mild_and_proven_change_starts_unasked(
    verdict: GuardVerdict,
    complete: bool,  # noqa: FBT001 - a case's value
    auto_start: bool,  # noqa: FBT001 - a case's value
    starts: bool,  # noqa: FBT001 - a case's value
) -> None:
    """Anything that needs two approvers, or is not fully proven, waits for a person."""
    proof = Proof(before="implicitDeny", after="allowed", complete=complete, source="evaluator")
    assert starts_unasked(Guard(verdict=verdict), proof, Settings(auto_start=auto_start)) is starts


def test_a_full_policy_takes_what_still_fits() -> None:
    """Over IAM's 6,144 characters the older findings are fixed, the others get the patch as text."""
    many = {one.finding_id: one for one in map(_queue, range(60))}
    result = plan(*many.values())
    while result.proposal and not result.no_fixes:
        many = {name: one for name, one in many.items() if name not in result.covered}
        held = builders.redress_policy(result.proposal.content["document"])
        result = plan(*many.values(), on=target(redress=held))
    assert result.proposal is not None
    assert 25 < len(many) < 45
    assert {answer.reason for _, answer in result.no_fixes} == {NoFixReason.POLICY_TOO_LARGE}
    assert all("cli" in dict(answer.patch) for _, answer in result.no_fixes)
    assert len("".join(result.proposal.content["document"].split())) <= 6144


def _queue(number: int) -> Finding:
    return finding("sqs:SendMessage", f"{QUEUE}-{number:03}-{'x' * 60}")


def test_what_the_request_cannot_show_whole_waits_for_the_next_proposal() -> None:
    """The oldest findings come first, those of a proposal that is there stay in it, and none is turned away."""
    many = [_queue(number) for number in range(20)]
    result = plan(*many)
    assert 5 < len(result.covered) < 20
    assert result.no_fixes == ()
    assert {*result.covered, *result.later} == {one.finding_id for one in many}
    asked = [replace(one, state=State.PROPOSED) if one.finding_id in result.covered else one for one in many]
    older = replace(_queue(99), first_seen=builders.NOW - timedelta(days=1))
    assert plan(*asked, older).covered == result.covered
    assert older.finding_id in plan(*asked, older).later
    assert older.finding_id in plan(*many, older).covered


def test_a_statement_that_is_too_long_to_be_shown_becomes_a_patch() -> None:
    """What no request could show whole is text for whoever owns the principal."""
    buckets = [f"arn:aws:s3:::bucket-{number}/{'x' * 300}" for number in range(9)]
    result = plan(finding(resource=buckets[0], seen=buckets), PUT)
    assert result.covered == (PUT.finding_id,)
    ((_, answer),) = result.no_fixes
    assert answer.reason is NoFixReason.POLICY_TOO_LARGE
    assert "too long to be shown whole" in answer.detail
    assert "cli" in dict(answer.patch)


def test_a_principal_with_ten_policies_gets_the_patch_as_text() -> None:
    """Where no further policy can be attached the fix is text."""
    result = plan(PUT, on=target(attached=10))
    ((_, answer),) = result.no_fixes
    assert answer.reason is NoFixReason.ATTACHMENT_LIMIT
    assert "aws_iam_role_policy" in dict(answer.patch)["terraform"]
    existing = builders.redress_policy(sealed(SEND).content["document"])
    assert plan(PUT, on=target(attached=10, redress=existing)).proposal is not None


def test_two_grants_that_complete_a_path_only_together_need_two_approvers() -> None:
    """The guard looks at the change as a whole, not only at each statement."""
    create = finding("lambda:CreateFunction", f"arn:aws:lambda:us-east-1:{builders.ACCOUNT}:function:f")
    invoke = finding("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{builders.ACCOUNT}:function:f")
    on = target("iam:PassRole")
    alone = [plan(one, on=on).guard for one in (create, invoke)]
    both = plan(create, invoke, on=on).guard
    assert [guard.verdict for guard in alone if guard] == [GuardVerdict.NOTE, GuardVerdict.NOTE]
    assert both is not None
    assert both.verdict is GuardVerdict.TWO_APPROVERS


def test_a_review_that_blocks_leaves_nothing_to_sign() -> None:
    """A hit from outside counts like one of the guard's own."""
    hit = GuardHit(rule="analyzer-above-ceiling", verdict=GuardVerdict.BLOCK, reason="Too much.")
    result = plan(PUT, review=lambda _: (hit,))
    assert [(answer.reason, answer.detail) for _, answer in result.no_fixes] == [
        (NoFixReason.GUARD_BLOCKED, "Too much.")
    ]


def test_the_owner_is_told_that_the_fix_is_a_stop_gap() -> None:
    """Where tags say whose code makes the role, the proposal and its summary say so."""
    content = sealed(PUT, on=target(tags={"aws:cloudformation:stack-name": "web"})).content
    assert content["owned_by"] == {"tool": "CloudFormation", "name": "web"}
    assert "CloudFormation web owns this principal" in content["summary"]


def test_what_is_likely_next_is_named_and_not_granted() -> None:
    """Known follow-on actions stand in the proposal, but in no statement."""
    instance = f"arn:aws:ec2:us-east-1:{builders.ACCOUNT}:instance/*"
    content = sealed(finding("ec2:RunInstances", instance)).content
    assert "iam:PassRole" in content["likely_next"]
    assert "iam:PassRole" not in content["document"]


def test_denials_that_follow_one_another_are_one_change_with_the_conditions_of_their_call() -> None:
    """RunInstances, PassRole and CreateTags of one launch: one proposal, each bound to the launch, the rest named."""
    arn = f"arn:aws:ec2:us-east-1:{builders.ACCOUNT}:instance/*"
    launch = finding("ec2:RunInstances", arn)
    tags = finding("ec2:CreateTags", arn, event="RunInstances")
    role = finding("iam:PassRole", ROLE_TO_PASS, source="ec2.amazonaws.com", event="RunInstances")
    result = plan(launch, role, tags, on=target("s3:GetObject"), prove=builders.evaluated)
    assert result.proposal
    assert result.covered == tuple(sorted(each.finding_id for each in (launch, role, tags)))
    content = result.proposal.content
    granted = {each["Action"]: each.get("Condition", {}).get("StringEquals") for each in content["statements"]}
    assert granted == {
        "ec2:RunInstances": None,
        "iam:PassRole": {"iam:PassedToService": "ec2.amazonaws.com"},
        "ec2:CreateTags": {"ec2:CreateAction": "RunInstances"},
    }
    assert "ec2:DescribeInstances" in content["likely_next"]
    assert not {"iam:PassRole", "ec2:CreateTags"} & set(content["likely_next"])


class Throttled:
    """A simulator that IAM throttles."""

    def simulate(self, target: Target, probe: Probe, *, extra: str | None = None) -> Simulated:
        """Says that there is no answer."""
        assert target.exists, (probe, extra)
        return Simulated(decision="unknown", failure="iam:SimulatePrincipalPolicy gave no answer: throttled.")


def test_a_throttled_simulator_leaves_a_change_that_a_person_must_start() -> None:
    """A look-up that failed is no proof: the proposal says so, and does not start by itself."""
    result = plan(PUT, prove=partial(prove, simulator=Throttled()))
    assert result.proof
    assert result.guard
    assert (result.proof.complete, starts_unasked(result.guard, result.proof, Settings())) == (False, False)
    assert result.proposal
    assert "iam:SimulatePrincipalPolicy gave no answer: throttled." in result.proposal.content["proof"]["notes"]


KINDS = {
    "aws:SourceIp": ("203.0.113.7",),
    "aws:SecureTransport": ("true",),
    "aws:CurrentTime": ("2026-11-21T02:00:00Z",),
    "aws:EpochTime": ("1795000000",),
    "aws:TagKeys": ("env",),
    "aws:CalledVia": ("a.amazonaws.com", "b.amazonaws.com"),
    "aws:SourceVpc": ("vpc-1",),
    "s3:prefix": ("a", "b"),
}


@pytest.mark.parametrize("key", [*TYPES, *KINDS])
def test_the_runbook_asks_the_simulator_with_the_types_that_the_proof_was_made_with(key: str) -> None:
    """One context key, of whatever type, is one and the same entry before the signature and after the change."""
    context = (ContextValue(key=key, values=KINDS.get(key, ("1",))),)
    probe = Probe(action="s3:PutObject", resource="arn:aws:s3:::reports/a.csv", context=context)
    sent: list[dict[str, Any]] = []

    def simulate(**asked: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's
        sent.append(asked)
        return {"EvaluationResults": []}

    client = SimpleNamespace(simulate_principal_policy=simulate)
    IamSimulator(client).simulate(target(), probe)
    body = {"principal": {"arn": builders.ROLE.arn}, "probes": json.loads(canonical_json([_probe(probe)]))}
    refused_probes(client, body)
    before, after = sent
    assert before["ContextEntries"] == after["ContextEntries"]
    assert fault_of(after["ContextEntries"][0]) == "" or key not in KINDS


def test_a_probe_of_an_older_proposal_is_a_string_or_a_list_of_them() -> None:
    """Proposals that were sealed without types are verified as they were."""
    kinds = [_context_entry({"key": "x", "values": values})["ContextKeyType"] for values in (["a"], ["a", "b"])]
    assert kinds == ["string", "stringList"]


def test_the_summary_is_short_and_says_who_what_why_and_risk() -> None:
    """An approver reads who would be allowed what, why, the proof and the risk in at most 1,200 characters."""
    many = [finding("sqs:SendMessage", f"{QUEUE}-{number}") for number in range(8)]
    summary = sealed(PASS, *many).content["summary"]
    assert len(summary) <= 1200
    assert str(builders.ROLE.arn) in summary
    assert "and 3 more" in summary
    assert "Proof (evaluator): before implicitDeny, after allowed." in summary
    assert "Two approvers must sign" in summary


def test_the_same_change_is_recognised_later() -> None:
    """A plan made later, after more denials of the same kind, is the same change; another statement is not."""
    first = sealed(PUT)
    later = sealed(replace(PUT, count=500), now=builders.NOW.replace(hour=5))
    assert first.digest != later.digest
    assert same_change(first, later)
    assert not same_change(first, sealed(PUT, SEND))


def test_words_of_other_systems_are_made_harmless() -> None:
    """Error texts and policy names in a proof cannot carry variables or line breaks into the seal."""

    def prove(**_: Any) -> Proof:  # noqa: ANN401 - whatever a prover is asked
        note = "policy {{ global:REGION }} said\n<no>"
        return Proof(before="implicitDeny", after="unknown", complete=False, source="evaluator", notes=(note,))

    assert sealed(PUT, prove=prove).content["proof"]["notes"] == ["policy (( global:REGION )) said <no>"]


def test_a_service_that_only_the_call_suggests_leaves_the_proof_incomplete() -> None:
    """The proof asks about the assumed service, so it must not be told as if it had found it out."""
    role = f"arn:aws:iam::{builders.ACCOUNT}:role/worker"
    launch = builders.finding("iam:PassRole", role, source="ec2.amazonaws.com", event="CreateFlowLogs")
    assumed = plan(launch).proof
    assert assumed is not None
    assert not assumed.complete
    assert assumed.notes[0] == (
        "The evidence does not name the service that the role is passed to; "
        "by what ec2 CreateFlowLogs does it is vpc-flow-logs.amazonaws.com."
    )
    shown = ContextValue(key="iam:PassedToService", values=("vpc-flow-logs.amazonaws.com",))
    known = plan(replace(launch, verdict=replace(launch.verdict, context=(shown,)))).proof
    assert known is not None
    assert known.complete
