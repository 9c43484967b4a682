"""Who counts as whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.runbook_scripts.signers import check_signatures, decisions, identity
from infra.runbook_scripts.stored import Refusal

IAM, STS = "arn:aws:iam::111122223333:", "arn:aws:sts::111122223333:"
SSO = "AWSReservedSSO_Approvers_0123456789abcdef"
SAME = [
    (f"{IAM}role/team/app", f"{IAM}role/app"),
    (f"{IAM}role/team/app", f"{STS}assumed-role/app/i-0123"),
    (f"{STS}assumed-role/app/one", f"{STS}assumed-role/app/two"),
    (f"{IAM}user/ana", f"{IAM}user/people/Ana"),
    (f"{IAM}role/App", f"{STS}assumed-role/APP/x"),
]
DIFFERENT = [
    (f"{IAM}role/app", f"{IAM}role/app2"),
    (f"{IAM}user/app", f"{IAM}role/app"),
    (f"{IAM}role/app", "arn:aws:iam::444455556666:role/app"),
    (f"{STS}assumed-role/{SSO}/ana@example.com", f"{STS}assumed-role/{SSO}/ben@example.com"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_person_under_two_names(one: str, other: str) -> None:
    """Paths, case and the session names of ordinary roles make nobody somebody else."""
    assert identity(one) == identity(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_people(one: str, other: str) -> None:
    """Names, kinds, accounts, and the users of an Identity Center role tell people apart."""
    assert identity(one) != identity(other)


@pytest.mark.parametrize("name", ["", "ana", "arn:aws", "AIDAEXAMPLE", "a:b:c:d:e:f", "arn:aws:iam:user/ana"])
def test_what_names_nobody_is_refused(name: str) -> None:
    """An approver that cannot be told from others stops the change."""
    with pytest.raises(Refusal):
        identity(name)


@pytest.mark.parametrize(
    "text",
    [
        '{"Approver":"arn:aws:iam::111122223333:user/ana","Decision":"Approve","Comment":""}',
        '{"approver":"arn:aws:iam::111122223333:user/ana","decision":"Approved"}',
        '[{"Approver":"arn:aws:iam::111122223333:user/ana","Decision":"Approve"}]',
        {"Approver": "arn:aws:iam::111122223333:user/ana", "Decision": "Approve"},
    ],
)
def test_decisions_are_read_in_every_known_form(text: object) -> None:
    """SSM's documentation names no keys; both spellings, one map and a list of maps are read."""
    assert [who for who, _ in decisions(text)] == ["arn:aws:iam::111122223333:user/ana"]


@pytest.mark.parametrize("text", ["{}", "[1]", '{"Approver":"x"}', '"ana"', '[{"Decision":"Approve"}]'])
def test_a_decision_that_cannot_be_read_is_refused(text: str) -> None:
    """Nothing is guessed of who signed."""
    with pytest.raises(Refusal):
        decisions(text)


def _execution(*approvers: str, second: tuple[str, ...] = (), status: str = "Approved") -> dict[str, Any]:
    def step(name: str, who: tuple[str, ...]) -> dict[str, Any]:
        said = [json.dumps({"Approver": each, "Decision": "Approve"}) for each in who]
        return {"StepName": name, "Outputs": {"ApprovalStatus": [status], "ApproverDecisions": said}}

    return {"StepExecutions": [step("approve", approvers), step("approve_second", second)]}


EVENTS = {
    "Partition": "aws",
    "Account": "111122223333",
    "MinApprovals": 1,
    "Approvers": [f"{IAM}user/ana", "ben", f"{IAM}role/ops/signers", f"{IAM}role/{SSO}"],
    "SecondApprovers": [f"{IAM}user/ana", "ben", f"{IAM}role/{SSO}"],
}
BODY = {"principal": {"arn": f"{IAM}role/team/app"}, "guard": {"verdict": "CLEAN"}}
GUARDED = {**BODY, "guard": {"verdict": "TWO_APPROVERS"}}
SESSION = f"{STS}assumed-role/{SSO}/"


@pytest.mark.parametrize(
    "execution",
    [
        _execution(f"{IAM}user/ana"),
        _execution("ben"),
        _execution(f"{IAM}user/ben"),
        _execution(f"{STS}assumed-role/signers/ana"),
        _execution(f"{SESSION}ana"),
    ],
)
def test_signers_on_the_list_are_taken(execution: dict[str, Any]) -> None:
    """Users by name or ARN, roles by their sessions."""
    assert check_signatures(execution, BODY, EVENTS)


@pytest.mark.parametrize(
    ("execution", "why"),
    [
        (_execution(f"{IAM}user/eve"), "may not sign"),
        (_execution(), "needs 1 different people"),
        (_execution(f"{IAM}user/ana", status="Waiting"), "was not approved"),
        ({"StepExecutions": []}, "was not approved"),
    ],
)
def test_signatures_that_are_none_are_refused(execution: dict[str, Any], why: str) -> None:
    """Strangers, nobody, and a step that never ran."""
    with pytest.raises(Refusal, match=why):
        check_signatures(execution, BODY, EVENTS)


def test_a_minimum_counts_people() -> None:
    """One person who signed under two names is one signature."""
    twice = _execution(f"{STS}assumed-role/signers/ana", f"{STS}assumed-role/signers/ben")
    with pytest.raises(Refusal, match="2 different people, 1 signed"):
        check_signatures(twice, BODY, {**EVENTS, "MinApprovals": 2})
    two = _execution(f"{SESSION}ana", f"{SESSION}ben")
    assert len(check_signatures(two, BODY, {**EVENTS, "MinApprovals": 2})) == 2


def test_two_people_of_one_identity_center_role_are_two() -> None:
    """The permission set's users sign for themselves."""
    assert check_signatures(_execution(f"{SESSION}ana", second=(f"{SESSION}ben",)), GUARDED, EVENTS)


@pytest.mark.parametrize("verdict", ["TWO_APPROVERS", "BLOCK", "", "clean"])
def test_every_verdict_but_the_mild_ones_needs_a_second_person(verdict: str) -> None:
    """An unknown word of the guard's is taken for the strict one."""
    body = {**BODY, "guard": {"verdict": verdict}}
    with pytest.raises(Refusal, match="signed twice"):
        check_signatures(_execution("ben", second=(f"{IAM}user/ben",)), body, EVENTS)
