"""What Redress cannot see is said; a look-up that failed is never read as fine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from redress.adapters.coverage import Surroundings
from redress.domain.coverage import (
    EVEN_READS,
    REMEDIES,
    Evidence,
    Facts,
    Missing,
    Regions,
    Runbook,
    Selection,
    Trail,
    Unseen,
    evidence_of,
    gaps,
    line,
)
from redress.domain.words import DecodeStatus
from tests.unit.notices.world import finding

if TYPE_CHECKING:
    from collections.abc import Callable

EVERYTHING = Selection(reads=True, writes=True, data=True)
TRAIL = Trail(name="all", is_logging=True, selection=EVERYTHING)
WELL = Facts(trails=(TRAIL,), rule_state=EVEN_READS, regions=Regions(), evidence=Evidence(findings=9), dead_letters=0)
UNSEEN = Unseen(what="it", reason="AccessDenied")


def trail(**changes: Any) -> Trail:  # noqa: ANN401 - any field of the selection
    """A trail that records everything but this."""
    return replace(TRAIL, selection=replace(EVERYTHING, **changes))


CASES: list[tuple[str, Facts, list[Missing]]] = [
    ("all is well", WELL, []),
    ("nobody asked for the rest", replace(WELL, regions=None, dead_letters=None), []),
    ("no trail", replace(WELL, trails=()), [Missing.NO_TRAIL]),
    ("trails unknown", replace(WELL, trails=UNSEEN), [Missing.COULD_NOT_LOOK]),
    ("stopped", replace(WELL, trails=(replace(TRAIL, is_logging=False),)), [Missing.TRAIL_STOPPED]),
    ("one of two is stopped", replace(WELL, trails=(replace(TRAIL, is_logging=False), TRAIL)), []),
    ("status unknown", replace(WELL, trails=(replace(TRAIL, is_logging=UNSEEN),)), [Missing.COULD_NOT_LOOK]),
    ("selection unknown", replace(WELL, trails=(replace(TRAIL, selection=UNSEEN),)), [Missing.COULD_NOT_LOOK]),
    ("no reads", replace(WELL, trails=(trail(reads=False),)), [Missing.READS_NOT_RECORDED]),
    ("no writes", replace(WELL, trails=(trail(writes=False),)), [Missing.WRITES_NOT_RECORDED]),
    ("two halves", replace(WELL, trails=(trail(writes=False), trail(reads=False))), []),
    ("no data events", replace(WELL, trails=(trail(data=False),)), [Missing.DATA_EVENTS_OFF]),
    ("kms left out", replace(WELL, trails=(trail(excluded=frozenset({"kms"})),)), [Missing.SERVICES_EXCLUDED]),
    ("kms left out of one", replace(WELL, trails=(trail(excluded=frozenset({"kms"})), TRAIL)), []),
    ("no rule", replace(WELL, rule_state=""), [Missing.RULE_ABSENT]),
    ("rule off", replace(WELL, rule_state="DISABLED"), [Missing.RULE_DISABLED]),
    ("rule without reads", replace(WELL, rule_state="ENABLED"), [Missing.RULE_MISSES_READS]),
    ("rule unknown", replace(WELL, rule_state=UNSEEN), [Missing.COULD_NOT_LOOK]),
    ("runbooks in force", replace(WELL, runbooks=(Runbook(name="r", in_force="4", newest="4"),)), []),
    (
        "an old runbook",
        replace(WELL, runbooks=(Runbook(name="r", in_force="3", newest="4"),)),
        [Missing.RUNBOOK_OUTDATED],
    ),
    ("runbooks unknown", replace(WELL, runbooks=UNSEEN), [Missing.COULD_NOT_LOOK]),
    ("a Region without", replace(WELL, regions=Regions(without=("eu-west-1",))), [Missing.REGIONS_WITHOUT_STACK]),
    ("a silent Region", replace(WELL, regions=Regions(unseen=(UNSEEN,))), [Missing.COULD_NOT_LOOK]),
    ("Regions unknown", replace(WELL, regions=UNSEEN), [Missing.COULD_NOT_LOOK]),
    ("cut", replace(WELL, evidence=Evidence(findings=9, truncated=2)), [Missing.MESSAGES_TRUNCATED]),
    ("refused", replace(WELL, evidence=Evidence(findings=9, refused=1)), [Missing.EVIDENCE_DENIED]),
    ("failed", replace(WELL, evidence=Evidence(findings=9, unasked=1)), [Missing.COULD_NOT_LOOK]),
    ("evidence unknown", replace(WELL, evidence=UNSEEN), [Missing.COULD_NOT_LOOK]),
    ("dead letters", replace(WELL, dead_letters=3), [Missing.DEAD_LETTERS]),
    ("queues unknown", replace(WELL, dead_letters=UNSEEN), [Missing.COULD_NOT_LOOK]),
]


@pytest.mark.parametrize(("facts", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_gaps(facts: Facts, expected: list[Missing]) -> None:
    """Each shortcoming is one gap with its remedy."""
    found = gaps(facts)
    assert [gap.missing for gap in found] == expected
    assert all(gap.detail.endswith(".") and gap.remedy == REMEDIES[gap.missing] for gap in found)


def test_every_gap_has_a_case() -> None:
    """The cases above bring up each gap of the list, and each has a remedy."""
    assert {missing for _, _, found in CASES for missing in found} == set(Missing) == set(REMEDIES)


def test_the_line_of_the_digest() -> None:
    """One line says that all is well, or names what is missing."""
    assert "sees what it should" in line(())
    assert "RULE_ABSENT" in line(gaps(replace(WELL, rule_state="")))


def test_evidence_is_counted() -> None:
    """Cut messages, refused and failed look-ups are counted from the findings themselves."""
    statuses = [DecodeStatus.TRUNCATED, DecodeStatus.NOT_PERMITTED, DecodeStatus.FAILED, DecodeStatus.DECODED]
    found = [finding(verdict=replace(finding().verdict, decode_status=each)) for each in statuses]
    note = ("Redress may not read authorization details: iam:GetRequestAuthorizationDetails was denied.",)
    found.append(finding(verdict=replace(finding().verdict, notes=note)))
    assert evidence_of(found) == Evidence(findings=5, truncated=1, refused=2, unasked=1)


@dataclass
class FakeService:
    """Answers operations by name; an exception is raised."""

    answers: dict[str, object] = field(default_factory=dict)

    def __getattr__(self, operation: str) -> Callable[..., object]:
        def call(**_: object) -> object:
            answer = self.answers[operation]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def failure(code: str, text: str = "no") -> ClientError:
    """An error as boto3 raises it."""
    return ClientError({"Error": {"Code": code, "Message": text}}, "Operation")


def surroundings(**services: dict[str, object]) -> Surroundings:
    """A Region in which the services answer so."""
    return Surroundings(client=lambda name, region=None: FakeService(services[region or name]))


LISTED = {"trailList": [{"Name": "all", "TrailARN": "arn:aws:cloudtrail:us-east-1:111122223333:trail/all"}]}
ON = {"IsLogging": True}
SELECTORS: list[tuple[str, object, Selection | None]] = [
    (
        "default",
        {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
        replace(EVERYTHING, data=False),
    ),
    (
        "read only, with data",
        {"EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True, "DataResources": [{}]}]},
        replace(EVERYTHING, writes=False),
    ),
    (
        "data alone",
        {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False, "DataResources": [{}]}]},
        Selection(reads=False, writes=False, data=True),
    ),
    (
        "without kms",
        {"EventSelectors": [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}]},
        Selection(reads=True, writes=True, data=False, excluded=frozenset({"kms.amazonaws.com"})),
    ),
    (
        "advanced",
        {
            "AdvancedEventSelectors": [
                {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
                {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]},
            ]
        },
        EVERYTHING,
    ),
    (
        "advanced, writes alone",
        {
            "AdvancedEventSelectors": [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Management"]},
                        {"Field": "readOnly", "Equals": ["false"]},
                        {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
                    ]
                }
            ]
        },
        Selection(reads=False, writes=True, data=False, excluded=frozenset({"kms.amazonaws.com"})),
    ),
    ("nothing", {}, None),
    ("nonsense", {"AdvancedEventSelectors": [{"FieldSelectors": [{}]}]}, None),
    ("denied", failure("AccessDeniedException"), None),
]


@pytest.mark.parametrize(("answer", "expected"), [row[1:] for row in SELECTORS], ids=[row[0] for row in SELECTORS])
def test_selectors(answer: object, expected: Selection | None) -> None:
    """Basic and advanced selectors are read; what cannot be read is unseen, not empty."""
    around = surroundings(cloudtrail={"describe_trails": LISTED, "get_trail_status": ON, "get_event_selectors": answer})
    found = around.trails()
    assert isinstance(found, tuple)
    (only,) = found
    if expected is None:
        assert isinstance(only.selection, Unseen)
    else:
        assert only.selection == expected


def test_trails_that_cannot_be_listed() -> None:
    """Without permission, or without an answer, nothing is known of the trails."""
    lost = EndpointConnectionError(endpoint_url="http://nowhere")
    for fault in (failure("AccessDeniedException"), lost, KeyError("trailList")):
        assert isinstance(surroundings(cloudtrail={"describe_trails": fault}).trails(), Unseen)
    stopped = {"describe_trails": LISTED, "get_trail_status": failure("TrailNotFoundException")}
    found = surroundings(cloudtrail={**stopped, "get_event_selectors": {}}).trails()
    assert isinstance(found, tuple)
    assert isinstance(found[0].is_logging, Unseen)


RULES: list[tuple[str, dict[str, object], str | None]] = [
    ("enabled", {"describe_rule": {"State": EVEN_READS}}, EVEN_READS),
    ("absent", {"describe_rule": failure("ResourceNotFoundException")}, ""),
    ("throttled", {"describe_rule": failure("ThrottlingException")}, None),
    (
        "only listed",
        {
            "describe_rule": failure("AccessDeniedException"),
            "list_rules": {"Rules": [{"Name": "r", "State": "ENABLED"}]},
        },
        "ENABLED",
    ),
    ("listed without it", {"describe_rule": failure("AccessDenied"), "list_rules": {"Rules": []}}, ""),
    ("neither", {"describe_rule": failure("AccessDenied"), "list_rules": failure("AccessDenied")}, None),
]


@pytest.mark.parametrize(("answers", "expected"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_rules(answers: dict[str, object], expected: str | None) -> None:
    """The rule's state is read by whichever call is allowed; where none is, nothing is known."""
    state = surroundings(events=answers).rule_state("r")
    assert state == expected if expected is not None else isinstance(state, Unseen)


