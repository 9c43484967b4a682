"""The proof: what is answered before and after, who still denies, and what keeps it from being complete."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.denied_call import Principal
from redress.domain.policies import Policies
from redress.domain.policy_json import parse_policy
from redress.domain.proof import EVALUATOR, OUT_OF_REACH, SIMULATOR, prove
from redress.domain.proposal import Probe
from redress.domain.target import NamedPolicy, RedressPolicy, Target
from redress.domain.verdict import ContextValue
from redress.domain.witness import Simulated, request_of
from redress.domain.words import Layer, PrincipalType

if TYPE_CHECKING:
    from redress.domain.proposal import Proof

HOME = "111122223333"
ROLE = f"arn:aws:iam::{HOME}:role/team/app"
QUEUE = f"arn:aws:sqs:us-east-1:{HOME}:jobs"
KEY = f"arn:aws:kms:us-east-1:{HOME}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PRINCIPAL = Principal(
    type=PrincipalType.ROLE, arn=ROLE, account=HOME, session_arn=f"arn:aws:sts::{HOME}:assumed-role/app/i-0abc"
)
SEND = Probe(action="sqs:SendMessage", resource=QUEUE)


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """Returns a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(action: str, resource: str = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Returns a policy statement."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


FIX = document(statement("sqs:SendMessage", QUEUE, Sid="Fix"))
EC2 = NamedPolicy(name="inline:ec2", document=document(statement("ec2:*")))


def target(*policies: NamedPolicy, **facts: Any) -> Target:  # noqa: ANN401 - fields of Target
    """Returns a role with these policies."""
    usual = {"principal": PRINCIPAL, "region": "us-east-1", "exists": True, "policies": policies or (EC2,)}
    return Target(**{**usual, **facts})


def deny(**more: Any) -> NamedPolicy:  # noqa: ANN401 - JSON
    """Returns a policy with an explicit deny on queues."""
    return NamedPolicy(name="inline:no", document=document(statement("sqs:*", effect="Deny", Sid="NoQueues", **more)))


@dataclass
class FakeSimulator:
    """Answers from a list; remembers what it was asked."""

    answers: list[Simulated]
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def simulate(self, target: Target, probe: Probe, *, extra: str | None = None) -> Simulated:
        """Returns the next answer."""
        self.asked.append((f"{target.principal.name} {probe.action}", extra))
        return self.answers[len(self.asked) - 1]


FLIPS = (Simulated(decision="implicitDeny", denied_by=Layer.IDENTITY_BASED_POLICY), Simulated(decision="allowed"))


def proof_by(simulator: FakeSimulator, subject: Target | None = None) -> Proof:
    """Returns the proof of the usual fix with a simulator."""
    return prove(target=subject or target(), document=FIX, probes=(SEND,), simulator=simulator)


def test_a_missing_allow_is_proven_offline() -> None:
    """The evaluator alone: denied before, allowed after, and the layers nobody read are named."""
    proof = prove(target=target(), document=FIX, probes=(SEND,))
    assert (proof.before, proof.after, proof.complete, proof.source) == ("implicitDeny", "allowed", True, EVALUATOR)
    assert proof.still_denied_by is None
    assert set(proof.unknown_layers) == {layer.value for layer in OUT_OF_REACH.unreadable}
    assert proof.notes == ()


def test_the_document_may_be_text() -> None:
    """The exact text of a proposal is proven like its parsed form."""
    assert prove(target=target(), document=json.dumps(FIX), probes=(SEND,)).after == "allowed"


def test_an_explicit_deny_stays() -> None:
    """With the fix the call is still denied, by the statement that the proof names."""
    proof = prove(target=target(deny()), document=FIX, probes=(SEND,))
    assert (proof.before, proof.after, proof.complete) == ("explicitDeny", "explicitDeny", True)
    assert proof.still_denied_by == "identity-based policy inline:no, NoQueues"
    assert proof.still_denied_layer is Layer.IDENTITY_BASED_POLICY


def test_a_boundary_stays() -> None:
    """A boundary that does not allow the action is named as what still denies."""
    boundary = NamedPolicy(name="arn:aws:iam::111122223333:policy/bound", document=document(statement("ec2:*")))
    proof = prove(target=target(boundary=boundary), document=FIX, probes=(SEND,))
    assert (proof.before, proof.after) == ("implicitDeny", "implicitDeny")
    assert proof.still_denied_by == "no permissions boundary allows it"
    assert proof.still_denied_layer is Layer.PERMISSIONS_BOUNDARY


def test_known_layers_are_heard() -> None:
    """Policies of other layers, where somebody could read them, count like the principal's own."""
    scp = parse_policy("p-guard", document(statement("*"), statement("sqs:*", effect="Deny", Sid="Guard")))
    known = Policies(service_control=((scp,),), unreadable=frozenset({Layer.RESOURCE_CONTROL_POLICY}))
    proof = prove(target=target(), document=FIX, probes=(SEND,), known=known)
    assert proof.still_denied_by == "service control policy p-guard, Guard"
    assert proof.still_denied_layer is Layer.SERVICE_CONTROL_POLICY
    assert proof.unknown_layers == ("RESOURCE_CONTROL_POLICY",)


def test_the_new_document_takes_the_old_ones_place() -> None:
    """What the change takes out of the principal's policy under /redress/ no longer counts after it."""
    arn = f"arn:aws:iam::{HOME}:policy/redress/redress-us-east-1-role-app"
    old = document(statement("sqs:DeleteMessage", QUEUE))
    current = RedressPolicy(arn=arn, version_id="v1", document=json.dumps(old), versions=("v1",), attached=True)
    subject = target(NamedPolicy(name=arn, document=old), redress_policy=current)
    probe = Probe(action="sqs:DeleteMessage", resource=QUEUE)
    proof = prove(target=subject, document=FIX, probes=(probe,))
    assert (proof.before, proof.after) == ("allowed", "implicitDeny")


def test_the_worst_answer_over_all_probes_counts() -> None:
    """One call that stays denied is enough for the whole."""
    other = Probe(action="sqs:PurgeQueue", resource=QUEUE)
    proof = prove(target=target(), document=FIX, probes=(SEND, other))
    assert (proof.before, proof.after) == ("implicitDeny", "implicitDeny")
    assert proof.still_denied_by == "no identity-based policy allows it"


def test_a_user_has_no_session_policy() -> None:
    """Only sessions do; so that layer is not unknown for an IAM user."""
    user = Principal(type=PrincipalType.USER, arn=f"arn:aws:iam::{HOME}:user/bob", account=HOME)
    assert "SESSION_POLICY" not in prove(target=target(principal=user), document=FIX, probes=(SEND,)).unknown_layers


def test_no_probes_prove_nothing() -> None:
    """Without a call there is nothing to be said, and the proof says so."""
    proof = prove(target=target(), document=FIX, probes=())
    assert (proof.after, proof.complete) == ("unknown", False)
    assert proof.notes == ("There is no call to prove.",)


def test_a_value_that_the_evidence_does_not_show_leaves_the_proof_open() -> None:
    """A deny on a key that is not known makes the answer unknown, never allowed."""
    subject = target(deny(Condition={"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    proof = prove(target=subject, document=FIX, probes=(SEND,))
    assert (proof.after, proof.complete) == ("unknown", False)
    assert proof.notes == ("The answer depends on aws:sourceip, which the evidence does not show.",)


def test_a_value_that_the_evidence_shows_settles_it() -> None:
    """The same with the value in the probe's context."""
    subject = target(deny(Condition={"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    probe = replace(SEND, context=(ContextValue(key="aws:SourceIp", values=("10.1.2.3",)),))
    assert prove(target=subject, document=FIX, probes=(probe,)).after == "allowed"


def test_tags_of_the_principal_count() -> None:
    """Conditions on principal tags are answered from the principal's tags."""
    subject = target(deny(Condition={"StringNotEquals": {"aws:PrincipalTag/team": "web"}}), tags=(("team", "web"),))
    assert prove(target=subject, document=FIX, probes=(SEND,)).after == "allowed"


def test_what_could_not_be_read_makes_the_proof_incomplete() -> None:
    """A failed look-up is a note, makes its layers unknown, and is never read as nothing there."""
    subject = target(unreadable=("iam:GetRolePolicy on app x failed: Throttling.",))
    proof = prove(target=subject, document=FIX, probes=(SEND,))
    assert (proof.before, proof.after, proof.complete) == ("unknown", "allowed", False)
    assert "IDENTITY_BASED_POLICY" in proof.unknown_layers
    assert "PERMISSIONS_BOUNDARY" in proof.unknown_layers
    assert proof.notes == subject.unreadable


def test_a_malformed_policy_makes_the_proof_incomplete() -> None:
    """A policy of the principal that cannot be read counts as one that was not read."""
    subject = target(NamedPolicy(name="inline:odd", document={"Statement": [{"Effect": "Maybe"}]}))
    proof = prove(target=subject, document=FIX, probes=(SEND,))
    assert proof.complete is False
    assert proof.notes[0].startswith("A policy could not be read: inline:odd: Statement[0].Effect")


def test_a_malformed_boundary_makes_the_proof_incomplete() -> None:
    """The same for the boundary; its layer is unknown."""
    boundary = NamedPolicy(name="bound", document={"Statement": [{"Effect": "Maybe"}]})
    proof = prove(target=target(boundary=boundary), document=FIX, probes=(SEND,))
    assert proof.complete is False
    assert "PERMISSIONS_BOUNDARY" in proof.unknown_layers


def test_a_malformed_proposal_proves_nothing() -> None:
    """A document that IAM would refuse is not taken for one that allows."""
    proof = prove(target=target(), document="{", probes=(SEND,))
    assert (proof.after, proof.complete) == ("unknown", False)


def test_a_principal_that_is_gone_has_no_complete_proof() -> None:
    """Nothing can be proven of what no longer exists."""
    proof = prove(target=target(exists=False), document=FIX, probes=(SEND,))
    assert proof.complete is False
    assert "The principal no longer exists." in proof.notes


def test_a_key_policy_that_was_not_read_leaves_the_proof_open() -> None:
    """For KMS the identity policy is half the answer; the proof does not pretend otherwise."""
    fix = document(statement("kms:Decrypt", KEY))
    proof = prove(target=target(), document=fix, probes=(Probe(action="kms:Decrypt", resource=KEY),))
    assert (proof.after, proof.complete) == ("unknown", False)
    assert proof.notes == (f"The key or trust policy of {KEY} must allow the call as well; it was not read.",)


def test_a_bucket_is_taken_to_be_the_principals_own() -> None:
    """An ARN without account does not spoil the proof, but the reader is told what was assumed."""
    bucket = "arn:aws:s3:::data/x"
    probe = Probe(action="s3:GetObject", resource=bucket)
    proof = prove(target=target(), document=document(statement("s3:GetObject", bucket)), probes=(probe,))
    assert (proof.after, proof.complete) == ("allowed", True)
    assert proof.notes == (f"The account that owns {bucket} is taken to be the principal's own.",)


def test_simulator_and_evaluator_agree() -> None:
    """On AWS the simulator is asked with and without the document, and its view of SCPs counts."""
    simulator = FakeSimulator(list(FLIPS))
    proof = proof_by(simulator)
    assert (proof.before, proof.after, proof.complete, proof.source) == ("implicitDeny", "allowed", True, SIMULATOR)
    assert "SERVICE_CONTROL_POLICY" not in proof.unknown_layers
    assert [asked for asked, _ in simulator.asked] == ["app sqs:SendMessage"] * 2
    assert [extra is None for _, extra in simulator.asked] == [True, False]
    assert json.loads(simulator.asked[1][1] or "") == FIX


def test_a_service_control_policy_that_only_the_simulator_sees() -> None:
    """It is believed: the call stays denied, and the proof is complete."""
    denied = Simulated(decision="implicitDeny", denied_by=Layer.SERVICE_CONTROL_POLICY)
    proof = proof_by(FakeSimulator([denied, denied]))
    assert (proof.after, proof.complete) == ("implicitDeny", True)
    assert proof.still_denied_layer is Layer.SERVICE_CONTROL_POLICY
    assert proof.still_denied_by == "service control policy, as the policy simulator says"


def test_a_contradiction_makes_the_proof_incomplete() -> None:
    """Where the two cannot both be right, the worse counts and the proof says so."""
    denied = Simulated(decision="explicitDeny", denied_by=Layer.IDENTITY_BASED_POLICY, matched=("inline-x",))
    proof = proof_by(FakeSimulator([FLIPS[0], denied]))
    assert (proof.after, proof.complete) == ("explicitDeny", False)
    assert proof.still_denied_by == "identity-based policy inline-x, as the policy simulator says"
    assert "the simulator says explicitDeny, the evaluator allowed" in proof.notes[0]


def test_the_evaluators_denial_counts_against_the_simulators_allow() -> None:
    """The simulator's word alone makes nothing allowed."""
    proof = proof_by(FakeSimulator([FLIPS[0], FLIPS[1]]), target(deny()))
    assert (proof.after, proof.complete) == ("explicitDeny", False)
    assert proof.still_denied_by == "identity-based policy inline:no, NoQueues"


@pytest.mark.parametrize("failing", [0, 1])
def test_a_simulator_that_fails_makes_the_proof_incomplete(failing: int) -> None:
    """A throttled or refused look-up is named, and is never read as allowed."""
    answers = list(FLIPS)
    answers[failing] = Simulated(decision="unknown", failure="iam:SimulatePrincipalPolicy gave no answer: throttled.")
    proof = proof_by(FakeSimulator(answers))
    assert proof.complete is False
    assert "iam:SimulatePrincipalPolicy gave no answer: throttled." in proof.notes
    assert proof.after == ("allowed" if failing == 0 else "unknown")


@pytest.mark.parametrize(
    "session",
    [
        f"arn:aws:iam::{HOME}:root",
        "arn:aws:sts::999988887777:assumed-role/app/x",
        f"arn:aws:sts::{HOME}:assumed-role/other/x",
        "anonymous",
        "",
        None,
    ],
)
def test_a_session_that_is_not_the_principals_is_not_believed(session: str | None) -> None:
    """Whatever ARN an event claims, the caller of the proof is the principal or a session of it."""
    subject = target()
    claimed = replace(subject, principal=replace(PRINCIPAL, session_arn=session))
    assert request_of(SEND, claimed).caller.arn == ROLE
    assert request_of(SEND, subject).caller.arn == PRINCIPAL.session_arn
