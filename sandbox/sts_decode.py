"""``sts:DecodeAuthorizationMessage`` for the encoded messages that this process issued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.answers import Answer, action_of, new_request_id, refused
from sandbox.query_protocol import query_error, query_reply
from sandbox.sealing import MOST_ENCODED, decode

if TYPE_CHECKING:
    from sandbox.exchange import Call, Reply

ACTION: Final = "DecodeAuthorizationMessage"
NAMESPACE: Final = "https://sts.amazonaws.com/doc/2011-06-15/"


def _respond(call: Call) -> Reply:
    refusal = refused(call, f"sts:{ACTION}", "sts")
    if refusal:
        return refusal
    message, request_id = (call.form.get("EncodedMessage") or [""])[0], new_request_id()
    if not 0 < len(message) <= MOST_ENCODED:
        wrong = f"1 validation error detected: 'encodedMessage' must have a length between 1 and {MOST_ENCODED}"
        return query_error(400, "ValidationError", wrong, namespace=NAMESPACE, request_id=request_id)
    text = decode(message)
    if text is None:
        wrong = "Message is not valid"
        code = "InvalidAuthorizationMessageException"
        return query_error(400, code, wrong, namespace=NAMESPACE, request_id=request_id)
    return query_reply(ACTION, {"DecodedMessage": text}, namespace=NAMESPACE, request_id=request_id)


DECODE: Final = Answer(wants=lambda call: action_of(call) == ACTION, respond=_respond)
