"""One answer per piece of input: what happened, or why it is no denial."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.classify import classify
from redress.domain.decoded_explain import explain_decoded
from redress.domain.denied_call import DeniedCall, NotADenial
from redress.domain.errors import MalformedRecord
from redress.domain.explain import explain
from redress.domain.explain_no_denial import explain_no_denial, kind_of_no_denial
from redress.domain.fingerprint import fingerprint
from redress.domain.kinds import KINDS
from redress.domain.message import read_message
from redress.domain.parse import parse_record
from redress.domain.parse_codes import reason_not_denied
from redress.domain.parse_principal import principal_of
from redress.domain.verdict import Verdict
from redress_cli.advice import next_step
from redress_cli.reading import Problem, Record
from redress_cli.texts import Encoded, Message, code_in

if TYPE_CHECKING:
    from redress.domain.catalogue import Catalogue
    from redress_cli.decoding import Decoding
    from redress_cli.reading import Item

DENIED = "AccessDenied"
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
    "decode_status",
    "decoded",
    "notes",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What we say of one record or message.

    Attributes:
        call: None for what is no denial.
        verdict: None for what is no denial.
        no_denial: Why it is none.
        decoded: The decoded message, a sentence each; empty where none was decoded.

    """

    source: str
    position: str
    call: DeniedCall | None = None
    verdict: Verdict | None = None
    no_denial: NotADenial | None = None
    decoded: tuple[str, ...] = ()
    finding_id: str | None = None
    resource_template: str | None = None

    def fields(self) -> dict[str, Any]:
        """Returns the documented JSON fields, null where unknown."""
        empty: dict[str, Any] = dict.fromkeys(FIELDS)
        if self.no_denial is not None:
            return empty | _no_denial_fields(self.no_denial)
        assert self.verdict is not None  # noqa: S101 - one of the two is always set
        event_id = self.call.event_id or None if self.call else None
        return empty | _verdict_fields(self.verdict) | {"event_id": event_id, "decoded": list(self.decoded) or None}


def _no_denial_fields(no_denial: NotADenial) -> dict[str, Any]:
    fields = {"event_id": no_denial.event_id, "denied": False, "reason": no_denial.reason}
    kind, words = kind_of_no_denial(no_denial), explain_no_denial(no_denial)
    if kind is None or words is None:
        return fields
    return fields | {
        "kind": kind.value,
        "explanation": f"{words.what} {words.why} {words.meaning}",
        "next_step": words.next_step,
        "owner": KINDS[kind].owner.value,
    }


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
        "next_step": next_step(verdict),
        "owner": KINDS[verdict.kind].owner.value,
        "decode_status": verdict.decode_status.value,
        "notes": list(verdict.notes),
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
            return self._message(item)
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

    def _message(self, item: Message) -> Answer:
        # The SDK's wrapper names the error code; the same text under another code is no denial.
        code = code_in(item.text) or DENIED
        reason = reason_not_denied(code, item.text, "")
        if reason is not None:
            no_denial = NotADenial(event_id=None, reason=reason, error_code=code)
            return Answer(source=item.source, position=item.position, no_denial=no_denial)
        return self._call(item, _call_from_text(item.text))

    def _call(self, item: Record | Message | Encoded, call: DeniedCall) -> Answer:
        verdict = classify(call, catalogue=self.catalogue)
        told = self._decoding.decode(verdict)
        if told is not None:
            if told.decoded is not None:
                verdict = classify(call, catalogue=self.catalogue, decoded=told.decoded)
            verdict = replace(verdict, decode_status=told.status, notes=(*verdict.notes, *told.notes))
        finding_id, template = fingerprint(verdict, call)
        return Answer(
            source=item.source,
            position=item.position,
            call=call,
            verdict=verdict,
            decoded=explain_decoded(told.decoded) if told and told.decoded else (),
            finding_id=finding_id,
            resource_template=template,
        )


def _call_from_text(text: str) -> DeniedCall:
    arn = read_message(text).principal
    identity = {"type": _identity_type(arn), "arn": arn} if arn else {}
    return DeniedCall(
        event_id="",
        event_time=datetime.fromtimestamp(0, UTC),
        event_source="",
        event_name="",
        error_code=DENIED,
        principal=principal_of(identity),
        message=text,
    )


def _identity_type(arn: str) -> str:
    if ":sts:" not in arn:
        return "IAMUser"
    return "FederatedUser" if ":federated-user/" in arn else "AssumedRole"
