"""Services that MiniStack does not have: it would answer before asking whether the caller may.

On AWS a caller without permission is denied by any service. So the permission is checked here, and only
who has it is told that there is no such service.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Final

from ministack import app as ministack_app
from ministack.core import router

from sandbox.answers import Answer, new_request_id, refused
from sandbox.exchange import Reply
from sandbox.http_errors import error_of
from sandbox.operation_actions import action_of_operation
from sandbox.query_protocol import query_error
from sandbox.service_models import operation_of, services

if TYPE_CHECKING:
    from sandbox.exchange import Call
    from sandbox.service_models import Operation

_S3: Final = frozenset({"s3", "s3express", "s3-object-lambda", "s3-outposts"})
_XML: Final = frozenset({"query", "ec2", "rest-xml"})
_FALLBACKS: Final = frozenset({"s3", "unknown_query"})


@functools.cache
def is_unserved(signing: str) -> bool:
    """Returns whether some SDK knows the signing name and MiniStack routes it nowhere."""
    if signing in _S3 or all(service.signing != signing for service in services()):
        return False
    headers = {"authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{signing}/aws4_request"}
    routed = router.detect_service("POST", "/", headers, {})
    return routed in _FALLBACKS or routed not in ministack_app.SERVICE_HANDLERS


def _wants(call: Call) -> bool:
    credential = call.credential
    return credential is not None and is_unserved(credential.service)


def _respond(call: Call) -> Reply | None:
    operation = operation_of(call)
    if operation is None:
        return None
    refusal = refused(call, action_of_operation(operation), operation.service.name)
    if refusal is None:
        return _error(operation, 501, "NotImplemented", f"The local AWS has no {operation.service.name}")
    error = error_of(refusal)
    if error is None or operation.service.protocol not in _XML:
        return refusal
    return _error(operation, refusal.status, error.code.removesuffix("Exception"), error.message or "")


def _error(operation: Operation, status: int, code: str, message: str) -> Reply:
    request_id = new_request_id()
    if operation.service.protocol in _XML:
        return query_error(status, code, message, namespace="", request_id=request_id)
    headers = {"content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code, "x-amzn-requestid": request_id}
    return Reply(status=status, headers=headers, body=json.dumps({"__type": code, "message": message}).encode())


UNSERVED: Final = Answer(wants=_wants, respond=_respond)
