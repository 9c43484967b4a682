"""Services that MiniStack does not have: it would answer before asking whether the caller may.

On AWS a caller without permission is denied by any service. So the permission is checked here, and
only who has it gets MiniStack's answer that there is no such service.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ministack import app as ministack_app
from ministack.core import router

from sandbox.answers import Answer, new_request_id, refused
from sandbox.http_errors import error_of
from sandbox.operation_actions import action_of_operation, named_resource
from sandbox.query_protocol import query_error
from sandbox.service_models import operation_of, services

if TYPE_CHECKING:
    from sandbox.exchange import Call, Reply

_S3: Final = frozenset({"s3", "s3express", "s3-object-lambda", "s3-outposts"})
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
    refusal = refused(call, action_of_operation(operation), operation.service.name, named_resource(call, operation))
    if refusal is None or operation.service.protocol not in {"query", "ec2"}:
        return refusal
    error = error_of(refusal)
    code = (error.code if error else "AccessDenied").removesuffix("Exception")
    message = (error.message if error else None) or "Access denied"
    xml = query_error(403, code, message, namespace="", request_id=new_request_id())
    return replace(xml, status=refusal.status)


UNSERVED: Final = Answer(wants=_wants, respond=_respond)
