"""One answer per piece of input: what happened, or why it is no denial."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.classify import classify
from redress.domain.denied_call import DeniedCall, NotADenial
from redress.domain.errors import MalformedRecord
from redress.domain.explain import explain
from redress.domain.fingerprint import fingerprint
from redress.domain.kinds import KINDS
from redress.domain.message import read_message
from redress.domain.parse import parse_record
from redress.domain.parse_principal import principal_of
from redress.domain.verdict import Verdict
from redress_cli.reading import Encoded, Message, Problem, Record

if TYPE_CHECKING:
    from redress.domain.catalogue import Catalogue
    from redress_cli.decoding import Decoding
    from redress_cli.reading import Item

# Stable order and names of the JSON output (docs/explain.md).
FIELDS = (
    "event_id",
    "denied",
    "reason",
    "principal",
    "action",
    "resource",
    "layer",
    "effect",
    "evidence",
    "kind",
    "policy_arn",
    "authorization_id",
    "explanation",
    "next_step",
    "owner",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What we say of one record or message.

    Attributes:
        call: None for what is no denial.
        verdict: None for what is no denial.
        no_denial: Why it is none.

    """

    source: str
    position: str
    call: DeniedCall | None = None
    verdict: Verdict | None = None
    no_denial: NotADenial | None = None
    finding_id: str | None = None
    resource_template: str | None = None

    def fields(self) -> dict[str, Any]:
        """Returns the documented JSON fields, null where unknown."""
        empty: dict[str, Any] = dict.fromkeys(FIELDS)
        if self.no_denial is not None:
            return empty | {"event_id": self.no_denial.event_id, "denied": False, "reason": self.no_denial.reason}
        assert self.verdict is not None  # noqa: S101 - one of the two is always set
        return empty | {"event_id": self.call.event_id if self.call else None} | _verdict_fields(self.verdict)


def _verdict_fields(verdict: Verdict) -> dict[str, Any]:
    words = explain(verdict)
    return {
        "denied": True,
        "principal": verdict.principal.arn or verdict.principal.session_arn,
        "action": verdict.action,
        "resource": verdict.resource,
        "layer": verdict.layer.value,
        "effect": verdict.effect.value,
        "evidence": verdict.evidence.value,
        "kind": verdict.kind.value,
        "policy_arn": verdict.policy_arn,
        "authorization_id": verdict.authorization_id,
        "explanation": f"{words.what} {words.why} {words.meaning}",
        "next_step": words.next_step,
        "owner": KINDS[verdict.kind].owner.value,
    }


class Answerer:
    """Turns input into answers, with one catalogue for all of it."""

    def __init__(self, *, decoding: Decoding, catalogue: Catalogue | None = None) -> None:
        self._decoding = decoding
        self.catalogue = catalogue or IamCatalogue()

    def answer(self, item: Item) -> Answer | Problem:
        """Returns what we say of one piece of input; what is no CloudTrail record is a problem."""
        if isinstance(item, Record):
            return self._record(item)
        if isinstance(item, Message):
            return self._call(item, _call_from_text(item.text))
        if isinstance(item, Encoded):
            text = f"Encoded authorization failure message: {item.text}"
            return self._call(item, _call_from_text(text))
        return item

    def _record(self, item: Record) -> Answer | Problem:
        try:
            parsed = parse_record(item.value)
        except MalformedRecord as error:
            return Problem(source=item.source, position=item.position, reason=str(error))
        if isinstance(parsed, NotADenial):
            return Answer(source=item.source, position=item.position, no_denial=parsed)
        return self._call(item, parsed)

    def _call(self, item: Record | Message | Encoded, call: DeniedCall) -> Answer:
        verdict = classify(call, catalogue=self.catalogue)
        told = self._decoding.decode(verdict)
        if told is not None:
            verdict = classify(call, catalogue=self.catalogue, decoded=told.decoded)
            verdict = replace(verdict, decode_status=told.status, notes=(*verdict.notes, *told.notes))
        finding_id, template = fingerprint(verdict, call)
        return Answer(
            source=item.source,
            position=item.position,
            call=call,
            verdict=verdict,
            finding_id=finding_id,
            resource_template=template,
        )


def _call_from_text(text: str) -> DeniedCall:
    arn = read_message(text).principal
    identity = {"type": "AssumedRole" if arn and ":sts:" in arn else "IAMUser", "arn": arn} if arn else {}
    return DeniedCall(
        event_id="",
        event_time=datetime.fromtimestamp(0, UTC),
        event_source="",
        event_name="",
        error_code="AccessDenied",
        principal=principal_of(identity),
        message=text,
    )
