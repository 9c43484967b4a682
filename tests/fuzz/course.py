"""The course that each record runs: parse, classify, store, plan, render, and what must hold at the end."""

from __future__ import annotations

import importlib
import json
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from redress.adapters.findings_table import FindingsTable
from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.batch import Denial, gather
from redress.domain.card import chat, machine, plain
from redress.domain.card.content import Place, compose
from redress.domain.classify import classify
from redress.domain.denied_call import NotADenial
from redress.domain.envelopes import records_in
from redress.domain.errors import RedressError
from redress.domain.fingerprint import fingerprint
from redress.domain.parse import parse_record
from redress.domain.plan import Plan, plan_fix
from redress.domain.policy_document import own_arn
from redress.domain.proof import prove
from redress.domain.redaction import redact
from redress.domain.settings import Settings
from redress.domain.sighting import bounded
from redress.domain.target import NamedPolicy, RedressPolicy, Target
from redress.domain.words import State
from tests.fakes import FakeStore
from tests.fuzz import grammar, seeds

if TYPE_CHECKING:
    from redress.domain.denied_call import DeniedCall
    from redress.domain.finding import Finding
    from redress.domain.proposal import Proposal

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CATALOGUE = IamCatalogue()
SETTINGS = Settings()
PLACE = Place(region="us-east-1")
OWN = NamedPolicy(
    name="inline:own",
    document={"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]},
)
NOTICE_LIMIT = 200_000
"""Characters that an SNS message may have, with room for its attributes."""
MOST_TOGETHER = 4
UPON_ANOTHER = 0.5
"""Share of merges upon a policy that grants something already."""


class Broken(AssertionError):  # noqa: N818 - it is an assertion
    """Something that must hold of every record does not."""


@dataclass(slots=True)
class Course:
    """Runs records; keeps count of how far each got."""

    reached: Counter[str]
    luck: random.Random = field(default_factory=random.Random)

    def run(self, value: object, luck: random.Random | None = None) -> None:
        """Takes one value the whole way.

        Args:
            value: Any JSON value.
            luck: Decides which other findings its fix is merged with.

        Raises:
            Broken: A proposed policy is outside the grammar, or a rendering cannot be sent.
            Exception: Anything else that the code under test raises and should not.

        """
        self.reached["values"] += 1
        self.luck = luck or self.luck
        try:
            for record in records_in(value):
                self._record(record)
        except RedressError as error:
            self.reached[f"refused: {type(error).__name__}"] += 1

    def _record(self, record: object) -> None:
        call = parse_record(record)
        if isinstance(call, NotADenial):
            self.reached["no denial"] += 1
            return
        if call.event_time > NOW + timedelta(days=1):
            self.reached["from the future"] += 1
            return
        self.reached["denials"] += 1
        json.dumps(redact(record))
        finding = _stored(bounded(call))
        proposal = self._planned(finding)
        _render(finding, proposal)
        if proposal:
            self._merged(finding, proposal)

    def _planned(self, finding: Finding) -> Proposal | None:
        plan = _plan((finding,), None)
        if plan.proposal is None:
            self.reached["not fixed, with a reason" if plan.no_fixes else "unanswered"] += 1
            return None
        self.reached["proposals"] += 1
        return plan.proposal

    def _merged(self, finding: Finding, alone: Proposal) -> None:
        """Plans the finding together with others of its principal, upon what was granted before, and once more."""
        others = self.luck.sample(companions(), self.luck.randint(1, MOST_TOGETHER))
        principal = finding.verdict.principal
        moved = [replace(one, verdict=replace(one.verdict, principal=principal)) for one in others]
        together = tuple({one.finding_id: one for one in (finding, *moved)}.values())
        before = str(alone.content["document"]) if self.luck.random() < UPON_ANOTHER else None
        plan = _plan(together, before)
        answered = {*plan.covered, *dict(plan.no_fixes)}
        if answered != {one.finding_id for one in together}:
            raise Broken(f"{len(together)} findings, {len(answered)} of them answered")
        if plan.proposal is None:
            self.reached["nothing to merge"] += 1
            return
        self.reached["merged proposals"] += 1
        document = str(plan.proposal.content["document"])
        if before and not _statements(before) <= _statements(document):
            raise Broken(f"a merge lost what was granted before: {before} -> {document}")
        again = _plan(together, document)
        if again.proposal is not None:
            raise Broken(f"what was granted is proposed again: {document}")


def _plan(findings: tuple[Finding, ...], document: str | None) -> Plan:
    """Returns the plan for findings of one principal, whose Redress policy holds a document or is not there."""
    principal = findings[0].verdict.principal
    target = Target(principal=principal, region="us-east-1", exists=True, policies=(OWN,))
    if document is not None:
        arn = own_arn(target)
        own = RedressPolicy(arn=arn, version_id="v1", document=document, versions=("v1",), attached=True)
        policies = (OWN, NamedPolicy(name=arn, document=json.loads(document)))
        target = replace(target, policies=policies, redress_policy=own, attached=1)
    plan = plan_fix(findings=findings, target=target, catalogue=CATALOGUE, settings=SETTINGS, prove=prove, now=NOW)
    if plan.proposal is not None:
        text = str(plan.proposal.content["document"])
        faults = grammar.faults(text, CATALOGUE)
        if faults:
            raise Broken(f"a policy outside the grammar: {'; '.join(faults)}: {text}")
    return plan


@cache
def companions() -> tuple[Finding, ...]:
    """Returns findings of our own cases that have a fix, to merge others with."""
    calls = (parse_record(json.loads(text)) for text in seeds.denials())
    findings = [_stored(bounded(call)) for call in calls if not isinstance(call, NotADenial)]
    return tuple(each for each in findings if _plan((each,), None).proposal)


def _statements(document: str) -> set[tuple[str, str, str]]:
    """Returns each action on each resource under its conditions; how they are grouped may change."""
    return {
        (action, resource, json.dumps(statement.get("Condition"), sort_keys=True))
        for statement in json.loads(document)["Statement"]
        for action in grammar.listed(statement["Action"])
        for resource in grammar.listed(statement["Resource"])
    }


def _stored(call: DeniedCall) -> Finding:
    """Returns the finding as the table gives it back."""
    verdict = classify(call, catalogue=CATALOGUE)
    finding_id, template = fingerprint(verdict, call)
    denial = Denial(finding_id=finding_id, resource_template=template, verdict=verdict, call=call)
    (group,) = gather([denial])
    table = FindingsTable(FakeStore())
    table.activity.note([group], NOW)
    table.record(group, now=NOW)
    stored = table.get(finding_id)
    if stored is None or stored.count != 1:
        raise Broken("the finding was not stored as one denial")
    return stored


def _render(finding: Finding, proposal: Proposal | None) -> None:
    state = State.AWAITING_APPROVAL if proposal else finding.state
    card = compose(replace(finding, state=state), proposal=proposal, place=PLACE)
    texts = {
        "subject": plain.subject(card),
        "mail": plain.body(card),
        "chat": json.dumps(chat.notification(card)),
        "machine": json.dumps(machine.document(card, finding), default=str),
        "attributes": json.dumps(machine.attributes(card, finding)),
        **_slack(card),
    }
    for name, text in texts.items():
        text.encode("utf-8")
        if len(text) > NOTICE_LIMIT:
            raise Broken(f"{name} has {len(text)} characters")
    if not texts["subject"].isascii() or not texts["subject"].isprintable() or len(texts["subject"]) > 100:
        raise Broken(f"subject {texts['subject']!r}")


def _slack(card: object) -> dict[str, str]:
    if find_spec("redress.domain.card.slack") is None:
        return {}
    slack = importlib.import_module("redress.domain.card.slack")
    return {"slack": json.dumps(slack.message(card))} if hasattr(slack, "message") else {}
