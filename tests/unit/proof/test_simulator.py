"""Asking the policy simulator: what is sent, how answers are read, and what becomes of faults."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from redress.adapters.simulator import IamSimulator
from redress.domain.denied_call import Principal
from redress.domain.proposal import Probe
from redress.domain.target import Target
from redress.domain.verdict import ContextValue
from redress.domain.words import Layer, PrincipalType

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLE = "arn:aws:iam::111122223333:role/app"
TARGET = Target(principal=Principal(type=PrincipalType.ROLE, arn=ROLE), region="us-east-1", exists=True)
PROBE = Probe(action="sqs:SendMessage", resource="arn:aws:sqs:us-east-1:111122223333:jobs")


class FakeIam:
    """Answers with pages of results, or raises."""

    def __init__(self, *pages: list[dict[str, Any]] | Exception) -> None:
        self.pages = pages
        self.calls: list[dict[str, object]] = []

    def simulate_principal_policy(self, **call: object) -> Mapping[str, Any]:
        """Returns the next page."""
        self.calls.append(call)
        page = self.pages[len(self.calls) - 1]
        if isinstance(page, Exception):
            raise page
        more = len(self.calls) < len(self.pages)
        return {"EvaluationResults": page, "IsTruncated": more, **({"Marker": "m"} if more else {})}


def result(decision: str, **more: object) -> dict[str, Any]:
    """Returns one evaluation result."""
    return {"EvalActionName": "sqs:SendMessage", "EvalDecision": decision, "MatchedStatements": [], **more}


def test_the_call() -> None:
    """Action, resource, context with types and the extra policy are sent; the principal's own policies apply anyway."""
    iam = FakeIam([result("allowed")])
    context = (
        ContextValue(key="aws:SourceIp", values=("10.0.0.1",)),
        ContextValue(key="aws:TagKeys", values=("a",)),
        ContextValue(key="aws:RequestTag/team", values=("web",)),
        ContextValue(key="kms:GrantOperations", values=("Decrypt", "Encrypt")),
        ContextValue(key="aws:SecureTransport", values=("true",)),
    )
    probe = Probe(action=PROBE.action, resource=PROBE.resource, context=context)
    IamSimulator(iam).simulate(TARGET, probe, extra='{"Statement":[]}')
    sent = {**iam.calls[0]}
    kinds = [(entry["ContextKeyName"], entry["ContextKeyType"]) for entry in sent.pop("ContextEntries")]  # type: ignore[attr-defined]
    assert kinds == [
        ("aws:SourceIp", "ip"),
        ("aws:TagKeys", "stringList"),
        ("aws:RequestTag/team", "string"),
        ("kms:GrantOperations", "stringList"),
        ("aws:SecureTransport", "boolean"),
    ]
    assert sent == {
        "PolicySourceArn": ROLE,
        "ActionNames": ["sqs:SendMessage"],
        "ResourceArns": [PROBE.resource],
        "PolicyInputList": ['{"Statement":[]}'],
    }


def test_star_is_no_resource() -> None:
    """For an action without resource types no resource is sent: the simulator's default is the star."""
    iam = FakeIam([result("allowed")])
    IamSimulator(iam).simulate(TARGET, Probe(action="sqs:ListQueues", resource="*"))
    assert iam.calls == [{"PolicySourceArn": ROLE, "ActionNames": ["sqs:ListQueues"]}]


@pytest.mark.parametrize(
    ("results", "decision", "layer"),
    [
        ([result("allowed")], "allowed", None),
        ([result("implicitDeny")], "implicitDeny", Layer.IDENTITY_BASED_POLICY),
        (
            [result("implicitDeny", OrganizationsDecisionDetail={"AllowedByOrganizations": False})],
            "implicitDeny",
            Layer.SERVICE_CONTROL_POLICY,
        ),
        (
            [result("implicitDeny", PermissionsBoundaryDecisionDetail={"AllowedByPermissionsBoundary": False})],
            "implicitDeny",
            Layer.PERMISSIONS_BOUNDARY,
        ),
        (
            [result("explicitDeny", MatchedStatements=[{"SourcePolicyId": "q", "SourcePolicyType": "resource"}])],
            "explicitDeny",
            Layer.RESOURCE_BASED_POLICY,
        ),
        (
            [result("explicitDeny", MatchedStatements=[{"SourcePolicyId": "no", "SourcePolicyType": "role"}])],
            "explicitDeny",
            Layer.IDENTITY_BASED_POLICY,
        ),
        (
            [
                result(
                    "allowed",
                    ResourceSpecificResults=[{"EvalResourceName": "x", "EvalResourceDecision": "implicitDeny"}],
                )
            ],
            "implicitDeny",
            Layer.IDENTITY_BASED_POLICY,
        ),
        ([result("allowed"), result("explicitDeny")], "explicitDeny", Layer.IDENTITY_BASED_POLICY),
    ],
)
def test_the_answer(results: list[dict[str, Any]], decision: str, layer: Layer | None) -> None:
    """The worst decision of all results counts, and the layer is told from the details."""
    answer = IamSimulator(FakeIam(results)).simulate(TARGET, PROBE)
    assert (answer.decision, answer.denied_by, answer.failure) == (decision, layer, None)


