"""Where the links of a card lead; nothing of an event gets into an address unless it has the form of an id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from redress.domain.values import dataclass
from redress.domain.words import State

if TYPE_CHECKING:
    from redress.domain.finding import Finding

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,10}){1,2}-[0-9]")
_CONSOLES = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}

_PROPOSAL = re.compile(r"p-[0-9a-f]{20}")

PAGE = "reasons.md"
IN_REPOSITORY = f"docs/{PAGE}"
APPROVE = "Approve or reject"
APPLY = "Redress-ApplyPolicyFix"
PRESSED = frozenset({State.AWAITING_APPROVAL, State.APPLYING, State.FAILED})
"""States in which the execution is what to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Something to press.

    Attributes:
        pressed: Whether this is what the reader is asked to press now.

    """

    label: str
    url: str
    pressed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the links of a card lead.

    Attributes:
        region: The stack's.
        partition: The stack's.
        docs_url: The page on kinds of denials; a path in the repository, or an https address.

    """

    region: str
    partition: str = "aws"
    docs_url: str = IN_REPOSITORY

    @property
    def console(self) -> str:
        """Returns the console's address in this partition and the stack's Region."""
        return self.console_of(self.region)

    def console_of(self, region: str) -> str:
        """Returns the console's address in this partition and a Region."""
        return f"https://{region}.{_CONSOLES.get(self.partition, 'console.aws.amazon.com')}"


def reasons_page(docs_url: str) -> str:
    """Returns the page on kinds of denials, by the operator's knob ``docs_url``: the folder with it, or the page."""
    address = docs_url.rstrip("/")
    if not address or address.endswith((".md", ".html")):
        return address or IN_REPOSITORY
    return f"{address}/{PAGE}"


def links(finding: Finding, place: Place) -> tuple[Link, ...]:
    """Returns the links of a finding's card, the one to press first in front."""
    found = (_start(finding, place), _execution(finding, place), _event(finding, place), _docs(finding, place))
    return tuple(link for link in found if link)


def _start(finding: Finding, place: Place) -> Link | None:
    """Returns where a person starts the runbook; the tag in the label is what lets approvers sign the execution."""
    proposal_id = finding.proposal_id or ""
    if finding.state is not State.PROPOSED or not _PROPOSAL.fullmatch(proposal_id):
        return None
    path = f"/systems-manager/automation/execute/{APPLY}?region={place.region}"
    label = f"Start it with tag redress:proposal={proposal_id}"
    return Link(label=label, url=place.console + path, pressed=True)


def _execution(finding: Finding, place: Place) -> Link | None:
    if not finding.execution_id or not _UUID.fullmatch(finding.execution_id):
        return None
    asked = finding.state is State.AWAITING_APPROVAL
    path = f"/systems-manager/automation/execution/{finding.execution_id}?region={place.region}"
    return Link(
        label=APPROVE if asked else "Runbook execution", url=place.console + path, pressed=finding.state in PRESSED
    )


def _event(finding: Finding, place: Place) -> Link | None:
    region = finding.last.region if _REGION.fullmatch(finding.last.region or "") else place.region
    if not _UUID.fullmatch(finding.last.event_id) or region is None:
        return None
    path = f"/cloudtrailv2/home?region={region}#/events/{finding.last.event_id}"
    return Link(label="CloudTrail event", url=place.console_of(region) + path)


def _docs(finding: Finding, place: Place) -> Link | None:
    if not place.docs_url.startswith("https://"):
        return None  # a path in the repository leads nowhere from a mail
    return Link(label="What this kind means", url=f"{place.docs_url}#{finding.verdict.kind.value.lower()}")