def test_regions() -> None:
    """Regions are those with the stack, those without, and those that do not answer."""
    around = surroundings(
        ec2={"describe_regions": {"Regions": [{"RegionName": name} for name in ("a", "b", "c", "d")]}},
        a={"describe_stacks": {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}},
        b={"describe_stacks": failure("ValidationError", "Stack with id Redress does not exist")},
        c={"describe_stacks": failure("AccessDenied")},
        d={"describe_stacks": {"Stacks": [{"StackStatus": "DELETE_COMPLETE"}]}},
    )
    found = around.regions("Redress")
    assert found == Regions(without=("b", "d"), unseen=(Unseen(what="the stack in c", reason="AccessDenied"),))


def test_runbooks() -> None:
    """Of each document it is read which version is in force and which is the newest."""
    answer = {"Document": {"Name": "r", "DocumentVersion": "3", "DefaultVersion": "3", "LatestVersion": "4"}}
    found = surroundings(ssm={"describe_document": answer}).runbooks(["r"])
    assert found == (Runbook(name="r", in_force="3", newest="4"),)
    answers: tuple[object, ...] = (failure("AccessDeniedException"), failure("InvalidDocument"), {"Document": {}})
    for wrong in answers:
        assert isinstance(surroundings(ssm={"describe_document": wrong}).runbooks(["r"]), Unseen)


def test_dead_letters() -> None:
    """Messages on all queues are added up; one queue that does not answer makes the number unknown."""
    answer = {"Attributes": {"ApproximateNumberOfMessages": "2"}}
    assert surroundings(sqs={"get_queue_attributes": answer}).dead_letters(["one", "two"]) == 4
    denied = surroundings(sqs={"get_queue_attributes": failure("AccessDenied")})
    assert isinstance(denied.dead_letters(["one"]), Unseen)
