"""IAM Access Analyzer as a second opinion: what each of its answers becomes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from redress.adapters import access_analyzer
from redress.adapters.access_analyzer import AccessAnalyzer, reviewer
from redress.domain.settings import Settings
from redress.domain.words import GuardVerdict
from tests.unit.fix import builders

if TYPE_CHECKING:
    from redress.domain.proposal import GuardHit

DOCUMENT = json.dumps(builders.allow("s3:PutObject", resource="arn:aws:s3:::bucket/key"))
CEILING = Settings(ceiling_policy=json.dumps(builders.allow("s3:*")))


@dataclass(slots=True)
class Analyzer:
    """Access Analyzer, as far as it is asked here."""

    pages: list[list[dict[str, Any]]] = field(default_factory=lambda: [[]])
    granted: str = "PASS"
    new_access: str = "PASS"
    fault: Exception | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def validate_policy(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's arguments
        """Answers with one page of findings."""
        self._note(call)
        number = int(call.get("nextToken", "0"))
        more = {"nextToken": str(number + 1)} if number + 1 < len(self.pages) else {}
        return {"findings": self.pages[number], **more}

    def check_access_not_granted(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's arguments
        """Answers whether any of the actions is granted."""
        self._note(call)
        return {"result": self.granted, "reasons": [{"description": "One or more of the listed actions."}]}

    def check_no_new_access(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's arguments
        """Answers whether the new document grants more than the old one."""
        self._note(call)
        return {"result": self.new_access, "reasons": [{"description": "New access in {{ statement }} 0."}]}

    def _note(self, call: dict[str, Any]) -> None:
        if self.fault:
            raise self.fault
        self.asked.append(call)


def reviewed(analyzer: Analyzer, settings: Settings | None = None) -> tuple[GuardHit, ...]:
    """Returns the hits for an ordinary document."""
    return AccessAnalyzer(analyzer).review(DOCUMENT, settings or Settings())


def test_a_document_that_passes_everything_gets_no_hit() -> None:
    """Silence means that every question was asked and passed."""
    analyzer = Analyzer()
    assert reviewed(analyzer, CEILING) == ()
    assert len(analyzer.asked) == 3


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("ERROR", GuardVerdict.BLOCK),
        ("SECURITY_WARNING", GuardVerdict.TWO_APPROVERS),
        ("WARNING", GuardVerdict.NOTE),
        ("SUGGESTION", GuardVerdict.NOTE),
        ("SOMETHING_NEW", GuardVerdict.TWO_APPROVERS),
    ],
)
def test_each_type_of_finding_has_its_verdict(kind: str, verdict: GuardVerdict) -> None:
    """An error blocks, a security warning needs two, anything unheard of is taken seriously."""
    found = {"findingType": kind, "issueCode": "CODE", "findingDetails": "Why."}
    assert [(hit.verdict, hit.reason) for hit in reviewed(Analyzer(pages=[[found]]))] == [
        (verdict, "Access Analyzer (CODE): Why.")
    ]


def test_all_pages_of_findings_are_read() -> None:
    """A finding on a later page counts like one on the first."""
    found = {"findingType": "ERROR", "issueCode": "CODE", "findingDetails": "Why."}
    assert len(reviewed(Analyzer(pages=[[], [], [found]]))) == 1


def test_an_escalating_action_needs_two() -> None:
    """A failed CheckAccessNotGranted needs two approvers."""
    assert [hit.rule for hit in reviewed(Analyzer(granted="FAIL"))] == ["analyzer-access-granted"]


def test_more_than_the_ceiling_is_blocked() -> None:
    """A failed CheckNoNewAccess blocks, and braces in its words are gone."""
    (hit,) = reviewed(Analyzer(new_access="FAIL"), CEILING)
    assert (hit.rule, hit.verdict) == ("analyzer-above-ceiling", GuardVerdict.BLOCK)
    assert "{" not in hit.reason


@pytest.mark.parametrize(
    "fault",
    [
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ValidatePolicy"),
        ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "ValidatePolicy"),
        EndpointConnectionError(endpoint_url="https://example.invalid"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_silence_is_never_a_pass(fault: Exception) -> None:
    """A question without an answer becomes a hit; about the ceiling, one that needs two approvers."""
    hits = reviewed(Analyzer(fault=fault), CEILING)
    assert [hit.verdict for hit in hits] == [GuardVerdict.NOTE, GuardVerdict.NOTE, GuardVerdict.TWO_APPROVERS]
    assert {hit.rule for hit in hits} == {"analyzer-unanswered"}


def test_paid_checks_can_be_switched_off() -> None:
    """With the knob off only the free call is made, and an unchecked ceiling is said."""
    analyzer = Analyzer()
    hits = reviewed(analyzer, Settings(analyzer_checks=False, ceiling_policy=CEILING.ceiling_policy))
    assert len(analyzer.asked) == 1
    assert [hit.verdict for hit in hits] == [GuardVerdict.TWO_APPROVERS]


def test_no_call_names_more_than_a_hundred_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer lists are asked about in several calls, and no action is left out."""
    actions = tuple(f"iam:Action{number}" for number in range(250))
    monkeypatch.setattr(access_analyzer, "SEVERE_ACTIONS", actions)
    analyzer = Analyzer()
    reviewed(analyzer)
    chunks = [call["access"][0]["actions"] for call in analyzer.asked if "access" in call]
    assert [len(chunk) for chunk in chunks] == [100, 100, 50]
    assert tuple(action for chunk in chunks for action in chunk) == actions


def test_a_document_is_paid_for_once() -> None:
    """The answer about one document is kept; another document is asked about."""
    analyzer = Analyzer()
    review = reviewer(Settings(), AccessAnalyzer(analyzer))
    assert review(DOCUMENT) == review(DOCUMENT) == ()
    assert len(analyzer.asked) == 2
    review(DOCUMENT + " ")
    assert len(analyzer.asked) == 4


def test_an_unanswered_question_is_asked_again() -> None:
    """What could not be checked is not kept as if it had been."""
    analyzer = Analyzer(fault=EndpointConnectionError(endpoint_url="https://example.invalid"))
    review = reviewer(Settings(), AccessAnalyzer(analyzer))
    assert len(review(DOCUMENT)) == 2
    analyzer.fault = None
    assert review(DOCUMENT) == ()