def test_matched_policies_of_a_denial_are_named() -> None:
    """The policies whose statements denied are in the answer, each once."""
    matched = [{"SourcePolicyId": "no", "SourcePolicyType": "role"}] * 2
    answer = IamSimulator(FakeIam([result("explicitDeny", MatchedStatements=matched)])).simulate(TARGET, PROBE)
    assert answer.matched == ("no",)


def test_all_pages_are_read() -> None:
    """A denial on the second page counts."""
    iam = FakeIam([result("allowed")], [result("implicitDeny")])
    assert IamSimulator(iam).simulate(TARGET, PROBE).decision == "implicitDeny"
    assert iam.calls[1]["Marker"] == "m"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("Throttling", "throttled (Throttling); try again later"),
        ("AccessDenied", "not permitted (AccessDenied)"),
        ("NoSuchEntity", "NoSuchEntity"),
        ("InvalidInput", "InvalidInput"),
    ],
)
def test_a_refused_call_is_an_answer_that_says_so(fault: str, words: str) -> None:
    """No fault of the simulator is read as a decision."""
    error = ClientError({"Error": {"Code": fault, "Message": "x"}}, "SimulatePrincipalPolicy")
    answer = IamSimulator(FakeIam(error)).simulate(TARGET, PROBE)
    assert answer.decision == "unknown"
    assert words in str(answer.failure)


def test_a_fault_of_the_network_is_an_answer_that_says_so() -> None:
    """The same when IAM does not answer at all."""
    answer = IamSimulator(FakeIam(ReadTimeoutError(endpoint_url="https://iam"))).simulate(TARGET, PROBE)
    assert answer.failure == "iam:SimulatePrincipalPolicy gave no answer: IAM could not be reached (ReadTimeoutError)."


@pytest.mark.parametrize("results", [[], [result("perhaps")], [{"EvalActionName": "x"}]])
def test_an_answer_without_decision_is_none(results: list[dict[str, Any]]) -> None:
    """What is no known decision is not taken for one."""
    answer = IamSimulator(FakeIam(results)).simulate(TARGET, PROBE)
    assert (answer.decision, answer.denied_by) == ("unknown", None)
    assert answer.failure


def test_a_principal_without_arn_cannot_be_asked_about() -> None:
    """The simulator takes ARNs of users and roles only."""
    nobody = replace(TARGET, principal=Principal(type=PrincipalType.ROLE))
    iam = FakeIam()
    assert IamSimulator(iam).simulate(nobody, PROBE).failure
    assert iam.calls == []


def test_one_question_about_one_reading_of_a_target_is_asked_once() -> None:
    """The same probe and document are answered from memory; another document, probe or target is asked about."""
    iam = FakeIam(*([result("allowed")] for _ in range(9)))
    simulator = IamSimulator(SinglePages(iam))
    other = Probe(action="sqs:DeleteMessage", resource=PROBE.resource)
    for _ in range(3):
        simulator.simulate(TARGET, PROBE)
        simulator.simulate(TARGET, PROBE, extra="{}")
        simulator.simulate(TARGET, other)
    assert len(iam.calls) == 3
    simulator.simulate(replace(TARGET), PROBE)
    assert len(iam.calls) == 4


def test_a_fault_is_no_answer_to_remember() -> None:
    """After a throttled call the same question is asked again."""
    iam = FakeIam(ClientError({"Error": {"Code": "Throttling"}}, "SimulatePrincipalPolicy"), [result("allowed")])
    simulator = IamSimulator(SinglePages(iam))
    assert [simulator.simulate(TARGET, PROBE).decision for _ in range(2)] == ["unknown", "allowed"]


class SinglePages:
    """Passes calls on, one whole answer for each."""

    def __init__(self, iam: FakeIam) -> None:
        self._iam = iam

    def simulate_principal_policy(self, **call: object) -> Mapping[str, Any]:
        """Returns the next answer, which is not cut."""
        return {**self._iam.simulate_principal_policy(**call), "IsTruncated": False}
